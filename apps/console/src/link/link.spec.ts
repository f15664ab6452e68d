import { describe, expect, test } from '@jest/globals';
import { type Alarm, type SubscribeReply, type SubscribeRequest } from '@watchfire/contracts';
import { AlarmSet } from '../alarms/alarm-set.js';
import { alarmOf, messageOf } from '../alarms/testing/builders.js';
import { AlarmStream, SUBSCRIBE_PATIENCE_MS } from './alarm-stream.js';
import { DOWN_LIMIT_MS, linkState, SILENCE_LIMIT_MS } from './link-state.js';
import { ServerClock } from './server-clock.js';
import { WATCH_LIMIT, Watching } from './watching.js';

describe('the state of the link', () => {
  const live = { startedAt: 0, downSince: null, heardAt: 1_000, synchronised: true };

  test('is lost after three heartbeats that did not come, and not before', () => {
    expect(linkState(live, 1_000 + SILENCE_LIMIT_MS - 1)).toEqual({ kind: 'live' });
    expect(linkState(live, 1_000 + SILENCE_LIMIT_MS)).toEqual({ kind: 'lost', since: 1_000 });
  });

  test('is lost soon after the transport is known to be down', () => {
    const down = { ...live, downSince: 2_000, synchronised: false };
    expect(linkState(down, 2_000 + DOWN_LIMIT_MS - 1)).toEqual({ kind: 'reconnecting' });
    expect(linkState(down, 2_000 + DOWN_LIMIT_MS)).toEqual({ kind: 'lost', since: 1_000 });
  });

  test('is not live before the list is complete, and lost when the server never answers', () => {
    expect(linkState({ ...live, synchronised: false }, 2_000)).toEqual({ kind: 'catching-up' });
    const first = { startedAt: 0, downSince: 0, heardAt: null, synchronised: false };
    expect(linkState(first, 5_000)).toEqual({ kind: 'connecting' });
    expect(linkState(first, SILENCE_LIMIT_MS)).toEqual({ kind: 'lost', since: 0 });
  });
});

test('the drift of the seat is the least of the last minute, since a heartbeat can only be late', () => {
  const clock = new ServerClock();
  expect(clock.driftMs).toBeNull();
  for (const [serverTime, now] of [
    [1_000, 4_050],
    [2_000, 5_010],
    [3_000, 9_000],
  ] as const) {
    clock.heard(serverTime, now);
  }
  expect(clock.driftMs).toBe(3_010);
  expect(clock.at(10_000)).toBe(6_990);
});

test('wishes to watch are merged, bounded, and sent only when they change', () => {
  let changes = 0;
  const watching = new Watching(() => (changes += 1));
  const [list, drawer] = [Symbol('list'), Symbol('drawer')];
  watching.want(list, ['a', 'b']);
  watching.want(list, ['a', 'b']);
  watching.want(drawer, ['b', 'c']);
  expect(watching.points()).toEqual(['b', 'c', 'a']);
  expect(changes).toBe(2);
  watching.release(drawer);
  expect(watching.points()).toEqual(['a', 'b']);
  watching.want(
    drawer,
    Array.from({ length: WATCH_LIMIT + 1 }, (_, index) => `p${index}`),
  );
  expect(watching.points()).toHaveLength(WATCH_LIMIT);
});

describe('the alarm stream', () => {
  function page() {
    const set = new AlarmSet();
    const asked: { request: SubscribeRequest; reply: (answer: SubscribeReply) => void }[] = [];
    const announced: string[] = [];
    const stream = new AlarmStream(set, {
      subscribe: (request, reply) => asked.push({ request, reply }),
      announce: (alarms) => announced.push(...alarms.map((alarm) => alarm.id)),
      changed: () => undefined,
    });
    const refresh = (offset: number, alarms: readonly Alarm[], now = 0): void => {
      asked.at(-1)?.reply({ ok: true, offset, mode: 'refresh' });
      stream.refreshStarted({ offset });
      for (const alarm of alarms) stream.refreshAlarm(alarm);
      stream.refreshEnded({ offset, count: alarms.length }, now);
    };
    const requests = (): SubscribeRequest[] => asked.map(({ request }) => request);
    return { set, stream, asked, announced, refresh, requests };
  }

  test('starts with a refresh and is live at its end', () => {
    const { stream, refresh, requests, announced } = page();
    stream.up(0);
    expect(requests()).toEqual([{}]);
    expect(stream.synchronised).toBe(false);
    refresh(7, [alarmOf({ id: 'a' })]);
    expect(stream.synchronised).toBe(true);
    expect(announced).toEqual(['a']);
  });

  test('resumes after a lost connection with the last offset, and hears what it missed', () => {
    const { set, stream, asked, refresh, requests, announced } = page();
    stream.up(0);
    refresh(7, []);
    stream.down();
    expect(stream.synchronised).toBe(false);
    stream.up(10);
    expect(requests()).toEqual([{}, { offset: 7 }]);
    asked[1]?.reply({ ok: true, offset: 9, mode: 'replay' });
    stream.alarm(messageOf(8, alarmOf({ id: 'b' })), 11);
    stream.alarm(messageOf(9, alarmOf({ id: 'c' })), 11);
    expect(stream.synchronised).toBe(true);
    expect(announced).toEqual(['b', 'c']);
    expect(set.offset).toBe(9);
  });

  test('asks once for a refresh at a hole in the offsets, and at a gap that the server tells', () => {
    const { stream, refresh, requests, set } = page();
    stream.up(0);
    refresh(7, []);
    stream.alarm(messageOf(9, alarmOf({ id: 'b' })), 1);
    stream.alarm(messageOf(10, alarmOf({ id: 'c' })), 1);
    stream.gap(1);
    expect(requests()).toEqual([{}, {}]);
    expect(stream.synchronised).toBe(false);
    refresh(10, [alarmOf({ id: 'b' }), alarmOf({ id: 'c' })], 2);
    expect(stream.synchronised).toBe(true);
    expect(set.size).toBe(2);
    stream.gap(3);
    expect(requests()).toEqual([{}, {}, {}]);
  });

  test('asks again when a subscription is not answered, is refused or does not end', () => {
    const { stream, asked, requests } = page();
    stream.up(0);
    stream.tick(SUBSCRIBE_PATIENCE_MS - 1);
    expect(requests()).toHaveLength(1);
    stream.tick(SUBSCRIBE_PATIENCE_MS);
    expect(requests()).toHaveLength(2);
    asked[1]?.reply({ ok: false, code: 'busy', message: 'later' });
    expect(stream.problem).toEqual({ code: 'busy', message: 'later' });
    stream.tick(2 * SUBSCRIBE_PATIENCE_MS);
    expect(requests()).toHaveLength(3);
    stream.refreshStarted({ offset: 1 });
    stream.tick(3 * SUBSCRIBE_PATIENCE_MS);
    expect(requests()).toHaveLength(4);
  });

  test('asks again soon when the server ends a subscription in the middle of its answer', () => {
    const { stream, requests } = page();
    stream.up(0);
    stream.refreshStarted({ offset: 1 });
    stream.gap(100);
    expect(requests()).toHaveLength(1);
    stream.tick(1_099);
    expect(requests()).toHaveLength(1);
    stream.tick(1_100);
    expect(requests()).toEqual([{}, {}]);
  });

  test('finds out by the heartbeat that it stays behind', () => {
    const { stream, refresh, requests } = page();
    stream.up(0);
    refresh(7, []);
    stream.heartbeat(8, true, 1);
    expect(requests()).toHaveLength(1);
    stream.heartbeat(8, true, 2);
    expect(requests()).toEqual([{}, { offset: 7 }]);
  });

  test('a late answer to an earlier question changes nothing', () => {
    const { stream, asked, refresh } = page();
    stream.up(0);
    refresh(7, []);
    stream.down();
    stream.up(1);
    stream.down();
    stream.up(2);
    asked[1]?.reply({ ok: true, offset: 7, mode: 'replay' });
    expect(stream.synchronised).toBe(false);
  });
});
