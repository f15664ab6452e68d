import { describe, expect, test } from '@jest/globals';
import { ALARM_STATES, PRIORITIES } from '@watchfire/contracts';
import { blockOf } from './order.js';
import { isUnknown, lookOf, mayAcknowledge, mayReset, PRIORITY_MARKS } from './presentation.js';
import { alarmOf } from './testing/builders.js';

describe('how an alarm looks', () => {
  test('it flashes exactly as long as nobody has acknowledged it', () => {
    for (const state of ALARM_STATES) {
      const alarm = alarmOf({ state });
      expect([state, lookOf(alarm).flash !== 'none']).toEqual([state, blockOf(alarm) === 'unacknowledged']);
    }
  });

  test('what has returned is hollow and says so; what is latched or suppressed says so too', () => {
    expect(lookOf(alarmOf({ state: 'RTNUN' }))).toEqual({
      flash: 'slow',
      symbol: 'outline',
      tags: ['returned'],
    });
    expect(lookOf(alarmOf({ state: 'LATUN' })).tags).toEqual(['latched']);
    expect(lookOf(alarmOf({ state: 'LATAK' })).tags).toEqual(['reset-needed']);
    expect(lookOf(alarmOf({ state: 'DSUPR' })).symbol).toBe('muted');
  });

  test('a drill is marked whatever its state', () => {
    for (const state of ALARM_STATES) expect(lookOf(alarmOf({ state, drill: true })).tags).toContain('drill');
  });

  test('[AL141] what nobody can act on is marked whatever its state, with how often it came', () => {
    for (const state of ALARM_STATES) {
      expect(lookOf(alarmOf({ state, chattering: 4, fleeting: true })).tags.slice(-2)).toEqual([
        'chattering',
        'fleeting',
      ]);
    }
    expect(lookOf(alarmOf({ state: 'UNACK' })).tags).toEqual([]);
  });

  test('every priority has a shape and a number of its own', () => {
    const marks = PRIORITIES.map((priority) => PRIORITY_MARKS[priority]);
    expect(new Set(marks.map(({ shape }) => shape)).size).toBe(PRIORITIES.length);
    expect(marks.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });
});

test('acts: acknowledge what is not acknowledged, reset what is latched and acknowledged', () => {
  expect(ALARM_STATES.filter((state) => mayAcknowledge(alarmOf({ state })))).toEqual([
    'UNACK',
    'RTNUN',
    'LATUN',
  ]);
  expect(ALARM_STATES.filter((state) => mayReset(alarmOf({ state })))).toEqual(['LATAK']);
});

test('bad and stale are unknown, uncertain is a value', () => {
  expect((['good', 'uncertain', 'bad', 'stale'] as const).filter(isUnknown)).toEqual(['bad', 'stale']);
});
