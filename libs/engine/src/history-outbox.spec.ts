import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedHistory, type History, type HistoryBatch, HistoryError } from '@watchfire/history';
import { type Journal, SqliteJournal } from '@watchfire/journal';
import { ReadingBuilder, ReadingSource } from '@watchfire/readings';
import { deviceWith, ManualClock } from '@watchfire/testing';
import fc from 'fast-check';
import { pino } from 'pino';
import { EngineHost } from './engine-host.js';
import { ConfirmedUpTo, HistoryOutbox } from './history-outbox.js';

const log = pino({ level: 'silent' });
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What the distant store does to a write: `lost` takes it, and its answer is lost. */
type Answer = 'take' | 'lost' | HistoryError;

const UNREACHABLE = new HistoryError('unreachable', 'away', true);
const REFUSED_CREDENTIALS = new HistoryError('unauthorised', 'who are you?', true);

/** A centre with an outbox, on a folder that outlives it; the distant store is in the hands of the test. */
class Station {
  readonly pauses: number[] = [];
  readonly batches: HistoryBatch[] = [];
  readonly confirmed = new ConfirmedUpTo();
  journal!: Journal;
  local!: History;
  distant!: History;
  engine!: EngineHost;
  outbox!: HistoryOutbox;
  answer: (batch: HistoryBatch) => Answer = () => 'take';
  random = 0.5;
  isSaturated = false;
  private sentOffset = 0;

  constructor(
    readonly folder: string,
    readonly clock: ManualClock,
  ) {}

  async open(): Promise<this> {
    const { folder, clock } = this;
    this.journal = await SqliteJournal.open({ directory: join(folder, 'journal'), now: clock.now });
    this.local = await EmbeddedHistory.open({ directory: join(folder, 'local'), now: clock.now });
    this.distant = await EmbeddedHistory.open({ directory: join(folder, 'distant'), now: clock.now });
    const { journal, local: history } = this;
    this.engine = await EngineHost.start({ journal, history, clock, log });
    await this.newOutbox();
    return this;
  }

  async newOutbox(): Promise<void> {
    this.sentOffset = await this.journal.cursor('distant');
    const { local, engine, clock, confirmed } = this;
    const journal = saturatedWhile(() => this.isSaturated, this.journal);
    this.outbox = new HistoryOutbox({
      journal,
      local,
      engine,
      clock,
      log,
      confirmed,
      distant: { write: (batch) => this.write(batch), cursor: () => Promise.resolve(this.sentOffset) },
      random: () => this.random,
      pause: async (ms, signal) => {
        if (signal.aborted) return;
        this.pauses.push(ms);
        // Real time is nobody's business here: others have a turn.
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    await this.outbox.start();
  }

  async close(): Promise<void> {
    await this.outbox.stop();
    await this.engine.stop();
    await this.journal.close();
    await this.local.close();
    await this.distant.close();
  }

  async readings(count: number, value = 1): Promise<void> {
    const builder = new ReadingBuilder();
    const source = ReadingSource.of('d1', ['d1.p']);
    for (let n = 0; n < count; n += 1) {
      this.clock.advance(1);
      const at = this.clock.now();
      builder.number(0, value, 0);
      builder.end(source, at, at, 0);
    }
    await this.journal.appendReadings(builder.take());
  }

  async alarm(value: number): Promise<void> {
    this.clock.advance(1_000);
    const at = this.clock.now();
    await this.journal.append({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: at,
      ts: at,
      samples: [['d1.p', value]],
    });
  }

  sent(): Promise<void> {
    return until(() => {
      const { records, transitions } = this.outbox.backlog();
      const isApplied = this.engine.status().appliedOffset === this.journal.head();
      return isApplied && records === 0 && transitions === 0;
    });
  }

  async all(history: History): Promise<unknown> {
    const samples = await history.range('d1.p', 0, EVERYTHING, 100_000);
    return { samples, events: await history.alarmEventsAfter(0, 10_000) };
  }

  private async write(batch: HistoryBatch): Promise<void> {
    const answer = this.answer(batch);
    if (answer instanceof HistoryError) throw answer;
    this.batches.push(batch);
    await this.distant.write(batch);
    if (answer === 'lost') throw UNREACHABLE;
    if (batch.offset <= this.sentOffset) return;
    await this.journal.saveCursor('distant', batch.offset);
    this.sentOffset = batch.offset;
  }
}

const device = deviceWith([
  {
    key: 'high',
    version: 1,
    class: 'gas',
    title: { zh: '高', en: 'High' },
    latching: false,
    condition: {
      kind: 'limit',
      pointId: 'd1.p',
      limits: [{ level: 'H', limit: 50, severity: 700, deadband: 1 }],
      onDelayMs: 0,
      offDelayMs: 0,
    },
  },
]);

describe('history outbox', () => {
  let folder: string;
  let station: Station;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-outbox-'));
    station = await new Station(folder, new ManualClock()).open();
    await station.journal.append({
      kind: 'configure',
      device,
    });
  });
  afterEach(async () => {
    await station.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('[HI43] brings every sample and transition across, whatever the distant store answers and whenever it is cut off', async () => {
    const answers = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Answer>('take') },
        fc.constant<Answer>('lost'),
        fc.constantFrom<Answer>(UNREACHABLE, REFUSED_CREDENTIALS),
      ),
      { maxLength: 12 },
    );
    const steps = fc.array(fc.constantFrom('readings', 'alarm', 'return', 'outbox', 'restart', 'wait'), {
      minLength: 5,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(answers, steps, async (script, todo) => {
        const left = [...script];
        station.answer = () => left.shift() ?? 'take';
        for (const step of todo) {
          if (step === 'readings') await station.readings(700);
          if (step === 'alarm') await station.alarm(60);
          if (step === 'return') await station.alarm(1);
          if (step === 'wait') await new Promise((resolve) => setTimeout(resolve, 3));
          if (step === 'outbox') {
            await station.outbox.stop();
            await station.newOutbox();
          }
          if (step === 'restart') {
            await station.close();
            await station.open();
          }
        }
        await station.sent();
        await station.engine.historyCaughtUp();
        expect(await station.all(station.distant)).toEqual(await station.all(station.local));
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it('[HI44] sends an alarm though telemetry is behind, and nothing of that is lost', async () => {
    station.answer = ({ events }) => (events.length > 0 ? 'take' : UNREACHABLE);
    await station.readings(3_000);
    await until(() => station.outbox.backlog().retries > 3);
    await station.alarm(60);
    await until(async () => (await station.distant.alarmEventsAfter(0, 10)).length === 1);
    await until(() => station.outbox.backlog().transitions === 0);
    expect(station.outbox.backlog().records).toBeGreaterThan(3_000);
    station.answer = () => 'take';
    await station.sent();
    expect(await station.all(station.distant)).toEqual(await station.all(station.local));
  });

  it('[HI43] is never ahead of the local history', async () => {
    const ahead: number[] = [];
    station.answer = ({ offset }) => {
      if (offset > station.engine.status().historyOffset) ahead.push(offset);
      return 'take';
    };
    for (let n = 0; n < 20; n += 1) await station.readings(300);
    await station.sent();
    expect(ahead).toEqual([]);
  });

  it('[HI45] waits a random time below a bound that doubles up to a minute, and as long as it is asked to', async () => {
    await station.sent();
    station.random = 0.999_999;
    station.pauses.length = 0;
    station.answer = () => UNREACHABLE;
    await station.readings(1);
    const waits = (): number[] => station.pauses.filter((ms) => ms !== 20 && ms !== 250);
    await until(() => waits().length >= 9);
    expect(waits().slice(0, 9)).toEqual([499, 999, 1_999, 3_999, 7_999, 15_999, 31_999, 59_999, 59_999]);
    station.random = 0;
    station.answer = () => new HistoryError('overloaded', 'later', true, { retryAfterMs: 17_000 });
    await until(() => waits().at(-1) === 17_000);
  });

  it('[HI45] keeps everything while credentials are refused, and says so', async () => {
    station.answer = () => REFUSED_CREDENTIALS;
    await station.readings(10);
    await until(() => station.outbox.backlog().failure !== undefined);
    station.clock.advance(60_000);
    expect(station.outbox.backlog()).toMatchObject({ failure: { code: 'unauthorised' } });
    expect(station.outbox.backlog().ageMs).toBeGreaterThanOrEqual(60_000);
    station.answer = () => 'take';
    await station.sent();
    expect(station.outbox.backlog()).toMatchObject({ failure: undefined, ageMs: 0, bytes: 0 });
  });

  it('[HI44] waits for devices that are made to wait', async () => {
    await station.sent();
    station.isSaturated = true;
    await station.readings(4_096);
    await station.readings(4_096);
    const sent = (): number => station.batches.filter(({ readings }) => readings.length > 0).length;
    await until(() => sent() === 1);
    station.pauses.length = 0;
    await until(() => station.pauses.length > 5);
    expect([sent(), station.outbox.backlog().records]).toEqual([1, 4_096]);
    station.isSaturated = false;
    await station.sent();
  });

  it('[HI44] has one bounded request of each kind under way, however much waits', async () => {
    station.answer = () => UNREACHABLE;
    for (let n = 0; n < 10; n += 1) await station.readings(4_096);
    station.answer = () => 'take';
    await station.sent();
    const sizes = station.batches.map(({ readings }) =>
      readings.reduce((sum, { value }) => sum + value.length, 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40_960);
  });
});

/** The journal, but it says that its writer is behind. */
function saturatedWhile(is: () => boolean, journal: Journal): Journal {
  return new Proxy(journal, {
    get: (target, property) => {
      if (property === 'saturated') return is;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
