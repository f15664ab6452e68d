import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Alarm,
  type LiveReading,
  type Refusal,
  type ServerToClientEvents,
  type SubscribeReply,
  type SubscribeRequest,
  type WatchReply,
} from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { Centre, type PageSocket } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
});
afterAll(() => centre.close());

type AlarmMessage = Parameters<ServerToClientEvents['alarm']>[0];

/** The first message of that name. */
const heard = (socket: PageSocket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event as never, resolve as never));

/** A page that keeps what it is sent. */
class Recorder {
  readonly alarms: AlarmMessage[] = [];
  readonly refreshed: Alarm[] = [];
  readonly heartbeats: { offset: number }[] = [];

  constructor(readonly socket: PageSocket) {
    socket.on('alarm', (message) => this.alarms.push(message));
    socket.on('refresh:start', () => this.refreshed.splice(0));
    socket.on('refresh:alarm', (alarm) => this.refreshed.push(alarm));
    socket.on('heartbeat', (message) => this.heartbeats.push(message));
  }

  static async connect(as: string): Promise<Recorder> {
    const recorder = new Recorder(centre.socket(as));
    await heard(recorder.socket, 'connect');
    return recorder;
  }

  async subscribe(request: SubscribeRequest = {}): Promise<SubscribeReply> {
    const refreshed = request.offset === undefined ? heard(this.socket, 'refresh:end') : undefined;
    const reply = (await this.socket.timeout(10_000).emitWithAck('subscribe', request)) as SubscribeReply;
    if (reply.ok) await refreshed;
    return reply;
  }

  async until(condition: () => boolean): Promise<void> {
    const until = Date.now() + 15_000;
    while (!condition()) {
      if (Date.now() > until)
        throw new Error(`${this.alarms.length} alarms came, and not what was waited for`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  offsets(): number[] {
    return this.alarms.map(({ offset }) => offset);
  }
}

const refusal = async (socket: PageSocket): Promise<unknown> => {
  const error = (await heard(socket, 'connect_error')) as Error & { data?: { code: string } };
  return error.data?.code ?? error.message;
};

describe('the handshake', () => {
  test('[LV9] lets in who has a session, by token or cookie, and nobody else', async () => {
    await Recorder.connect('operator');
    const cookie = `watchfire_session=${centre.tokens.get('operator')}`;
    await heard(centre.socket(undefined, { extraHeaders: { cookie, origin: centre.url } }), 'connect');
    expect(await refusal(centre.socket(undefined))).toBe('unauthenticated');
    expect(await refusal(centre.socket(undefined, { auth: { token: 'x'.repeat(43) } }))).toBe(
      'unauthenticated',
    );
    expect(await refusal(centre.socket(undefined, { auth: { token: { $ne: '' } } }))).toBe('unauthenticated');
  });

  test('[LV9] refuses another site even with a cookie', async () => {
    const cookie = `watchfire_session=${centre.tokens.get('operator')}`;
    const socket = centre.socket(undefined, { extraHeaders: { cookie, origin: 'https://evil.example' } });
    await heard(socket, 'connect_error');
    expect(socket.connected).toBe(false);
  });

  test('works for clients that begin with polling', async () => {
    const socket = centre.socket('operator', { transports: ['polling', 'websocket'] });
    await heard(socket, 'connect');
    expect(((await socket.emitWithAck('subscribe', {})) as SubscribeReply).ok).toBe(true);
  });
});

describe('a live page', () => {
  test('[LV1] gets the retained alarms, then each transition once', async () => {
    const before = await centre.raise('dev-a');
    const page = await Recorder.connect('operator');
    await page.subscribe();
    expect(page.refreshed.map(({ id }) => id)).toContain(before.id);
    const acknowledged = await centre.post(`alarms/${before.id}/acknowledge`, 'operator', {
      eventId: before.eventId,
    });
    expect(acknowledged.status).toBe(200);
    await page.until(() => page.alarms.some(({ event }) => event.type === 'acknowledged'));
    const message = page.alarms.find(({ event }) => event.type === 'acknowledged');
    expect(message).toMatchObject({
      offset: centre.deps.engine.head(),
      event: { alarmId: before.id, actor: 'operator', offset: centre.deps.engine.head() },
      alarm: { id: before.id, state: 'ACKED', ackedBy: 'operator', priority: 'red', shelvedUntil: null },
    });
    expect(message?.event).not.toHaveProperty('alarm');
  });

  test('[LV3] misses nothing and gets nothing twice while transitions rain', async () => {
    const start = centre.deps.engine.head();
    let raining = true;
    const rain = (async () => {
      for (let n = 0; n < 150 && raining; n++) {
        await centre.reading('dev-b', { fault: n % 2 === 0 });
        centre.clock.advance(1_000);
      }
    })();
    const pages: { page: Recorder; from: number; enterprise: string | undefined }[] = [];
    for (let n = 0; n < 8; n++) {
      const page = await Recorder.connect(n % 2 === 0 ? 'operator' : 'owner-b');
      // Every other page resumes from before the rain, the others begin anew in it.
      const reply = await page.subscribe(n % 4 < 2 ? { offset: start } : {});
      const from = n % 4 < 2 ? start : reply.ok ? reply.offset : -1;
      pages.push({ page, from, enterprise: n % 2 === 0 ? undefined : 'ent-b' });
    }
    await rain;
    raining = false;
    const head = centre.deps.engine.head();
    expect(head - start).toBeGreaterThan(100);
    const happened = (await centre.deps.engine.transitionsAfter(start, 10_000)) ?? [];
    for (const { page, from, enterprise } of pages) {
      const expected = happened
        .filter(({ seq, alarm }) => seq > from && alarm.enterpriseId === (enterprise ?? alarm.enterpriseId))
        .map(({ seq }) => seq);
      await page.until(() => page.offsets().at(-1) === expected.at(-1));
      expect(page.offsets()).toEqual(expected);
    }
  });

  test('[LV2] resumes where it was cut off', async () => {
    const page = await Recorder.connect('operator');
    const first = await page.subscribe();
    page.socket.disconnect();
    for (const fault of [true, false, true]) {
      await centre.reading('dev-a', { fault });
      centre.clock.advance(60_000);
    }
    const again = await Recorder.connect('operator');
    const held = first.ok ? first.offset : -1;
    expect(await again.subscribe({ offset: held })).toMatchObject({ ok: true, mode: 'replay' });
    const head = centre.deps.engine.head();
    expect(head).toBeGreaterThan(held);
    await again.until(() => again.offsets().at(-1) === head);
    expect(again.offsets()).toEqual(Array.from({ length: head - held }, (_, index) => held + 1 + index));
  });

  test('[LV4] is told of a gap, and is whole after a refresh', async () => {
    const page = await Recorder.connect('operator');
    const gap = heard(page.socket, 'gap');
    await page.subscribe({ offset: 1_000_000 });
    expect(await gap).toMatchObject({ to: 1_000_000 });
    expect(await page.subscribe()).toMatchObject({ ok: true, mode: 'refresh' });
  });

  test('[LV6] hears at once, by a heartbeat, how far the server is', async () => {
    const page = await Recorder.connect('operator');
    await page.until(() => page.heartbeats.length > 0);
    expect(page.heartbeats[0]).toEqual({ offset: centre.deps.engine.head(), serverTime: expect.any(Number) });
  });

  test('[LV10] of one enterprise sees its own alarms and values only', async () => {
    const page = await Recorder.connect('owner-a');
    await page.subscribe();
    const other = await Recorder.connect('owner-b');
    await other.subscribe();
    await centre.reading('dev-b', { calibrationDue: true });
    await other.until(() => other.alarms.some(({ alarm }) => alarm.deviceId === 'dev-b'));
    await centre.reading('dev-a', { calibrationDue: true });
    await page.until(() => page.alarms.some(({ alarm }) => alarm.deviceId === 'dev-a'));
    const seen = [...page.refreshed, ...page.alarms.map(({ alarm }) => alarm)];
    expect(new Set(seen.map(({ enterpriseId }) => enterpriseId))).toEqual(new Set(['ent-a']));

    const readings: LiveReading[] = [];
    page.socket.on('readings', (batch) => readings.push(...batch));
    const reply = (await page.socket.emitWithAck('watch', {
      points: ['dev-a.conc', 'dev-b.conc', 'dev-a.nothing', 'nothing'],
    })) as WatchReply;
    expect(reply).toEqual({ ok: true, points: 1 });
    await centre.reading('dev-b', { conc: 3 });
    await centre.reading('dev-a', { conc: 4 });
    await page.until(() => readings.some(({ value }) => value === 4));
    expect(new Set(readings.map(({ pointId }) => pointId))).toEqual(new Set(['dev-a.conc']));
  });

  test('[LV8] gets the newest of many values in one message', async () => {
    const page = await Recorder.connect('operator');
    const batches: (readonly LiveReading[])[] = [];
    page.socket.on('readings', (batch) => batches.push(batch));
    await page.socket.emitWithAck('watch', { points: ['dev-a.conc'] });
    for (let conc = 1; conc <= 20; conc++) await centre.reading('dev-a', { conc });
    await page.until(() => batches.at(-1)?.[0]?.value === 20);
    expect(batches.length).toBeLessThan(20);
    for (const batch of batches) expect(batch).toHaveLength(1);
  });

  test('[LV11] that says nonsense is answered, and lives on', async () => {
    const { socket } = await Recorder.connect('operator');
    const say = (event: string, ...message: unknown[]): Promise<Refusal> =>
      (socket as unknown as { emitWithAck(...all: unknown[]): Promise<Refusal> }).emitWithAck(
        event,
        ...message,
      );
    for (const [event, message] of [
      ['subscribe', { offset: -1 }],
      ['subscribe', { offset: '1' }],
      ['subscribe', { room: 'all' }],
      ['subscribe', { filter: { classes: ['nothing'] } }],
      ['watch', { points: 'dev-a.conc' }],
      ['watch', { points: Array.from({ length: 501 }, (_, index) => `dev-a.p${index}`) }],
      ['drawn', { offset: 9_999_999 }],
      ['audio:armed', { armed: 'yes' }],
    ] as const) {
      expect([event, await say(event, message)]).toEqual([
        event,
        { ok: false, code: 'invalid_request', message: expect.any(String) },
      ]);
    }
    expect(socket.connected).toBe(true);
  });

  test('[LV11] that asks without end is told to wait', async () => {
    const { socket } = await Recorder.connect('dispatcher');
    const answers = (await Promise.all(
      Array.from({ length: 30 }, () => socket.emitWithAck('watch', { points: [] })),
    )) as WatchReply[];
    expect(answers.filter(({ ok }) => ok).length).toBeLessThanOrEqual(10);
    expect(answers.at(-1)).toMatchObject({ ok: false, code: 'too_busy' });
  });

  test('[LV12] leaves its mark: pushed and drawn on the event, armed on the seat', async () => {
    const page = await Recorder.connect('operator');
    await page.subscribe();
    const { id } = await centre.raise('dev-a', 99);
    await centre.post(`alarms/${id}/comment`, 'operator', { comment: 'smelled at the gate' });
    await page.until(() => page.alarms.some(({ event }) => event.comment === 'smelled at the gate'));
    const last = page.alarms.at(-1);
    if (last === undefined) throw new Error('no alarm came');
    const { offset, alarm, event } = last;
    page.socket.emit('drawn', { offset });
    page.socket.emit('audio:armed', { armed: true });
    await page.until(() => centre.deps.engine.stageTimes(event.eventId)?.drawnAt !== undefined);
    await centre.recorded();
    const events = (await centre.get(`alarms/${alarm.id}/events`, 'operator')).body.items;
    expect(events.at(-1)).toMatchObject({
      offset,
      stages: { pushedAt: expect.any(Number), drawnAt: expect.any(Number), drawnBy: 'operator' },
    });
    const seats = (await centre.get('seats', 'supervisor')).body.items;
    expect(seats.find(({ id }) => id === page.socket.id)).toMatchObject({
      username: 'operator',
      stream: 'live',
      audioArmed: true,
    });
  });

  test('[LV12] takes the time of the frame in which the page painted it, and none before it was pushed', async () => {
    const page = await Recorder.connect('operator');
    await page.subscribe();
    const { id } = await centre.raise('dev-b', 99);
    for (const comment of ['first', 'second']) {
      await centre.post(`alarms/${id}/comment`, 'operator', { comment });
      await page.until(() => page.alarms.some(({ event }) => event.comment === comment));
    }
    const [first, second] = page.alarms.slice(-2);
    if (first === undefined || second === undefined) throw new Error('no alarms came');
    const stages = ({ event }: typeof first) => centre.deps.engine.stageTimes(event.eventId);
    centre.clock.advance(10_000);
    page.socket.emit('drawn', {
      offset: second.offset,
      frames: [
        { offset: first.offset, ago: 9_000 },
        { offset: second.offset, ago: 60_000 },
      ],
    });
    await page.until(() => stages(second)?.drawnAt !== undefined);
    const pushed = stages(first)?.pushedAt ?? NaN;
    expect([stages(first)?.drawnAt, stages(second)?.drawnAt]).toEqual([pushed + 1_000, pushed]);
  });
});

describe('a session that ends', () => {
  const ended = async (socket: PageSocket): Promise<unknown> => {
    const [message] = await Promise.all([heard(socket, 'session:ended'), heard(socket, 'disconnect')]);
    return (message as { reason: string }).reason;
  };

  test('[LV9] by sign-out takes its own live pages with it, and no others', async () => {
    await centre.signIn('operator', 'second');
    const stays = await Recorder.connect('operator');
    const goes = await Recorder.connect('second');
    const reason = ended(goes.socket);
    await centre.post('auth/logout', 'second');
    expect(await reason).toBe('signed_out');
    expect(stays.socket.connected).toBe(true);
  });

  test('[LV9] by another process, or a change of rights, acts within 5 s', async () => {
    const { registry } = centre.deps;
    await centre.signIn('owner-b', 'third');
    const page = await Recorder.connect('third');
    const reason = ended(page.socket);
    const revokedAt = Date.now();
    await registry.sessions.revoke(centre.tokens.get('third') ?? '');
    expect(await reason).toBe('ended');
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
  });
});
