import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InfluxHistory, type RefusedLine } from '@watchfire/history';
import { type Fault, FaultProxy, WRITES } from '../support/fault-proxy.js';
import { influxCount } from '../support/influx-query.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'InfluxDB 1.x behind a line with faults';
const suite = influxdMissing === undefined ? describe : describe.skip;
const T0 = 1_751_997_600_000;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let proxy: FaultProxy;
  let history: InfluxHistory;
  let bucket = 0;
  let refused: RefusedLine[] = [];
  beforeAll(async () => {
    influxd = await startInfluxd();
    proxy = await FaultProxy.to(influxd.url);
  }, 60_000);
  afterEach(async () => {
    await proxy.set('pass');
    await history.close();
  });
  afterAll(async () => {
    await proxy.close();
    await influxd.dispose();
  }, 60_000);

  /** A history in a database of its own. */
  async function open(timeoutMs = 5_000): Promise<string> {
    bucket += 1;
    refused = [];
    const name = `faults${bucket}`;
    history = await InfluxHistory.open({
      url: proxy.url,
      token: '',
      org: '',
      bucket: name,
      api: 'v1',
      timeoutMs,
      cursor: memoryCursor(),
      onRefused: (lines) => void refused.push(...lines),
    });
    return name;
  }
  const batch = (offset: number, from: number, count: number) => ({
    offset,
    readings: [],
    samples: Array.from({ length: count }, (_, index) => ({
      pointId: 'd.p',
      deviceId: 'd',
      ts: T0 + from + index,
      receivedAt: T0 + from + index,
      value: from + index,
      quality: 'good' as const,
    })),
    events: [],
  });
  const sum = (count: number): number => (count * (count - 1)) / 2;

  const faults: readonly [Fault, string][] = [
    ['401', 'unauthorised'],
    ['404', 'missing'],
    ['429', 'overloaded'],
    ['500', 'overloaded'],
    ['503', 'overloaded'],
    ['reset', 'unreachable'],
    ['lost', 'unreachable'],
    ['hang', 'unreachable'],
    ['closed', 'unreachable'],
  ];

  it.each(faults)('[HI2] loses and doubles nothing over %s', async (fault, code) => {
    const name = await open(fault === 'hang' ? 500 : 5_000);
    await history.write(batch(1, 0, 3_000));
    await proxy.set(fault, { only: WRITES, retryAfter: 7 });
    const failed = batch(2, 3_000, 7_000);
    await expect(history.write(failed)).rejects.toMatchObject({
      code,
      retryable: true,
      ...(fault === '429' || fault === '503' ? { retryAfterMs: 7_000 } : {}),
    });
    expect(await history.cursor()).toBe(1);
    await proxy.set('pass');
    await history.write(failed);
    expect(await history.cursor()).toBe(2);
    expect(await influxCount(influxd.url, name, 'telemetry')).toEqual({ count: 10_000, sum: sum(10_000) });
  });

  it('waits for a slow server', async () => {
    const name = await open();
    await proxy.set('slow', { slowMs: 150 });
    await history.write(batch(1, 0, 6_000));
    expect(proxy.befallen).toBeGreaterThan(1);
    expect(await influxCount(influxd.url, name, 'telemetry')).toEqual({ count: 6_000, sum: sum(6_000) });
  });

  it('[HI2] loses and doubles nothing over faults in turn', async () => {
    const name = await open(1_000);
    const turns: readonly Fault[] = ['pass', 'lost', '500', 'reset', 'pass', '429', 'closed', 'slow', 'lost'];
    for (const [index, fault] of turns.entries()) {
      await proxy.set(fault, { only: WRITES });
      const next = batch(index + 1, index * 1_000, 1_000);
      await history.write(next).catch(async () => {
        await proxy.set('pass');
        await history.write(next);
      });
    }
    expect(await history.cursor()).toBe(turns.length);
    const count = turns.length * 1_000;
    expect(await influxCount(influxd.url, name, 'telemetry')).toEqual({ count, sum: sum(count) });
  });

  describe('[HI30] stores what is good', () => {
    const values = (lines: readonly RefusedLine[]): unknown[] =>
      lines.map(({ origin }) => (origin.kind === 'sample' ? origin.sample.value : origin.kind));

    it('beside a name that is longer than the server takes', async () => {
      const name = await open();
      const { samples, ...rest } = batch(1, 0, 1_000);
      const long = { ...samples[0]!, ts: T0 - 1, pointId: `d.${'x'.repeat(70_000)}`, value: -1 };
      await history.write({ ...rest, samples: [...samples.slice(0, 500), long, ...samples.slice(500)] });
      expect(values(refused)).toEqual([-1]);
      expect(refused[0]!.reason).toContain('max key length exceeded');
      expect(await influxCount(influxd.url, name, 'telemetry')).toEqual({ count: 1_000, sum: sum(1_000) });
      expect(await history.cursor()).toBe(1);
    });

    it('beside a field that somebody wrote in another type', async () => {
      const name = await open();
      const body = `telemetry,device=d,point=d.note s=5 ${T0}000000`;
      await fetch(`${influxd.url}/write?db=${name}`, { method: 'POST', body });
      const { samples, ...rest } = batch(1, 0, 4_000);
      const mixed = samples.map((sample, index) =>
        index % 4 === 0 ? { ...sample, pointId: 'd.note', value: `note ${index}` } : sample,
      );
      await history.write({ ...rest, samples: mixed });
      expect(refused).toHaveLength(1_000);
      expect(new Set(refused.map(({ reason }) => reason.replace(/\d+/g, '#'))).size).toBe(1);
      expect(refused[0]!.reason).toContain('field type conflict');
      expect((await influxCount(influxd.url, name, 'telemetry')).count).toBe(3_000);
    });

    it('where most lines cannot be stored, and through a line that fails in between', async () => {
      const name = await open();
      const body = `telemetry,device=d,point=d.p v=5i ${T0}000000`;
      await fetch(`${influxd.url}/write?db=${name}`, { method: 'POST', body });
      const all = batch(1, 0, 2_000);
      let passed = 0;
      // A fault in the middle of the search.
      await proxy.set('500', { only: (path) => WRITES(path) && (passed += 1) === 2 });
      const week = 7 * 86_400_000;
      const samples = all.samples.map((sample, index) =>
        index % 50 === 0 ? { ...sample, ts: sample.ts + week } : sample,
      );
      await expect(history.write({ ...all, samples })).rejects.toMatchObject({ code: 'overloaded' });
      await history.write({ ...all, samples });
      expect(new Set(values(refused)).size).toBe(1_960);
      const rest = await influxCount(influxd.url, name, 'telemetry');
      // The line of the other is the one that is left, and the samples of the next shard.
      expect(rest.count).toBe(41);
    });
  });
});
