import { expect, test } from '@jest/globals';
import { formatAge, formatNumber, formatTime, formatValue } from './format.js';

test('ages read like a stop-watch and never go below zero', () => {
  expect([-5_000, 7_000, 723_000, 11_525_000, 184_320_000].map(formatAge)).toEqual([
    '0:00',
    '0:07',
    '12:03',
    '3:12:05',
    '2d 03:12',
  ]);
});

test('numbers keep what can be read and lose what cannot', () => {
  expect([0, 0.1 + 0.2, 12.34567, 123.456, 12345.678, 1.5e-7, NaN].map(formatNumber)).toEqual([
    '0',
    '0.3',
    '12.35',
    '123.5',
    '12345.7',
    '1.50e-7',
    '—',
  ]);
});

test('values carry their unit, truth values their word, and nothing is not zero', () => {
  const words = { true: '是', false: '否' };
  expect(formatValue(12.5, '%LEL', words)).toBe('12.5 %LEL');
  expect(formatValue(false, null, words)).toBe('否');
  expect(formatValue('door_open', null, words)).toBe('door_open');
  expect(formatValue(null, 'm', words)).toBe('—');
});

test('a time of another day says which', () => {
  const noon = new Date(2026, 4, 3, 12, 3, 22).getTime();
  expect(formatTime(noon, noon + 3_600_000)).toBe('12:03:22');
  expect(formatTime(noon, noon + 86_400_000)).toBe('05-03 12:03');
});
