import { expect, test } from '@jest/globals';
import { axisWords, exportQuery, SPANS } from './spans.js';

const at = (month: number, day: number, hour = 0, minute = 0): number =>
  new Date(2026, month - 1, day, hour, minute).getTime();

test('the axis says what changes from mark to mark', () => {
  expect(axisWords(at(5, 4, 10, 30), 1_800_000, SPANS.hour)).toBe('10:30');
  expect(axisWords(at(5, 4), 1_800_000, SPANS.hour)).toBe('00:00');
  expect(axisWords(at(5, 4), 4 * 3_600_000, SPANS.day)).toBe('05-04');
  expect(axisWords(at(5, 4, 4), 4 * 3_600_000, SPANS.day)).toBe('04:00');
  expect(axisWords(at(5, 4, 2), 86_400_000, SPANS.week)).toBe('05-04');
  expect(axisWords(at(5, 1), 30 * 86_400_000, SPANS.year)).toBe('2026-05');
});

test('a file has the samples, and means of minutes of a span whose samples may be gone', () => {
  expect(exportQuery(['a.x', 'a.y'], 0, SPANS.month)).toEqual({
    points: 'a.x,a.y',
    from: 0,
    to: SPANS.month,
  });
  expect(exportQuery(['a.x'], 0, SPANS.year)).toMatchObject({ every: 60_000, fn: 'mean' });
});
