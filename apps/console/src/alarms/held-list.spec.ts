import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Alarm } from '@watchfire/contracts';
import { listView } from './held-list.js';
import { compareAlarms } from './order.js';
import { alarmOf } from './testing/builders.js';

const ids = (alarms: readonly Alarm[]): string[] => alarms.map((alarm) => alarm.id);

describe('a free list', () => {
  test('shows what there is and says how much it leaves out', () => {
    const alarms = ['a', 'b', 'c'].map((id) => alarmOf({ id }));
    expect(listView(alarms, undefined, 2)).toEqual({
      rows: [
        { alarm: alarms[0], place: alarms[0], gone: false, block: 'unacknowledged' },
        { alarm: alarms[1], place: alarms[1], gone: false, block: 'unacknowledged' },
      ],
      waiting: [],
      beyond: 1,
    });
  });
});

describe('a held list', () => {
  test('keeps every row in its place, with its present state, and lets the new wait', () => {
    const held = [alarmOf({ id: 'a' }), alarmOf({ id: 'b' })];
    const now = [
      alarmOf({ id: 'new', class: 'fire' }),
      alarmOf({ id: 'b' }),
      alarmOf({ id: 'a', state: 'ACKED' }),
    ];
    const view = listView(now, held, 500);
    expect(view.rows.map(({ alarm }) => [alarm.id, alarm.state])).toEqual([
      ['a', 'ACKED'],
      ['b', 'UNACK'],
    ]);
    expect(view.rows.map(({ block }) => block)).toEqual(['unacknowledged', 'unacknowledged']);
    expect(ids(view.waiting)).toEqual(['new']);
  });

  test('strikes out what has gone instead of closing the gap', () => {
    const view = listView([alarmOf({ id: 'b' })], [alarmOf({ id: 'a' }), alarmOf({ id: 'b' })], 500);
    expect(view.rows.map(({ alarm, gone }) => [alarm.id, gone])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  test('never moves a row and never loses an alarm', () => {
    const alarm = fc
      .record({
        id: fc.constantFrom(...'abcdefgh'),
        state: fc.constantFrom('UNACK', 'ACKED', 'LATAK' as const),
        raisedAt: fc.nat(9),
      })
      .map(alarmOf);
    const list = fc
      .uniqueArray(alarm, { selector: ({ id }) => id })
      .map((alarms) => alarms.sort(compareAlarms));
    fc.assert(
      fc.property(list, list, fc.integer({ min: 1, max: 4 }), (before, after, limit) => {
        const held = listView(before, undefined, limit).rows.map((row) => row.alarm);
        const view = listView(after, held, limit);
        expect(ids(view.rows.map((row) => row.alarm))).toEqual(ids(held));
        const shown = view.rows.filter((row) => !row.gone).length;
        expect(shown + view.waiting.length + view.beyond).toBe(after.length);
      }),
    );
  });
});
