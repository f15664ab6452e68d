import { describe, expect, it } from '@jest/globals';
import { type AlarmView } from '@watchfire/alarm';
import { AlarmFold } from './alarm-fold.js';
import { percentile } from './percentile.js';
import { ratesOf } from './rates.js';
import { FIGURES_WITH_TARGET, judge, TARGETS } from './targets.js';

const DAY = 86_400_000;

describe('rates and targets', () => {
  it('[KP4] means are for one position, shares are of what comes in', () => {
    const range = { from: 0, to: DAY };
    const fold = new AlarmFold(range);
    for (let seq = 1; seq <= 288; seq++) {
      const alarm = {
        id: `A${seq}-0`,
        eventId: `${seq}-0`,
        deviceId: 'd',
        rule: `r${seq}`,
        severity: 500,
        state: 'UNACK',
        active: true,
        acked: false,
      } as AlarmView;
      // Twelve in the first ten minutes of every hour.
      const at = Math.floor((seq - 1) / 12) * 3_600_000 + ((seq - 1) % 12) * 1_000;
      fold.add({
        seq,
        eventId: alarm.eventId,
        alarmId: alarm.id,
        type: 'raised',
        at,
        actor: 'system',
        comment: null,
        annunciation: 'own',
        alarm,
      });
    }
    const { total } = fold.figures();
    expect(ratesOf(total, range, 2)).toMatchObject({ perDay: 144, perHour: 6, perBin: 1 });
    expect(ratesOf(total, range, 1)).toMatchObject({
      perDay: 288,
      binsOverShare: 24 / 144,
      hoursOverShare: 0,
    });
    expect(ratesOf(total, range, 1).floodsPerWeek).toBe(24 * 7);
    expect(ratesOf(total, { from: 0, to: 0 }, 1).perDay).toBe(0);
  });

  it('[KP8] a percentile is one of the values, by nearest rank', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([7], 0.95)).toBe(7);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.95,
      ),
    ).toBe(95);
  });

  it('[KP11] every target has a source, and is no looser than its limit', () => {
    for (const name of FIGURES_WITH_TARGET) {
      const { target, limit, source } = TARGETS[name];
      expect([name, target <= limit, source.length > 10]).toEqual([name, true, true]);
    }
    expect([6, 7, 12, 13].map((value) => judge(value, TARGETS.perHour))).toEqual([
      'good',
      'fair',
      'fair',
      'poor',
    ]);
  });
});
