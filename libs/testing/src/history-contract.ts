import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type History,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  HistoryError,
  type HistorySample,
} from '@watchfire/history';
import fc from 'fast-check';
import { type Bucket, bucketsOf, sampleModel } from './history-model.js';

export interface HistoryUnderTest {
  readonly history: History;
  /** Closes the history and opens it again on what it has stored. */
  reopen(): Promise<History>;
  dispose(): Promise<void>;
}

/** The time of the first sample: an hour border in 2025, so that buckets are easy to read. */
const T0 = 1_751_997_600_000;
const MINUTE = 60_000;

/**
 * What every history adapter must do; rules HI1 to HI9 of docs/spec/history.md. One adapter serves all tests, each with points
 * and alarms of its own, so that a suite over a real server stays short.
 */
export function historyContract(name: string, make: () => Promise<HistoryUnderTest>): void {
  describe(`history contract: ${name}`, () => {
    let subject: HistoryUnderTest;
    let history: History;
    let offset = 0;
    let seq = 0;
    let names = 0;

    beforeAll(async () => {
      subject = await make();
      history = subject.history;
    }, 60_000);
    afterAll(() => subject.dispose(), 60_000);

    const newPoint = (): string => `dev-${(names += 1)}.conc`;
    const newId = (prefix: string): string => `${prefix}-${(names += 1)}`;
    const sample = (
      pointId: string,
      ts: number,
      value: HistorySample['value'],
      more = {},
    ): HistorySample => ({
      pointId,
      ts,
      receivedAt: ts + 12,
      value,
      quality: 'good',
      deviceId: pointId.split('.')[0]!,
      ...more,
    });
    const write = (samples: readonly HistorySample[], events: readonly HistoryAlarmEvent[] = []) =>
      history.write({ offset: (offset += 10), samples, events });
    const alarmOf = (id: string, more: Partial<HistoryAlarm> = {}): HistoryAlarm => ({
      id,
      deviceId: 'dev-a',
      siteId: 'site-a',
      enterpriseId: 'ent-a',
      class: 'gas',
      state: 'UNACK',
      severity: 700,
      raisedAt: T0,
      message: '一号罐区 "甲烷" 浓度高\\高高\n2 行',
      ...more,
    });
    const transition = (
      alarm: HistoryAlarm,
      at: number,
      more: Partial<HistoryAlarmEvent> = {},
    ): HistoryAlarmEvent => {
      seq += 1;
      return {
        seq,
        eventId: `${offset}-${seq}`,
        alarmId: alarm.id,
        type: 'raised',
        at,
        actor: 'system',
        comment: null,
        alarm,
        ...more,
      };
    };

    describe('progress', () => {
      it('[HI2] begins at 0 and names the offset up to which everything is durable', async () => {
        expect(await history.cursor()).toBe(0);
        await write([sample(newPoint(), T0, 1)]);
        await history.flush();
        expect(await history.cursor()).toBe(offset);
      });

      it('[HI2] moves for a batch without samples and never back', async () => {
        await write([]);
        await history.flush();
        await history.write({ offset: 1, samples: [], events: [] });
        await history.flush();
        expect(await history.cursor()).toBe(offset);
      });

      it('[HI2] keeps samples, events and progress over a restart', async () => {
        const point = newPoint();
        const alarm = alarmOf(newId('restart'));
        const samples = [sample(point, T0, 1.5), sample(point, T0 + 1_000, 2.5)];
        const event = transition(alarm, T0);
        await write(samples, [event]);
        await history.flush();
        history = await subject.reopen();
        expect(await history.cursor()).toBe(offset);
        expect(await history.range(point, T0, T0 + MINUTE, 10)).toEqual(samples);
        expect(await history.latest([point])).toEqual([samples[1]]);
        expect(await history.alarmEvents(alarm.id)).toEqual([event]);
        expect(await history.alarm(alarm.id)).toEqual(alarm);
      });
    });

    describe('samples', () => {
      it('[HI1] shows what was written at once, in every type and quality', async () => {
        const point = newPoint();
        const numbers = [0, -40.25, 1e-9, 123_456_789.125, 1.7e300].map((value, index) =>
          sample(point, T0 + index, value, { quality: (['good', 'uncertain', 'bad'] as const)[index % 3] }),
        );
        const switchPoint = newPoint();
        const textPoint = newPoint();
        const switches = [sample(switchPoint, T0, true), sample(switchPoint, T0 + 1, false)];
        const texts = ['', '开', 'a "b" \\', 'line\nbreak, = x', 'ends with \\'].map((value, index) =>
          sample(textPoint, T0 + index, value),
        );
        await write([...numbers, ...switches, ...texts]);
        expect(await history.range(point, T0, T0 + 10, 100)).toEqual(numbers);
        expect(await history.range(switchPoint, T0, T0 + 10, 100)).toEqual(switches);
        expect(await history.range(textPoint, T0, T0 + 10, 100)).toEqual(texts);
      });

      it('[HI3] changes nothing when a batch is written again', async () => {
        const point = newPoint();
        const alarm = alarmOf(newId('again'));
        const samples = [3, 1, 2].map((second) => sample(point, T0 + second * 1_000, second));
        const batch = { offset: (offset += 10), samples, events: [transition(alarm, T0)] };
        await history.write(batch);
        await history.flush();
        const before = await history.alarms({ deviceId: alarm.deviceId, limit: 1_000 });
        await history.write(batch);
        await history.flush();
        await history.write(batch);
        expect(await history.range(point, T0, T0 + MINUTE, 100)).toEqual([
          samples[1],
          samples[2],
          samples[0],
        ]);
        expect(await history.alarmEvents(alarm.id)).toEqual(batch.events);
        expect(await history.alarms({ deviceId: alarm.deviceId, limit: 1_000 })).toEqual(before);
      });

      it('[HI3] lets a later sample of the same time replace the earlier one', async () => {
        const point = newPoint();
        await write([sample(point, T0, 1)]);
        await history.flush();
        const corrected = sample(point, T0, 2, { quality: 'uncertain', receivedAt: T0 + 99 });
        await write([corrected]);
        expect(await history.range(point, T0, T0 + 1, 10)).toEqual([corrected]);
        expect(await history.latest([point])).toEqual([corrected]);
      });

      it('[HI5] leaves out what cannot be stored and keeps its neighbours', async () => {
        const point = newPoint();
        const good = [sample(point, T0, 1), sample(point, T0 + 4, 2)];
        await write([
          good[0]!,
          sample(point, T0 + 1, NaN),
          sample(point, T0 + 2, Infinity),
          sample(point, T0 + 3.5, 1),
          sample(point, -1, 1),
          sample(point, 1e300, 1),
          good[1]!,
        ]);
        expect(await history.range(point, 0, Number.MAX_SAFE_INTEGER, 100)).toEqual(good);
        expect((await history.health()).reason).toContain('5 samples');
      });

      it('[HI6] answers a half-open range, and no more than the limit', async () => {
        const point = newPoint();
        const samples = Array.from({ length: 2_500 }, (_, index) =>
          sample(point, T0 + index * 1_000, index / 4),
        );
        await write(samples);
        await history.flush();
        expect(await history.range(point, T0 + 1_000, T0 + 3_000, 10)).toEqual([samples[1], samples[2]]);
        expect(await history.range(point, T0 - 1, T0 + 9_999_999, 1_700)).toEqual(samples.slice(0, 1_700));
        expect(await history.range(point, T0 - 1, T0, 10)).toEqual([]);
        expect(await history.range(point, T0, T0, 10)).toEqual([]);
        expect(await history.range(newPoint(), T0, T0 + MINUTE, 10)).toEqual([]);
      });

      it('[HI7] answers the newest sample of each known point, late ones or not', async () => {
        const [one, two, unknown] = [newPoint(), newPoint(), newPoint()];
        await write([sample(one, T0 + 5_000, 5), sample(two, T0, 'shut')]);
        await history.flush();
        await write([sample(one, T0 + 1_000, 1)]);
        const latest = await history.latest([one, unknown, two]);
        expect(latest).toHaveLength(2);
        expect(latest).toContainEqual(sample(one, T0 + 5_000, 5));
        expect(latest).toContainEqual(sample(two, T0, 'shut'));
        expect(await history.latest([])).toEqual([]);
      });

      it('[HI4] merges late and unordered samples, whatever is flushed in between', async () => {
        const second = fc.nat(4_000).map((index) => index * 1_000);
        const value = fc.integer({ min: -4_000, max: 4_000 }).map((quarters) => quarters / 4 + 0);
        const quality = fc.constantFrom('good', 'good', 'uncertain', 'bad');
        const batch = fc.record({
          samples: fc.array(fc.tuple(second, value, quality), { maxLength: 40 }),
          runs: fc.array(fc.tuple(second, fc.nat(900)), { maxLength: 2 }),
          flush: fc.boolean(),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(batch, { maxLength: 6 }), second, second, async (batches, low, span) => {
            const point = newPoint();
            const model = sampleModel();
            for (const { samples, runs, flush } of batches) {
              const rows = [
                ...runs.flatMap(([from, count]) =>
                  Array.from({ length: count }, (_, index) =>
                    sample(point, T0 + from + index * 1_000, index % 7),
                  ),
                ),
                ...samples.map(([at, number, code]) => sample(point, T0 + at, number, { quality: code })),
              ];
              model.write(rows);
              await write(rows);
              if (flush) await history.flush();
            }
            const [from, to] = [T0 + low, T0 + low + span];
            expect(await history.range(point, from, to, 10_000)).toEqual(model.range(from, to));
            const mean = { pointId: point, from, to, every: 90_000, fn: 'mean' as const };
            expectBuckets(await history.aggregate(mean), bucketsOf(model.range(from, to), mean));
          }),
          { numRuns: 20 },
        );
      }, 120_000);
    });

    describe('down-sampling', () => {
      const range = { from: T0 + 30_000, to: T0 + 30_000 + 4 * MINUTE, every: MINUTE };

      it('[HI8] folds numbers into buckets counted from the beginning of the range', async () => {
        const point = newPoint();
        await write([
          sample(point, T0 + 29_999, 99),
          sample(point, T0 + 30_000, 1),
          sample(point, T0 + 40_000, 4),
          sample(point, T0 + 50_000, 1_000, { quality: 'bad' }),
          sample(point, T0 + 89_999, 2.5, { quality: 'uncertain' }),
          sample(point, T0 + 210_000, -3),
          sample(point, T0 + 270_000, 77),
        ]);
        const [first, fourth] = [range.from, range.from + 3 * MINUTE];
        const ask = (fn: 'mean' | 'min' | 'max' | 'last' | 'count') =>
          history.aggregate({ ...range, pointId: point, fn });
        expect(await ask('mean')).toEqual([
          [first, 2.5],
          [fourth, -3],
        ]);
        expect(await ask('min')).toEqual([
          [first, 1],
          [fourth, -3],
        ]);
        expect(await ask('max')).toEqual([
          [first, 4],
          [fourth, -3],
        ]);
        expect(await ask('last')).toEqual([
          [first, 2.5],
          [fourth, -3],
        ]);
        expect(await ask('count')).toEqual([
          [first, 3],
          [fourth, 1],
        ]);
      });

      it('[HI8] counts a boolean as 0 or 1', async () => {
        const point = newPoint();
        await write(
          [true, false, false, true].map((value, index) => sample(point, range.from + index, value)),
        );
        const ask = (fn: 'mean' | 'max' | 'last') => history.aggregate({ ...range, pointId: point, fn });
        expect(await ask('mean')).toEqual([[range.from, 0.5]]);
        expect(await ask('max')).toEqual([[range.from, 1]]);
        expect(await ask('last')).toEqual([[range.from, 1]]);
      });

      it('[HI8] has only last and count for text', async () => {
        const point = newPoint();
        await write(['idle', 'up', 'down'].map((value, index) => sample(point, range.from + index, value)));
        const ask = (fn: 'mean' | 'min' | 'last' | 'count') =>
          history.aggregate({ ...range, pointId: point, fn });
        expect(await ask('mean')).toEqual([]);
        expect(await ask('min')).toEqual([]);
        expect(await ask('last')).toEqual([[range.from, 'down']]);
        expect(await ask('count')).toEqual([[range.from, 3]]);
      });

      it('[HI8] answers nothing where there is nothing, and refuses a bucket of no length', async () => {
        const pointId = newPoint();
        expect(await history.aggregate({ ...range, pointId, fn: 'mean' })).toEqual([]);
        await expect(history.aggregate({ ...range, every: 0, pointId, fn: 'mean' })).rejects.toMatchObject({
          code: 'invalid',
        });
      });
    });

    describe('alarms', () => {
      it('[HI9] keeps every transition of an alarm in order, and the last view', async () => {
        const alarm = alarmOf(newId('alarm'));
        const acknowledged = { ...alarm, state: 'ACKED', ackedBy: 'op' };
        const events = [
          transition(alarm, T0 + 10),
          transition(acknowledged, T0 + 10, { type: 'acknowledged', actor: 'op', comment: '已派人 "核实"' }),
        ];
        await write([], [events[0]!]);
        await write([], [transition(alarmOf(newId('other')), T0 + 11), events[1]!]);
        expect(await history.alarmEvents(alarm.id)).toEqual(events);
        expect(await history.alarm(alarm.id)).toEqual(acknowledged);
        expect(await history.alarmEvents('nobody')).toEqual([]);
        expect(await history.alarm('nobody')).toBeUndefined();
      });

      it('[HI9] does not let an older transition that comes again win over a newer view', async () => {
        const alarm = alarmOf(newId('alarm'));
        const first = transition(alarm, T0);
        const second = transition({ ...alarm, state: 'RTNUN' }, T0 + 1, { type: 'returned' });
        await write([], [first, second]);
        await write([], [first]);
        expect((await history.alarm(alarm.id))?.state).toBe('RTNUN');
      });

      it('[HI9] gives transitions after a sequence number, a page at a time', async () => {
        const start = seq;
        const events = Array.from({ length: 7 }, (_, index) =>
          transition(alarmOf(newId('stream')), T0 + 1_000 + Math.floor(index / 3)),
        );
        await write([], events);
        expect(await history.alarmEventsAfter(start, 3)).toEqual(events.slice(0, 3));
        expect(await history.alarmEventsAfter(start + 3, 100)).toEqual(events.slice(3));
        expect(await history.alarmEventsAfter(seq, 100)).toEqual([]);
      });

      it('[HI9] lists alarms newest first, in pages, with the total', async () => {
        const siteId = newId('site');
        const alarms = [5, 1, 4, 4, 2].map((minute) =>
          alarmOf(newId('listed'), { siteId, raisedAt: T0 + minute * MINUTE, deviceId: newId('dev') }),
        );
        await write(
          [],
          alarms.map((alarm) => transition(alarm, alarm.raisedAt)),
        );
        const seen: HistoryAlarm[] = [];
        let cursor: string | undefined;
        for (let page = 0; page < 3; page += 1) {
          const answer = await history.alarms({ siteIds: [siteId], limit: 2, ...(cursor ? { cursor } : {}) });
          expect(answer.total).toBe(5);
          seen.push(...answer.items);
          cursor = answer.nextCursor ?? undefined;
        }
        expect(cursor).toBeUndefined();
        expect(seen.map((alarm) => alarm.raisedAt)).toEqual(
          [5, 4, 4, 2, 1].map((minute) => T0 + minute * MINUTE),
        );
        expect(new Set(seen.map((alarm) => alarm.id)).size).toBe(5);
      });

      it('[HI9] selects by site, enterprise, device, class and time', async () => {
        const [siteId, enterpriseId, deviceId] = [newId('site'), newId('ent'), newId('dev')];
        const gas = alarmOf(newId('sel'), { siteId, enterpriseId, deviceId, raisedAt: T0 });
        const fire = alarmOf(newId('sel'), {
          siteId,
          enterpriseId,
          deviceId: newId('dev'),
          class: 'fire',
          raisedAt: T0 + 9,
        });
        await write([], [transition(gas, T0), transition(fire, T0 + 9)]);
        const ids = async (query: object) =>
          (await history.alarms({ limit: 10, ...query })).items.map((alarm) => alarm.id);
        expect(await ids({ siteIds: [siteId, 'nowhere'] })).toEqual([fire.id, gas.id]);
        expect(await ids({ siteIds: [] })).toEqual([]);
        expect(await ids({ enterpriseId, class: 'gas' })).toEqual([gas.id]);
        expect(await ids({ deviceId })).toEqual([gas.id]);
        expect(await ids({ siteIds: [siteId], from: T0 + 9, to: T0 + 9 })).toEqual([fire.id]);
        expect(await ids({ siteIds: [siteId], to: T0 + 8 })).toEqual([gas.id]);
        expect(await ids({ siteIds: ["' OR 1=1 --"] })).toEqual([]);
      });

      it('[HI9] refuses a cursor that it never gave out', async () => {
        await expect(history.alarms({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' });
      });
    });

    describe('retention', () => {
      it('[HI13] deletes what is older, and nothing else', async () => {
        const point = newPoint();
        const samples = Array.from({ length: 3_000 }, (_, index) =>
          sample(point, T0 - 4_000_000 + index * 1_000, index),
        );
        const old = alarmOf(newId('old'));
        const kept = alarmOf(newId('kept'));
        const events = [transition(old, T0 - 500), transition(kept, T0 - 400), transition(kept, T0 - 100)];
        await write(samples, events);
        await history.retain(samples[1_700]!.ts, T0 - 300);
        expect(await history.range(point, 0, T0, 5_000)).toEqual(samples.slice(1_700));
        expect(await history.alarm(old.id)).toBeUndefined();
        expect(await history.alarmEvents(kept.id)).toEqual([events[2]]);
        expect(await history.alarm(kept.id)).toEqual(kept);
        await history.retain(T0, T0 - 300);
        expect(await history.latest([point])).toEqual([]);
      });
    });

    describe('health', () => {
      it('is well, and tells when it was closed', async () => {
        expect((await history.health()).ok).toBe(true);
        await history.close();
        await expect(history.range('p', 0, 1, 1)).rejects.toThrow(HistoryError);
        history = await subject.reopen();
      });
    });
  });
}

function expectBuckets(actual: readonly Bucket[], expected: readonly Bucket[]): void {
  expect(actual.map(([start]) => start)).toEqual(expected.map(([start]) => start));
  for (const [index, [, value]] of expected.entries())
    expect(actual[index]![1]).toBeCloseTo(Number(value), 6);
}
