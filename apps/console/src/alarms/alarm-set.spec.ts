import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Alarm } from '@watchfire/contracts';
import { AlarmSet, type AlarmMessage } from './alarm-set.js';
import { alarmOf, messageOf } from './testing/builders.js';

const filled = (alarms: readonly Alarm[], offset: number): AlarmSet => {
  const set = new AlarmSet();
  set.refreshStarted(offset);
  for (const alarm of alarms) set.refreshAlarm(alarm);
  set.refreshEnded({ offset, count: alarms.length });
  return set;
};
const states = (set: AlarmSet): Record<string, string> =>
  Object.fromEntries([...set.values()].map((alarm): [string, string] => [alarm.id, alarm.state]).sort());

describe('refresh', () => {
  test('replaces the set in one step, and only when it has ended', () => {
    const set = filled([alarmOf({ id: 'old' })], 5);
    set.refreshStarted(9);
    set.refreshAlarm(alarmOf({ id: 'new' }));
    expect(Object.keys(states(set))).toEqual(['old']);
    set.refreshEnded({ offset: 9, count: 1 });
    expect(Object.keys(states(set))).toEqual(['new']);
    expect(set.offset).toBe(9);
  });

  test('that lost a row on the way is a gap and leaves the old set', () => {
    const set = filled([alarmOf({ id: 'old' })], 5);
    set.refreshStarted(9);
    set.refreshAlarm(alarmOf({ id: 'new' }));
    expect(set.refreshEnded({ offset: 9, count: 2 })).toEqual({ kind: 'gap' });
    expect(Object.keys(states(set))).toEqual(['old']);
    expect(set.offset).toBe(5);
  });

  test('that is cut by a lost connection and begun again shows nothing of the first half', () => {
    const set = filled([], 1);
    set.refreshStarted(9);
    set.refreshAlarm(alarmOf({ id: 'half' }));
    set.refreshStarted(12);
    set.refreshAlarm(alarmOf({ id: 'whole' }));
    set.refreshEnded({ offset: 12, count: 1 });
    expect(Object.keys(states(set))).toEqual(['whole']);
  });

  test('holds back events that arrive in the middle and applies them at its end', () => {
    const set = filled([], 1);
    set.refreshStarted(4);
    set.refreshAlarm(alarmOf({ id: 'a', state: 'UNACK' }));
    expect(set.apply(messageOf(5, alarmOf({ id: 'b' })))).toEqual({ kind: 'ignored' });
    expect(set.apply(messageOf(6, alarmOf({ id: 'a', state: 'ACKED' })))).toEqual({ kind: 'ignored' });
    const applied = set.refreshEnded({ offset: 4, count: 1 });
    expect(states(set)).toEqual({ a: 'ACKED', b: 'UNACK' });
    expect(set.offset).toBe(6);
    expect(applied.kind === 'applied' && applied.annunciate.map((alarm) => alarm.id)).toEqual(['a', 'b']);
  });

  test('announces what was not unacknowledged before, and not again what already was', () => {
    const set = filled([alarmOf({ id: 'known' }), alarmOf({ id: 'acked', state: 'ACKED' })], 5);
    set.refreshStarted(9);
    const rows = [alarmOf({ id: 'known' }), alarmOf({ id: 'acked' }), alarmOf({ id: 'new' })];
    for (const row of rows) set.refreshAlarm(row);
    const applied = set.refreshEnded({ offset: 9, count: 3 });
    expect(applied.kind === 'applied' && applied.annunciate.map((alarm) => alarm.id)).toEqual([
      'acked',
      'new',
    ]);
  });
});

describe('events', () => {
  test('before the first refresh are a gap', () => {
    expect(new AlarmSet().apply(messageOf(1, alarmOf({})))).toEqual({ kind: 'gap' });
  });

  test('a hole in the offsets is a gap and changes nothing; known offsets are ignored', () => {
    const set = filled([], 5);
    expect(set.apply(messageOf(7, alarmOf({ id: 'a' })))).toEqual({ kind: 'gap' });
    expect(set.size).toBe(0);
    expect(set.offset).toBe(5);
    expect(set.apply(messageOf(5, alarmOf({ id: 'a' })))).toEqual({ kind: 'ignored' });
    expect(set.apply(messageOf(6, alarmOf({ id: 'a' }))).kind).toBe('applied');
  });

  test('a person who is sent a part of the stream may have holes', () => {
    const set = new AlarmSet(() => false);
    set.refreshStarted(5);
    set.refreshEnded({ offset: 5, count: 0 });
    expect(set.apply(messageOf(9, alarmOf({}))).kind).toBe('applied');
  });

  test('an alarm that is normal again, or removed, leaves the set', () => {
    const set = filled([alarmOf({ id: 'a' }), alarmOf({ id: 'b' })], 0);
    set.apply(messageOf(1, alarmOf({ id: 'a', state: 'NORM' }), 'acknowledged'));
    set.apply(messageOf(2, alarmOf({ id: 'b', state: 'UNACK' }), 'removed'));
    expect(set.size).toBe(0);
  });

  test('a rise in severity and a re-occurrence are announced; an acknowledgement and a return are not', () => {
    const set = filled([alarmOf({ id: 'a', severity: 700 })], 0);
    const announced = (message: AlarmMessage): boolean => {
      const applied = set.apply(message);
      return applied.kind === 'applied' && applied.annunciate.length > 0;
    };
    expect(announced(messageOf(1, alarmOf({ id: 'a', severity: 900 }), 'level-changed'))).toBe(true);
    expect(announced(messageOf(2, alarmOf({ id: 'a', severity: 900, state: 'RTNUN' }), 'returned'))).toBe(
      false,
    );
    expect(announced(messageOf(3, alarmOf({ id: 'a', severity: 900 }), 'reoccurred'))).toBe(true);
    expect(announced(messageOf(4, alarmOf({ id: 'a', state: 'ACKED' }), 'acknowledged'))).toBe(false);
  });

  test('[AL146] another place is announced while the first still waits, also where its event was missed', () => {
    const first = alarmOf({ id: 'a', eventId: '1-0', severity: 900 });
    const second = alarmOf({ id: 'a', eventId: '2-0', severity: 900 });
    const set = filled([first], 0);
    const applied = set.apply(messageOf(1, second, 'reoccurred'));
    expect(applied).toMatchObject({ kind: 'applied', annunciate: [{ eventId: '2-0' }] });
    // The one before it takes its place when it is over: nothing new.
    const over = alarmOf({ id: 'a', eventId: '1-0', severity: 900, state: 'RTNUN' });
    expect(set.apply(messageOf(2, over, 'returned'))).toMatchObject({ annunciate: [] });
  });

  test('a correction counts only while the row still shows the stale event', () => {
    const set = filled([alarmOf({ id: 'a', eventId: '1-0' })], 0);
    set.correct('1-0', alarmOf({ id: 'a', eventId: '2-0' }));
    expect(set.get('a')?.eventId).toBe('2-0');
    set.correct('1-0', alarmOf({ id: 'a', eventId: '1-9' }));
    expect(set.get('a')?.eventId).toBe('2-0');
  });
});

test('any mix of live events, lost links, replays and refreshes ends in the state of the server', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    state: fc.constantFrom('UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK', 'NORM' as const),
    fault: fc.constantFrom('none', 'none', 'none', 'drop', 'duplicate', 'refresh', 'refresh-under-load'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const log: AlarmMessage[] = [];
      const truth = new Map<string, Alarm>();
      const set = filled([], 0);
      const refresh = (between: () => void): void => {
        const snapshot = [...truth.values()].filter((alarm) => alarm.state !== 'NORM');
        const offset = log.length;
        set.refreshStarted(offset);
        for (const alarm of snapshot) set.refreshAlarm(alarm);
        between();
        if (set.refreshEnded({ offset, count: snapshot.length }).kind === 'gap') refresh(() => undefined);
      };
      const send = (message: AlarmMessage): void => {
        if (set.apply(message).kind === 'gap') for (const missed of log.slice(set.offset)) set.apply(missed);
      };
      for (const { id, state, fault } of steps) {
        const alarm = alarmOf({ id, state, eventId: `${log.length}-0` });
        const message = messageOf(log.length + 1, alarm);
        const happen = (): void => {
          log.push(message);
          truth.set(id, alarm);
        };
        if (fault === 'refresh-under-load') {
          refresh(() => {
            happen();
            send(message);
          });
          continue;
        }
        happen();
        if (fault === 'drop') continue;
        if (fault === 'refresh') refresh(() => undefined);
        send(message);
        if (fault === 'duplicate') send(message);
      }
      for (const missed of log.slice(set.offset)) set.apply(missed);
      const expected = [...truth.values()].filter((alarm) => alarm.state !== 'NORM');
      expect(new Map([...set.values()].map((alarm) => [alarm.id, alarm.eventId]))).toEqual(
        new Map(expected.map((alarm) => [alarm.id, alarm.eventId])),
      );
      expect(set.offset).toBe(log.length);
    }),
  );
});
