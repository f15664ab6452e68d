import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Condition, type DeviceConfiguration } from '../model.js';

const NO_DELAY = { onDelayMs: 0, offDelayMs: 0 };

function line(condition: Condition, over: Partial<DeviceConfiguration> = {}): Timeline {
  const rule = {
    key: 'r',
    version: 1,
    class: 'process',
    title: { zh: '规则', en: 'Rule' },
    latching: false,
    condition,
  };
  return new Timeline(deviceWith([rule], over));
}

describe('enough samples within the on-delay', () => {
  const story = (): Timeline =>
    line({
      kind: 'limit',
      pointId: 't',
      limits: [{ level: 'H', limit: 90, severity: 700, deadband: 0 }],
      onDelayMs: 30_000,
      offDelayMs: 0,
      onCount: 3,
    });

  it('[AL70] raise it, whatever is in between', () => {
    const one = story()
      .at('0s')
      .reading('t', 91)
      .at('5s')
      .reading('t', 80)
      .at('10s')
      .reading('t', 92)
      .at('15s')
      .reading('t', 80)
      .expectNoAlarm()
      .at('20s')
      .reading('t', 93);
    one.expectHappened('raised').expectAlarm({ raisedAt: one.time('20s'), value: 93 });
  });

  it('[AL70] do not raise it when one of them is older than the delay', () => {
    story()
      .at('0s')
      .reading('t', 91)
      .at('5s')
      .reading('t', 80)
      .at('10s')
      .reading('t', 92)
      .at('15s')
      .reading('t', 80)
      .at('30s')
      .reading('t', 93)
      .expectNoAlarm();
  });

  it('[AL70] are not the same sample again', () => {
    story()
      .at('0s')
      .reading('t', 91)
      .at('1s')
      .reading('t', 91, { measured: '0s' })
      .reading('t', 91, { measured: '0s' })
      .expectNoAlarm();
  });

  it('[AL70] the unbroken delay raises it as well', () => {
    story().at('0s').reading('t', 91).at('30s').expectHappened('raised');
  });
});

describe('deviation', () => {
  const story = (setPoint: (Condition & { kind: 'deviation' })['setPoint']): Timeline =>
    line(
      {
        kind: 'deviation',
        pointId: 't',
        setPoint,
        limits: [
          { level: 'H', limit: 5, severity: 500, deadband: 1 },
          { level: 'L', limit: -5, severity: 500, deadband: 1 },
        ],
        ...NO_DELAY,
      },
      { attributes: { wanted: 40 } },
    );

  it('[AL71] follows a set-point that is a point, and shows how far the value is from it', () => {
    story({ pointId: 'sp' })
      .reading('t', 50)
      .expectNoAlarm()
      .at('1s')
      .reading('sp', 48)
      .expectNoAlarm()
      .at('2s')
      .reading('sp', 45)
      .expectAlarm({ level: 'H', value: 5, limit: 5, message: '规则 高报 H：5 ≥ 5' })
      .at('3s')
      .reading('sp', 60)
      .expectAlarm({ level: 'L', value: -10 })
      .at('4s')
      .reading('sp', 50)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL9] [AL71] is unknown while the set-point is bad: nothing is cleared', () => {
    story({ pointId: 'sp' })
      .reading('sp', 10)
      .reading('t', 50)
      .at('1s')
      .reading('sp', 50, { quality: 'bad' })
      .reading('t', 10)
      .expectAlarm({ active: true, quality: 'bad' })
      .at('2s')
      .reading('sp', 10)
      .expectAlarm({ active: false });
  });

  it('[AL71] reads an attribute of the device', () => {
    story({ attribute: 'wanted' }).reading('t', 46).expectAlarm({ level: 'H', value: 6 });
    story({ attribute: 'unwritten' }).reading('t', 46).expectNoAlarm();
    story({ attribute: 'unwritten', fallback: 60 }).reading('t', 46).expectAlarm({ level: 'L' });
  });
});

describe('a limit that is read', () => {
  const story = (fallback?: number): Timeline =>
    line({
      kind: 'limit',
      pointId: 't',
      limits: [
        {
          level: 'H',
          limit: 10,
          severity: 500,
          deadband: 0,
          from: { pointId: 'ref', ...(fallback !== undefined && { fallback }) },
        },
        { level: 'HH', limit: 100, severity: 900, deadband: 0 },
      ],
      ...NO_DELAY,
    });

  it('[AL82] is unknown until it is there, and then judges what is known', () => {
    story()
      .reading('t', 20)
      .expectNoAlarm()
      .at('1s')
      .reading('ref', 15)
      .expectAlarm({ level: 'H', limit: 15 })
      .at('2s')
      .reading('ref', 25)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL82] nothing is over while one of the limits is not known', () => {
    story()
      .reading('t', 120)
      .expectAlarm({ level: 'HH' })
      .at('1s')
      .reading('t', 1)
      .expectAlarm({ active: true })
      .at('2s')
      .reading('ref', 15)
      .expectAlarm({ active: false });
  });

  it('[AL13] [AL82] a late sample of what is referred to is not about the value', () => {
    story()
      .at('10s')
      .reading('t', 5)
      .reading('ref', 50)
      .reading('ref', 200, { measured: '5s' })
      .expectNoAlarm();
  });

  it('[AL82] has a fallback', () => {
    story(18).reading('t', 20).expectAlarm({ level: 'H', limit: 18 });
  });
});

describe('band', () => {
  const story = (alarm: 'inside' | 'outside'): Timeline =>
    line({
      kind: 'band',
      pointId: 't',
      alarm,
      low: { value: 10 },
      high: { value: 20 },
      deadband: 2,
      severity: 500,
      ...NO_DELAY,
    });

  it('[AL72] outside: also far beyond an end, until it is well inside again', () => {
    story('outside')
      .reading('t', 10)
      .reading('t', 20)
      .expectNoAlarm()
      .reading('t', 1e9)
      .expectAlarm({ active: true, messageEn: 'Rule: 1000000000 not within 10 … 20' })
      .at('1s')
      .reading('t', 19)
      .expectAlarm({ active: true })
      .at('2s')
      .reading('t', 18)
      .expectAlarm({ active: false });
  });

  it('[AL72] inside: until it is well outside again', () => {
    story('inside')
      .reading('t', 9)
      .expectNoAlarm()
      .reading('t', 10)
      .expectAlarm({ active: true })
      .at('1s')
      .reading('t', 21.9)
      .expectAlarm({ active: true })
      .at('2s')
      .reading('t', 22.1)
      .expectAlarm({ active: false });
  });

  it('[AL9] [AL72] what is no number is unknown', () => {
    story('outside').reading('t', 'broken').reading('t', NaN).expectNoAlarm();
  });
});

describe('rate of change', () => {
  const story = (): Timeline =>
    line({
      kind: 'rate',
      pointId: 't',
      windowMs: 60_000,
      perMs: 60_000,
      limits: [{ level: 'H', limit: 5, severity: 600, deadband: 1 }],
      ...NO_DELAY,
    });

  it('[AL75] is measured by device times', () => {
    story()
      .at('10s')
      .reading('t', 20, { measured: '0s' })
      .at('70s')
      .reading('t', 24, { measured: '30s' })
      .expectAlarm({ level: 'H', value: 8, unit: '/min', messageEn: 'Rule, high (H): 8 /min ≥ 5 /min' })
      // It is no reading of the point, and says so.
      .expectAlarm({ calculated: true })
      .at('2m')
      .reading('t', 24, { measured: '90s' })
      .expectAlarm({ active: false });
  });

  it('[AL75] is unknown until half a window was seen, and after a gap', () => {
    story()
      .at('0s')
      .reading('t', 20)
      .at('29s')
      .reading('t', 90)
      .expectNoAlarm()
      .at('30s')
      .reading('t', 90)
      .expectAlarm({ active: true })
      .at('10m')
      .reading('t', 90)
      .expectAlarm({ active: true })
      .at('11m')
      .reading('t', 90)
      .expectAlarm({ active: false });
  });

  it('[AL75] keeps little, however often the device sends', () => {
    const one = story();
    for (let second = 0; second < 300; second++) one.at(`${second}s`).reading('t', second / 100);
    one.expectNoAlarm().at('300s').reading('t', 100).expectAlarm({ active: true });
  });
});

describe('drift', () => {
  const story = (): Timeline =>
    line({
      kind: 'drift',
      pointId: 't',
      target: { value: 10 },
      direction: 'up',
      slack: 1,
      threshold: 5,
      severity: 400,
    });

  it('[AL79] tells a small shift that lasts, and no single jump', () => {
    const one = story().at('0s').reading('t', 14).expectNoAlarm();
    for (const second of [1, 2, 3, 4]) one.at(`${second}s`).reading('t', 10);
    for (const second of [5, 6, 7, 8]) one.at(`${second}s`).reading('t', 12).expectNoAlarm();
    one.at('9s').reading('t', 12).expectAlarm({ active: true });
  });

  it('[AL79] ends when the sum is back at 0, and begins anew', () => {
    const one = story();
    for (let second = 0; second < 60; second++) one.at(`${second}s`).reading('t', 16);
    one.expectAlarm({ active: true });
    for (const second of [61, 62, 63, 64])
      one.at(`${second}s`).reading('t', 10).expectAlarm({ active: true });
    one.at('65s').reading('t', 10).expectAlarm({ active: false });
  });

  it('[AL31] [AL79] the same sample again does not count twice', () => {
    const one = story().at('0s').reading('t', 13);
    for (let again = 0; again < 10; again++) one.reading('t', 13);
    one.expectNoAlarm();
  });
});

describe('a rule that cannot be evaluated', () => {
  it.each<[Condition, string]>([
    [
      {
        kind: 'band',
        pointId: 't',
        alarm: 'inside',
        low: { value: 2 },
        high: { value: 2 },
        deadband: 0,
        severity: 5,
        ...NO_DELAY,
      },
      'the low end of its range is not below the high end',
    ],
    [
      {
        kind: 'drift',
        pointId: 't',
        target: { value: NaN },
        direction: 'up',
        slack: 0,
        threshold: 1,
        severity: 5,
      },
      'a value is not a number',
    ],
    [
      { kind: 'rate', pointId: 't', windowMs: 0, perMs: 1_000, limits: [], ...NO_DELAY },
      'its window is not above 0 ms',
    ],
    [
      {
        kind: 'limit',
        pointId: 't',
        limits: [{ level: 'H', limit: 1, severity: 5, deadband: 0 }],
        onDelayMs: 0,
        offDelayMs: 0,
        onCount: 3,
      },
      'a count of samples needs an on-delay to count in',
    ],
  ])('[AL29] %j', (condition, message) => {
    expect(line(condition).faults()).toMatchObject([{ deviceId: 'd1', ruleKey: 'r', messageEn: message }]);
  });
});
