import { PRIORITIES, type Alarm, type Priority } from '@watchfire/contracts';
import { blockOf } from './order.js';

/** Counts of the whole set: never of what a filter or a page happens to show. */
export interface AlarmCounts {
  /** The condition is true now; suppressed ones are counted apart. */
  readonly active: number;
  readonly unacknowledged: number;
  readonly suppressed: number;
  readonly byPriority: Readonly<Record<Priority, { readonly all: number; readonly unacknowledged: number }>>;
}

export function countAlarms(alarms: Iterable<Alarm>): AlarmCounts {
  const byPriority = Object.fromEntries(
    PRIORITIES.map((priority) => [priority, { all: 0, unacknowledged: 0 }]),
  ) as Record<Priority, { all: number; unacknowledged: number }>;
  let active = 0;
  let unacknowledged = 0;
  let suppressed = 0;
  for (const alarm of alarms) {
    const block = blockOf(alarm);
    if (block === undefined) continue;
    if (block === 'suppressed') {
      suppressed += 1;
      continue;
    }
    if (alarm.active) active += 1;
    byPriority[alarm.priority].all += 1;
    if (block === 'unacknowledged') {
      unacknowledged += 1;
      byPriority[alarm.priority].unacknowledged += 1;
    }
  }
  return { active, unacknowledged, suppressed, byPriority };
}
