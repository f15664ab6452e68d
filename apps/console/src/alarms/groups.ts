import { SIGNAL_CLASSES, type Alarm, type SignalClassPolicy } from '@watchfire/contracts';
import { type Row } from './held-list.js';
import { compareUrgency, type Block } from './order.js';

/** Alarms of one site and one cause, drawn as one row. */
export interface Group {
  readonly kind: 'group';
  /** Names it for as long as it has members; never the id of an alarm. */
  readonly key: string;
  readonly block: Block;
  readonly members: readonly Row[];
  /** The most urgent of them. */
  readonly lead: Alarm;
  /** The rule that suppresses them all, `device/rule`; null where what they share is their own rule. */
  readonly inhibitedBy: string | null;
  readonly expanded: boolean;
}

/** A row of one alarm. */
export interface Single {
  readonly kind: 'alarm';
  /** The id of the alarm. */
  readonly key: string;
  readonly block: Block;
  readonly row: Row;
  /** It stands beneath the row of its group. */
  readonly inGroup: boolean;
}

export type Item = Single | Group;

const PREFIX = 'group:';
/** What a reason of the server begins with where the alarm of another rule is the reason. */
const INHIBITED_BY = 'inhibited-by:';

/** One that this page does not know yet is taken for one, so that it is seen. */
export function isTopClass({ class: name }: Pick<Alarm, 'class'>): boolean {
  const policies: Readonly<Record<string, SignalClassPolicy | undefined>> = SIGNAL_CLASSES;
  return policies[name]?.exempt ?? true;
}

function inhibitorOf({ suppressionReasons }: Alarm): string | null {
  const reasons = suppressionReasons.filter((reason) => reason.startsWith(INHIBITED_BY)).sort();
  return reasons[0]?.slice(INHIBITED_BY.length) ?? null;
}

/**
 * The group that a row may stand in; undefined for the top class, which always has rows of its own. By the alarm as it was when the list
 * was held, so that no row moves under the hand of the operator.
 */
export function groupKeyOf({ alarm, place, block }: Row): string | undefined {
  if (isTopClass(alarm) || isTopClass(place)) return undefined;
  const inhibitor = inhibitorOf(place);
  // What is real and what is exercised never share a row.
  const kind = place.drill ? 'drill' : 'real';
  const cause = inhibitor === null ? `${place.class} ${place.rule}` : `${INHIBITED_BY}${inhibitor}`;
  return `${PREFIX}${block} ${place.siteId} ${kind} ${cause}`;
}

/** Whether it is the key of a group, and not the id of an alarm. */
export function isGroupKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** What is drawn, in the order of `rows`: a group stands where the first of its members would. `expanded`: keys of groups. */
export function itemsOf(rows: readonly Row[], expanded: ReadonlySet<string>): readonly Item[] {
  const members = new Map<string, Row[]>();
  for (const row of rows) {
    const key = groupKeyOf(row);
    if (key !== undefined) members.set(key, [...(members.get(key) ?? []), row]);
  }
  const drawn = new Set<string>();
  return rows.flatMap((row): readonly Item[] => {
    const key = groupKeyOf(row);
    const together = key === undefined ? undefined : members.get(key);
    if (key === undefined || together === undefined || together.length < 2) return [singleOf(row, false)];
    if (drawn.has(key)) return [];
    drawn.add(key);
    const group = groupOf(key, together, expanded.has(key));
    return group.expanded ? [group, ...together.map((one) => singleOf(one, true))] : [group];
  });
}

/** Every row by itself. */
export function singlesOf(rows: readonly Row[]): readonly Item[] {
  return rows.map((row) => singleOf(row, false));
}

/** How many alarms these stand for that are on no other row. */
export function alarmsIn(items: readonly Item[]): number {
  return items.reduce(
    (sum, item) => sum + (item.kind === 'alarm' ? 1 : item.expanded ? 0 : item.members.length),
    0,
  );
}

function singleOf(row: Row, inGroup: boolean): Single {
  return { kind: 'alarm', key: row.alarm.id, block: row.block, row, inGroup };
}

function groupOf(key: string, members: readonly Row[], expanded: boolean): Group {
  const present = members.filter(({ gone }) => !gone);
  const [first, ...rest] = (present.length > 0 ? present : members).map(({ alarm }) => alarm);
  if (first === undefined) throw new Error('a group has members');
  const lead = rest.reduce((most, alarm) => (compareUrgency(alarm, most) < 0 ? alarm : most), first);
  const { block, place } = members[0]!;
  return { kind: 'group', key, block, members, lead, inhibitedBy: inhibitorOf(place), expanded };
}
