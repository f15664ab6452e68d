import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type HistorySample,
  InfluxHistory,
  type InfluxHistoryOptions,
  type RollUpStore,
} from '@watchfire/history';
import { bucketsOf, expectBuckets, inForm, sampleModel } from '@watchfire/testing';
import fc from 'fast-check';
import { FaultProxy } from '../support/fault-proxy.js';
import { influxRows } from '../support/influx-query.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'InfluxDB 1.x: roll-ups';
const suite = influxdMissing === undefined ? describe : describe.skip;
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const T0 = 20_278 * DAY;
const POINT = 'd.p';

const sample = (
  ts: number,
  value: HistorySample['value'],
  more: Partial<HistorySample> = {},
): HistorySample => ({
  pointId: POINT,
  deviceId: 'd',
  ts,
  receivedAt: ts,
  value,
  quality: 'good',
  ...more,
});

function memoryStore(): RollUpStore & { text: string | undefined } {
  const store = {
    text: undefined as string | undefined,
    load: () => Promise.resolve(store.text),
    save: (text: string) => Promise.resolve(void (store.text = text)),
  };
  return store;
}

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let proxy: FaultProxy;
  let database = 0;
  beforeAll(async () => {
    influxd = await startInfluxd();
    proxy = await FaultProxy.to(influxd.url);
  }, 60_000);
  afterAll(async () => {
    await proxy.close();
    await influxd.dispose();
  }, 60_000);

  /** A history on a database of its own, with a clock in the hands of the test. */
  async function open(more: Partial<InfluxHistoryOptions> = {}) {
    database += 1;
    const bucket = `rolled${database}`;
    const clock = { at: T0 };
    const rollUps = memoryStore();
    const options = {
      url: proxy.url,
      token: '',
      org: '',
      bucket,
      api: 'v1' as const,
      cursor: memoryCursor(),
      rollUps,
      now: () => clock.at,
      ...more,
    };
    let history = await InfluxHistory.open(options);
    let offset = 0;
    return {
      bucket,
      clock,
      rollUps,
      history: () => history,
      write: (samples: readonly HistorySample[]): Promise<void> =>
        history.write({ offset: (offset += 1), ...inForm(samples, 'columns and objects'), events: [] }),
      reopen: async () => {
        await history.close();
        history = await InfluxHistory.open(options);
      },
    };
  }

  const functions = ['mean', 'min', 'max', 'last', 'count'] as const;
  // The type of a value is that of its time: a millisecond in two types is kept in both.
  const valueAt = (ts: number, quarters: number): HistorySample['value'] =>
    ts % 5 === 0 ? `text ${quarters % 3}` : ts % 3 === 0 ? quarters > 0 : quarters / 4 + 0;
  const time = fc.oneof(
    fc.nat(9 * HOUR),
    fc.nat(20 * MINUTE),
    fc.integer({ min: HOUR - MINUTE, max: HOUR + MINUTE }),
  );
  const written = fc.record({
    do: fc.constant('write' as const),
    after: fc.nat(4 * HOUR),
    late: fc.array(
      fc.tuple(time, fc.integer({ min: -4_000, max: 4_000 }), fc.constantFrom('good', 'uncertain', 'bad')),
      {
        maxLength: 30,
      },
    ),
    live: fc.nat(90),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: written },
    { weight: 2, arbitrary: fc.constant({ do: 'rollUp' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'forget' as const }) },
  );
  const question = fc.record({
    from: fc.integer({ min: -2, max: 24 }).map((halves) => (halves * HOUR) / 2),
    span: fc.nat(30 * HOUR),
    every: fc.constantFrom(MINUTE, 7 * MINUTE, HOUR, 90 * MINUTE, 6 * HOUR, 7_000_000),
    fn: fc.constantFrom(...functions),
  });

  it('[HI23] [HI32] answer as the samples do, whatever is rolled up, late, bad and forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 14 }),
        fc.array(question, { minLength: 8, maxLength: 8 }),
        async (steps, questions) => {
          const store = await open();
          const model = sampleModel();
          for (const one of steps) {
            if (one.do === 'rollUp') await store.history().rollUp();
            else if (one.do === 'reopen') await store.reopen();
            else if (one.do === 'forget') {
              store.rollUps.text = undefined;
              await store.reopen();
            } else {
              store.clock.at += one.after;
              const { at } = store.clock;
              const late = one.late.map(([ago, quarters, quality]) => {
                const ts = Math.max(at - ago, 0);
                return sample(ts, valueAt(ts, quarters), { quality, receivedAt: at });
              });
              const live = Array.from({ length: one.live }, (_, index) =>
                sample(at - index * 1_001, valueAt(at - index * 1_001, index), { receivedAt: at }),
              );
              model.write([...late, ...live]);
              await store.write([...late, ...live]);
            }
          }
          for (const { from, span, every, fn } of questions) {
            const query = { from: T0 + from, to: T0 + from + span, every, fn };
            const answer = await store.history().aggregate({ pointId: POINT, ...query });
            expectBuckets(answer, bucketsOf(model.range(query.from, query.to), query));
          }
          await store.history().close();
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  }, 120_000);

  const seconds = (from: number, count: number): HistorySample[] =>
    Array.from({ length: count }, (_, index) => sample(from + index * 1_000, (index % 600) / 10));

  it('[HI32] are what is answered, and stay when the samples are deleted', async () => {
    const { history, write, clock } = await open({ retentionDays: {} });
    const all = seconds(T0, 3 * 3_600 + 120);
    clock.at = all.at(-1)!.ts;
    await write(all);
    await history().rollUp();
    const query = { from: T0, to: T0 + 3 * HOUR, every: HOUR, fn: 'mean' as const };
    const before = await history().aggregate({ pointId: POINT, ...query });
    expectBuckets(
      before,
      bucketsOf(
        all.filter(({ ts }) => ts < query.to),
        query,
      ),
    );
    await history().retain({ samples: T0 + 3 * HOUR, minutes: 0, hours: 0, events: 0 });
    expect(await history().range(POINT, T0, T0 + 3 * HOUR, 10)).toEqual([]);
    expect(await history().aggregate({ pointId: POINT, ...query })).toEqual(before);
    // What comes so late stands for nothing any more: the windows stay.
    await write([sample(T0 + 5, 1_000_000, { receivedAt: clock.at })]);
    await history().rollUp();
    expect(await history().aggregate({ pointId: POINT, ...query })).toEqual(before);
    const minutes = { pointId: POINT, from: T0, to: T0 + HOUR, every: MINUTE, fn: 'count' as const };
    expect(await history().aggregate(minutes)).toHaveLength(60);
    await history().retain({ samples: 0, minutes: T0 + 30 * MINUTE, hours: T0 + HOUR + 1, events: 0 });
    expect(await history().aggregate(minutes)).toHaveLength(30);
    expect((await history().aggregate({ pointId: POINT, ...query })).map(([start]) => start)).toEqual([
      T0 + HOUR,
      T0 + 2 * HOUR,
    ]);
    await history().close();
  });

  it('[HI32] go on by themselves with the samples, and are appended when samples are late', async () => {
    const { history, write, clock, bucket } = await open();
    const others = Array.from({ length: 600 }, (_, n) => sample(T0 + n, n, { pointId: `d.p${n}` }));
    await write(others);
    clock.at = T0 + 70_000;
    await write([sample(clock.at, 1)]);
    clock.at = T0 + 100_000;
    await write([sample(clock.at, 1)]);
    await history().rollUp();
    const rows = (): Promise<readonly unknown[]> =>
      influxRows(influxd.url, bucket, 'SELECT "count" FROM "minutes"."telemetry_minutes"');
    expect(await rows()).toHaveLength(600);
    await write([sample(T0 + 30, 7, { pointId: 'd.p1', receivedAt: clock.at })]);
    await history().rollUp();
    await history().rollUp();
    expect(await rows()).toHaveLength(601);
    const query = { pointId: 'd.p1', from: T0, to: T0 + HOUR, every: MINUTE };
    expect(await history().aggregate({ ...query, fn: 'max' })).toEqual([[T0, 7]]);
    // A line that was refused, and is written again by somebody.
    await history().writeAgain([`telemetry,device=d,point=d.p1 q=0i,rx=${clock.at}i,v=9 ${T0 + 30}000000`]);
    expect(await history().aggregate({ ...query, fn: 'max' })).toEqual([[T0, 9]]);
    await history().rollUp();
    expect(await history().aggregate({ ...query, fn: 'max' })).toEqual([[T0, 9]]);
    // The only good sample is taken back.
    await write(
      [1, 30].map((at) => sample(T0 + at, 1, { pointId: 'd.p1', quality: 'bad', receivedAt: clock.at })),
    );
    await history().rollUp();
    expect(await history().aggregate({ ...query, fn: 'count' })).toEqual([]);
    await history().close();
  });

  it('[HI32] are made again of all points where it is no longer known which were late', async () => {
    const { history, write, clock, rollUps, reopen, bucket } = await open();
    const points = Array.from({ length: 5 }, (_, n) => `d.p${n}`);
    await write(points.map((pointId, n) => sample(T0 + n, n, { pointId })));
    clock.at = T0 + 2 * HOUR;
    await write([sample(clock.at, 1)]);
    await history().rollUp();
    // Late, without a note of it: one more, and one that is taken back.
    const { text } = rollUps;
    await write([
      sample(T0 + 100, 50, { pointId: 'd.p1', receivedAt: clock.at }),
      sample(T0 + 2, 0, { pointId: 'd.p2', quality: 'bad', receivedAt: clock.at }),
    ]);
    rollUps.text = JSON.stringify({
      ...(JSON.parse(text ?? '') as object),
      late: [[T0, [['', [T0, T0 + MINUTE]]]]],
    });
    await reopen();
    const answers = (every: number): Promise<unknown[]> =>
      Promise.all(
        points.map((pointId) => history().aggregate({ pointId, from: T0, to: T0 + HOUR, every, fn: 'max' })),
      );
    const expected = [[[T0, 0]], [[T0, 50]], [], [[T0, 3]], [[T0, 4]]];
    for (const every of [MINUTE, HOUR]) expect(await answers(every)).toEqual(expected);
    await history().rollUp();
    for (const every of [MINUTE, HOUR]) expect(await answers(every)).toEqual(expected);
    expect(JSON.parse(rollUps.text)).toMatchObject({ late: [] });
    const count = async (place: string): Promise<unknown> =>
      (
        await influxRows(influxd.url, bucket, `SELECT COUNT("count") FROM "${place}"."telemetry_${place}"`)
      )[0]?.[1];
    expect([await count('minutes'), await count('hours')]).toEqual([10, 10]);
    await history().close();
  });

  it('[HI32] that fail leave the samples written, and are made up for', async () => {
    const { history, write, clock } = await open();
    await write(seconds(T0, 60));
    clock.at = T0 + 200_000;
    await proxy.set('503', { only: (path) => path.includes('rp=minutes') });
    await write(seconds(T0 + 60_000, 140));
    await expect(history().rollUp()).rejects.toMatchObject({ code: 'overloaded' });
    expect(history().rollUpFailure?.message).toContain('503');
    expect(await history().cursor()).toBe(2);
    const query = { pointId: POINT, from: T0, to: T0 + HOUR, every: MINUTE, fn: 'count' as const };
    const before = await history().aggregate(query);
    await proxy.set('pass');
    await history().rollUp();
    expect(history().rollUpFailure).toBeUndefined();
    expect(await history().aggregate(query)).toEqual(before);
    expect(before).toEqual([0, 1, 2, 3].map((n) => [T0 + n * MINUTE, n === 3 ? 20 : 60]));
    await history().close();
  });

  it('[HI32] answer a year of a point as a thousand buckets with two questions about the hours', async () => {
    const hours = 365 * 24;
    const end = T0 + hours * HOUR;
    const store = memoryStore();
    store.text = JSON.stringify({ from: T0, minutes: end, hours: end, closing: end, at: end, late: [] });
    const { history, bucket } = await open({ rollUps: store });
    const lines = Array.from({ length: hours }, (_, hour) => {
      const fields = `count=3600i,last=${hour},max=9,mean=${hour % 24},min=-1,numbers=3600i,text=0i`;
      return `telemetry_hours,point=${POINT} ${fields} ${BigInt(T0 + hour * HOUR) * 1_000_000n + 7n}`;
    });
    const target = `${influxd.url}/write?db=${bucket}&rp=hours`;
    expect((await fetch(target, { method: 'POST', body: lines.join('\n') })).status).toBe(204);
    const query = { pointId: POINT, from: T0, to: end, every: 9 * HOUR, fn: 'mean' as const };
    const asked: string[] = [];
    await proxy.set('slow', {
      slowMs: 0,
      only: (path) => {
        asked.push(path);
        return false;
      },
    });
    const buckets = await history().aggregate(query);
    await proxy.set('pass');
    // Of numbers and of texts; neither the minutes nor the samples are read.
    expect(asked).toHaveLength(2);
    for (const path of asked) expect(path).toMatch(/^\/query\?.*rp=hours/);
    expect(buckets).toHaveLength(974);
    expect(buckets[0]).toEqual([T0, 4]);
    await history().close();
  });
});
