import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HistorySample, InfluxHistory } from '@watchfire/history';
import { T0, alarmOf, inForm, sampleOf } from '@watchfire/testing';
import fc from 'fast-check';
import { memoryCursor } from '../support/memory-cursor.js';
import {
  type VictoriaMetrics,
  startVictoriaMetrics,
  victoriaMetricsMissing,
} from '../support/victoria-metrics.js';

const title = 'writes by /api/v2/write, read back from VictoriaMetrics';
const suite = victoriaMetricsMissing === undefined ? describe : describe.skip;

/** A peer that takes the line protocol and was written by others. It has no InfluxQL, so that the port's queries are not asked. */
suite(victoriaMetricsMissing === undefined ? title : `${title} (skipped: ${victoriaMetricsMissing})`, () => {
  let peer: VictoriaMetrics;
  let history: InfluxHistory;
  let offset = 0;
  let runs = 0;

  beforeAll(async () => {
    peer = await startVictoriaMetrics();
    history = await InfluxHistory.open({
      url: peer.url,
      token: 'any',
      org: 'watchfire',
      bucket: 'watchfire',
      api: 'v2',
      cursor: memoryCursor(),
    });
  }, 60_000);
  afterAll(async () => {
    await history.close();
    await peer.dispose();
  });

  const batch = (samples: readonly HistorySample[], form: 'objects' | 'columns' = 'objects') => {
    offset += 1;
    return { offset, ...inForm(samples, form), events: [] };
  };
  /** `[ts, value]` of one field of one point, oldest first. */
  async function stored(pointId: string, field: string): Promise<(readonly [number, number | null])[]> {
    const series = await peer.export(`telemetry_${field}`);
    return series
      .filter(({ metric }) => metric['point'] === pointId)
      .flatMap(({ values, timestamps }) => timestamps.map((ts, index) => [ts, values[index]!] as const))
      .sort(([a], [b]) => a - b);
  }

  // Fifteen digits: what the peer's decimals hold for certain.
  const number = fc.oneof(
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
    fc.integer({ min: -9_999_999, max: 9_999_999 }).map((scaled) => scaled / 1_000),
    fc.boolean(),
  );
  const rows = fc.uniqueArray(
    fc.record({
      ts: fc.integer({ min: T0, max: T0 + 86_400_000 }),
      value: number,
      quality: fc.constantFrom('good' as const, 'uncertain' as const, 'bad' as const),
    }),
    { selector: ({ ts }) => ts, minLength: 1, maxLength: 200 },
  );

  it('[HI1][HI19] every number, quality and time arrives as it was written, in both forms', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('objects' as const, 'columns' as const), async (given, form) => {
        runs += 1;
        const point = `run-${runs}.conc`;
        await history.write(
          batch(
            given.map(({ ts, value, quality }) => sampleOf(point, ts, value, { quality })),
            form,
          ),
        );
        const inOrder = given.toSorted((a, b) => a.ts - b.ts);
        expect(await stored(point, 'v')).toEqual(inOrder.map(({ ts, value }) => [ts, Number(value)]));
        expect(await stored(point, 'rx')).toEqual(inOrder.map(({ ts }) => [ts, ts + 12]));
        expect(await stored(point, 'q')).toEqual(
          inOrder.map(({ ts, quality }) => [ts, ['good', 'uncertain', 'bad'].indexOf(quality)]),
        );
        const booleans = inOrder.filter(({ value }) => typeof value === 'boolean');
        expect(await stored(point, 'b')).toEqual(booleans.map(({ ts, value }) => [ts, Number(value)]));
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  it('[HI3] a batch of several requests that is written again is there once', async () => {
    const samples = Array.from({ length: 12_000 }, (_, index) =>
      sampleOf('again.conc', T0 + index * 1_000, index / 8),
    );
    const given = batch(samples);
    await history.write(given);
    await history.write(given);
    const found = await stored('again.conc', 'v');
    expect(found).toHaveLength(samples.length);
    expect(found).toEqual(samples.map(({ ts, value }) => [ts, value]));
  }, 60_000);

  it('[HI9] tags keep their text, and a transition is a line', async () => {
    const alarm = alarmOf('alarm-1', { deviceId: '一号, 罐=区 a', siteId: 'site-vm' });
    const events = [1, 2, 3].map((seq) => ({
      seq,
      eventId: `e-${seq}`,
      alarmId: alarm.id,
      type: 'raised',
      at: T0 + seq,
      actor: 'system',
      comment: null,
      alarm,
    }));
    offset += 1;
    await history.write({ offset, readings: [], samples: [], events });
    const [series, ...more] = (await peer.export('alarm_event_seq')).filter(
      ({ metric }) => metric['site'] === 'site-vm',
    );
    expect(more).toEqual([]);
    expect(series?.metric).toMatchObject({ device: '一号, 罐=区 a', class: 'gas', enterprise: 'ent-a' });
    expect(series?.values).toEqual([1, 2, 3]);
    expect(series?.timestamps).toEqual([T0 + 1, T0 + 2, T0 + 3]);
  });
});
