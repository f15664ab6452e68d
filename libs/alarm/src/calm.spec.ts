import { describe, expect, it } from '@jest/globals';
import { ReadingBuilder, ReadingSource } from '@watchfire/readings';
import { deviceWith, Timeline, TIMELINE_START } from '@watchfire/testing';
import { AlarmEngine } from './engine.js';
import { type Condition, type Rule } from './model.js';

/*
 * What must not be taken for calm. A time line takes each step also with an engine that was just restored and so knows of no
 * calm: the stories only have to go where the two could part.
 */
const rule = (key: string, condition: Condition): Rule => ({
  key,
  version: 1,
  class: 'process',
  title: { zh: key, en: key },
  latching: false,
  condition,
});
const line = (...conditions: Condition[]): Timeline =>
  new Timeline(deviceWith(conditions.map((condition, index) => rule(`r${index}`, condition))));

const NONE = { onDelayMs: 0, offDelayMs: 0 };
const LIMITS: Condition & { kind: 'limit' } = {
  kind: 'limit',
  pointId: 'p',
  limits: [
    { level: 'H', limit: 20, severity: 700, deadband: 2 },
    { level: 'L', limit: 5, severity: 700, deadband: 2 },
  ],
  ...NONE,
};
const STALE: Condition = { kind: 'stale', pointId: 'p', afterMs: 60_000, severity: 500 };
const BOTH: Condition = {
  kind: 'all',
  terms: [
    { pointId: 'p', values: [true] },
    { pointId: 'q', values: [true] },
  ],
  level: 'both',
  severity: 700,
  onDelayMs: 30_000,
  offDelayMs: 0,
};

describe('calm', () => {
  it.each([
    ['at a high limit', 20],
    ['at a low limit', 5],
    ['beyond both', 1e9],
  ])('ends %s', (_name, value) => {
    line(LIMITS).reading('p', 10).reading('p', 11).reading('p', value).expectHappened('raised');
  });

  it.each([
    ['H', [10, 11, 25], [25, 24, 17]],
    ['L', [10, 11, 3], [3, 4, 8]],
  ] as const)('of one level, %s, ends on its side only', (level, raising, returning) => {
    const one: Condition = { ...LIMITS, limits: LIMITS.limits.filter((limit) => limit.level === level) };
    const story = line(one);
    for (const value of raising) story.reading('p', value);
    story.expectHappened('raised');
    for (const value of returning) story.reading('p', value);
    story.expectHappened('returned');
  });

  it('in an alarm ends where the deadband ends', () => {
    line(LIMITS)
      .reading('p', 25)
      .reading('p', 18)
      .reading('p', 18.1)
      .expectHappened('raised')
      .reading('p', 17.9)
      .expectHappened('returned')
      .reading('p', 4)
      .reading('p', 7)
      .expectHappened('reoccurred')
      .reading('p', 7.1)
      .expectHappened('returned');
  });

  it('[AL16] is not where something pends: a later sample may prove it', () => {
    line({ ...LIMITS, onDelayMs: 30_000 })
      .at('10s')
      .reading('p', 25, { measured: '1s' })
      .at('11s')
      .reading('p', 25, { measured: '1s' })
      .reading('p', 25, { measured: '31s' })
      .expectHappened('raised');
  });

  it('[AL16] [AL6] of one point ends when a delay begins with another', () => {
    line(BOTH)
      .at('1s')
      .reading('p', true)
      .reading('p', true)
      .reading('q', true)
      .at('2s')
      .reading('p', true, { measured: '40s' })
      .expectHappened('raised');
  });

  it('[AL6] of one point ends when another has changed the whole', () => {
    const both: Condition = { ...BOTH, onDelayMs: 0 };
    line(both)
      .reading('p', true)
      .reading('q', true)
      .reading('p', true)
      .reading('q', false)
      .reading('p', true)
      .reading('p', false)
      .reading('q', true)
      .reading('p', true)
      .expectHappened('raised', 'returned', 'reoccurred');
  });

  it('[AL13] ends with a late sample, and a late one is never calm', () => {
    line(LIMITS)
      .at('10s')
      .reading('p', 10)
      .at('20s')
      .reading('p', 10)
      .reading('p', 25, { measured: '15s' })
      .expectHappened('raised')
      .reading('p', 10)
      .expectHappened('returned')
      .at('30s')
      .reading('p', 10, { measured: '1s' });
  });

  it('[AL10] ends with another quality, and with silence', () => {
    line(LIMITS, STALE)
      .reading('p', 25)
      .reading('p', 25)
      .reading('p', 25, { quality: 'uncertain' })
      .at('1s')
      .reading('p', 25, { quality: 'bad' })
      .at('2s')
      .reading('p', 25, { quality: 'bad' })
      .expectNextDeadline('1m')
      .reading('p', 25)
      .expectHappened('raised', 'quality-changed', 'quality-changed', 'quality-changed')
      .at('1m2s')
      .expectHappened('quality-changed', 'raised')
      .reading('p', 25)
      .expectHappened('quality-changed', 'returned');
  });

  it('[AL10] without any rule ends when the device is offline', () => {
    const device = deviceWith([rule('offline', { kind: 'offline', afterMs: 60_000, severity: 300 })], {
      points: [{ pointId: 'p', key: 'p', name: { zh: 'p', en: 'p' }, unit: null }],
    });
    new Timeline(device).reading('p', 1).reading('p', 2).at('1m').reading('p', 3);
  });

  it('[AL5] is not of a discrete value that is another one', () => {
    const codes: Condition = {
      kind: 'discrete',
      pointId: 'p',
      alarmValues: [
        { value: 7, level: 'a', severity: 500 },
        { value: 'x', level: 'b', severity: 500 },
      ],
      ...NONE,
    };
    line(codes)
      .reading('p', 1)
      .reading('p', 1)
      .reading('p', 7)
      .reading('p', 7)
      .reading('p', 'x')
      .reading('p', 'x')
      .expectHappened('raised', 'level-changed')
      .reading('p', false)
      .expectHappened('returned');
  });

  it('has no negative zero, which JSON would not give back', () => {
    const engine = AlarmEngine.create();
    const limit: Condition = { ...LIMITS, limits: [{ level: 'L', limit: -1, severity: 1, deadband: 0 }] };
    engine.apply({
      offset: 1,
      at: TIMELINE_START,
      input: { kind: 'configure', device: deviceWith([rule('r', limit)]) },
    });
    const builder = new ReadingBuilder();
    for (const value of [1, 2, -0]) {
      builder.number(0, value, 0);
      builder.end(ReadingSource.of('d1', ['p']), TIMELINE_START, TIMELINE_START, 0);
    }
    engine.applyReadings(2, TIMELINE_START, builder.take());
    const [point] = engine.snapshot().lanes[0]?.devices[0]?.points ?? [];
    expect(Object.is(point?.[2], 0)).toBe(true);
  });
});
