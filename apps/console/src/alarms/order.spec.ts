import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ALARM_CLASSES, ALARM_STATES, PRIORITIES, type Alarm } from '@watchfire/contracts';
import { countAlarms } from './counts.js';
import { blockOf, compareAlarms, nextAlarm } from './order.js';
import { alarmOf } from './testing/builders.js';

const anyAlarm = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    class: fc.constantFrom(...ALARM_CLASSES),
    priority: fc.constantFrom(...PRIORITIES),
    state: fc.constantFrom(...ALARM_STATES),
    raisedAt: fc.integer({ min: 0, max: 5 }),
  })
  .map(alarmOf);
const sorted = (alarms: readonly Alarm[]): string[] =>
  [...alarms].sort(compareAlarms).map((alarm) => alarm.id);

describe('the order of the list', () => {
  test('is state block, then class, then priority, then newest first', () => {
    const alarms = [
      alarmOf({ id: 'acked fire', class: 'fire', priority: 'red', state: 'ACKED' }),
      alarmOf({ id: 'shelved fire', class: 'fire', priority: 'red', state: 'SHLVD' }),
      alarmOf({ id: 'red process', class: 'process', priority: 'red' }),
      alarmOf({ id: 'yellow fire', class: 'fire', priority: 'yellow' }),
      alarmOf({ id: 'old red gas', class: 'gas', priority: 'red', raisedAt: 1 }),
      alarmOf({ id: 'new red gas', class: 'gas', priority: 'red', raisedAt: 2 }),
      alarmOf({ id: 'returned orange gas', class: 'gas', priority: 'orange', state: 'RTNUN', raisedAt: 9 }),
    ];
    expect(sorted(alarms)).toEqual([
      'yellow fire',
      'new red gas',
      'old red gas',
      'returned orange gas',
      'red process',
      'acked fire',
      'shelved fire',
    ]);
  });

  test('is total: it does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyAlarm, { selector: (alarm) => alarm.id }), (alarms) => {
        expect(sorted([...alarms].reverse())).toEqual(sorted(alarms));
      }),
    );
  });
});

test('next is the oldest unacknowledged alarm of the highest class and priority', () => {
  const alarms = [
    alarmOf({ id: 'acked fire', class: 'fire', priority: 'red', state: 'ACKED', raisedAt: 1 }),
    alarmOf({ id: 'newer', class: 'gas', priority: 'red', raisedAt: 8 }),
    alarmOf({ id: 'older', class: 'gas', priority: 'red', raisedAt: 3 }),
    alarmOf({ id: 'oldest of all', class: 'gas', priority: 'orange', raisedAt: 0 }),
  ];
  expect(nextAlarm(alarms)?.id).toBe('older');
  expect(nextAlarm([alarmOf({ state: 'ACKED' })])).toBeUndefined();
});

test('every retained alarm is counted once: in a colour, or as suppressed', () => {
  fc.assert(
    fc.property(fc.array(anyAlarm), (alarms) => {
      const counts = countAlarms(alarms);
      const colours = PRIORITIES.map((priority) => counts.byPriority[priority]);
      const retained = alarms.filter((alarm) => blockOf(alarm) !== undefined).length;
      expect(colours.reduce((sum, { all }) => sum + all, 0) + counts.suppressed).toBe(retained);
      expect(colours.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0)).toBe(
        counts.unacknowledged,
      );
    }),
  );
});
