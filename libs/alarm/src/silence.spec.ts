import { describe, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Rule } from './model.js';

const STALE: Rule = {
  key: 'stale',
  version: 1,
  class: 'link',
  title: { zh: '数据中断', en: 'No data' },
  latching: false,
  condition: { kind: 'stale', pointId: 'lel', afterMs: 300_000, severity: 500 },
};
const OFFLINE: Rule = {
  ...STALE,
  key: 'offline',
  title: { zh: '设备离线', en: 'Device offline' },
  condition: { kind: 'offline', afterMs: 60_000, severity: 300 },
};
const GAS: Rule = {
  ...STALE,
  key: 'gas',
  class: 'gas',
  condition: {
    kind: 'limit',
    pointId: 'lel',
    limits: [{ level: 'H', limit: 25, severity: 700, deadband: 0 }],
    onDelayMs: 0,
    offDelayMs: 0,
  },
};
const line = (...rules: Rule[]): Timeline => new Timeline(deviceWith(rules));

describe('stale', () => {
  it('[AL8] finds a point that never reported', () => {
    const story = line(STALE);
    story
      .at('5m')
      .expectHappened('raised')
      .expectAlarm({
        raisedAt: story.time('5m'),
        receivedAt: story.time('5m'),
        level: null,
        value: null,
        quality: 'stale',
        message: '数据中断：超过 5 分钟无有效数据',
        messageEn: 'No data: no usable data for 5 min',
      });
  });

  it('[AL8] is put off by every usable sample', () => {
    line(STALE)
      .at('4m')
      .reading('lel', 1)
      .at('8m')
      .reading('lel', 1, { quality: 'uncertain' })
      .expectNextDeadline('13m')
      .at('12m59.999s')
      .expectNoAlarm()
      .at('13m')
      .expectAlarm({ value: 1, quality: 'stale' });
  });

  it.each([
    ['bad', { quality: 'bad' }],
    ['historical', { historical: true }],
    ['late', { measured: '1s' }],
  ] as const)('[AL8] [AL13] [AL14] is not put off by a %s sample', (_name, options) => {
    line(STALE).at('2s').reading('lel', 1).at('4m').reading('lel', 1, options).expectNextDeadline('5m2s');
  });

  it('returns with the next usable sample, and counts anew', () => {
    line(STALE)
      .at('6m')
      .reading('lel', 1)
      .expectHappened('raised', 'returned')
      .expectAlarm({ state: 'RTNUN', quality: 'good' })
      .at('11m')
      .expectHappened('reoccurred');
  });

  it.each([
    ['bad', { quality: 'bad' }],
    ['historical', { historical: true }],
  ] as const)('[AL8] does not return with a %s sample', (_name, options) => {
    line(STALE).at('6m').reading('lel', 1, options).expectHappened('raised').expectAlarm({ active: true });
  });

  it('[AL26] a rule whose time is over when it comes is on at once', () => {
    line(GAS)
      .reading('lel', 1)
      .at('5m')
      .configure(deviceWith([GAS, STALE]))
      .expectHappened('raised');
  });

  it('[AL21] a sample at the deadline is too late', () => {
    line(STALE).at('5m').reading('lel', 1).expectHappened('raised', 'returned');
  });

  it('[AL10] makes the alarms of its point stale, and keeps them', () => {
    line(STALE, GAS)
      .at('1m')
      .reading('lel', 30)
      .at('6m')
      .expectHappened('raised', 'quality-changed', 'raised')
      .expectAlarm({ rule: 'gas', state: 'UNACK', quality: 'stale' })
      .at('7m')
      .reading('lel', 30)
      .expectAlarm({ rule: 'gas', state: 'UNACK', quality: 'good' });
  });

  it('[AL9] the way back ends when the point falls silent', () => {
    const delayed: Rule = {
      ...GAS,
      condition: { ...GAS.condition, offDelayMs: 600_000 } as Rule['condition'],
    };
    line(STALE, delayed)
      .at('1m')
      .reading('lel', 30)
      .at('2m')
      .reading('lel', 1)
      .at('1h')
      .expectAlarm({ rule: 'gas', active: true, quality: 'stale' });
  });
});

describe('offline', () => {
  it('[AL22] finds a device that never connected', () => {
    line(OFFLINE).at('1m').expectAlarm({
      pointId: null,
      value: null,
      unit: null,
      quality: 'good',
      message: '设备离线：超过 1 分钟未连接',
      messageEn: 'Device offline: not connected for 1 min',
    });
  });

  it('[AL22] counts from the disconnection, and returns with the connection', () => {
    const story = line(OFFLINE);
    story
      .at('30s')
      .connected()
      .expectNextDeadline(undefined)
      .at('10m')
      .disconnected()
      .at('10m30s')
      .disconnected()
      .at('11m')
      .expectAlarm({ raisedAt: story.time('11m'), state: 'UNACK' })
      .at('12m')
      .connected()
      .expectAlarm({ state: 'RTNUN', clearedAt: story.time('12m') });
  });

  it('[AL22] a short interruption says nothing', () => {
    line(OFFLINE)
      .at('1s')
      .connected()
      .at('10s')
      .disconnected()
      .at('50s')
      .connected()
      .at('1h')
      .expectNothingHappened();
  });

  it('[AL24] a disconnection of what never connected gives it no more time', () => {
    line(OFFLINE).at('50s').disconnected().expectNextDeadline('1m');
  });

  it('[AL10] makes the alarms of the device stale', () => {
    line(OFFLINE, GAS)
      .at('1s')
      .connected()
      .reading('lel', 30)
      .at('2s')
      .disconnected()
      .at('1m2s')
      .expectAlarm({ rule: 'gas', state: 'UNACK', quality: 'stale' });
  });
});

describe('a start of the server', () => {
  it('[AL23] gives a silence that ran out meanwhile its full time again', () => {
    line(STALE)
      .at('1m')
      .reading('lel', 1)
      .at('2h')
      .serverStarts()
      .expectNothingHappened()
      .expectNextDeadline('2h5m')
      .at('2h5m')
      .expectAlarm({ state: 'UNACK' });
  });

  it('[AL23] does the same for what was not connected', () => {
    line(OFFLINE).at('2h').serverStarts().expectNothingHappened().expectNextDeadline('2h1m');
  });

  it('[AL23] gives no time to a silence that had not run out', () => {
    line(STALE).at('4m').serverStarts().expectNextDeadline('5m');
  });

  it('[AL23] leaves delays and open alarms as they are', () => {
    const delayed: Rule = {
      ...GAS,
      condition: { ...GAS.condition, onDelayMs: 10_000 } as Rule['condition'],
    };
    const story = line(STALE, delayed);
    story
      .at('5m')
      .reading('lel', 30)
      .at('2h')
      .serverStarts()
      .expectHappened('raised', 'returned', 'raised')
      .expectAlarm({ rule: 'gas', raisedAt: story.time('5m10s') });
  });
});
