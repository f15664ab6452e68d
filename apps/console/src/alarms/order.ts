import { ALARM_CLASSES, PRIORITIES, type Alarm, type AlarmClass, type Priority } from '@watchfire/contracts';

/** Where an alarm stands in the list: unacknowledged above acknowledged above what is shelved or suppressed. */
export const BLOCKS = ['unacknowledged', 'acknowledged', 'suppressed'] as const;
export type Block = (typeof BLOCKS)[number];

/** The block of a retained alarm; one that is over has none. */
export function blockOf(alarm: Pick<Alarm, 'state' | 'retain'>): Block | undefined {
  if (!alarm.retain) return undefined;
  switch (alarm.state) {
    case 'UNACK':
    case 'RTNUN':
    case 'LATUN':
      return 'unacknowledged';
    case 'ACKED':
    case 'LATAK':
      return 'acknowledged';
    case 'SHLVD':
    case 'DSUPR':
    case 'OOSRV':
      return 'suppressed';
    // It is over but for the word that what it asked for is done.
    case 'NORM':
      return 'acknowledged';
  }
}

const classRanks = new Map<AlarmClass, number>(ALARM_CLASSES.map((name, rank) => [name, rank]));
const priorityRanks = new Map<Priority, number>(PRIORITIES.map((name, rank) => [name, rank]));

/** 0 is the highest; a class that this page does not know yet comes first rather than last, so that it is seen. */
export const classRank = (name: AlarmClass): number => classRanks.get(name) ?? -1;
export const priorityRank = (name: Priority): number => priorityRanks.get(name) ?? -1;

const blockRank = (alarm: Alarm): number => {
  const block = blockOf(alarm);
  return block === undefined ? BLOCKS.length : BLOCKS.indexOf(block);
};

/** Negative when `a` is the more urgent of two alarms of one block: class before priority, as on a fire panel. */
export function compareUrgency(a: Alarm, b: Alarm): number {
  return classRank(a.class) - classRank(b.class) || priorityRank(a.priority) - priorityRank(b.priority);
}

/** The order of the list: state block, class, priority, newest first; the id last, so that equal rows never swap. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  return (
    blockRank(a) - blockRank(b) ||
    compareUrgency(a, b) ||
    b.raisedAt - a.raisedAt ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/** The alarm to turn to next: the oldest unacknowledged one of the highest class and priority. */
export function nextAlarm(alarms: Iterable<Alarm>): Alarm | undefined {
  let next: Alarm | undefined;
  for (const alarm of alarms) {
    if (blockOf(alarm) !== 'unacknowledged') continue;
    if (next === undefined || (compareUrgency(alarm, next) || alarm.raisedAt - next.raisedAt) < 0)
      next = alarm;
  }
  return next;
}
