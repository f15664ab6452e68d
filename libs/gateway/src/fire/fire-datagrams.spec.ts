import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMAND, encodeAdu, type Frame, STANDARD, timeLabel } from '@watchfire/protocol';
import { DatagramClient, FireClient, smokeDetector } from '../../spec/fire-client.js';
import { FireHarness, fireUnit, whenever } from '../../spec/fire-harness.js';
import { type FireOptions } from './fire-options.js';

const EMPTY = new Uint8Array();
const FRAME_BYTES = 30;
const FIRE = 2;
const FAULT = 4;

describe('the door for fire-control rooms over UDP', () => {
  let door: FireHarness;
  let port: number;
  let clients: DatagramClient[];
  let streams: FireClient[];

  beforeEach(() => {
    clients = [];
    streams = [];
    return start();
  });
  afterEach(async () => {
    door.journal.release();
    for (const client of clients) client.close();
    for (const { socket } of streams) socket.destroy();
    await door.server.stop();
  });

  async function start(options: Partial<FireOptions> = {}): Promise<void> {
    door = new FireHarness(options);
    port = await door.server.listen(0, '127.0.0.1');
    await door.server.listenUdp(port, '127.0.0.1');
  }
  async function startAgain(options: Partial<FireOptions>): Promise<void> {
    await door.server.stop();
    await start(options);
  }
  async function client(source = 889, from?: string): Promise<DatagramClient> {
    const opened = await DatagramClient.open(port, source, from);
    clients.push(opened);
    return opened;
  }
  const came = (datagrams: number) => whenever(() => door.counters.datagrams === datagrams);
  const confirmed = async (room: DatagramClient): Promise<Frame> => {
    const frame = await room.next();
    expect(frame.command).toBe(COMMAND.confirm);
    return frame;
  };

  it('[FI33] confirms each frame of a datagram after the journal has it, and carries nothing over', async () => {
    const room = await client();
    door.journal.hold();
    const frames = [room.frame(smokeDetector(7, FIRE)), room.frame(smokeDetector(8, FAULT))];
    const torn = room.frame(smokeDetector(9, FIRE));
    room.send(...frames, torn.subarray(0, 20));
    room.send(torn.subarray(20));
    await came(2);
    expect(room.heard).toEqual([]);
    door.journal.release();
    expect([(await confirmed(room)).serial, (await confirmed(room)).serial]).toEqual([0, 1]);
    expect(door.fires()).toEqual([true, true]);
    expect(door.counters).toMatchObject({ garbageBytes: torn.length, journalled: 2, datagramLines: 1 });
    expect(door.presences()).toEqual(['room-1 on connect']);
  });

  it('[FI33] takes a retransmission, or a datagram that the network doubled, once', async () => {
    const room = await client();
    const frame = room.frame(smokeDetector(7, FIRE));
    for (let n = 0; n < 3; n++) {
      room.send(frame);
      await confirmed(room);
    }
    expect(door.fires()).toEqual([true]);
    expect(door.counters.frames).toEqual({ data: 1, repeated: 2 });
  });

  it('[FI34] an address that nobody has registered is quarantined, sent not one byte, and nothing is kept of it', async () => {
    const room = await client(4_711);
    const wrong = room.frame(smokeDetector(7, FIRE));
    wrong[28] = (wrong[28] ?? 0) ^ 1;
    room.send(room.frame(smokeDetector(7, FIRE)));
    room.send(wrong, room.frame(EMPTY, { command: 200 }));
    room.send(Buffer.from('nothing of ours'));
    await came(3);
    await door.journal.until(() => door.journal.of('dead-letter').length === 1);
    expect([room.heard, door.counters.datagramLines]).toEqual([[], 0]);
    door.directory.upsert(fireUnit('room-9', '4711'));
    room.send(room.frame(smokeDetector(7, FIRE)));
    await confirmed(room);
    expect(room.heard).toEqual([]);
  });

  it('[FI34] another port of the same address is the same line: no take-over, and what is asked goes there', async () => {
    const before = await client();
    before.send(before.frame(smokeDetector(7, FIRE)));
    await confirmed(before);
    expect(await door.command('read_state')).toBe('sent');
    const asked = await before.next();
    const after = await client();
    after.send(after.frame(smokeDetector(8, FIRE), { serial: 77 }));
    await confirmed(after);
    expect(door.presences()).toEqual(['room-1 on connect']);
    expect(door.counters).toMatchObject({ datagramLines: 1, connectionsClosed: { port_changed: 1 } });
    door.pass(10);
    expect(await after.next()).toMatchObject({ command: COMMAND.request, serial: asked.serial });
    expect(before.heard).toEqual([]);
  });

  it('[FI34] another address takes over, from TCP to UDP and back too, and it is recorded', async () => {
    const first = await client();
    first.send(first.frame(EMPTY));
    await confirmed(first);
    const second = await client(889, '127.0.0.2');
    second.send(second.frame(EMPTY));
    await confirmed(second);
    const stream = await FireClient.open(port, 889);
    streams.push(stream);
    stream.send(stream.frame(EMPTY));
    await stream.next();
    first.send(first.frame(EMPTY));
    await confirmed(first);
    await stream.untilClosed();
    const over = ['room-1 on taken_over', 'room-1 on connect'];
    expect(door.presences()).toEqual(['room-1 on connect', ...over, ...over, ...over]);
  });

  it('[FI34] nobody is sent more bytes than came from there until he has answered what was asked', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await confirmed(room);
    expect(await door.command('read_state')).toBe('sent');
    expect(door.counters.datagramsWithheld).toBe(1);
    // Two signs of life stay unanswered, and pay for the question.
    room.send(room.frame(EMPTY));
    room.send(room.frame(EMPTY));
    await came(3);
    await whenever(() => door.counters.datagramsWithheld === 3);
    door.pass(10);
    const asked = await room.next();
    expect([...asked.adu]).toEqual([81, 1, 0]);
    const time = timeLabel(Date.parse('2026-11-28T10:00:00+08:00'));
    const reply = encodeAdu('device-state', [{ status: 1, time }]);
    room.send(room.frame(reply, { command: COMMAND.reply, serial: asked.serial }));
    await whenever(() => door.told.includes('room-1 cmd-1 true'));
    // It is there: from now on it is asked like any other.
    for (const id of ['cmd-2', 'cmd-3', 'cmd-4']) {
      expect(await door.command('read_state', id)).toBe('sent');
      const { serial } = await room.next();
      room.send(room.frame(reply, { command: COMMAND.reply, serial }));
      await whenever(() => door.told.includes(`room-1 ${id} true`));
    }
  });

  it('[FI34] signs of life are answered again when there are bytes for a question, asked or not', async () => {
    const room = await client();
    room.send(room.frame(EMPTY));
    await confirmed(room);
    await door.command('read_state');
    for (let n = 1; n <= 3; n++) {
      room.send(room.frame(EMPTY));
      await whenever(() => door.counters.datagramsWithheld === 1 + n);
    }
    room.send(room.frame(EMPTY));
    await confirmed(room);
    expect(await door.command('read_state', 'cmd-2')).toBe('absent');
    door.pass(10);
    expect((await room.next()).command).toBe(COMMAND.request);
  });

  it.each([1, 2, 3, 4, 5])(
    '[FI34] whatever a forged source says, no more bytes go to it than came (seed %i)',
    async (seed) => {
      const room = await client();
      let state = seed;
      const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
      let [sent, datagrams] = [0, 0];
      for (let n = 1; n <= 40; n++) {
        const adu = random(20) === 0 ? smokeDetector(random(9), FAULT) : EMPTY;
        const frame = room.frame(adu, random(5) === 0 ? { command: random(256) } : {});
        if (random(6) === 0) frame[27] = 0xff;
        const answer = frame[26] === COMMAND.reply || frame[26] === COMMAND.confirm;
        if (answer) continue;
        sent += frame.length;
        room.send(frame);
        await came(++datagrams);
        if (random(4) === 0) await door.command('read_state', `cmd-${n}`);
        door.pass(random(12));
      }
      await door.server.stop();
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      const heard = room.heard.reduce((sum, { adu }) => sum + FRAME_BYTES + adu.length, 0);
      expect(heard).toBeGreaterThan(0);
      expect(heard).toBeLessThanOrEqual(sent);
    },
  );

  it('[FI33] silence longer than the profile allows ends the line, and the oldest goes where there are too many', async () => {
    await startAgain({ maxConnections: 1 });
    const [first, second] = [await client(), await client(890)];
    first.send(first.frame(EMPTY));
    await confirmed(first);
    second.send(second.frame(EMPTY));
    await confirmed(second);
    expect(door.counters).toMatchObject({ datagramLines: 1, connectionsClosed: { too_many_lines: 1 } });
    door.pass(STANDARD.idle.closeAfterSeconds + 1);
    expect(door.counters).toMatchObject({ datagramLines: 0, connectionsClosed: { idle_timeout: 1 } });
    expect(door.presences().slice(2)).toEqual(['room-1 off too_many_lines', 'room-2 off idle_timeout']);
  });

  it('[FI33] what a flood brings is bounded and counted, and a fire is taken while the rest is not', async () => {
    await startAgain({ maxDatagramFrames: 8 });
    const room = await client();
    door.journal.hold();
    for (let n = 0; n < 5; n++) room.send(room.frame(smokeDetector(n, FAULT)));
    for (let n = 0; n < 5; n++) room.send(room.frame(smokeDetector(20 + n, FIRE)));
    await came(10);
    expect(door.counters.unanswered).toEqual({ busy: 1 });
    expect(door.counters.datagramsDropped).toEqual({ busy: 1 });
    door.journal.release();
    for (let n = 0; n < 8; n++) await confirmed(room);
    expect(door.fires().filter((fire) => fire === true)).toHaveLength(4);
    expect(door.logged.filter((line) => line.includes('"busy"'))).toHaveLength(2);
  });

  it('[FI37] a private fire is taken whatever else came, as one of the standard is', async () => {
    await door.server.stop();
    const name = { zh: '部件火警', en: 'Component fire' };
    const types = new Map([[0xcc, { name, says: 'fire' as const }]]);
    door = new FireHarness({ framesPerSecond: 1 }, [{ ...STANDARD, key: 'private', types }]);
    door.directory.upsert(fireUnit('room-1', '889', { dialect: 'private' }));
    port = await door.server.listenUdp(0, '127.0.0.1');
    const room = await client();
    for (let n = 0; n < 12; n++) room.send(room.frame(smokeDetector(n, FAULT)));
    room.send(room.frame(Uint8Array.of(0xcd, 1, 9)));
    room.send(room.frame(Uint8Array.of(0xcc, 1, 9)));
    for (let n = 0; n < 11; n++) await confirmed(room);
    expect(door.counters.unanswered).toEqual({ rate: 3 });
    expect(door.fires().at(-1)).toBe(true);
  });

  it('[FI36] datagrams of networks that are not allowed are counted, said at most once a minute, and not read', async () => {
    await startAgain({ allowFrom: ['10.0.0.0/8', '127.0.0.2'] });
    const [stranger, room] = [await client(), await client(889, '127.0.0.2')];
    stranger.send(stranger.frame(smokeDetector(7, FIRE)));
    stranger.send(stranger.frame(smokeDetector(7, FIRE)));
    await came(2);
    expect(door.counters.datagramsDropped).toEqual({ source_not_allowed: 2 });
    expect(door.logged).toHaveLength(1);
    room.send(room.frame(smokeDetector(7, FIRE)));
    await confirmed(room);
    expect(door.journal.of('dead-letter')).toEqual([]);
  });

  it('[FI19] [FI33] stops with everything that was read on disk and confirmed', async () => {
    const room = await client();
    door.journal.hold();
    for (let n = 0; n < 20; n++) room.send(room.frame(smokeDetector(n, FIRE)));
    await came(20);
    const stopped = door.server.stop();
    room.send(room.frame(smokeDetector(99, FIRE)));
    await whenever(() => door.counters.datagramsDropped['server_stop'] === 1);
    door.journal.release();
    await stopped;
    for (let n = 0; n < 20; n++) await confirmed(room);
    expect(door.presences()).toEqual(['room-1 on connect', 'room-1 off server_stop']);
  });
});
