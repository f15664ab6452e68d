import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { civilOfSeconds, secondsOfCivil } from './civil-time.js';

it('dates and times of day are those of the platform, there and back', () => {
  const times = fc
    .integer({ min: Date.UTC(1600, 0), max: Date.UTC(2500, 0) })
    .map((ms) => Math.floor(ms / 1_000));
  fc.assert(
    fc.property(times, (seconds) => {
      const civil = civilOfSeconds(seconds);
      const [year, month, day, hour, minute, second] = new Date(seconds * 1_000)
        .toISOString()
        .split(/[-T:.]/)
        .map(Number);
      expect(civil).toEqual({ year, month, day, hour, minute, second });
      expect(secondsOfCivil(civil)).toBe(seconds);
    }),
    { numRuns: 1_000 },
  );
});

it('what is no date or time of day is none', () => {
  const good = { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 59 };
  const bad = [
    { year: 2023 },
    { year: 1900 },
    { month: 0 },
    { month: 13 },
    { day: 0 },
    { hour: 24 },
    { minute: 60 },
    { second: NaN },
  ];
  expect(secondsOfCivil(good)).toBe(Date.UTC(2024, 1, 29, 23, 59, 59) / 1_000);
  expect(bad.map((each) => secondsOfCivil({ ...good, ...each }))).toEqual(bad.map(() => undefined));
});
