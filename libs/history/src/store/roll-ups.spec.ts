import { afterEach, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { bucketsOf, expectBuckets, sampleModel } from '@watchfire/testing';
import fc from 'fast-check';
import { cpSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AggregateFunction, type HistorySample } from '../history.js';
import { packRows } from '../sample-rows.js';
import { type WorkerCalls } from '../worker-protocol.js';
import { EmbeddedStore } from './embedded-store.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
/** A day border. */
const T0 = 20_278 * DAY;
const ALWAYS = 1e15;
const POINT = 'dev.conc';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-history-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The inside of the thread, without the thread. */
function open(directory: string) {
  const damages: string[] = [];
  const store = EmbeddedStore.open({ directory, maxBufferedSamples: 1e6 }, (text) => damages.push(text));
  const call = <Call extends keyof WorkerCalls>(name: Call, give: WorkerCalls[Call]['give']) =>
    store.call(name, give) as Promise<WorkerCalls[Call]['get']>;
  cleanups.push(() => call('close', null).catch(() => {}));
  return {
    call,
    damages,
    write: (samples: readonly HistorySample[]) =>
      call('write', { offset: 1, readings: undefined, rows: packRows(samples).rows, events: [] }),
    ask: (query: { from: number; to: number; every: number; fn: AggregateFunction }) =>
      call('aggregate', { pointId: POINT, ...query }),
    retain: (limits: Partial<WorkerCalls['retain']['give']>) =>
      call('retain', { samples: 0, minutes: 0, hours: 0, events: 0, ...limits }),
  };
}

const sample = (ts: number, value: HistorySample['value'], more: Partial<HistorySample> = {}) =>
  ({ pointId: POINT, deviceId: 'dev', ts, receivedAt: ts + 5, value, quality: 'good', ...more }) as const;
const seconds = (from: number, count: number, every = 1_000): HistorySample[] =>
  Array.from({ length: count }, (_, index) => sample(from + index * every, (index % 600) / 10));

/** What a process that ends now leaves behind: in this process SQLite keeps the file itself locked. */
async function leftOf(directory: string): Promise<string> {
  const left = await folder();
  cpSync(directory, left, { recursive: true });
  return left;
}

/** What is in the tables, by a look from outside. */
async function rows(directory: string, table: string): Promise<number> {
  const database = new DatabaseSync(join(await leftOf(directory), 'history.db'));
  const { count } = database.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number };
  database.close();
  return count;
}

const due = (directory: string): Promise<number> => rows(directory, 'roll_up_due');

const functions = ['mean', 'min', 'max', 'last', 'count'] as const;
const value = fc.oneof(
  fc.integer({ min: -4_000, max: 4_000 }).map((quarters) => quarters / 4 + 0),
  fc.boolean(),
  fc.constantFrom('开', 'shut'),
);
const time = fc.oneof(
  fc.nat(5 * DAY),
  fc.nat(40 * MINUTE),
  fc.integer({ min: DAY - MINUTE, max: DAY + HOUR }),
);
const written = fc.record({
  do: fc.constant('write' as const),
  samples: fc.array(fc.tuple(time, value, fc.constantFrom('good', 'good', 'uncertain', 'bad')), {
    maxLength: 60,
  }),
});
const step = fc.oneof(
  { weight: 4, arbitrary: written },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollUp' as const), to: fc.nat(6 * DAY) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);
const question = fc.record({
  from: fc.oneof(
    fc.nat(48).map((halves) => (halves * HOUR) / 2),
    fc.constant(-T0),
  ),
  span: fc.nat(6 * DAY),
  every: fc.constantFrom(MINUTE, 5 * MINUTE, HOUR, 90 * MINUTE, DAY, 7_000_000),
  fn: fc.constantFrom(...functions),
});

describe('roll-ups of the embedded history', () => {
  it('[HI23] answer as the samples do, whatever is rolled up, flushed and late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(question, { minLength: 4, maxLength: 4 }),
        async (steps, questions) => {
          let directory = await folder();
          let store = open(directory);
          const model = sampleModel();
          for (const one of steps) {
            if (one.do === 'write') {
              const samples = one.samples.map(([at, data, quality]) => sample(T0 + at, data, { quality }));
              model.write(samples);
              await store.write(samples);
            } else if (one.do === 'rollUp') await store.call('rollUp', T0 + one.to);
            else if (one.do === 'flush') await store.call('flush', null);
            else {
              await store.call('close', null);
              directory = await leftOf(directory);
              store = open(directory);
            }
          }
          for (const { from, span, every, fn } of questions) {
            const query = { from: T0 + from, to: T0 + span, every, fn };
            expectBuckets(await store.ask(query), bucketsOf(model.range(query.from, query.to), query));
          }
          await store.call('close', null);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('[HI24] are due again with the samples, so that a crash at any moment loses none of them', async () => {
    const directory = await folder();
    const store = open(directory);
    await store.write(seconds(T0, 1_440, MINUTE));
    await store.call('flush', null);
    await store.call('rollUp', ALWAYS);
    await store.write([sample(T0 + 10, 999)]);
    await store.call('flush', null);
    expect(await rows(directory, 'roll_up')).toBe(2);
    expect(await due(directory)).toBe(1);
    const again = open(await leftOf(directory));
    const query = { from: T0, to: T0 + DAY, every: HOUR, fn: 'max' as const };
    const [[, before] = []] = await again.ask(query);
    await again.call('rollUp', ALWAYS);
    const [[, after] = []] = await again.ask(query);
    expect([before, after]).toEqual([999, 999]);
  });

  it('[HI24] are made of a day within six hours of its end, and never of one that goes on', async () => {
    const directory = await folder();
    const store = open(directory);
    await store.write(seconds(T0, 1_440, MINUTE));
    await store.call('flush', null);
    await store.call('rollUp', T0 + DAY - 1);
    expect(await due(directory)).toBe(1);
    await store.call('rollUp', T0 + DAY + 6 * HOUR);
    expect(await due(directory)).toBe(0);
  });

  it('[HI24] let questions and batches through between slices', async () => {
    const store = open(await folder());
    for (let day = 0; day < 20; day += 1) await store.write(seconds(T0 + day * DAY, 8_640, 10_000));
    await store.call('flush', null);
    let done = false;
    const rolled = store.call('rollUp', ALWAYS).then(() => (done = true));
    await nextTurn();
    await store.write([sample(T0 + 1, 77)]);
    const [[, first] = []] = await store.ask({ from: T0, to: T0 + DAY, every: DAY, fn: 'max' });
    expect(done).toBe(false);
    expect(first).toBe(77);
    await rolled;
    const [[, count] = []] = await store.ask({ from: T0, to: T0 + DAY, every: DAY, fn: 'count' });
    expect(count).toBe(8_641);
  });

  it('[HI24] of a day that samples come to while it is rolled up have them all', async () => {
    const directory = await folder();
    const store = open(directory);
    await store.write(seconds(T0, 86_400));
    await store.call('flush', null);
    const rolled = store.call('rollUp', ALWAYS);
    await nextTurn();
    await store.write([sample(T0 + 1, 77), sample(T0 + DAY - 1, 78)]);
    await store.call('flush', null);
    await rolled;
    expect(await due(directory)).toBe(1);
    const query = { from: T0, to: T0 + DAY, every: HOUR, fn: 'max' as const };
    const max = async (): Promise<unknown[]> => (await store.ask(query)).map(([, highest]) => highest);
    expect((await max()).filter((highest) => Number(highest) > 70)).toEqual([77, 78]);
    await store.call('rollUp', ALWAYS);
    expect(await due(directory)).toBe(0);
    expect((await max()).filter((highest) => Number(highest) > 70)).toEqual([77, 78]);
  });

  it('[HI24] come of the samples of a file that had none', async () => {
    const directory = await folder();
    const store = open(directory);
    const samples = seconds(T0 + 20 * HOUR, 3 * 1_440, MINUTE);
    await store.write(samples);
    await store.call('close', null);
    const left = await leftOf(directory);
    const file = new DatabaseSync(join(left, 'history.db'));
    file.exec(`DROP TABLE roll_up; DROP TABLE roll_up_due;
      ALTER TABLE progress DROP COLUMN samples_from; PRAGMA user_version = 2;`);
    file.close();
    const again = open(left);
    const query = { from: T0, to: T0 + 5 * DAY, every: HOUR, fn: 'mean' as const };
    const before = await again.ask(query);
    expectBuckets(before, bucketsOf(samples, query));
    await again.call('rollUp', ALWAYS);
    expect(await due(left)).toBe(0);
    expectBuckets(await again.ask(query), before);
    await again.call('close', null);
    expect(await rows(left, 'roll_up')).toBe(8);
  });

  it('[HI16] are made again of the samples where a row of them was damaged', async () => {
    const directory = await folder();
    const store = open(directory);
    await store.write(seconds(T0, 1_440, MINUTE));
    await store.call('flush', null);
    await store.call('rollUp', ALWAYS);
    const query = { from: T0, to: T0 + DAY, every: HOUR, fn: 'mean' as const };
    const before = await store.ask(query);
    await store.call('close', null);
    const left = await leftOf(directory);
    const file = new DatabaseSync(join(left, 'history.db'));
    file.exec('UPDATE roll_up SET body = zeroblob(length(body))');
    file.close();
    const again = open(left);
    expectBuckets(await again.ask(query), before);
    expect(again.damages).toEqual([expect.stringContaining('roll-ups of series 1')]);
    await again.call('rollUp', ALWAYS);
    expectBuckets(await again.ask(query), before);
    expect(await again.call('health', null)).toMatchObject({ damagedBlocks: 1 });
  });
});

describe('roll-ups and retention', () => {
  const all = { from: T0, to: T0 + 3 * DAY, every: HOUR };

  it('[HI25] stay when their samples go, rolled up before or not', async () => {
    for (const rolledUp of [true, false]) {
      const store = open(await folder());
      await store.write(seconds(T0, 3 * 1_440, MINUTE));
      await store.call('flush', null);
      if (rolledUp) await store.call('rollUp', ALWAYS);
      const before = await store.ask({ ...all, fn: 'mean' });
      expect(before).toHaveLength(72);
      await store.retain({ samples: T0 + DAY + 90 * MINUTE + 30_000 });
      const { columns } = await store.call('range', { pointId: POINT, from: 0, to: ALWAYS, limit: 1e6 });
      expect(columns.ts[0]).toBe(T0 + DAY + 91 * MINUTE);
      expectBuckets(await store.ask({ ...all, fn: 'mean' }), before);
      expect(await store.ask({ ...all, every: MINUTE, fn: 'count' })).toHaveLength(3 * 1_440);
    }
  });

  it('[HI25] of samples that are gone are not changed by late ones; where there was none, late ones make one', async () => {
    const store = open(await folder());
    await store.write(seconds(T0 + HOUR, 7_200));
    await store.call('flush', null);
    await store.retain({ samples: T0 + DAY });
    const late = [sample(T0 + HOUR + 7, 500), sample(T0 + 5 * HOUR, 41), sample(T0 + 5 * HOUR + 1, 43)];
    for (let again = 0; again < 2; again += 1) {
      await store.write(late);
      await store.call('flush', null);
      await store.call('rollUp', ALWAYS);
      await store.retain({ samples: T0 + DAY });
      expect(await store.ask({ ...all, fn: 'count' })).toEqual([
        [T0 + HOUR, 3_600],
        [T0 + 2 * HOUR, 3_600],
        [T0 + 5 * HOUR, 2],
      ]);
      const max = await store.ask({ ...all, fn: 'max' });
      expect(max.map(([, highest]) => highest)).toEqual([59.9, 59.9, 43]);
    }
  });

  it('[HI13] [HI25] are deleted by tier when their day is over, and their space is given back', async () => {
    const directory = await folder();
    const store = open(directory);
    for (let day = 0; day < 30; day += 1) {
      const noise = Array.from({ length: 1_440 }, (_, index) =>
        sample(T0 + day * DAY + index * MINUTE, Math.sin(index * 7_919 + day)),
      );
      await store.write(noise);
    }
    await store.call('flush', null);
    await store.retain({ samples: T0 + 30 * DAY });
    const { size: full } = await stat(join(directory, 'history.db'));
    const query = { from: T0, to: T0 + 30 * DAY, fn: 'count' as const };
    await store.retain({ samples: T0 + 30 * DAY, minutes: T0 + 28 * DAY + HOUR });
    expect(await store.ask({ ...query, every: MINUTE })).toHaveLength(2 * 1_440);
    expect(await store.ask({ ...query, every: HOUR })).toHaveLength(30 * 24);
    const { size: rest } = await stat(join(directory, 'history.db'));
    expect(rest).toBeLessThan(full / 3);
    await store.retain({ samples: T0 + 30 * DAY, minutes: T0 + 30 * DAY, hours: T0 + 29 * DAY });
    expect(await store.ask({ ...query, every: HOUR })).toHaveLength(24);
  });
});
