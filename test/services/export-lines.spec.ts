import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bucketLine, type HistorySample, InfluxHistory, sampleLine } from '@watchfire/history';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { influxRows } from '../support/influx-query.js';
import { memoryCursor } from '../support/memory-cursor.js';

const T0 = 1_751_997_600_000;
const title = 'line protocol of an export';
const suite = influxdMissing === undefined ? describe : describe.skip;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let history: InfluxHistory;

  beforeAll(async () => {
    influxd = await startInfluxd();
    const server = { url: influxd.url, token: '', org: '', bucket: 'import', api: 'v1' } as const;
    history = await InfluxHistory.open({ ...server, cursor: memoryCursor() });
  }, 60_000);
  afterAll(async () => {
    await history.close();
    await influxd.dispose();
  }, 60_000);

  async function write(lines: readonly string[]): Promise<number> {
    const body = lines.map((line) => `${line}\n`).join('');
    return (await fetch(`${influxd.url}/write?db=import`, { method: 'POST', body })).status;
  }

  it('[HI27] is taken by InfluxDB as the samples that they were', async () => {
    const values = [1.5, -3, true, '开 "x" \\', 1e-9];
    const samples = values.map((value, index): HistorySample => {
      const pointId = `dev-a.${typeof value}`;
      const quality = index === 1 ? 'bad' : 'good';
      return { pointId, deviceId: 'dev-a', ts: T0 + index, receivedAt: T0 + index + 9, value, quality };
    });
    expect(await write(samples.map(sampleLine))).toBe(204);
    for (const kind of ['number', 'boolean', 'string']) {
      const pointId = `dev-a.${kind}`;
      const expected = samples.filter((sample) => sample.pointId === pointId);
      expect(await history.range(pointId, T0, T0 + 10, 10)).toEqual(expected);
    }
  });

  it('[HI27] keeps buckets apart from samples, each function in a field of its own', async () => {
    const bucket = { deviceId: 'dev-a', pointId: 'dev-a.conc', start: T0 } as const;
    const lines = [
      bucketLine({ ...bucket, fn: 'mean', value: 1.25 }),
      bucketLine({ ...bucket, fn: 'count', value: 60 }),
      bucketLine({ ...bucket, fn: 'last', value: 7 }),
      bucketLine({ ...bucket, pointId: 'dev-a.mode', fn: 'last', value: 'idle "x"' }),
    ];
    expect(await write(lines)).toBe(204);
    const query = 'SELECT mean, "count", last, last_s FROM telemetry_buckets GROUP BY point';
    expect(await influxRows(influxd.url, 'import', query)).toEqual([
      [T0, 1.25, 60, 7, null],
      [T0, null, null, null, 'idle "x"'],
    ]);
    expect(await history.range('dev-a.conc', T0, T0 + 10, 10)).toEqual([]);
  });
});
