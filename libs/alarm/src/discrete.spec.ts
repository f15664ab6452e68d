import { describe, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Condition, type Rule } from './model.js';

const ruleOf = (condition: Condition, over: Partial<Rule> = {}): Rule => ({
  key: 'fault',
  version: 1,
  class: 'trouble',
  title: { zh: '电梯故障', en: 'Lift fault' },
  latching: false,
  condition,
  ...over,
});

const lift = (over: object = {}): Timeline =>
  new Timeline(
    deviceWith([
      ruleOf({
        kind: 'discrete',
        pointId: 'code',
        alarmValues: [
          { value: 1, level: 'safety-circuit', severity: 700 },
          { value: 2, level: 'door-closing', severity: 500 },
          { value: 3, level: 'door-opening', severity: 500 },
        ],
        onDelayMs: 0,
        offDelayMs: 0,
        ...over,
      }),
    ]),
  );

describe('discrete', () => {
  it('[AL5] is on while the value is an alarm value, and names it', () => {
    lift()
      .at('1s')
      .reading('code', 0)
      .expectNoAlarm()
      .at('2s')
      .reading('code', 2)
      .expectAlarm({
        level: 'door-closing',
        severity: 500,
        value: 2,
        limit: null,
        message: '电梯故障：door-closing',
        messageEn: 'Lift fault: door-closing',
      })
      .at('3s')
      .reading('code', 40)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL5] without an off-normal severity does not know values that are not listed', () => {
    lift().at('1s').reading('code', 77).expectNoAlarm();
  });

  it('[AL5] is on for everything that is not normal, where normal is given', () => {
    lift({ normal: [0], offNormalSeverity: 300 })
      .at('1s')
      .reading('code', 0)
      .expectNoAlarm()
      .at('2s')
      .reading('code', 77)
      .expectAlarm({ level: 'off-normal', severity: 300 })
      .at('3s')
      .reading('code', 1)
      .expectAlarm({ level: 'safety-circuit', severity: 700 });
  });

  it('[AL7] another value of the same severity is news, a lesser one is not', () => {
    lift()
      .at('1s')
      .reading('code', 2)
      .acknowledge()
      .at('2s')
      .reading('code', 3)
      .expectAlarm({ state: 'UNACK', level: 'door-opening' })
      .at('3s')
      .reading('code', 1)
      .acknowledge()
      .at('4s')
      .reading('code', 2)
      .expectAlarm({ state: 'ACKED', level: 'door-closing', severity: 500 });
  });

  it('[AL5] delays being off normal, not the value', () => {
    lift({ onDelayMs: 10_000, offDelayMs: 10_000 })
      .at('0s')
      .reading('code', 2)
      .at('6s')
      .reading('code', 1)
      .at('10s')
      .expectAlarm({ level: 'safety-circuit' })
      .at('12s')
      .reading('code', 0)
      .at('15s')
      .reading('code', 3)
      .expectAlarm({ level: 'door-opening', active: true })
      .at('1m')
      .expectHappened('raised', 'level-changed');
  });

  it('compares without changing types', () => {
    lift().at('1s').reading('code', '2').reading('code', true).expectNoAlarm();
  });

  it('with one alarm value says the title only', () => {
    lift({ alarmValues: [{ value: true, level: 'alarm', severity: 900 }] })
      .at('1s')
      .reading('code', true)
      .expectAlarm({ level: 'alarm', message: '电梯故障', messageEn: 'Lift fault' });
  });
});

describe('all', () => {
  const entrapment = (): Timeline =>
    new Timeline(
      deviceWith([
        ruleOf({
          kind: 'all',
          terms: [
            { pointId: 'zone', values: [false] },
            { pointId: 'people', values: [true] },
          ],
          level: 'suspected',
          severity: 900,
          onDelayMs: 60_000,
          offDelayMs: 0,
        }),
      ]),
    );

  it('[AL6] is on when every term is true for the delay', () => {
    entrapment()
      .at('0s')
      .reading('zone', false)
      .at('10s')
      .reading('people', true)
      .at('1m9s')
      .expectNoAlarm()
      .at('1m10s')
      .expectAlarm({ level: 'suspected', state: 'UNACK', message: '电梯故障' })
      .at('2m')
      .reading('zone', true)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL6] unknown wins over true: it neither raises nor clears', () => {
    entrapment()
      .at('0s')
      .reading('people', true)
      .at('5m')
      .expectNoAlarm()
      .reading('zone', false)
      .at('6m')
      .expectAlarm({ active: true })
      .reading('people', true, { quality: 'bad' })
      .expectAlarm({ active: true, quality: 'bad' });
  });

  it('[AL6] false wins over unknown', () => {
    entrapment()
      .at('0s')
      .reading('zone', false)
      .reading('people', true)
      .at('1m')
      .expectAlarm({ active: true })
      .reading('people', true, { quality: 'bad' })
      .at('2m')
      .reading('zone', true)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL6] false wins over unknown, whichever term comes first', () => {
    entrapment()
      .at('0s')
      .reading('zone', false)
      .reading('people', true)
      .at('1m')
      .expectAlarm({ active: true })
      .reading('zone', false, { quality: 'bad' })
      .at('2m')
      .reading('people', false)
      .expectAlarm({ state: 'RTNUN' });
  });
});
