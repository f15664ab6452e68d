import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Logic, type Rule } from './model.js';

const RUNNING: Logic = { is: 'one-of', pointId: 'running', values: [true] };
const pressure = (enabledWhen?: Logic): Rule => ({
  key: 'pressure',
  version: 1,
  class: 'process',
  title: { zh: '压力低', en: 'Pressure low' },
  latching: false,
  condition: {
    kind: 'limit',
    pointId: 'p',
    limits: [{ level: 'L', limit: 2, severity: 600, deadband: 0 }],
    onDelayMs: 0,
    offDelayMs: 0,
  },
  ...(enabledWhen && { enabledWhen }),
});
const point = (key: string) => ({ pointId: key, key, name: { zh: key, en: key }, unit: null });
const POINTS = ['p', 'running'].map(point);
const device = (enabledWhen?: Logic, points = POINTS) => deviceWith([pressure(enabledWhen)], { points });

describe('state-based enabling', () => {
  it('[AL85] an alarm of a plant that is stopped is suppressed by design, and is there when it starts', () => {
    new Timeline(device(RUNNING))
      .reading('running', false)
      .reading('p', 1)
      .expectAlarm({ active: true, state: 'DSUPR', suppressed: true, suppressionReasons: ['not-enabled'] })
      .at('1m')
      .reading('running', true)
      .expectAlarm({ state: 'UNACK', suppressed: false });
  });

  it('[AL85] an alarm is not over because its plant stops', () => {
    new Timeline(device(RUNNING))
      .reading('running', true)
      .reading('p', 1)
      .at('1m')
      .reading('running', false)
      .expectAlarm({ active: true, state: 'DSUPR' })
      .at('2m')
      .reading('p', 5)
      .reading('running', true)
      .expectAlarm({ active: false, state: 'RTNUN' });
  });

  it('[AL9] [AL85] unknown leaves it as it is, and enabled at first', () => {
    new Timeline(device(RUNNING))
      .reading('p', 1)
      .expectAlarm({ state: 'UNACK' })
      .reading('running', false)
      .expectAlarm({ state: 'DSUPR' })
      .reading('running', true, { quality: 'bad' })
      .expectAlarm({ state: 'DSUPR', quality: 'good' });
  });

  it.each([
    ['stale', { kind: 'stale', pointId: 'p', afterMs: 30_000, severity: 400 }],
    ['offline', { kind: 'offline', afterMs: 30_000, severity: 400 }],
  ] as const)('[AL8] [AL85] what enables a rule about silence is no sign of life: %s', (_name, condition) => {
    const line = new Timeline(deviceWith([{ ...pressure(RUNNING), condition }], { points: POINTS }));
    line.reading('running', true).reading('p', 5);
    line.at('1m').apply({ kind: 'tick' }).expectHappened('raised');
    line.at('62s').reading('running', true).expectNothingHappened();
    line.at('63s').reading('running', false).expectHappened('suppressed');
    line.expectAlarm({ active: true, state: 'DSUPR' });
  });

  it('[AL55] [AL85] is one of several reasons: the last one that goes ends the suppression', () => {
    const valve: Rule = {
      ...pressure(),
      key: 'valve',
      condition: {
        kind: 'discrete',
        pointId: 'valve',
        alarmValues: [{ value: true, level: 'shut', severity: 600 }],
        onDelayMs: 0,
        offDelayMs: 0,
      },
    };
    const inhibited = { ...pressure(RUNNING), inhibitedBy: [{ rule: 'valve' }] };
    const line = new Timeline(deviceWith([valve, inhibited], { points: [...POINTS, point('valve')] }));
    line.reading('p', 1).reading('running', false).reading('valve', true);
    const reasons = ['inhibited-by:d1/valve', 'not-enabled'];
    line.expectAlarm({ rule: 'pressure', state: 'DSUPR', suppressionReasons: reasons });
    line.expectHappened('raised', 'suppressed', 'raised', 'suppressed');
    // The same again is none.
    line.at('1s').reading('running', false).expectNothingHappened();
    line.at('2s').reading('valve', false).expectHappened('returned', 'unsuppressed');
    line.expectAlarm({ rule: 'pressure', state: 'DSUPR', suppressionReasons: ['not-enabled'] });
    expect(line.all.at(-1)?.annunciation).toBe('none');
    line.at('3s').reading('running', true).expectHappened('unsuppressed');
    line.expectAlarm({ rule: 'pressure', state: 'UNACK' }).reading('running', true).expectNothingHappened();
  });

  it('[AL81] [AL85] follows a schedule without a reading', () => {
    // The time line begins on Monday at 08:00 UTC.
    const schedule = { zone: 'UTC', offsets: [[0, 0]], spans: [{ days: [1], from: 540, to: 600 }] } as const;
    new Timeline(device({ is: 'within', schedule }))
      .reading('p', 1)
      .expectAlarm({ state: 'DSUPR' })
      .expectNextDeadline('1h')
      .at('1h')
      .expectAlarm({ state: 'UNACK' })
      .at('2h')
      .expectAlarm({ state: 'DSUPR' });
  });

  it('[AL85] a rule that is no longer enabled by anything is enabled', () => {
    new Timeline(device(RUNNING))
      .reading('running', false)
      .reading('p', 1)
      .expectAlarm({ state: 'DSUPR' })
      .configure(device())
      .expectAlarm({ state: 'UNACK' });
  });

  it('[AL84] [AL85] what enables it and cannot be evaluated is a fault, and does not switch it off', () => {
    const line = new Timeline(device(RUNNING, POINTS.slice(0, 1)));
    expect(line.faults()).toMatchObject([
      {
        deviceId: 'd1',
        ruleKey: 'pressure',
        messageEn: 'what enables it: no device of the site has a point "running"',
      },
    ]);
    line.reading('p', 1).expectAlarm({ rule: 'pressure', state: 'UNACK' });
    line.at('1m').expectAlarm({ rule: 'rule-fault:pressure' }).configure(device(RUNNING));
    line.expectAlarm({ rule: 'rule-fault:pressure', active: false });
  });
});
