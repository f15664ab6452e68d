import { expect, test } from '@jest/globals';
import { limitsOf } from '../alarms/limits.js';
import { columns, type Columns, NO_HISTORY, valueRange } from './series.js';

const live = (ts: number, value: number, quality: 'good' | 'bad' = 'good') => ({
  pointId: 'p',
  ts,
  value,
  quality,
  receivedAt: ts,
});

test('live values follow the history, replace what has the same time, and stand in order', () => {
  const points = [
    [1_000, 1],
    [2_000, true],
    [3_000, 'open'],
  ] as const;
  const [times, values] = columns({ ...NO_HISTORY, points }, [
    live(5_000, 5),
    live(4_000, 4),
    live(1_000, 9),
  ]);
  expect(times).toEqual([1, 2, 3, 4, 5]);
  expect(values).toEqual([9, 1, null, 4, 5]);
});

test('a bad value is a hole and never a point on the line', () => {
  expect(columns(NO_HISTORY, [live(1_000, 7, 'bad')])).toEqual([[1], [null], [null], [null]]);
});

test('buckets have their least and greatest value around them, and no line leads over a hole between them', () => {
  const at = [0, 1_000, 2_000, 3_000, 9_000];
  const history = {
    points: at.map((ts) => [ts, 5] as const),
    lows: at.map((ts) => [ts, 4] as const),
    highs: at.map((ts) => [ts, 6] as const),
    every: 1_000,
  };
  expect(columns(history, [live(10_000, 7)])).toEqual([
    [0, 1, 2, 3, 4, 9, 10],
    [5, 5, 5, 5, null, 5, 7],
    [4, 4, 4, 4, null, 4, null],
    [6, 6, 6, 6, null, 6, null],
  ]);
  const seldom = {
    ...NO_HISTORY,
    points: [0, 9_000, 20_000, 28_000].map((ts) => [ts, 1] as const),
    every: 1_000,
  };
  expect(columns(seldom, [])[0]).toEqual([0, 9, 20, 28]);
});

test('the axis takes in the limits, so that the distance to them can be seen', () => {
  const of = (values: Columns[1]): Columns => [values.map((_, at) => at), values, [], []];
  const [low, high] = valueRange(of([2, null, 3]), [25, 50]);
  expect(low).toBeLessThan(2);
  expect(high).toBeGreaterThan(50);
  expect(valueRange(of([]), [])).toEqual([0, 1]);
  expect(valueRange(of([0, 0]), [], true)).toEqual([-0.1, 1.1]);
  const flat = valueRange(of([5, 5]), []);
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
