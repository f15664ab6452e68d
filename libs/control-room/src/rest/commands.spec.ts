import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CommandView, STANDARD_COMMANDS } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { type Answer, Centre, type PageSocket } from '../testing/centre.js';

const clock = new ManualClock();
let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(clock, {
    deps: (real) => ({
      ...real,
      commandsOf: (profile) => (profile === 'lift' ? ['call_cabin'] : undefined),
    }),
  });
});
afterAll(() => centre.close());
beforeEach(() => centre.outside.devices.listening.clear());

const ask = { command: 'close_valve', reason: 'smell of gas' };
const send = (
  body: Readonly<Record<string, unknown>> = {},
  as = 'operator',
  headers: Record<string, string> = {},
): Promise<Answer> => centre.post('devices/dev-a/commands', as, { ...ask, ...body }, headers);
const list = async (as = 'operator'): Promise<readonly CommandView[]> =>
  (await centre.get('devices/dev-a/commands', as)).body.items as unknown as readonly CommandView[];
const one = async (id: string): Promise<CommandView | undefined> =>
  (await list()).find((command) => command.id === id);
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 15_000; !(await condition());) {
    if (Date.now() > end) throw new Error('what was waited for did not happen');
    await new Promise(setImmediate);
  }
};

describe('a command', () => {
  test('[CM1] is accepted, sent to a device that listens, and shown with its answer', async () => {
    centre.outside.devices.listening.add('dev-a');
    const { status, body } = await send({ params: { valve: 2 } });
    expect([status, body.state]).toEqual([201, 'accepted']);
    await until(() => centre.outside.devices.received.length === 1);
    expect(centre.outside.devices.received[0]).toEqual({
      deviceId: 'dev-a',
      message: {
        commandId: body.id,
        command: 'close_valve',
        params: { valve: 2 },
        expires: clock.now() + 60_000,
      },
    });
    expect(await centre.deps.commands.replied('dev-a', body.id, true, { valve: 'closed' })).toBe(true);
    expect(await one(body.id)).toMatchObject({
      state: 'succeeded',
      actor: 'operator',
      reason: 'smell of gas',
      replyTimeoutSeconds: 30,
      createdAt: clock.now(),
      reply: { ok: true, data: { valve: 'closed' }, late: false },
    });
  });

  test('[CM2] for a device that does not come expires, and is listed newest first', async () => {
    const { body } = await send({ expires: clock.now() + 5_000 });
    expect(await one(body.id)).toMatchObject({ state: 'accepted', sentAt: null });
    clock.advance(5_000);
    centre.outside.timers.fire();
    await until(async () => (await one(body.id))?.state === 'expired');
    const revisions = (await list()).map(({ createdAt }) => createdAt);
    expect(revisions).toEqual(revisions.toSorted((a, b) => b - a));
    expect((await centre.get('devices/dev-a/commands?limit=1', 'operator')).body.nextCursor).not.toBeNull();
  });

  test('is cancelled while it waits, with who and why, and not afterwards', async () => {
    const { id } = (await send()).body;
    const cancel = (): Promise<Answer> =>
      centre.post(`devices/dev-a/commands/${id}/cancel`, 'supervisor', { reason: 'wrong valve' });
    const answer = await cancel();
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ state: 'cancelled', cancelledBy: 'supervisor', message: 'wrong valve' }),
    ]);
    const again = await cancel();
    expect([again.status, again.body.code]).toEqual([409, 'command_not_waiting']);
    const other = await centre.post(`devices/dev-b/commands/${id}/cancel`, 'supervisor', { reason: 'x' });
    expect([other.status, other.body.code]).toEqual([404, 'command_unknown']);
  });

  test('[CM10] with an Idempotency-Key is one command, also when the kept answer was lost', async () => {
    const headers = { 'idempotency-key': 'close-it-once' };
    const first = await send({}, 'operator', headers);
    expect((await send({}, 'operator', headers)).body.id).toBe(first.body.id);
    // As after kill -9 between the journal and the kept answer.
    clock.advance(1);
    await centre.deps.registry.idempotency.trim(clock.now());
    expect((await send({}, 'operator', headers)).body.id).toBe(first.body.id);
    await centre.deps.registry.idempotency.trim(clock.now() + 1);
    const other = await send({ command: 'silence' }, 'operator', headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await send({}, 'supervisor', headers)).body.id).not.toBe(first.body.id);
  });
});

describe('who and what', () => {
  test.each([
    ['operator', 'close_valve', 201],
    ['operator', 'open_valve', 403],
    ['operator', 'write_attributes', 403],
    ['supervisor', 'open_valve', 201],
    ['administrator', 'write_attributes', 201],
    ['dispatcher', 'read_now', 403],
    ['owner-a', 'read_now', 403],
  ])('[CM12] %s sends %s: %i', async (as, command, status) => {
    expect((await send({ command }, as)).status).toBe(status);
  });

  test('[CM12] the enterprise sees what was done to its own devices, by whom and why', async () => {
    expect((await list('owner-a'))[0]).toMatchObject({ actor: expect.any(String), reason: 'smell of gas' });
    expect((await centre.get('devices/dev-a/commands', 'owner-b')).body.code).toBe('device_unknown');
  });

  test('[CM14] a kind of device takes what its profile declares, or the standard ones', async () => {
    const profiles = (await centre.get('profiles?limit=1000', 'operator')).body.items;
    const of = (key: string): unknown => profiles.find((profile) => profile['key'] === key)?.['commands'];
    expect([of('lift'), of('gas.lel.point')]).toEqual([['call_cabin'], STANDARD_COMMANDS]);
    const { status, body } = await send({ command: 'call_cabin' });
    expect([status, body.code]).toEqual([422, 'command_not_offered']);
  });

  test.each([
    ['no reason', { reason: ' ' }, 'reason'],
    ['a name that is none', { command: 'close valve' }, 'command'],
    ['a life that is over', { expires: 1 }, 'expires'],
    ['a life of more than a day', { expires: clock.now() + 100_000_000 }, 'expires'],
    ['an answer that is waited for too long', { replyTimeoutSeconds: 3_601 }, 'replyTimeoutSeconds'],
    ['nested parameters', { params: { a: [[[{}]]] } }, 'params'],
    ['parameters without end', { params: { a: Array(200).fill(0) } }, 'params'],
    ['a long text', { params: { a: 'x'.repeat(5_000) } }, 'params'],
    ['a text that cannot be sent', { params: { a: '\u0000' } }, 'params'],
  ])('[CM4] [CM5] %s is refused', async (_, body, path) => {
    const answer = await send(body);
    expect([answer.status, answer.body.code, answer.body.errors]).toEqual([
      422,
      'invalid_request',
      [expect.objectContaining({ path })],
    ]);
  });

  test('a number beyond a double is refused', async () => {
    const body = '{"command":"silence","reason":"x","params":{"a":1e999}}';
    const answer = await centre.post('devices/dev-a/commands', 'operator', body);
    expect([answer.status, answer.body.errors.map(({ path }) => path)]).toEqual([422, ['params']]);
  });

  test('[CM13] the audit trail has every attempt, without secrets', async () => {
    const params = { wifi: { name: 'yard', password: 'hunter2' } };
    const { body } = await send({ command: 'write_attributes', params }, 'supervisor');
    await send({ command: 'open_valve' });
    const { items } = (await centre.get('audit?action=command-issued&limit=2', 'supervisor')).body;
    expect(items).toMatchObject([
      { actor: 'operator', subject: 'dev-a', detail: { command: 'open_valve', outcome: 'forbidden' } },
      {
        actor: 'supervisor',
        subject: `dev-a/${body.id}`,
        detail: { reason: 'smell of gas', params: { wifi: { name: 'yard' } }, outcome: 'done' },
      },
    ]);
    expect(JSON.stringify(items)).not.toContain('hunter2');
  });

  test('a disabled device is sent nothing', async () => {
    await centre.deps.registry.devices.setDisabled('dev-b', true);
    const answer = await centre.post('devices/dev-b/commands', 'operator', ask);
    expect([answer.status, answer.body.code]).toEqual([409, 'device_disabled']);
    await centre.deps.registry.devices.setDisabled('dev-b', false);
  });

  test('[CM5] more open commands than a device may have are refused', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => centre.post('devices/dev-b/commands', 'operator', ask)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(16);
    expect(answers.filter(({ body }) => body.code === 'too_many_commands')).toHaveLength(4);
  });
});

describe('[CM15] a live page', () => {
  const watch = async (as: string): Promise<{ socket: PageSocket; heard: CommandView[] }> => {
    const socket = centre.socket(as);
    const heard: CommandView[] = [];
    socket.on('command', (command) => heard.push(command));
    await new Promise<void>((resolve) => socket.once('heartbeat', () => resolve()));
    return { socket, heard };
  };

  test('is told of every command that its person may see, until its end, and of no other', async () => {
    const [all, own, other] = await Promise.all(['operator', 'owner-a', 'owner-b'].map(watch));
    centre.outside.devices.listening.add('dev-a');
    const { id } = (await send({ command: 'self_test' }, 'administrator')).body;
    await until(() => centre.outside.devices.received.some(({ message }) => message.commandId === id));
    await centre.deps.commands.replied('dev-a', id, false, { code: 3 });
    for (const page of [all, own]) {
      await until(
        () => page?.heard.some((command) => command.id === id && command.state === 'failed') === true,
      );
      const told = page?.heard.filter((command) => command.id === id) ?? [];
      const revisions = told.map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      expect(told.at(-1)).toEqual(await one(id));
    }
    // What enterprise b hears is its own, of the test before.
    for (const { deviceId } of other?.heard ?? []) expect(deviceId).toBe('dev-b');
    for (const page of [all, own, other]) page?.socket.disconnect();
  });
});
