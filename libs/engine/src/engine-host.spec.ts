import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AlarmView, type DeviceConfiguration, type Transition } from '@watchfire/alarm';
import { EmbeddedHistory, type History } from '@watchfire/history';
import { type Journal, SqliteJournal } from '@watchfire/journal';
import { ManualClock } from '@watchfire/testing';
import { pino } from 'pino';
import { EngineHost } from './engine-host.js';

const log = pino({ level: 'silent' });

const device: DeviceConfiguration = {
  deviceId: 'd1',
  deviceName: 'Detector 1',
  siteId: 's1',
  siteName: 'Site 1',
  enterpriseId: 'e1',
  enterpriseName: 'Enterprise 1',
  gridCode: null,
  drill: false,
  points: [{ pointId: 'd1.conc', key: 'conc', name: { zh: '浓度', en: 'Concentration' }, unit: '%LEL' }],
  rules: [
    {
      key: 'conc-high',
      version: 1,
      class: 'gas',
      title: { zh: '浓度', en: 'Concentration' },
      latching: false,
      condition: {
        kind: 'limit',
        pointId: 'd1.conc',
        limits: [
          { level: 'H', limit: 25, severity: 700, deadband: 2 },
          { level: 'HH', limit: 50, severity: 900, deadband: 2 },
        ],
        onDelayMs: 0,
        offDelayMs: 0,
      },
    },
  ],
};

/** Everything of a centre behind the gateway, on a folder that outlives it. */
class Station {
  private constructor(
    readonly clock: ManualClock,
    readonly journal: Journal,
    readonly history: History,
    readonly host: EngineHost,
  ) {}

  static async open(
    folder: string,
    clock: ManualClock,
    wrap = (history: History) => history,
  ): Promise<Station> {
    const journal = await SqliteJournal.open({ directory: join(folder, 'journal'), now: clock.now });
    const history = wrap(await EmbeddedHistory.open({ directory: join(folder, 'history'), now: clock.now }));
    return new Station(clock, journal, history, await EngineHost.start({ journal, history, clock, log }));
  }

  async configure(): Promise<void> {
    await this.journal.append({ kind: 'configure', device });
  }

  async reading(value: number): Promise<void> {
    this.clock.advance(1_000);
    const at = this.clock.now();
    const { offset } = await this.journal.append({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: at,
      ts: at,
      samples: [['d1.conc', value]],
    });
    await this.applied(offset);
  }

  async applied(offset: number): Promise<void> {
    while (this.host.status().appliedOffset < offset) await new Promise((resolve) => setImmediate(resolve));
  }

  get alarm(): AlarmView {
    const [alarm] = this.host.alarms();
    if (alarm === undefined) throw new Error('there is no alarm');
    return alarm;
  }

  /** As power fails: no snapshot, no flush. (The files are closed only so that this process can open them again.) */
  async crash(): Promise<void> {
    await this.journal.close();
    await this.history.close().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.host.stop();
    await this.crash();
  }
}

describe('engine host', () => {
  let folder: string;
  let clock: ManualClock;
  let station: Station;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-engine-'));
    clock = new ManualClock();
    station = await Station.open(folder, clock);
    await station.configure();
  });
  afterEach(async () => {
    await station.stop().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('tells the transitions and the live values of each record', async () => {
    const transitions: Transition[] = [];
    station.host.transitions.subscribe((batch) => transitions.push(...batch));
    await station.reading(32);
    expect(transitions.map(({ type, seq }) => [type, seq])).toEqual([['raised', 1]]);
    expect(station.host.head()).toBe(1);
    expect(station.host.latest('d1.conc')).toMatchObject({ value: 32, quality: 'good' });
  });

  it('answers a command with what the engine decided', async () => {
    await station.reading(32);
    const { id, eventId } = station.alarm;
    const stale = await station.host.submit({ kind: 'acknowledge', alarmId: id, eventId: '0-0' }, 'op', null);
    expect(stale.refused?.code).toBe('event_id_unknown');
    const done = await station.host.submit({ kind: 'acknowledge', alarmId: id, eventId }, 'op', 'seen');
    expect(done).toMatchObject({ alarm: { state: 'ACKED', ackedBy: 'op' } });
    const again = await station.host.submit({ kind: 'acknowledge', alarmId: id, eventId }, 'op', null);
    expect(again.refused?.code).toBe('already_acknowledged');
  });

  it.each(['crash', 'stop'] as const)(
    'has the same alarms, ids and acknowledgements after a %s',
    async (end) => {
      await station.reading(32);
      await station.reading(61);
      const { id, eventId } = station.alarm;
      await station.host.submit({ kind: 'acknowledge', alarmId: id, eventId }, 'op', null);
      const before = { alarms: station.host.alarms(), head: station.host.head() };
      await station[end]();
      station = await Station.open(folder, clock);
      expect({ alarms: station.host.alarms(), head: station.host.head() }).toEqual(before);
      await station.reading(5);
      expect(station.host.alarms()).toEqual([]);
      expect(await station.host.transitionsAfter(0, 100)).toMatchObject([
        { type: 'raised', seq: 1 },
        { type: 'level-changed', seq: 2 },
        { type: 'acknowledged', seq: 3 },
        { type: 'returned', seq: 4 },
      ]);
    },
  );

  it('says that a position which it cannot know is a gap', async () => {
    await station.reading(32);
    expect(await station.host.transitionsAfter(7, 100)).toBeUndefined();
    expect(await station.host.transitionsAfter(1, 100)).toEqual([]);
  });

  it('fills a history that was lost from the journal, alarm events included', async () => {
    await station.reading(32);
    await station.reading(5);
    await station.stop();
    await rm(join(folder, 'history'), { recursive: true });
    station = await Station.open(folder, clock);
    await station.reading(6);
    await until(async () => (await station.history.alarmEventsAfter(0, 10)).length === 3);
    expect(await station.history.alarmEventsAfter(0, 10)).toMatchObject([
      { type: 'raised' },
      { type: 'returned' },
      { type: 'restated' },
    ]);
    await station.host.historyCaughtUp();
    const samples = await station.history.range('d1.conc', 0, Number.MAX_SAFE_INTEGER, 10);
    expect(samples.map(({ value }) => value)).toEqual([32, 5, 6]);
  });

  it('raises alarms while the history is away, and gives it everything when it is back', async () => {
    await station.stop();
    const away = { is: true };
    station = await Station.open(folder, clock, (history) => absentWhile(away, history));
    await station.reading(32);
    expect(station.alarm.state).toBe('UNACK');
    await until(() => Promise.resolve(station.host.status().historyFailure !== undefined));
    away.is = false;
    await until(async () => (await station.history.alarmEventsAfter(0, 10)).length === 1);
    expect(station.host.status().historyFailure).toBeUndefined();
  });

  it('starts on a journal whose newest commit is damaged, with what came before it', async () => {
    await station.reading(32);
    await station.reading(61.125);
    await station.crash();
    const file = join(folder, 'journal', 'journal.db');
    const bytes = await readFile(file);
    const damaged = bytes.lastIndexOf('61.125');
    expect(damaged).toBeGreaterThan(0);
    bytes.writeUInt8(bytes.readUInt8(damaged) ^ 0x01, damaged);
    await writeFile(file, bytes);
    station = await Station.open(folder, clock);
    expect(station.alarm).toMatchObject({ level: 'H', value: 32, state: 'UNACK' });
    await station.reading(62);
    expect(station.alarm).toMatchObject({ level: 'HH', value: 62 });
  });

  it('believes no device to be connected after it was away itself', async () => {
    await station.journal.append({ kind: 'connection', deviceId: 'd1', connected: true, reason: 'connect' });
    await station.applied(station.journal.head());
    expect(station.host.connection('d1').state).toBe('online');
    await station.crash();
    station = await Station.open(folder, clock);
    expect(station.host.connection('d1').state).toBe('offline');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The history, but it refuses to be written while it is away. */
function absentWhile(away: { is: boolean }, history: History): History {
  return new Proxy(history, {
    get: (target, property) => {
      if (property === 'write' && away.is) return () => Promise.reject(new Error('away'));
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
