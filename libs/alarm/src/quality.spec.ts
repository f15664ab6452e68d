import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Rule } from './model.js';

const rule = (onDelayMs = 0, offDelayMs = 0): Rule => ({
  key: 'gas',
  version: 1,
  class: 'gas',
  title: { zh: '气', en: 'Gas' },
  latching: false,
  condition: {
    kind: 'limit',
    pointId: 'lel',
    limits: [
      { level: 'H', limit: 25, severity: 700, deadband: 0 },
      { level: 'HH', limit: 50, severity: 900, deadband: 0 },
    ],
    onDelayMs,
    offDelayMs,
  },
});
const gas = (onDelayMs = 0, offDelayMs = 0): Timeline =>
  new Timeline(deviceWith([rule(onDelayMs, offDelayMs)]));

describe('a bad value', () => {
  it('[AL9] does not raise', () => {
    gas().at('1s').reading('lel', 99, { quality: 'bad' }).expectNoAlarm();
  });

  it('[AL9] [AL10] does not clear, and shows', () => {
    gas()
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .reading('lel', 0, { quality: 'bad' })
      .expectHappened('raised', 'quality-changed')
      .expectAlarm({ state: 'UNACK', quality: 'bad', value: 30 })
      .at('3s')
      .reading('lel', 0, { quality: 'bad' })
      .expectNothingHappened();
  });

  it('[AL10] is followed by a judgement of the first good one', () => {
    gas()
      .at('1s')
      .reading('lel', 30)
      .reading('lel', 0, { quality: 'bad' })
      .at('2s')
      .reading('lel', 30)
      .expectHappened('raised', 'quality-changed', 'quality-changed')
      .expectAlarm({ state: 'UNACK', quality: 'good' })
      .reading('lel', 0, { quality: 'bad' })
      .at('3s')
      .reading('lel', 1)
      .expectHappened('quality-changed', 'returned')
      .expectAlarm({ state: 'RTNUN', quality: 'good', value: 1 });
  });

  it('[AL9] lets a pending alarm run on', () => {
    gas(10_000)
      .at('0s')
      .reading('lel', 30)
      .at('5s')
      .reading('lel', 0, { quality: 'bad' })
      .at('10s')
      .expectAlarm({ state: 'UNACK', quality: 'bad', value: 30 });
  });

  it('[AL9] breaks the way back', () => {
    gas(0, 10_000)
      .at('0s')
      .reading('lel', 30)
      .at('1s')
      .reading('lel', 1)
      .at('5s')
      .reading('lel', 1, { quality: 'bad' })
      .at('1m')
      .expectAlarm({ active: true })
      .reading('lel', 1)
      .at('1m9s')
      .expectAlarm({ active: true })
      .at('1m10s')
      .expectAlarm({ state: 'RTNUN' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('[AL9] %d is bad, whatever it says of itself', (value) => {
    gas()
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .reading('lel', value)
      .expectAlarm({ quality: 'bad', value: 30 });
  });

  it('[AL9] of another type is unknown to a limit', () => {
    gas().at('1s').reading('lel', 30).at('2s').reading('lel', 'off').expectAlarm({ state: 'UNACK' });
  });

  it('[AL11] an uncertain one is judged and shown', () => {
    gas()
      .at('1s')
      .reading('lel', 30, { quality: 'uncertain' })
      .expectAlarm({ state: 'UNACK', quality: 'uncertain' })
      .at('2s')
      .reading('lel', 1, { quality: 'uncertain' })
      .expectAlarm({ state: 'RTNUN' });
  });
});

describe('a late value', () => {
  it('[AL13] does not clear', () => {
    gas().at('9s').reading('lel', 30).reading('lel', 1, { measured: '8s' }).expectAlarm({ state: 'UNACK' });
  });

  it('[AL13] raises, and stays until a value in order says otherwise', () => {
    const line = gas();
    line
      .at('9s')
      .reading('lel', 1)
      .at('10s')
      .reading('lel', 55, { measured: '8s' })
      .expectAlarm({ state: 'UNACK', level: 'HH', value: 55, raisedAt: line.time('8s') })
      .at('11s')
      .reading('lel', 1)
      .expectHappened('raised', 'returned');
  });

  it('[AL13] raises to a level that was missed', () => {
    gas()
      .at('9s')
      .reading('lel', 30)
      .acknowledge()
      .reading('lel', 55, { measured: '8s' })
      .expectAlarm({ state: 'UNACK', level: 'HH' });
  });

  it('[AL13] tells nothing twice when an old one is sent again', () => {
    gas()
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .reading('lel', 1)
      .acknowledge()
      .at('3s')
      .reading('lel', 30, { measured: '1s' })
      .reading('lel', 1, { measured: '2s' })
      .expectNoAlarm()
      .expectHappened('raised', 'returned', 'acknowledged');
  });

  it('[AL13] proves no delay', () => {
    gas(10_000).at('1m').reading('lel', 1).reading('lel', 99, { measured: '1s' }).at('5m').expectNoAlarm();
  });

  it('[AL13] of an alarm breaks a way back that began before it', () => {
    gas(0, 10_000)
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .reading('lel', 1)
      .at('9s')
      .reading('lel', 1)
      .at('10s')
      .reading('lel', 30, { measured: '5s' })
      .at('19s')
      .expectAlarm({ active: true })
      .at('20s')
      .expectAlarm({ state: 'RTNUN' });
  });

  it('[AL13] of a discrete point raises to a worse value that was missed', () => {
    const code: Rule = {
      ...rule(),
      condition: {
        kind: 'discrete',
        pointId: 'lel',
        alarmValues: [
          { value: 2, level: 'door', severity: 500 },
          { value: 11, level: 'trapped', severity: 900 },
        ],
        onDelayMs: 0,
        offDelayMs: 0,
      },
    };
    new Timeline(deviceWith([code]))
      .at('1s')
      .reading('lel', 2)
      .acknowledge()
      .at('9s')
      .reading('lel', 2)
      .reading('lel', 11, { measured: '5s' })
      .expectAlarm({ state: 'UNACK', level: 'trapped' })
      .at('10s')
      .reading('lel', 2)
      .acknowledge()
      .reading('lel', 11, { measured: '5s' })
      .expectAlarm({ state: 'ACKED', level: 'door' });
  });
});

describe('a historical value', () => {
  it('[AL14] neither raises nor clears', () => {
    gas()
      .at('1s')
      .reading('lel', 99, { historical: true })
      .expectNoAlarm()
      .at('2s')
      .reading('lel', 30)
      .at('3s')
      .reading('lel', 1, { historical: true })
      .expectAlarm({ state: 'UNACK' });
  });
});

describe('what belongs to nobody', () => {
  it('is left alone: unknown device, unknown point, point of another device', () => {
    const line = gas();
    const reading = (deviceId: string, pointId: string) =>
      line.apply({
        kind: 'reading',
        deviceId,
        receivedAt: 1,
        ts: 1,
        historical: false,
        samples: [{ pointId, value: 99, quality: 'good' }],
      });
    reading('d2', 'lel');
    reading('d1', 'other');
    line.apply({ kind: 'connection', deviceId: 'd2', connected: true, reason: 'connect' });
    line.apply({ kind: 'remove', deviceId: 'd2', actor: 'admin' });
    expect(line.all).toEqual([]);
  });
});
