import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EXACT_SPAN_MS, planBuckets } from './bucket-plan.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 4, 4, 10, 17, 23, 456);
const KEPT = NOW - 90 * DAY;

const span = fc.oneof(fc.integer({ min: 1, max: HOUR }), fc.integer({ min: 1, max: 10 * 366 * DAY }));
const begin = fc.integer({ min: 0, max: NOW });

describe('the buckets of a question', () => {
  test('[HI26] are at most as many as were asked for, hold the whole range, and never cut a window of a long one', () => {
    fc.assert(
      fc.property(begin, span, fc.integer({ min: 2, max: 10_000 }), (from, length, buckets) => {
        const plan = planBuckets({ from, to: from + length, buckets }, KEPT)!;
        expect(Math.ceil((from + length - plan.from) / plan.every)).toBeLessThanOrEqual(buckets);
        expect(plan.from).toBeLessThanOrEqual(from);
        expect(from - plan.from).toBeLessThan(plan.every);
        if (length <= EXACT_SPAN_MS && from >= KEPT) return;
        expect([plan.from % MINUTE, plan.every % MINUTE]).toEqual([0, 0]);
      }),
    );
  });

  test('[HI26] are not much fewer than were asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: HOUR, max: 366 * DAY }), (length) => {
        const { from, every } = planBuckets({ from: NOW - length, to: NOW, buckets: 1_000 }, NOW - length)!;
        if (every > MINUTE) expect((NOW - from) / every).toBeGreaterThan(300);
      }),
    );
  });

  test('[HI26] are of lengths that can be read', () => {
    const every = (length: number) =>
      planBuckets({ from: NOW - length, to: NOW, buckets: 1_000 }, KEPT)!.every;
    expect([HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY, 3_650 * DAY].map(every)).toEqual([
      5_000,
      2 * MINUTE,
      15 * MINUTE,
      HOUR,
      12 * HOUR,
      4 * DAY,
    ]);
  });

  test('[HI26] are exactly those that were asked for where the samples are there and not too many', () => {
    const asked = { from: NOW - EXACT_SPAN_MS, to: NOW, every: 61_001 };
    expect(planBuckets(asked, KEPT)).toEqual({ from: asked.from, every: 61_001 });
    expect(planBuckets({ ...asked, every: undefined }, KEPT)).toBeUndefined();
  });

  test('[HI26] of a minute and more are laid on the grid of minutes where they are not', () => {
    const down = NOW - (NOW % MINUTE);
    const long = { from: NOW - 8 * DAY, to: NOW };
    expect(planBuckets({ ...long, every: 61_001 }, KEPT)).toEqual({
      from: down - 8 * DAY,
      every: 2 * MINUTE,
    });
    expect(planBuckets({ ...long, every: 59_999 }, KEPT)).toEqual({ from: long.from, every: 59_999 });
    const old = { from: NOW - 91 * DAY, to: NOW - 90 * DAY, every: 90_000 };
    expect(planBuckets(old, KEPT)).toEqual({ from: down - 91 * DAY, every: 2 * MINUTE });
  });
});
