import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMAND, type Deviation, encodeAdu, fixedText, STANDARD, timeLabel } from '@watchfire/protocol';
import { FireClient, smokeDetector } from '../../spec/fire-client.js';
import { TestClock } from '../../spec/harness.js';
import { HeldJournal } from '../../spec/held-journal.js';
import { DeviceDirectory, directoryDevice, type DeviceShape } from '../directory.js';
import { FireCounters } from './fire-counters.js';
import { fireOptions, type FireOptions } from './fire-options.js';
import { FireServer } from './fire-server.js';

const KEYS = ['fire', 'fault', 'shield', 'supervision', 'test'];
const PROFILE = { points: KEYS.map((key) => ({ key, type: 'boolean' as const })), events: {} };
const unit = (id: string, address: string, shape: Partial<DeviceShape> = {}) =>
  directoryDevice({ id, address, disabled: false, credentials: [], ...shape }, PROFILE);
const byConnection: Deviation = { ...STANDARD, key: 'by-connection', identifiedBy: 'connection' };
const EMPTY = new Uint8Array();

describe('the door for fire-control rooms', () => {
  let journal: HeldJournal;
  let clock: TestClock;
  let directory: DeviceDirectory;
  let counters: FireCounters;
  let server: FireServer;
  let port: number;
  let clients: FireClient[];
  let remembered: Record<string, Record<string, unknown>>;
  /** What became of commands, and who can be sent one. */
  let told: string[];

  beforeEach(() => {
    journal = new HeldJournal();
    clock = new TestClock();
    directory = new DeviceDirectory();
    directory.upsert(unit('room-1', '889'));
    directory.upsert(unit('room-2', '890'));
    counters = new FireCounters();
    clients = [];
    remembered = {};
    told = [];
    return start();
  });
  afterEach(async () => {
    journal.release();
    for (const client of clients) client.socket.destroy();
    await server.stop();
  });

  async function start(options: Partial<FireOptions> = {}): Promise<void> {
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    server = new FireServer({
      journal,
      directory,
      clock,
      counters,
      deviations: new Map([
        ['standard', STANDARD],
        ['by-connection', byConnection],
      ]),
      remembered: (deviceId) => remembered[deviceId] ?? {},
      commands: {
        deviceReady: (deviceId) => told.push(`${deviceId} ready`),
        replied: (deviceId, commandId, ok, data) => {
          told.push(`${deviceId} ${commandId} ${ok} ${JSON.stringify(data)}`);
          return Promise.resolve(true);
        },
      },
      // The poll as late as it may be.
      random: () => 1,
      options: { ...fireOptions, ...options },
      log: quiet,
    });
    port = await server.listen(0, '127.0.0.1');
  }
  async function client(source = 889): Promise<FireClient> {
    const opened = await FireClient.open(port, source);
    clients.push(opened);
    return opened;
  }
  /** Time passes as the server sees it, second by second. */
  function pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      clock.skippedMs += 1_000;
      server.look();
    }
  }
  const presences = () =>
    journal
      .of('connection')
      .map(({ deviceId, connected, reason }) => `${deviceId} ${connected ? 'on' : 'off'} ${reason}`);
  const fires = () =>
    journal.of('event').map(({ samples }) => samples.find(([id]) => id.endsWith('.fire'))?.[1]);

  it('[FI16] confirms after the journal has the frame, with its number and the addresses swapped', async () => {
    const room = await client();
    journal.hold();
    const frame = room.frame(smokeDetector(7, 2), { serial: 513 });
    room.send(frame);
    await journal.until(() => journal.waitingRecords.length === 3);
    expect(room.heard).toEqual([]);
    journal.release();
    expect(await room.next()).toMatchObject({
      serial: 513,
      command: COMMAND.confirm,
      source: 88_888,
      destination: 889,
      userVersion: 2,
      adu: EMPTY,
    });
    expect(presences()).toEqual(['room-1 on connect']);
    const [event] = journal.of('event');
    expect(event).toMatchObject({
      deviceId: 'room-1',
      event: 'gb26875',
      receivedAt: clock.wall,
      ts: clock.wall,
      deviceTime: Date.parse('2026-11-28T10:00:00+08:00'),
      data: { frame: Buffer.from(frame).toString('base64'), peer: '127.0.0.1' },
    });
    expect(event?.samples).toContainEqual(['room-1.fire', true]);
    expect(journal.of('attributes')).toMatchObject([{ attributes: { 'gb26875/1/1/7': 2 } }]);
  });

  it('[FI16] does not answer what the journal did not take, and takes it when it comes again', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await room.next();
    const frame = room.frame(smokeDetector(7, 2));
    journal.fail(new Error('disk full'));
    room.send(frame);
    await room.until(() => true);
    while (Object.keys(counters.journalFailures).length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    journal.fail(undefined);
    room.send(frame);
    expect((await room.next()).command).toBe(COMMAND.confirm);
    expect([room.heard.length, fires()]).toEqual([0, [true]]);
    expect(journal.of('attributes')).toHaveLength(1);
  });

  it('[FI16] takes a retransmission once and confirms it each time', async () => {
    const room = await client();
    const frame = room.frame(smokeDetector(7, 2));
    room.send(frame, frame);
    await room.next();
    await room.next();
    expect(fires()).toEqual([true]);
    expect(counters.frames).toEqual({ data: 1, repeated: 1 });
  });

  it('[FI16] does not confirm a retransmission before what came first is on disk, and not when the disk refused that', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await room.next();
    journal.hold();
    const [kept, lost] = [room.frame(smokeDetector(7, 2)), room.frame(smokeDetector(8, 2))];
    room.send(kept, kept);
    const repeated = () => counters.frames['repeated'];
    while (repeated() !== 1) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(room.heard).toEqual([]);
    journal.release();
    expect([(await room.next()).command, (await room.next()).command]).toEqual([3, 3]);
    journal.fail(new Error('disk full'));
    room.send(lost, lost);
    while (repeated() !== 2) await new Promise((resolve) => setImmediate(resolve));
    journal.fail(undefined);
    room.send(lost);
    expect((await room.next()).serial).toBe(2);
    expect([room.heard.length, fires()]).toEqual([0, [true, true]]);
  });

  it('[FI9] denies check errors, and never a denial', async () => {
    const room = await client();
    const wrong = room.frame(smokeDetector(7, 2), { serial: 9 });
    wrong[wrong.length - 3] = (wrong.at(-3) ?? 0) ^ 1;
    room.send(wrong, room.frame(EMPTY, { command: 200, serial: 10 }));
    expect(await room.next()).toMatchObject({ command: COMMAND.deny, serial: 9, destination: 889 });
    expect(await room.next()).toMatchObject({ command: COMMAND.deny, serial: 10 });
    const answers = [COMMAND.deny, COMMAND.confirm].map((command) => {
      const answer = room.frame(EMPTY, { command });
      answer[27] = (answer[27] ?? 0) ^ 1;
      return answer;
    });
    room.send(...answers, room.frame(EMPTY, { serial: 11 }));
    expect(await room.next()).toMatchObject({ command: COMMAND.confirm, serial: 11 });
    expect(counters.checkErrors).toEqual({ checksum: 3, command: 1 });
    expect(journal.of('event')).toEqual([]);
  });

  it('[FI18] an address that nobody has registered is quarantined, not answered, and welcome once it is registered', async () => {
    const room = await client(4_711);
    room.send(room.frame(smokeDetector(7, 2)), room.frame(smokeDetector(7, 2)));
    await journal.until(() => journal.of('dead-letter').length > 0);
    expect(journal.of('dead-letter')).toMatchObject([
      { deviceId: null, code: 'unknown_address', topic: 'gb26875/127.0.0.1', unknownChildren: ['4711'] },
    ]);
    directory.upsert(unit('room-9', '4711'));
    room.send(room.frame(smokeDetector(7, 2)));
    expect((await room.next()).command).toBe(COMMAND.confirm);
    expect([counters.unanswered['unknown_address'], journal.of('dead-letter').length]).toEqual([2, 1]);
    pass(300);
    expect(room.closed).toBe(false);
  });

  it('[FI18] a source of zero is known by the network address, where the profile says so', async () => {
    const room = await client(0);
    room.send(room.frame(EMPTY));
    await journal.until(() => journal.of('dead-letter').length > 0);
    expect(journal.of('dead-letter')).toMatchObject([{ unknownChildren: ['127.0.0.1'] }]);
    directory.upsert(unit('room-0', '127.0.0.1'));
    room.send(room.frame(EMPTY));
    while ((counters.unanswered['unknown_address'] ?? 0) < 2)
      await new Promise((resolve) => setImmediate(resolve));
    directory.upsert(unit('room-0', '127.0.0.1', { dialect: 'by-connection' }));
    room.send(room.frame(smokeDetector(1, 2)));
    expect(await room.next()).toMatchObject({ command: COMMAND.confirm, destination: 0 });
    expect(presences()).toEqual(['room-0 on connect']);
  });

  it('[FI18] of a connection that has said who it is, a source of zero is the same device', async () => {
    const room = await client();
    room.send(room.frame(EMPTY), room.frame(smokeDetector(1, 2), { source: 0 }));
    await room.next();
    await room.next();
    expect(journal.of('event').map(({ deviceId }) => deviceId)).toEqual(['room-1']);
  });

  it('[FI19] one connection for each address: a new one takes over, and the old one is closed', async () => {
    const [first, second] = [await client(), await client()];
    first.send(first.frame(EMPTY));
    await first.next();
    second.send(second.frame(EMPTY));
    await second.next();
    await first.untilClosed();
    expect(presences()).toEqual(['room-1 on connect', 'room-1 on taken_over', 'room-1 on connect']);
    second.socket.resetAndDestroy();
    await journal.until(() => journal.of('connection').length === 4);
    expect(presences().at(-1)).toBe('room-1 off connection_lost');
    expect(counters.connectionsClosed).toMatchObject({ taken_over: 1 });
  });

  it('[FI19] several devices may share a connection, and one that leaves it leaves the others there', async () => {
    const both = await client();
    both.send(both.frame(EMPTY), both.frame(EMPTY, { source: 890 }));
    await both.next();
    await both.next();
    const own = await client(890);
    own.send(own.frame(EMPTY));
    await own.next();
    both.send(both.frame(EMPTY));
    await both.next();
    both.socket.end();
    await both.untilClosed();
    await journal.until(() => journal.of('connection').length === 5);
    expect(presences()).toEqual([
      'room-1 on connect',
      'room-2 on connect',
      'room-2 on taken_over',
      'room-2 on connect',
      'room-1 off disconnect',
    ]);
  });

  it('[FI19] a device that is disabled or removed is cut off', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await room.next();
    directory.upsert(unit('room-1', '889', { disabled: true }));
    await room.untilClosed();
    const again = await client();
    again.send(again.frame(smokeDetector(1, 2)));
    while (counters.unanswered['device_disabled'] === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    directory.remove('room-1');
    expect([again.heard, presences().at(-1)]).toEqual([[], 'room-1 off device_disabled']);
  });

  it('[FI19] silence longer than the profile allows closes the connection; so does never saying who it is', async () => {
    const [silent, nobody] = [await client(), await client()];
    silent.send(silent.frame(EMPTY));
    await silent.next();
    pass(121);
    await nobody.untilClosed();
    expect(silent.closed).toBe(false);
    pass(STANDARD.idle.closeAfterSeconds - 121);
    expect(silent.closed).toBe(false);
    pass(2);
    await silent.untilClosed();
    await journal.until(() => journal.of('connection').length === 2);
    expect(presences().at(-1)).toBe('room-1 off idle_timeout');
    expect(counters.connectionsClosed).toEqual({ unidentified: 1, idle_timeout: 1 });
  });

  it('[FI8] a start that is none holds a fire up for seconds, not until more comes', async () => {
    const room = await client();
    const falseStart = new Uint8Array(27);
    falseStart.set([0x40, 0x40]);
    falseStart[25] = 4;
    room.send(falseStart, room.frame(smokeDetector(7, 2)));
    while (server.pendingBytes === 0) await new Promise((resolve) => setImmediate(resolve));
    pass(6);
    expect((await room.next()).command).toBe(COMMAND.confirm);
    expect([fires(), counters.garbageBytes]).toEqual([[true], 27]);
  });

  it('[FI17] too many frames are not answered, a fire always is', async () => {
    await server.stop();
    await start({ framesPerSecond: 1 });
    const room = await client();
    const frames = Array.from({ length: 15 }, (_, n) => room.frame(smokeDetector(n, 1)));
    room.send(...frames, room.frame(smokeDetector(7, 3), { serial: 99 }));
    for (;;) if ((await room.next()).serial === 99) break;
    expect(counters.unanswered).toEqual({ rate: 5 });
    expect(fires().at(-1)).toBe(true);
  });

  it('[FI16] says again what the points say while the device gives signs of life, at most once a minute', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await room.next();
    room.send(room.frame(smokeDetector(7, 2)));
    await room.next();
    const alive = async (): Promise<void> => {
      room.send(room.frame(EMPTY));
      await room.next();
    };
    await alive();
    expect(journal.of('reading')).toEqual([]);
    clock.skippedMs += 60_000;
    await alive();
    await alive();
    expect(journal.of('reading').map(({ samples }) => samples.filter(([, value]) => value))).toEqual([
      [['room-1.fire', true]],
    ]);
  });

  it('[FI25] [FI26] tells every place that begins in one record, by the type of its points', async () => {
    const number = { key: 'fire_count', type: 'number' as const, min: 0, max: 1_000 };
    const place = { key: 'fire_place', type: 'string' as const };
    const points = [
      ...PROFILE.points.slice(0, 1),
      number,
      place,
      { key: 'fault_count', type: 'string' as const },
    ];
    const shape = { id: 'room-1', address: '889', disabled: false, credentials: [] };
    directory.upsert(directoryDevice(shape, { points, events: {} }));
    const room = await client();
    const two = encodeAdu(
      'component-state',
      [7, 8].map((componentAddress) => ({
        ...{ systemType: 1, systemAddress: 1, componentType: 40, componentAddress, status: 2 },
        ...{ description: fixedText('走廊'), time: timeLabel(clock.wall) },
      })),
    );
    room.send(room.frame(two));
    await room.next();
    expect(journal.of('event')[0]?.samples).toEqual([
      ['room-1.fire_place', '走廊 感烟火灾探测器 1-1-7/0'],
      ['room-1.fire_count', 1],
      ['room-1.fire', true],
      ['room-1.fire_place', '走廊 感烟火灾探测器 1-1-8/0'],
      ['room-1.fire_count', 2],
      ['room-1.fire', true],
    ]);
  });

  it('[FI16] begins with what was remembered before the server was restarted', async () => {
    remembered['room-1'] = { 'gb26875/1/1/8': 2 };
    const room = await client();
    room.send(
      room.frame(smokeDetector(7, 3)),
      room.frame(smokeDetector(7, 1)),
      room.frame(smokeDetector(8, 1)),
    );
    for (let n = 0; n < 3; n++) await room.next();
    expect(fires()).toEqual([true, true, false]);
  });

  describe('commands down', () => {
    let room: FireClient;
    const order = (command: string, more: object = {}) =>
      server.send('room-1', {
        commandId: 'cmd-1',
        command,
        params: {},
        expires: clock.wall + 60_000,
        ...more,
      });
    beforeEach(async () => {
      room = await client();
      room.send(room.frame(EMPTY));
      await room.next();
      told = [];
    });

    it('[FI13] a request is sent on the connection of the device, and its reply is journalled before it is told', async () => {
      expect(await order('read_state')).toBe('sent');
      const asked = await room.next();
      expect(asked).toMatchObject({
        command: COMMAND.request,
        source: 88_888,
        destination: 889,
        userVersion: 2,
      });
      expect([...asked.adu]).toEqual([81, 1, 0]);
      const time = timeLabel(Date.parse('2026-11-28T10:00:00+08:00'));
      const reply = encodeAdu('device-state', [{ status: 0b101, time }]);
      room.send(room.frame(reply, { command: COMMAND.reply, serial: asked.serial }));
      await journal.until(() => journal.of('event').length === 1);
      while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual([
        `room-1 cmd-1 true {"objects":[{"kind":"device-state","status":5,"time":${time.at}}]}`,
        'room-1 ready',
      ]);
      expect(journal.of('event')[0]?.samples).toContainEqual(['room-1.fault', true]);
      expect(room.heard).toEqual([]);
    });

    it('[FI13] silence: three times again with the same number, then nothing is known', async () => {
      expect(await order('duty_check')).toBe('sent');
      const first = await room.next();
      expect([...first.adu]).toEqual([91, 1, 10]);
      const repetitions = [];
      for (let n = 0; n < 3; n++) {
        pass(10);
        repetitions.push((await room.next()).serial);
      }
      expect(repetitions).toEqual([first.serial, first.serial, first.serial]);
      pass(10);
      expect(told).toEqual(['room-1 ready']);
    });

    it('[FI13] a confirmation and a denial are answers of the device', async () => {
      await order('duty_check');
      const { serial } = await room.next();
      room.send(room.frame(EMPTY, { command: COMMAND.confirm, serial }));
      while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await order('duty_check', { commandId: 'cmd-2' });
      for (let n = 0; n < 4; n++) {
        const again = await room.next();
        room.send(room.frame(EMPTY, { command: COMMAND.deny, serial: again.serial }));
      }
      while (told.length < 4) await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual([
        'room-1 cmd-1 true {"confirmed":true}',
        'room-1 ready',
        'room-1 cmd-2 false {"denied":true}',
        'room-1 ready',
      ]);
    });

    it('[FI21] one at a time; who is not there is absent; what has no form is refused', async () => {
      expect(await order('close_valve')).toEqual({
        refused: 'a fire-control room has no command close_valve',
      });
      expect(await order('read_state')).toBe('sent');
      expect(await order('read_clock', { commandId: 'cmd-2' })).toBe('absent');
      expect([server.listens('room-1'), server.listens('room-2')]).toEqual([true, false]);
      const other = { commandId: 'x', command: 'read_state', params: {}, expires: clock.wall + 1 };
      expect(await server.send('room-2', other)).toBe('absent');
      // A new connection has nothing to answer, and can be asked at once.
      const again = await client();
      again.send(again.frame(EMPTY));
      await again.next();
      expect(await order('read_clock', { commandId: 'cmd-2' })).toBe('sent');
      expect([...(await again.next()).adu]).toEqual([88, 1, 0]);
    });

    it('[CM2] nothing goes out after the command has expired; the time in a repetition is that of the repetition', async () => {
      await order('sync_clock', { expires: clock.wall + 15_000 });
      const first = await room.next();
      clock.wall += 10_000;
      pass(10);
      const second = await room.next();
      expect(second.adu.subarray(2)).not.toEqual(first.adu.subarray(2));
      expect([second.serial, second.adu.subarray(2)]).toEqual([first.serial, second.sentAt]);
      clock.wall += 10_000;
      pass(10);
      room.send(room.frame(EMPTY));
      expect((await room.next()).command).toBe(COMMAND.confirm);
      expect(room.heard).toEqual([]);
    });
  });

  describe('[FI22] the poll', () => {
    const state = encodeAdu('device-state', [{ status: 0b101, time: timeLabel(Date.UTC(2026, 10, 28)) }]);
    const turn = { settleMs: 2_000, pollSpreadMs: 0, pollMs: 600_000, clockLimitMs: null };
    const polled = () =>
      journal.of('attributes').flatMap(({ attributes }) => attributes['gb26875-poll'] ?? []);
    let room: FireClient;
    beforeEach(async () => {
      await server.stop();
      await start(turn);
      room = await client();
      room.send(room.frame(smokeDetector(7, 2)));
      expect((await room.next()).command).toBe(COMMAND.confirm);
    });

    it('asks the device and its systems one after the other, and takes the answers like what it says itself', async () => {
      pass(2);
      const device = await room.next();
      expect([...device.adu]).toEqual([81, 1, 0]);
      pass(5);
      expect(room.heard).toEqual([]);
      room.send(room.frame(state, { command: COMMAND.reply, serial: device.serial }));
      while (counters.polls['replied'] !== 1) await new Promise((resolve) => setImmediate(resolve));
      pass(1);
      const system = await room.next();
      expect([...system.adu]).toEqual([61, 1, 1, 1]);
      room.send(room.frame(EMPTY, { command: COMMAND.deny, serial: system.serial }));
      for (let n = 0; n < 3; n++) {
        expect((await room.next()).serial).toBe(system.serial);
        room.send(room.frame(EMPTY, { command: COMMAND.deny, serial: system.serial }));
      }
      while (counters.polls['denied'] !== 1) await new Promise((resolve) => setImmediate(resolve));
      pass(1);
      await journal.until(() => polled().length === 1);
      expect(polled()).toEqual(['answers']);
      expect(journal.of('event').at(-1)?.samples).toContainEqual(['room-1.fault', true]);
      expect(told).toEqual(['room-1 ready', 'room-1 ready', 'room-1 ready']);
      pass(560);
      expect(room.heard).toEqual([]);
      pass(11);
      expect([...(await room.next()).adu]).toEqual([81, 1, 0]);
    });

    it('whoever does not answer is known for it, and its points are not told again as they were', async () => {
      await server.stop();
      remembered = { 'room-1': { 'gb26875-poll': 'answers', 'gb26875/device': 1 } };
      await start({ ...turn, restateMs: 0 });
      room = await client();
      room.send(room.frame(EMPTY));
      await room.next();
      const readings = journal.of('reading').length;
      expect(readings).toBeGreaterThan(0);
      pass(2 + 41);
      expect(counters).toMatchObject({ polls: { timeout: 1 }, notAnswering: 1 });
      await journal.until(() => polled().length > 0);
      expect(polled()).toEqual(['stopped']);
      await room.until(() => room.heard.length === 4);
      room.heard.length = 0;
      room.send(room.frame(EMPTY));
      await room.next();
      expect(journal.of('reading')).toHaveLength(readings);
      room.socket.destroy();
      await journal.until(() => presences().at(-1)?.startsWith('room-1 off') === true);
      expect(counters.notAnswering).toBe(0);
    });

    it('[FI38] the poll waits for a command, and a command does not wait for the poll', async () => {
      const order = { commandId: 'cmd-1', command: 'duty_check', params: {}, expires: Infinity };
      expect(await server.send('room-1', order)).toBe('sent');
      const { serial } = await room.next();
      pass(3);
      expect(room.heard).toEqual([]);
      room.send(room.frame(EMPTY, { command: COMMAND.confirm, serial }));
      while (told.length < 3) await new Promise((resolve) => setImmediate(resolve));
      pass(1);
      expect([...(await room.next()).adu]).toEqual([81, 1, 0]);
      expect(await server.send('room-1', { ...order, commandId: 'cmd-2' })).toBe('sent');
      expect((await room.next()).command).toBe(COMMAND.control);
      expect(counters.polls).toEqual({ displaced: 1 });
      expect(await server.send('room-1', { ...order, commandId: 'cmd-3' })).toBe('absent');
    });
  });

  it('[FI23] a clock that is wrong is set once it has settled, and measured anew', async () => {
    await server.stop();
    await start({ settleMs: 5_000 });
    const room = await client();
    const late = (seconds: number) => ({ sentAt: timeLabel(clock.wall - seconds * 1_000).raw });
    for (let n = 0; n < 3; n++) {
      room.send(room.frame(EMPTY, late(40)));
      await room.next();
    }
    pass(4);
    expect(room.heard).toEqual([]);
    pass(2);
    const set = await room.next();
    expect([set.command, ...set.adu]).toEqual([COMMAND.control, 90, 1, ...timeLabel(clock.wall).raw]);
    room.send(room.frame(EMPTY, { command: COMMAND.confirm, serial: set.serial, ...late(0) }));
    while (counters.clockSyncs['confirmed'] !== 1) await new Promise((resolve) => setImmediate(resolve));
    await journal.until(() => journal.of('clock-set').length === 1);
    expect(journal.of('clock-set')).toEqual([{ kind: 'clock-set', deviceId: 'room-1' }]);
    // Nobody commanded it.
    expect(told).toEqual(['room-1 ready', 'room-1 ready']);
    for (let n = 0; n < 3; n++) {
      room.send(room.frame(EMPTY, late(0)));
      await room.next();
    }
    pass(100);
    expect(room.heard).toEqual([]);
  });

  it('[FI19] stops with everything that was read on disk and confirmed', async () => {
    const room = await client();
    journal.hold();
    room.send(...Array.from({ length: 20 }, (_, n) => room.frame(smokeDetector(n, 2))));
    await journal.until(() => journal.waitingRecords.length >= 41);
    const stopped = server.stop();
    journal.release();
    await stopped;
    await room.untilClosed();
    expect(room.heard).toHaveLength(20);
    expect(presences()).toEqual(['room-1 on connect', 'room-1 off server_stop']);
  });

  it('[FI19] waits with reading while much is under way', async () => {
    await server.stop();
    await start({ maxInflight: 4 });
    const room = await client();
    journal.hold();
    for (let n = 0; n < 12; n++) {
      room.send(room.frame(smokeDetector(n, 2)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await journal.until(() => journal.of('event').length + journal.waitingRecords.length >= 8);
    journal.release();
    for (let n = 0; n < 12; n++) await room.next();
    expect(journal.of('event')).toHaveLength(12);
  });
});
