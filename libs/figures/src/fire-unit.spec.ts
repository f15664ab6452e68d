import { describe, expect, test } from '@jest/globals';
import { COMPONENT_CONDITIONS, CONFIRMATIONS } from '@watchfire/contracts';
import fc from 'fast-check';
import { falseAlarmsOf, goodOrderOf, type FireFinding } from './fire-unit.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const finding = fc.record({
  confirmation: fc.constantFrom(...CONFIRMATIONS),
  firstAlarmAt: fc.integer({ min: 0, max: 72 }).map((hour) => hour * HOUR_MS),
});
const findings = fc.array(finding, { maxLength: 60 });
const falseAt = (...hours: number[]): FireFinding[] =>
  hours.map((hour) => ({ confirmation: 'false', firstAlarmAt: hour * HOUR_MS }));

describe('false alarms of a unit', () => {
  test('[FU11] flag it by the sixth within 24 h, and not by the sixth after them', () => {
    expect(falseAlarmsOf(falseAt(0, 1, 2, 3, 4))).toMatchObject({ flagged: false, mostFalseInADay: 5 });
    expect(falseAlarmsOf(falseAt(0, 1, 2, 3, 4, 23.99))).toMatchObject({
      flagged: true,
      flaggedAt: 23.99 * HOUR_MS,
      mostFalseInADay: 6,
    });
    // A day ago to the millisecond is not within `(t - 24 h, t]`.
    expect(falseAlarmsOf(falseAt(0, 1, 2, 3, 4, 24))).toMatchObject({ flagged: false, mostFalseInADay: 5 });
  });

  test('[FU11] counted in one pass are those of every window, counted one by one', () => {
    fc.assert(
      fc.property(findings, (all) => {
        const times = all
          .filter(({ confirmation }) => confirmation === 'false')
          .map((one) => one.firstAlarmAt);
        const windows = times.map((t) => times.filter((at) => at > t - DAY_MS && at <= t).length);
        const sixths = times.filter((_, index) => (windows[index] ?? 0) > 5);
        const { mostFalseInADay, flagged, flaggedAt } = falseAlarmsOf(all);
        expect(mostFalseInADay).toBe(Math.max(0, ...windows));
        expect(flagged).toBe(sixths.length > 0);
        expect(flaggedAt).toBe(sixths.length === 0 ? null : Math.max(...sixths));
      }),
    );
  });

  test('[FU11, FU12] the order does not matter, every finding is counted once, and a share is of what was found', () => {
    fc.assert(
      fc.property(findings, (all) => {
        const figures = falseAlarmsOf(all);
        expect(falseAlarmsOf(all.toReversed())).toEqual(figures);
        const { confirmations, falseShare } = figures;
        expect(Object.values(confirmations).reduce((sum, count) => sum + count, 0)).toBe(all.length);
        const found = all.length - confirmations.unconfirmed;
        expect(falseShare).toBe(found === 0 ? null : confirmations.false / found);
      }),
    );
  });
});

describe('the rate of good order', () => {
  const conditions = fc.array(fc.constantFrom(...COMPONENT_CONDITIONS), { maxLength: 40 });

  test('[FU13] has every component in one of three, and what is unknown never makes it better', () => {
    fc.assert(
      fc.property(conditions, (all) => {
        const { components, good, impaired, unknown, rate } = goodOrderOf(all);
        expect([good + impaired + unknown, components]).toEqual([all.length, all.length]);
        expect(rate).toBe(all.length === 0 ? null : good / all.length);
        const more = goodOrderOf([...all, 'unknown']);
        expect(more.rate).toBeLessThanOrEqual(rate ?? 1);
        expect(goodOrderOf([...all, 'fault']).rate).toBe(more.rate);
      }),
    );
  });

  test('[FU13] fault, shield and test impair; fire, supervision and being started do not', () => {
    expect(goodOrderOf(['fire', 'supervisory', 'active', 'normal'])).toMatchObject({ good: 4, rate: 1 });
    expect(goodOrderOf(['fault', 'shield', 'test', 'unknown'])).toMatchObject({
      impaired: 3,
      unknown: 1,
      rate: 0,
    });
    expect(goodOrderOf([]).rate).toBeNull();
  });
});
