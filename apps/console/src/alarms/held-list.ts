import { type Alarm } from '@watchfire/contracts';
import { blockOf, type Block } from './order.js';

/** One row of the list on the screen. */
export interface Row {
  readonly alarm: Alarm;
  /** The alarm by which the row has its place: as it is, or while the list is held as it was then. */
  readonly place: Alarm;
  /** The alarm has left the list while the operator's hand was on it: shown struck out until the list moves again. */
  readonly gone: boolean;
  /** Where the row is drawn: the alarm's block, or while the list is held the one that it was in then. */
  readonly block: Block;
}

export interface ListView {
  readonly rows: readonly Row[];
  /** Alarms that wait above the list until it may move, most urgent first. */
  readonly waiting: readonly Alarm[];
  /** Rows that are not drawn because the list would be too long for a page. */
  readonly beyond: number;
}

/**
 * The rows to show. While `held` is given (the operator has scrolled, has the drawer open or has the pointer on the list)
 * every row keeps its place whatever happens to its alarm, so that a click can never fall on a row that has just moved under
 * the pointer; what is new waits above. `ordered` is the whole filtered list in its order.
 */
export function listView(
  ordered: readonly Alarm[],
  held: readonly Alarm[] | undefined,
  limit: number,
): ListView {
  if (held === undefined) {
    const rows = ordered.slice(0, limit).map((alarm) => rowOf(alarm, alarm, false));
    return { rows, waiting: [], beyond: ordered.length - rows.length };
  }
  const present = new Map(ordered.map((alarm) => [alarm.id, alarm]));
  const rows = held.map((before) => {
    const alarm = present.get(before.id);
    present.delete(before.id);
    return rowOf(alarm ?? before, before, alarm === undefined);
  });
  const rest = [...present.values()];
  // What was beyond the limit when the list was held is not new; it stays in the count at the end.
  const beyond = held.length >= limit ? rest.filter((alarm) => alarm.raisedAt <= newestOf(held)) : [];
  const waiting = rest.filter((alarm) => !beyond.includes(alarm));
  return { rows, waiting, beyond: beyond.length };
}

const rowOf = (alarm: Alarm, place: Alarm, gone: boolean): Row => ({
  alarm,
  place,
  gone,
  block: blockOf(place) ?? 'acknowledged',
});

const newestOf = (alarms: readonly Alarm[]): number =>
  alarms.reduce((newest, alarm) => Math.max(newest, alarm.raisedAt), -Infinity);
