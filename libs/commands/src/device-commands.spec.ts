import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { MOST_OPEN_COMMANDS } from './device-commands.js';
import { asked, World } from './testing/world.js';

let world: World;
beforeEach(async () => {
  world = await World.open(new ManualClock());
});

const state = (id: string): string | undefined => world.rows.get(id)?.state;
const events = (): string[] =>
  world.journal().flatMap((record) => (record.kind === 'device-command-event' ? [record.event] : []));

describe('the way down', () => {
  test('[CM1] a listening device is sent the command once it is on disk, and `sent` is on disk first', async () => {
    world.ready('dev-1');
    world.held = true;
    const issued = world.commands.issue(asked);
    await world.settle();
    expect(world.handOvers).toEqual([]);
    await world.commit();
    expect(await issued).toMatchObject({ id: 'cmd-1', state: 'accepted', actor: 'amy', sentAt: null });
    expect(world.handOvers).toEqual([]);
    await world.commit();
    expect(world.handOvers).toEqual([{ id: 'cmd-1', deviceId: 'dev-1', at: world.clock.now() }]);
    expect(events()).toEqual(['sent']);
    expect(world.rows.get('cmd-1')).toMatchObject({ state: 'sent', sentAt: world.clock.now() });
  });

  test('[CM3] an absent device gets what waits when it is ready, in order, and nothing says `sent` before', async () => {
    for (let n = 0; n < 3; n++) await world.commands.issue(asked);
    await world.settle();
    expect([state('cmd-1'), events()]).toEqual(['accepted', []]);
    await world.advance(59_999);
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers.map(({ id }) => id)).toEqual(['cmd-1', 'cmd-2', 'cmd-3']);
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers).toHaveLength(3);
  });

  test('[CM2] at its expiry it is recorded as expired, and a device that comes then gets nothing', async () => {
    await world.commands.issue(asked);
    await world.advance(60_000);
    expect(world.rows.get('cmd-1')).toMatchObject({ state: 'expired', endedAt: world.clock.now() });
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers).toEqual([]);
  });

  test('[CM2] what expires while `sent` is written to the disk is not handed over', async () => {
    world.ready('dev-1');
    await world.settle();
    await world.commands.issue({ ...asked, deviceId: 'dev-2' });
    world.held = true;
    world.ready('dev-2');
    await world.settle();
    world.clock.advance(60_000);
    world.held = false;
    await world.commit();
    expect(world.handOvers).toEqual([]);
    expect(events()).toEqual(['sent', 'undelivered', 'expired']);
    expect(state('cmd-1')).toBe('expired');
  });

  test('[CM3] a device that went before the hand-over is sent it when it comes back', async () => {
    world.answers.push('absent');
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.settle();
    expect([events(), state('cmd-1')]).toEqual([['sent', 'undelivered'], 'accepted']);
    world.ready('dev-1');
    await world.settle();
    expect([world.handOvers.length, state('cmd-1')]).toEqual([1, 'sent']);
  });

  test('[CM6] nothing overtakes a command whose hand-over is not decided', async () => {
    world.answers.push('later-absent');
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.commands.issue(asked);
    await world.settle();
    expect(world.handOvers).toEqual([]);
    world.listening.clear();
    await world.deliver();
    expect(world.handOvers).toEqual([]);
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers.map(({ id }) => id)).toEqual(['cmd-1', 'cmd-2']);
  });

  test('[CM6] nor one that could not be handed over', async () => {
    await world.commands.issue(asked);
    await world.commands.issue(asked);
    world.answers.push('absent');
    world.ready('dev-1');
    await world.settle();
    expect([world.handOvers, events()]).toEqual([[], ['sent', 'undelivered']]);
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers.map(({ id }) => id)).toEqual(['cmd-1', 'cmd-2']);
  });

  test('a dialect that cannot say it: refused, with the reason', async () => {
    world.answers.push('refused');
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.settle();
    expect(world.rows.get('cmd-1')).toMatchObject({
      state: 'refused',
      message: 'the dialect has no such command',
    });
  });

  test('a hand-over that fails half-way is never tried again: it times out', async () => {
    world.answers.push('thrown');
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.settle();
    world.ready('dev-1');
    await world.advance(30_000);
    expect([world.handOvers.length, state('cmd-1')]).toEqual([1, 'timed-out']);
  });
});

describe('the answer', () => {
  beforeEach(async () => {
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.settle();
  });

  test('ends the command, with what the device said; a repeated one changes nothing', async () => {
    world.clock.advance(5);
    expect(await world.commands.replied('dev-1', 'cmd-1', false, { code: 7 })).toBe(true);
    expect(await world.commands.replied('dev-1', 'cmd-1', false, { code: 8 })).toBe(true);
    expect(await world.commands.replied('dev-1', 'cmd-1', true)).toBe(false);
    await world.settle();
    const at = world.clock.now();
    expect(world.rows.get('cmd-1')).toMatchObject({
      state: 'failed',
      endedAt: at,
      reply: { at, ok: false, data: { code: 7 }, truncated: false, late: false },
    });
    expect(events()).toEqual(['sent', 'failed']);
  });

  test('[CM8] is on disk before the device is told that it was taken', async () => {
    world.held = true;
    const taken = world.commands.replied('dev-1', 'cmd-1', true);
    await world.settle();
    await world.commit('refused');
    await expect(taken).rejects.toMatchObject({ code: 'io_error' });
    world.held = false;
    expect(await world.commands.replied('dev-1', 'cmd-1', true)).toBe(true);
  });

  test('[CM8] of another device, to no command, or to one that was never sent is not taken', async () => {
    expect(await world.commands.replied('dev-2', 'cmd-1', true)).toBe(false);
    expect(await world.commands.replied('dev-1', 'cmd-9', true)).toBe(false);
    const { id } = await world.commands.issue({ ...asked, deviceId: 'dev-2' });
    expect(await world.commands.replied('dev-2', id, true)).toBe(false);
    expect(events()).toEqual(['sent']);
  });

  test('[CM7] that does not come in time: the outcome is unknown; one that comes late is kept beside that', async () => {
    await world.advance(29_999);
    expect(state('cmd-1')).toBe('sent');
    await world.advance(1);
    expect(state('cmd-1')).toBe('timed-out');
    const endedAt = world.clock.now();
    await world.advance(10_000);
    expect(await world.commands.replied('dev-1', 'cmd-1', true)).toBe(true);
    await world.settle();
    expect(world.rows.get('cmd-1')).toMatchObject({
      state: 'timed-out',
      endedAt,
      reply: { ok: true, data: null, late: true },
    });
  });

  test('that is long is shown in part', async () => {
    await world.commands.replied('dev-1', 'cmd-1', true, { text: 'x'.repeat(10_000) });
    await world.settle();
    const { reply } = world.rows.get('cmd-1') ?? {};
    expect(reply).toMatchObject({ truncated: true, data: expect.stringMatching(/^\{"text":"x+$/) });
    expect(JSON.stringify(reply).length).toBeLessThan(5_000);
  });
});

describe('what is refused', () => {
  const code = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  test('[CM4] a life that is over, or longer than a day', async () => {
    const now = world.clock.now();
    expect(await code(world.commands.issue({ ...asked, expires: now }))).toBe('expires_past');
    expect(await code(world.commands.issue({ ...asked, expires: now + 86_400_001 }))).toBe(
      'expires_too_late',
    );
    expect(await code(world.commands.issue({ ...asked, expires: now + 86_400_000 }))).toBe('done');
    expect(await world.commands.issue(asked)).toMatchObject({ expires: now + 60_000 });
  });

  test('[CM5] more open commands than anybody can look through, also when they come at once', async () => {
    const issues = Array.from({ length: MOST_OPEN_COMMANDS + 3 }, () => code(world.commands.issue(asked)));
    const answers = await Promise.all(issues);
    expect(answers.filter((answer) => answer === 'too_many_commands')).toHaveLength(3);
    expect(await code(world.commands.issue({ ...asked, deviceId: 'dev-2' }))).toBe('done');
    await world.advance(60_000);
    expect(await code(world.commands.issue(asked))).toBe('done');
  });

  test('cancelling what was sent, is over, or is not there', async () => {
    const by = { actor: 'bob', reason: 'a mistake' };
    const { id } = await world.commands.issue(asked);
    expect(await code(world.commands.cancel('dev-2', id, by))).toBe('command_unknown');
    expect(await code(world.commands.cancel('dev-1', 'cmd-9', by))).toBe('command_unknown');
    expect(await world.commands.cancel('dev-1', id, by)).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'bob',
      message: 'a mistake',
      reason: 'smell of gas',
    });
    expect(await code(world.commands.cancel('dev-1', id, by))).toBe('command_not_waiting');
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers).toEqual([]);
    const sent = await world.commands.issue(asked);
    await world.settle();
    expect(await code(world.commands.cancel('dev-1', sent.id, by))).toBe('command_not_waiting');
  });

  test('[CM10] the same id again is the same command, also after a restart; for another command it is taken', async () => {
    const request = { ...asked, commandId: 'cmd-key' };
    const first = await world.commands.issue(request);
    world.ready('dev-1');
    await world.settle();
    expect((await world.commands.issue(request)).revision).toBeGreaterThan(first.revision);
    await world.crash();
    expect(await world.commands.issue(request)).toMatchObject({ id: 'cmd-key', state: 'sent' });
    expect(await code(world.commands.issue({ ...request, command: 'open_valve' }))).toBe('command_id_taken');
    expect(world.handOvers).toHaveLength(1);
  });
});

describe('kill -9', () => {
  test('[CM9] between `sent` and the hand-over, or after it: never again, and the outcome is unknown', async () => {
    world.ready('dev-1');
    world.held = true;
    void world.commands.issue(asked);
    await world.settle();
    await world.commit();
    await world.crash({ arrived: 1 });
    world.held = false;
    world.ready('dev-1');
    await world.settle();
    expect([events(), world.handOvers]).toEqual([['sent'], []]);
    await world.advance(30_000);
    expect(state('cmd-1')).toBe('timed-out');
  });

  test('[CM9] what waits goes on waiting until the same instant', async () => {
    await world.commands.issue(asked);
    await world.advance(20_000);
    await world.crash({ cursorLost: 10 });
    await world.advance(39_999);
    expect(state('cmd-1')).toBe('accepted');
    await world.crash();
    await world.advance(1);
    expect(state('cmd-1')).toBe('expired');
  });

  test('[CM2] a clock that was set back while the server was down lengthens no life', async () => {
    await world.commands.issue(asked);
    await world.advance(59_000);
    await world.commands.issue({ ...asked, deviceId: 'dev-2' });
    await world.crash({ setBackMs: 3_600_000 });
    await world.advance(999);
    expect(state('cmd-1')).toBe('accepted');
    await world.advance(1);
    expect(state('cmd-1')).toBe('expired');
    world.ready('dev-1');
    await world.settle();
    expect(world.handOvers).toEqual([]);
  });
});

describe('a journal or a store that fails', () => {
  test('[CM11] a command whose sender could not be told is refused; asked for again in time, it is accepted', async () => {
    for (const again of [false, true]) {
      const request = { ...asked, commandId: `cmd-${again}` };
      world.held = true;
      const issued = world.commands.issue(request);
      await world.settle();
      await Promise.all([
        expect(issued).rejects.toMatchObject({ outcome: 'unknown' }),
        world.commit('unknown-stored'),
      ]);
      world.held = false;
      if (again) expect(await world.commands.issue(request)).toMatchObject({ state: 'accepted' });
      world.ready('dev-1');
      await world.advance(5_000);
      expect([again, state(request.commandId)]).toEqual([again, again ? 'sent' : 'refused']);
      world.listening.clear();
    }
    expect(world.handOvers).toHaveLength(1);
  });

  test('`sent` that was not stored is not handed over, and is tried again', async () => {
    await world.commands.issue(asked);
    for (const fate of ['refused', 'unknown-lost', 'unknown-stored'] as const) {
      world.held = true;
      world.ready('dev-1');
      await world.settle();
      await world.commit(fate);
      expect([fate, world.handOvers]).toEqual([fate, []]);
    }
    world.held = false;
    await world.commit();
    await world.advance(2_000);
    expect([world.handOvers.length, state('cmd-1')]).toEqual([1, 'sent']);
  });

  test('a store that is away holds up no command, and lists say so instead of showing what is old', async () => {
    world.ready('dev-1');
    world.storeAway = true;
    await world.commands.issue(asked);
    await world.settle();
    expect(world.handOvers).toHaveLength(1);
    await expect(world.commands.list('dev-1', { limit: 10 })).rejects.toMatchObject({ code: 'storage' });
    world.storeAway = false;
    await world.advance(1_000);
    const { items } = await world.commands.list('dev-1', { limit: 10 });
    expect(items).toMatchObject([{ id: 'cmd-1', state: 'sent' }]);
  });

  test('every step is told in order, and nothing is kept of what is over', async () => {
    world.ready('dev-1');
    await world.commands.issue(asked);
    await world.settle();
    await world.commands.replied('dev-1', 'cmd-1', true);
    await world.settle();
    expect(world.changes.map((row) => row.state)).toEqual(['accepted', 'sent', 'succeeded']);
    expect(world.commands.open).toBe(0);
    expect(world.commands.offset).toBe(world.durable.length);
    await world.commands.stop();
  });
});
