import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isZone, offsetsOf, spanOf } from './week.js';

const shown = (zone: string, count: number): string[] =>
  offsetsOf(zone)
    .slice(0, count)
    .map(([at, minutes]) => `${new Date(at).toISOString()} ${minutes}`);

test('a zone without daylight saving has one offset', () => {
  expect(shown('Asia/Shanghai', 9)).toEqual(['2020-01-01T00:00:00.000Z 480']);
});

test('a zone with it has the minute of every change until 2040', () => {
  expect(shown('Europe/Berlin', 3)).toEqual([
    '2020-01-01T00:00:00.000Z 60',
    '2020-03-29T01:00:00.000Z 120',
    '2020-10-25T01:00:00.000Z 60',
  ]);
  expect(offsetsOf('Europe/Berlin')).toHaveLength(1 + 2 * 21);
});

test('half hours, and zones behind UTC', () => {
  expect(shown('Asia/Kolkata', 2)).toEqual(['2020-01-01T00:00:00.000Z 330']);
  expect(shown('America/St_Johns', 2)).toEqual([
    '2020-01-01T00:00:00.000Z -210',
    '2020-03-08T05:30:00.000Z -150',
  ]);
});

test('[RU17] the offsets say what the clock on the wall says, at any time', () => {
  const zones = [
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
  ];
  const time = fc.integer({ min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2041, 0, 1) / 60_000 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), time, (zone, minute) => {
      const at = minute * 60_000;
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
      const offset = offsetsOf(zone).findLast(([from]) => from <= at)?.[1] ?? NaN;
      expect(new Date(at + offset * 60_000).toISOString().slice(11, 16)).toBe(clock.format(at));
    }),
  );
});

test('spans', () => {
  expect(spanOf('Mo-Fr 08:00-18:30')).toEqual({ days: [1, 2, 3, 4, 5], from: 480, to: 1_110 });
  expect(spanOf('Su,Sa 22:00-06:00')).toEqual({ days: [6, 7], from: 1_320, to: 360 });
  expect(spanOf('Mo-We,Sa 00:00-24:00')).toEqual({ days: [1, 2, 3, 6], from: 0, to: 1_440 });
});

test('zones', () => {
  expect(isZone('Asia/Urumqi')).toBe(true);
  expect(isZone('Asia/Atlantis')).toBe(false);
});
