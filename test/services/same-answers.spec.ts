import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedHistory, type History, type HistorySample, InfluxHistory } from '@watchfire/history';
import { expectBuckets, inForm } from '@watchfire/testing';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A day border. */
const T0 = 20_278 * DAY;
const KINDS = ['number', 'boolean', 'text', 'mixed'] as const;

const number = fc.integer({ min: -4_000, max: 4_000 }).map((quarters) => quarters / 4 + 0);
const text = fc.constantFrom('开', 'shut', 'a "b" \\', '', 'x, y=z');
/** Of one time always of one type: a field that InfluxDB has of a point cannot be taken away again. */
const typed = (
  value: HistorySample['value'],
  kind: (typeof KINDS)[number],
  at: number,
): HistorySample['value'] =>
  kind !== 'mixed' || at % 2 === (typeof value === 'string' ? 1 : 0) ? value : at % 2 === 1 ? 'text' : 1.25;
const valueOf: Readonly<Record<(typeof KINDS)[number], fc.Arbitrary<HistorySample['value']>>> = {
  number,
  boolean: fc.boolean(),
  text,
  mixed: fc.oneof(number, text),
};

/** Some close together, some around borders of windows, some anywhere in three days. */
const time = fc.oneof(
  fc.nat(3 * MINUTE),
  fc.nat(3 * DAY),
  fc.tuple(fc.nat(72), fc.constantFrom(-1, 0, 1)).map(([hour, off]) => Math.max(0, hour * HOUR + off)),
);
const quality = fc.constantFrom('good', 'good', 'uncertain', 'bad');
const batchOf = (kind: (typeof KINDS)[number]) =>
  fc.record({
    samples: fc.array(fc.tuple(time, valueOf[kind], quality), { minLength: 1, maxLength: 40 }),
    form: fc.constantFrom('objects', 'columns'),
    then: fc.constantFrom('nothing', 'flush', 'rollUp'),
  });
const script = fc
  .constantFrom(...KINDS)
  .chain((kind) =>
    fc.record({ kind: fc.constant(kind), batches: fc.array(batchOf(kind), { minLength: 1, maxLength: 5 }) }),
  );

const question = fc.record({
  /** Whole hours, whole minutes, or neither. */
  from: fc.oneof(
    fc.constant(0),
    fc.nat(72).map((hours) => hours * HOUR),
    fc.nat(4_320).map((minutes) => minutes * MINUTE),
    time,
  ),
  /** Mostly where samples are: the last bucket may be cut. */
  to: fc.oneof(fc.nat(3 * MINUTE), time),
  every: fc.constantFrom(7_001, MINUTE, 15 * MINUTE, 90 * MINUTE, HOUR, DAY, 90_500),
  fn: fc.constantFrom('mean', 'min', 'max', 'last', 'count'),
  limit: fc.integer({ min: 1, max: 200 }),
});

const title = 'the embedded history and InfluxDB';
const suite = influxdMissing === undefined ? describe : describe.skip;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let embedded: EmbeddedHistory;
  let influx: InfluxHistory;
  let both: readonly History[];
  let directory: string;
  let offset = 0;
  let names = 0;

  beforeAll(async () => {
    influxd = await startInfluxd();
    directory = await mkdtemp(join(tmpdir(), 'watchfire-same-'));
    // Late enough that every day of the samples is over.
    const now = (): number => T0 + 10 * DAY;
    embedded = await EmbeddedHistory.open({ directory, now });
    const server = { url: influxd.url, token: '', org: '', bucket: 'same', api: 'v1' } as const;
    influx = await InfluxHistory.open({ ...server, cursor: memoryCursor(), now });
    both = [embedded, influx];
  }, 60_000);
  afterAll(async () => {
    for (const history of both) await history.close();
    await influxd.dispose();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  it('[HI23] [HI4] give the same answers, whatever was written when and in which form', async () => {
    await fc.assert(
      fc.asyncProperty(
        script,
        fc.array(question, { minLength: 5, maxLength: 5 }),
        async ({ kind, batches }, questions) => {
          names += 1;
          const pointId = `dev-${names}.value`;
          for (const { samples, form, then } of batches) {
            offset += 1;
            const rows = samples.map(([at, value, quality]): HistorySample => ({
              pointId,
              deviceId: `dev-${names}`,
              ts: T0 + at,
              receivedAt: T0 + at + 7,
              value: typed(value, kind, at),
              quality,
            }));
            for (const history of both) await history.write({ offset, events: [], ...inForm(rows, form) });
            if (then !== 'nothing') await embedded.flush();
            if (then === 'rollUp') for (const history of [embedded, influx]) await history.rollUp();
          }
          expect(await influx.latest([pointId])).toEqual(await embedded.latest([pointId]));
          for (const { from: begin, to: end, every, fn, limit } of questions) {
            const [from, to] = [T0 + begin, T0 + end];
            const range = await embedded.range(pointId, from, to, limit);
            expect(await influx.range(pointId, from, to, limit)).toEqual(range);
            const query = { pointId, from, to, every, fn };
            expectBuckets(await influx.aggregate(query), await embedded.aggregate(query));
          }
        },
      ),
      { numRuns: Number(process.env['WATCHFIRE_TEST_RUNS'] ?? 60) },
    );
  }, 300_000);
});
