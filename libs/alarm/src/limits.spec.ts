import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Limit, type Rule } from './model.js';

const limit = (level: Limit['level'], value: number, severity: number, deadband = 0): Limit => ({
  level,
  limit: value,
  severity,
  deadband,
});

const GAS: Rule = {
  key: 'gas',
  version: 1,
  class: 'gas',
  title: { zh: '可燃气体浓度', en: 'Combustible gas' },
  latching: false,
  condition: {
    kind: 'limit',
    pointId: 'lel',
    limits: [limit('H', 25, 700, 2), limit('HH', 50, 900, 2)],
    onDelayMs: 0,
    offDelayMs: 0,
  },
};

const gas = (over: object = {}): Timeline =>
  new Timeline(
    deviceWith([{ ...GAS, condition: { ...GAS.condition, ...over } }], {
      points: [{ pointId: 'lel', key: 'lel', name: { zh: '浓度', en: 'Concentration' }, unit: '%LEL' }],
    }),
  );

describe('limits', () => {
  it('[AL3] are exceeded at the limit itself', () => {
    gas()
      .at('1s')
      .reading('lel', 24.999)
      .expectNoAlarm()
      .at('2s')
      .reading('lel', 25)
      .expectHappened('raised')
      .expectAlarm({ id: 'A3-0', eventId: '3-0', state: 'UNACK', level: 'H', severity: 700, limit: 25 });
  });

  it('[AL3] are left behind the deadband, each behind its own', () => {
    gas()
      .at('1s')
      .reading('lel', 60)
      .expectAlarm({ level: 'HH', liveSeverity: 900 })
      .at('2s')
      .reading('lel', 48)
      .expectAlarm({ level: 'HH' })
      .at('3s')
      .reading('lel', 47.9)
      .expectAlarm({ level: 'H', severity: 900, liveSeverity: 700, limit: 25, value: 47.9 })
      .at('4s')
      .reading('lel', 23)
      .expectAlarm({ active: true })
      .at('5s')
      .reading('lel', 22.9)
      .expectHappened('raised', 'level-changed', 'returned')
      .expectAlarm({ state: 'RTNUN', active: false, liveSeverity: 0, value: 22.9 });
  });

  it('[AL3] hold on to a level inside its deadband when the value jumps there', () => {
    gas()
      .at('1s')
      .reading('lel', 60)
      .at('2s')
      .reading('lel', 24)
      .expectAlarm({ level: 'H', message: '可燃气体浓度 高报 H：24 %LEL（限值 25 %LEL）' });
  });

  it('[AL3] count low ones downwards', () => {
    gas({ limits: [limit('L', 10, 500, 1), limit('LL', 5, 700, 1)] })
      .at('1s')
      .reading('lel', 10)
      .expectAlarm({ level: 'L', message: '可燃气体浓度 低报 L：10 %LEL ≤ 10 %LEL' })
      .at('2s')
      .reading('lel', 4)
      .expectAlarm({ level: 'LL' })
      .at('3s')
      .reading('lel', 6)
      .expectAlarm({ level: 'LL' })
      .at('4s')
      .reading('lel', 11)
      .expectAlarm({ level: 'L' })
      .at('5s')
      .reading('lel', 11.1)
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL4] raise at the outer level at once', () => {
    gas().at('1s').reading('lel', 99).expectHappened('raised').expectAlarm({ level: 'HH', severity: 900 });
  });

  it('[AL4] end and begin anew from too high to too low, although nobody has seen either', () => {
    const line = gas({ limits: [limit('H', 90, 500), limit('L', 10, 500)] });
    line.at('1s').reading('lel', 95).acknowledge().expectAlarm({ id: 'A2-0', state: 'ACKED' });
    line
      .at('2s')
      .reading('lel', 5)
      .expectHappened('raised', 'acknowledged', 'returned', 'raised')
      .expectAlarm({ id: 'A4-1', eventId: '4-1', state: 'UNACK', level: 'L', raisedAt: line.time('2s') });
  });

  it('[AL7] [AL12] a rise after the acknowledgement is a new occurrence, a fall never is', () => {
    gas()
      .at('1s')
      .reading('lel', 30)
      .acknowledge()
      .expectAlarm({ state: 'ACKED', ackedBy: 'operator' })
      .at('2s')
      .reading('lel', 55)
      .expectAlarm({
        id: 'A2-0',
        eventId: '4-0',
        state: 'UNACK',
        severity: 900,
        ackedBy: null,
        ackedAt: null,
      })
      .acknowledge()
      .at('3s')
      .reading('lel', 30)
      .expectAlarm({ eventId: '4-0', state: 'ACKED', level: 'H', severity: 700 });
  });

  it('[AL7] an outer limit of the same severity is a rise, the way back is none', () => {
    const line = gas({ limits: [limit('H', 25, 700), limit('HH', 50, 700)] });
    line.at('1s').reading('lel', 30).acknowledge();
    line.at('2s').reading('lel', 55).expectAlarm({ state: 'UNACK', level: 'HH' }).acknowledge();
    line.at('3s').reading('lel', 30).expectAlarm({ state: 'ACKED', level: 'H' });
  });

  it('[AL12] the severity shown is the highest until somebody has acknowledged it', () => {
    gas()
      .at('1s')
      .reading('lel', 55)
      .at('2s')
      .reading('lel', 30)
      .expectAlarm({ severity: 900, liveSeverity: 700 })
      .at('3s')
      .reading('lel', 1)
      .expectAlarm({ severity: 900, liveSeverity: 0 })
      .at('4s')
      .reading('lel', 30)
      .expectAlarm({ state: 'UNACK', severity: 900, liveSeverity: 700 })
      .acknowledge()
      .expectAlarm({ severity: 700 });
  });

  it('[AL2] an alarm ends with NORM; the next one has another id', () => {
    const line = gas().at('1s').reading('lel', 30).acknowledge().at('2s').reading('lel', 1).expectNoAlarm();
    expect(line.all.at(-1)?.alarm).toMatchObject({
      state: 'NORM',
      clearedAt: line.time('2s'),
      ackedBy: 'operator',
    });
    line.at('3s').reading('lel', 30).expectAlarm({ id: 'A5-0', state: 'UNACK', ackedBy: null });
    expect(line.all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('judge a repeated value without telling anything twice', () => {
    gas().at('1s').reading('lel', 30).reading('lel', 30).at('2s').reading('lel', 30).expectHappened('raised');
  });
});

describe('texts', () => {
  it('state value, comparison, limit and unit in both languages', () => {
    gas().at('1s').reading('lel', 32).expectAlarm({
      message: '可燃气体浓度 高报 H：32 %LEL ≥ 25 %LEL',
      messageEn: 'Combustible gas, high (H): 32 %LEL ≥ 25 %LEL',
      unit: '%LEL',
    });
  });

  it('write numbers alike everywhere, with at most three decimals', () => {
    gas().at('1s').reading('lel', 1234.56789).expectAlarm({
      messageEn: 'Combustible gas, high-high (HH): 1234.568 %LEL ≥ 50 %LEL',
    });
    gas({ limits: [limit('L', 0.1, 500)] })
      .at('1s')
      .reading('lel', -0.0001)
      .expectAlarm({ message: '可燃气体浓度 低报 L：0 %LEL ≤ 0.1 %LEL' });
  });
});
