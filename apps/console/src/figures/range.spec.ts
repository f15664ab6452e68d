import { describe, expect, test } from '@jest/globals';
import { dateText, rangeOf } from './range.js';

const at = (...parts: [number, number, number, number?, number?]): number => new Date(...parts).getTime();
const NOW = at(2026, 2, 10, 14, 30);
const NONE = { first: '', last: '' };

describe('a range', () => {
  test('begins at local midnight and never ends in the future', () => {
    expect(rangeOf('today', NOW, NONE)).toEqual({ from: at(2026, 2, 10), to: NOW });
    expect(rangeOf('yesterday', NOW, NONE)).toEqual({ from: at(2026, 2, 9), to: at(2026, 2, 10) });
    expect(rangeOf('week', NOW, NONE)).toEqual({ from: at(2026, 2, 4), to: NOW });
    expect(rangeOf('month', NOW, NONE)).toEqual({ from: at(2026, 1, 9), to: NOW });
  });

  test('of two dates has both days whole, up to now', () => {
    expect(rangeOf('dates', NOW, { first: '2026-02-27', last: '2026-03-01' })).toEqual({
      from: at(2026, 1, 27),
      to: at(2026, 2, 2),
    });
    expect(rangeOf('dates', NOW, { first: '2026-03-10', last: '2026-03-31' })?.to).toBe(NOW);
  });

  test('is none of dates that are not, that are turned round, or that are to come', () => {
    const asked = [
      ['', '2026-03-01'],
      ['2026-02-30', '2026-03-01'],
      ['2025-13-01', '2026-03-01'],
      ['2026-03-02', '2026-03-01'],
      ['2026-03-11', '2026-03-12'],
    ] as const;
    expect(asked.map(([first, last]) => rangeOf('dates', NOW, { first, last }))).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('is written as a date field has it', () => {
    expect(dateText(at(2026, 0, 5, 23, 59))).toBe('2026-01-05');
  });
});
