import {
  type DutyBoard,
  type DutyCheckView,
  type DutyCount,
  type FireUnitKind,
  type FireUnitSummary,
} from '@watchfire/contracts';

/** What a unit is in, by its checks of the day. */
export const DUTY_STATES = ['absent', 'open', 'undelivered', 'unasked', 'present'] as const;
export type DutyState = (typeof DUTY_STATES)[number];

export interface DutyRow {
  readonly unit: FireUnitSummary;
  readonly state: DutyState;
  /** The check behind the state; of several that are open the one that closes last. */
  readonly check: DutyCheckView | null;
  readonly count: DutyCount | null;
}

/** Of several rooms of a unit, whose state is that of the unit: one that nobody answers is not made good by another. */
const RANK: readonly DutyState[] = ['absent', 'open', 'present', 'undelivered', 'unasked'];

/** A row for every unit: whom somebody must call first, then those without an answer yet, the rest by name. */
export function dutyRows(
  units: readonly FireUnitSummary[],
  { checks, units: counts }: Pick<DutyBoard, 'checks' | 'units'>,
): DutyRow[] {
  const bySite = new Map(counts.map((count) => [count.siteId, count]));
  const telling = new Map<string, DutyCheckView>();
  for (const check of newestOfRooms(checks)) {
    const known = telling.get(check.siteId);
    if (known === undefined || RANK.indexOf(stateOf(check)) < RANK.indexOf(stateOf(known)))
      telling.set(check.siteId, check);
  }
  return units
    .map((unit): DutyRow => {
      const check = telling.get(unit.siteId) ?? null;
      return { unit, check, state: stateOf(check), count: bySite.get(unit.siteId) ?? null };
    })
    .sort(
      (a, b) =>
        DUTY_STATES.indexOf(a.state) - DUTY_STATES.indexOf(b.state) ||
        a.unit.name.localeCompare(b.unit.name, 'zh'),
    );
}

/** Of each room what is open, closing last, or else what closed last; `checks` are newest first. */
function newestOfRooms(checks: readonly DutyCheckView[]): Iterable<DutyCheckView> {
  const rooms = new Map<string, DutyCheckView>();
  for (const check of checks) {
    const known = rooms.get(check.deviceId);
    const isLonger = check.verdict === null && (check.closesAt ?? 0) > (known?.closesAt ?? 0);
    if (known === undefined || (check.verdict === null && (known.verdict !== null || isLonger)))
      rooms.set(check.deviceId, check);
  }
  return rooms.values();
}

function stateOf(check: DutyCheckView | null): DutyState {
  if (check === null) return 'unasked';
  // The key was pressed too late: the check stays absent, and somebody is there now.
  if (check.lateAt !== null) return 'present';
  return check.verdict ?? 'open';
}

export interface DutyFilter {
  readonly text: string;
  readonly kind: FireUnitKind | '';
  readonly state: DutyState | '';
  readonly siteId: string | null;
}

export function shownRows(rows: readonly DutyRow[], { text, kind, state, siteId }: DutyFilter): DutyRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    ({ unit, state: own }) =>
      (siteId === null || unit.siteId === siteId) &&
      (kind === '' || unit.kind === kind) &&
      (state === '' || own === state) &&
      `${unit.name} ${unit.enterpriseName} ${unit.address ?? ''}`.toLowerCase().includes(wanted),
  );
}

/** The beginning of the day of a time, in the zone of the seat. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
