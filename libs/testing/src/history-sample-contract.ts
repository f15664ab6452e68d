import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SampleForm } from './history-forms.js';
import { bucketsOf, expectBuckets, sampleModel } from './history-model.js';
import { alarmOf, type HistorySubject, MINUTE, sampleOf, T0 } from './history-subject.js';

/** The part of the history contract that writes samples: the same answers in whatever form they are given. */
export function historySampleContract(form: SampleForm, of: () => HistorySubject): void {
  describe(`given as ${form}`, () => {
    let subject: HistorySubject;

    beforeAll(() => {
      subject = of();
      subject.form = form;
    });

    it('[HI2] keeps samples, events and progress over a restart', async () => {
      const point = subject.newPoint();
      const alarm = alarmOf(subject.newId('restart'));
      const samples = [sampleOf(point, T0, 1.5), sampleOf(point, T0 + 1_000, 2.5)];
      const event = subject.transition(alarm, T0);
      await subject.write(samples, [event]);
      await subject.history.flush();
      await subject.reopen();
      expect(await subject.history.cursor()).toBe(subject.offset);
      expect(await subject.history.range(point, T0, T0 + MINUTE, 10)).toEqual(samples);
      expect(await subject.history.latest([point])).toEqual([samples[1]]);
      expect(await subject.history.alarmEvents(alarm.id)).toEqual([event]);
      expect(await subject.history.alarm(alarm.id)).toEqual(alarm);
    });

    describe('samples', () => {
      it('[HI1] shows what was written at once, in every type and quality', async () => {
        const point = subject.newPoint();
        const numbers = [0, -40.25, 1e-9, 123_456_789.125, 1.7e300].map((value, index) =>
          sampleOf(point, T0 + index, value, {
            quality: (['good', 'uncertain', 'bad'] as const)[index % 3]!,
          }),
        );
        const switchPoint = subject.newPoint();
        const textPoint = subject.newPoint();
        const switches = [sampleOf(switchPoint, T0, true), sampleOf(switchPoint, T0 + 1, false)];
        const texts = ['', '开', 'a "b" \\', 'line\nbreak, = x', 'ends with \\'].map((value, index) =>
          sampleOf(textPoint, T0 + index, value),
        );
        await subject.write([...numbers, ...switches, ...texts]);
        expect(await subject.history.range(point, T0, T0 + 10, 100)).toEqual(numbers);
        expect(await subject.history.range(switchPoint, T0, T0 + 10, 100)).toEqual(switches);
        expect(await subject.history.range(textPoint, T0, T0 + 10, 100)).toEqual(texts);
      });

      it('[HI1] keeps the points of one message apart', async () => {
        const device = subject.newId('dev');
        const keys = ['level', 'open', 'mode'];
        const samples = [0, 1, 2, 3].flatMap((index) =>
          [index / 4, index % 2 === 0, `m${index}`].map((value, key) =>
            sampleOf(`${device}.${keys[key]}`, T0 + index, value),
          ),
        );
        await subject.write(samples);
        for (const [key, name] of keys.entries()) {
          const expected = samples.filter((_, index) => index % keys.length === key);
          expect(await subject.history.range(`${device}.${name}`, T0, T0 + 10, 10)).toEqual(expected);
        }
      });

      it('[HI20] only reads what it is given', async () => {
        const point = subject.newPoint();
        const batch = subject.batch([sampleOf(point, T0, 1), sampleOf(point, T0 + 1, 'text')]);
        const before = structuredClone(batch);
        await subject.history.write(batch);
        expect(structuredClone(batch)).toEqual(before);
      });

      it('[HI3] changes nothing when a batch is written again', async () => {
        const point = subject.newPoint();
        const alarm = alarmOf(subject.newId('again'));
        const samples = [3, 1, 2].map((second) => sampleOf(point, T0 + second * 1_000, second));
        const batch = subject.batch(samples, [subject.transition(alarm, T0)]);
        await subject.history.write(batch);
        await subject.history.flush();
        const before = await subject.history.alarms({ deviceId: alarm.deviceId, limit: 1_000 });
        await subject.history.write(batch);
        await subject.history.flush();
        await subject.history.write(batch);
        expect(await subject.history.range(point, T0, T0 + MINUTE, 100)).toEqual([
          samples[1],
          samples[2],
          samples[0],
        ]);
        expect(await subject.history.alarmEvents(alarm.id)).toEqual(batch.events);
        expect(await subject.history.alarms({ deviceId: alarm.deviceId, limit: 1_000 })).toEqual(before);
      });

      it('[HI3] lets a later sample of the same time replace the earlier one', async () => {
        const point = subject.newPoint();
        await subject.write([sampleOf(point, T0, 1)]);
        await subject.history.flush();
        const corrected = sampleOf(point, T0, 2, { quality: 'uncertain', receivedAt: T0 + 99 });
        await subject.write([corrected]);
        expect(await subject.history.range(point, T0, T0 + 1, 10)).toEqual([corrected]);
        expect(await subject.history.latest([point])).toEqual([corrected]);
      });

      it('[HI5] leaves out what cannot be stored and keeps its neighbours', async () => {
        const point = subject.newPoint();
        const leftOut = async (): Promise<number> =>
          Number(/(\d+) samples could not/.exec((await subject.history.health()).reason ?? '')?.[1] ?? 0);
        const before = await leftOut();
        const good = [sampleOf(point, T0, 1), sampleOf(point, T0 + 4, 2)];
        await subject.write([
          good[0]!,
          sampleOf(point, T0 + 1, NaN),
          sampleOf(point, T0 + 2, Infinity),
          sampleOf(point, T0 + 3.5, 1),
          sampleOf(point, -1, 1),
          sampleOf(point, 1e300, 1),
          good[1]!,
        ]);
        expect(await subject.history.range(point, 0, Number.MAX_SAFE_INTEGER, 100)).toEqual(good);
        expect((await leftOut()) - before).toBe(5);
      });

      it('[HI6] answers a half-open range, and no more than the limit', async () => {
        const point = subject.newPoint();
        const samples = Array.from({ length: 2_500 }, (_, index) =>
          sampleOf(point, T0 + index * 1_000, index / 4),
        );
        await subject.write(samples);
        await subject.history.flush();
        expect(await subject.history.range(point, T0 + 1_000, T0 + 3_000, 10)).toEqual([
          samples[1],
          samples[2],
        ]);
        expect(await subject.history.range(point, T0 - 1, T0 + 9_999_999, 1_700)).toEqual(
          samples.slice(0, 1_700),
        );
        expect(await subject.history.range(point, T0 - 1, T0, 10)).toEqual([]);
        expect(await subject.history.range(point, T0, T0, 10)).toEqual([]);
        expect(await subject.history.range(subject.newPoint(), T0, T0 + MINUTE, 10)).toEqual([]);
      });

      it('[HI6] answers the same in columns of its own', async () => {
        const numbers = subject.newPoint();
        const mixed = subject.newPoint();
        await subject.write([
          sampleOf(numbers, T0, 1.5, { receivedAt: T0 + 20 }),
          sampleOf(numbers, T0 + 1_000, -2, { quality: 'bad' }),
          sampleOf(numbers, T0 + 2_000, 3),
          sampleOf(mixed, T0, true),
          sampleOf(mixed, T0 + 1, 'text'),
        ]);
        const columns = await subject.history.columns(numbers, T0, T0 + MINUTE, 2);
        expect(columns.ts).toEqual(Float64Array.of(T0, T0 + 1_000));
        expect(columns.receivedAt[0]).toBe(T0 + 20);
        expect([...columns.quality]).toEqual([0, 2]);
        expect(columns.values).toEqual(Float64Array.of(1.5, -2));
        expect(columns.ts.buffer.byteLength).toBe(16);
        expect((await subject.history.columns(mixed, T0, T0 + MINUTE, 10)).values).toEqual([true, 'text']);
        expect((await subject.history.columns(subject.newPoint(), T0, T0 + 1, 10)).ts).toHaveLength(0);
      });

      it('[HI7] answers the newest sample of each known point, late ones or not', async () => {
        const [one, two, unknown] = [subject.newPoint(), subject.newPoint(), subject.newPoint()];
        await subject.write([sampleOf(one, T0 + 5_000, 5), sampleOf(two, T0, 'shut')]);
        await subject.history.flush();
        await subject.write([sampleOf(one, T0 + 1_000, 1)]);
        const latest = await subject.history.latest([one, unknown, two]);
        expect(latest).toHaveLength(2);
        expect(latest).toContainEqual(sampleOf(one, T0 + 5_000, 5));
        expect(latest).toContainEqual(sampleOf(two, T0, 'shut'));
        expect(await subject.history.latest([])).toEqual([]);
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
            const point = subject.newPoint();
            const model = sampleModel();
            for (const { samples, runs, flush } of batches) {
              const rows = [
                ...runs.flatMap(([from, count]) =>
                  Array.from({ length: count }, (_, index) =>
                    sampleOf(point, T0 + from + index * 1_000, index % 7),
                  ),
                ),
                ...samples.map(([at, number, code]) => sampleOf(point, T0 + at, number, { quality: code })),
              ];
              model.write(rows);
              await subject.write(rows);
              if (flush) await subject.history.flush();
            }
            const [from, to] = [T0 + low, T0 + low + span];
            expect(await subject.history.range(point, from, to, 10_000)).toEqual(model.range(from, to));
            const mean = { pointId: point, from, to, every: 90_000, fn: 'mean' as const };
            expectBuckets(await subject.history.aggregate(mean), bucketsOf(model.range(from, to), mean));
          }),
          { numRuns: 20 },
        );
      }, 120_000);
    });

    describe('down-sampling', () => {
      const range = { from: T0 + 30_000, to: T0 + 30_000 + 4 * MINUTE, every: MINUTE };

      it('[HI8] folds numbers into buckets counted from the beginning of the range', async () => {
        const point = subject.newPoint();
        await subject.write([
          sampleOf(point, T0 + 29_999, 99),
          sampleOf(point, T0 + 30_000, 1),
          sampleOf(point, T0 + 40_000, 4),
          sampleOf(point, T0 + 50_000, 1_000, { quality: 'bad' }),
          sampleOf(point, T0 + 89_999, 2.5, { quality: 'uncertain' }),
          sampleOf(point, T0 + 210_000, -3),
          sampleOf(point, T0 + 270_000, 77),
        ]);
        const [first, fourth] = [range.from, range.from + 3 * MINUTE];
        const ask = (fn: 'mean' | 'min' | 'max' | 'last' | 'count') =>
          subject.history.aggregate({ ...range, pointId: point, fn });
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
        const point = subject.newPoint();
        await subject.write(
          [true, false, false, true].map((value, index) => sampleOf(point, range.from + index, value)),
        );
        const ask = (fn: 'mean' | 'max' | 'last') =>
          subject.history.aggregate({ ...range, pointId: point, fn });
        expect(await ask('mean')).toEqual([[range.from, 0.5]]);
        expect(await ask('max')).toEqual([[range.from, 1]]);
        expect(await ask('last')).toEqual([[range.from, 1]]);
      });

      it('[HI8] has only last and count for text', async () => {
        const point = subject.newPoint();
        await subject.write(
          ['idle', 'up', 'down'].map((value, index) => sampleOf(point, range.from + index, value)),
        );
        const ask = (fn: 'mean' | 'min' | 'last' | 'count') =>
          subject.history.aggregate({ ...range, pointId: point, fn });
        expect(await ask('mean')).toEqual([]);
        expect(await ask('min')).toEqual([]);
        expect(await ask('last')).toEqual([[range.from, 'down']]);
        expect(await ask('count')).toEqual([[range.from, 3]]);
      });

      it('[HI8] answers nothing where there is nothing, and refuses a bucket of no length', async () => {
        const pointId = subject.newPoint();
        expect(await subject.history.aggregate({ ...range, pointId, fn: 'mean' })).toEqual([]);
        await expect(
          subject.history.aggregate({ ...range, every: 0, pointId, fn: 'mean' }),
        ).rejects.toMatchObject({
          code: 'invalid',
        });
      });
    });

    describe('retention', () => {
      it('[HI13] deletes what is older, and nothing else', async () => {
        const point = subject.newPoint();
        const samples = Array.from({ length: 3_000 }, (_, index) =>
          sampleOf(point, T0 - 4_000_000 + index * 1_000, index),
        );
        const old = alarmOf(subject.newId('old'));
        const kept = alarmOf(subject.newId('kept'));
        const events = [
          subject.transition(old, T0 - 500),
          subject.transition(kept, T0 - 400),
          subject.transition(kept, T0 - 100),
        ];
        await subject.write(samples, events);
        await subject.history.retain({ ...NOTHING, samples: samples[1_700]!.ts, events: T0 - 300 });
        expect(await subject.history.range(point, 0, T0, 5_000)).toEqual(samples.slice(1_700));
        expect(await subject.history.alarm(old.id)).toBeUndefined();
        expect(await subject.history.alarmEvents(kept.id)).toEqual([events[2]]);
        expect(await subject.history.alarm(kept.id)).toEqual(kept);
        await subject.history.retain({ ...NOTHING, samples: T0, events: T0 - 300 });
        expect(await subject.history.latest([point])).toEqual([]);
      });
    });
  });
}

/** Limits that delete nothing. */
const NOTHING = { samples: 0, minutes: 0, hours: 0, events: 0 };
