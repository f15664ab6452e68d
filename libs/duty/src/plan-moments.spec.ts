import { describe, expect, it } from '@jest/globals';
import { offsetsOf } from '@watchfire/catalogue';
import { newDutyPlan } from '@watchfire/contracts';
import fc from 'fast-check';
import { localDay, momentsOf } from './plan-moments.js';

const MINUTE = 60_000;
const SHANGHAI = offsetsOf('Asia/Shanghai');
const PARIS = offsetsOf('Europe/Paris');
const WEEK = [1, 2, 3, 4, 5, 6, 7];
const plan = { days: WEEK, times: ['09:00'], windows: [], minutes: 10 };
const iso = (moments: readonly number[]) => moments.map((at) => new Date(at).toISOString().slice(0, 16));
const dayOf = (date: string) => Date.parse(date) / 86_400_000;

describe('[FI30] moments of a plan', () => {
  it('are at its times in its zone, on its days', () => {
    // A Saturday.
    const day = dayOf('2026-11-28');
    expect(iso(momentsOf({ ...plan, times: ['09:00', '00:00'] }, SHANGHAI, day, 's'))).toEqual([
      '2026-11-27T16:00',
      '2026-11-28T01:00',
    ]);
    expect(momentsOf({ ...plan, days: [1, 2, 3, 4, 5, 7] }, SHANGHAI, day, 's')).toEqual([]);
    expect(localDay(SHANGHAI, Date.parse('2026-11-27T16:00Z'))).toBe(day);
    expect(localDay(SHANGHAI, Date.parse('2026-11-27T15:59Z'))).toBe(day - 1);
  });

  it('are there once when clocks go back, and not left out when they go forward', () => {
    const at = (date: string) => iso(momentsOf({ ...plan, times: ['02:30'] }, PARIS, dayOf(date), 's'));
    expect(at('2026-03-28')).toEqual(['2026-03-28T01:30']);
    expect(at('2026-03-29')).toEqual(['2026-03-29T01:30']);
    expect(at('2026-10-25')).toEqual(['2026-10-25T00:30']);
    expect(at('2026-10-26')).toEqual(['2026-10-26T01:30']);
  });

  it('of a window are so many, within it, never two open at once, and the same for the same seed', () => {
    const clockText = (minute: number) =>
      `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(
        fc.record({
          from: fc.integer({ min: 0, max: 1439 }),
          length: fc.integer({ min: 1, max: 1440 }),
          count: fc.integer({ min: 1, max: 24 }),
          minutes: fc.integer({ min: 1, max: 60 }),
          seed: fc.string(),
        }),
        ({ from, length, count, minutes, seed }) => {
          const window = { from: clockText(from), to: clockText((from + length) % 1440), count };
          const body = { name: 'x', scope: {}, days: WEEK, times: [], windows: [window], minutes };
          const isValid = newDutyPlan.safeParse(body).success;
          expect(isValid).toBe(length >= (count - 1) * (minutes + 2) + 1);
          if (!isValid) return;
          const drawn = momentsOf(body, SHANGHAI, 20_000, seed);
          expect(drawn).toEqual(momentsOf(body, SHANGHAI, 20_000, seed));
          const begin = 20_000 * 86_400_000 + (from - 480) * MINUTE;
          expect(drawn).toHaveLength(count);
          expect(drawn[0]).toBeGreaterThanOrEqual(begin);
          expect(drawn.at(-1)).toBeLessThan(begin + length * MINUTE);
          const gaps = drawn.slice(1).map((at, index) => at - (drawn[index] ?? 0));
          expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual((minutes + 2) * MINUTE);
        },
      ),
    );
  });

  it('of a window are others on another day, spread over all of it', () => {
    const night = { ...plan, times: [], windows: [{ from: '22:00', to: '06:00', count: 1 }] };
    const minutes = Array.from({ length: 200 }, (_, day) => {
      const [at = NaN] = momentsOf(night, SHANGHAI, 20_000 + day, `seed of ${day}`);
      return (at - (20_000 + day) * 86_400_000) / MINUTE + 480 - 22 * 60;
    });
    expect(Math.min(...minutes)).toBeLessThan(30);
    expect(Math.max(...minutes)).toBeGreaterThan(450);
    expect(minutes.filter((minute) => minute < 240).length).toBeGreaterThan(70);
    expect(new Set(minutes).size).toBeGreaterThan(150);
  });
});
