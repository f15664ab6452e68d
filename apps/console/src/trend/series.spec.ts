import { expect, test } from '@jest/globals';
import { limitsOf } from '../alarms/limits.js';
import { columns, valueRange } from './series.js';

const live = (ts: number, value: number, quality: 'good' | 'bad' = 'good') => ({
  pointId: 'p',
  ts,
  value,
  quality,
  receivedAt: ts,
});

test('live values follow the history, replace what has the same time, and stand in order', () => {
  const history = [
    [1_000, 1],
    [2_000, true],
    [3_000, 'open'],
  ] as const;
  expect(columns(history, [live(5_000, 5), live(4_000, 4), live(1_000, 9)])).toEqual([
    [1, 2, 3, 4, 5],
    [9, 1, null, 4, 5],
  ]);
});

test('a bad value is a hole and never a point on the line', () => {
  expect(columns([], [live(1_000, 7, 'bad')])).toEqual([[1], [null]]);
});

test('the axis takes in the limits, so that the distance to them can be seen', () => {
  const [low, high] = valueRange([2, null, 3], [25, 50]);
  expect(low).toBeLessThan(2);
  expect(high).toBeGreaterThan(50);
  expect(valueRange([], [])).toEqual([0, 1]);
  expect(valueRange([0, 0], [], true)).toEqual([-0.1, 1.1]);
  const flat = valueRange([5, 5], []);
  expect(flat[0]).toBeLessThan(flat[1]);
});

test('limits are read from the condition of a rule, and nothing is made up from another shape', () => {
  const condition = {
    kind: 'limit',
    limits: [{ level: 'H', limit: 25 }, { level: 'HH', limit: 50 }, { level: 'L' }, 7],
  };
  expect(limitsOf({ condition })).toEqual([
    { level: 'HH', limit: 50 },
    { level: 'H', limit: 25 },
  ]);
  expect(limitsOf({ condition: { kind: 'offline', limits: 'none' } })).toEqual([]);
  expect(limitsOf(undefined)).toEqual([]);
});
