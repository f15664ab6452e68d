import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Alarm } from '@watchfire/contracts';
import { computed, ref, shallowRef } from 'vue';
import { type Seat } from '../seat/seat.js';
import { AlarmDesk } from './alarm-desk.js';
import { countAlarms } from './counts.js';
import { isGroupKey } from './groups.js';
import { compareAlarms, nextAlarm } from './order.js';
import { alarmOf } from './testing/builders.js';

/** A desk over these alarms; the seat is what of it the desk asks for. */
function deskOver(given: readonly Alarm[]): { desk: AlarmDesk; performed: string[] } {
  const all = shallowRef(given);
  const alarms = computed(() => [...all.value].sort(compareAlarms));
  const performed: string[] = [];
  const seat = {
    alarms,
    counts: computed(() => countAlarms(alarms.value)),
    now: ref(0),
    get: (id: string) => alarms.value.find((alarm) => alarm.id === id),
    next: () => nextAlarm(alarms.value),
    acts: { perform: (kind: string, { id }: Alarm) => void performed.push(`${kind} ${id}`) },
  };
  const desk = new AlarmDesk(seat as unknown as Seat, ref(true));
  return { desk, performed };
}

const gas = (id: string, raisedAt: number): Alarm => alarmOf({ id, raisedAt });
const fire = alarmOf({ id: 'fire', class: 'fire', state: 'ACKED' });
const keys = ({ drawn }: AlarmDesk): string[] =>
  drawn.value.map(({ key }) => (isGroupKey(key) ? 'group' : key));

describe('the desk while alarms of one cause share a row', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('the keys go from row to row, a group is one of them, and Enter opens and closes it', () => {
    const { desk } = deskOver([gas('a', 1), gas('b', 2), fire]);
    expect(keys(desk)).toEqual(['group', 'fire']);
    desk.move('first');
    expect(isGroupKey(desk.selectedId.value ?? '')).toBe(true);
    desk.openSelected();
    expect(keys(desk)).toEqual(['group', 'b', 'a', 'fire']);
    expect(desk.drawerOpen.value).toBe(false);
    desk.move('down');
    expect(desk.selected.value?.id).toBe('b');
    desk.openSelected();
    expect(desk.drawerOpen.value).toBe(true);
  });

  test('a group that closes over the selected alarm is selected itself', () => {
    const { desk } = deskOver([gas('a', 1), gas('b', 2)]);
    desk.move('first');
    const group = desk.selectedId.value ?? '';
    desk.openSelected();
    desk.select('a');
    desk.toggleGroup(group);
    expect(desk.selectedId.value).toBe(group);
  });

  test('a group is not acknowledged at once', () => {
    const { desk, performed } = deskOver([gas('a', 1), gas('b', 2)]);
    desk.move('first');
    desk.actOnSelected('acknowledge');
    expect(performed).toEqual([]);
    expect(desk.notice.value?.text).toBe('group.notAtOnce');
  });

  test('the next alarm is shown, wherever it is', () => {
    const { desk, performed } = deskOver([gas('a', 1), gas('b', 2)]);
    desk.next();
    expect(keys(desk)).toEqual(['group', 'b', 'a']);
    expect(desk.selected.value?.id).toBe('a');
    desk.actOnSelected('acknowledge');
    expect(performed).toEqual(['acknowledge a']);
  });

  test('switched off, every alarm has its row again', () => {
    const { desk } = deskOver([gas('a', 1), gas('b', 2)]);
    desk.grouping.value = false;
    expect(keys(desk)).toEqual(['b', 'a']);
  });

  test('groups do not count against the length of a page', () => {
    const many = Array.from({ length: 700 }, (_, index) => gas(`g${index}`, index));
    const { desk } = deskOver(many);
    expect([keys(desk), desk.beyond.value]).toEqual([['group'], 0]);
    desk.grouping.value = false;
    expect([desk.drawn.value.length, desk.beyond.value]).toEqual([500, 200]);
    desk.grouping.value = true;
    desk.move('first');
    desk.openSelected();
    expect([desk.drawn.value.length, desk.beyond.value]).toEqual([500, 201]);
  });
});
