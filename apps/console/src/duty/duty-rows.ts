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

/** A row for every unit: whom somebody must call first, then those without an answer yet, the rest by name. */
export function dutyRows(
  units: readonly FireUnitSummary[],
  { checks, units: counts }: Pick<DutyBoard, 'checks' | 'units'>,
): DutyRow[] {
  const newest = new Map<string, DutyCheckView>();
  const open = new Map<string, DutyCheckView>();
  for (const check of checks) {
    if (check.verdict !== null) {
      if (!newest.has(check.siteId)) newest.set(check.siteId, check);
      continue;
    }
    const known = open.get(check.siteId);
    if (known === undefined || (check.closesAt ?? 0) > (known.closesAt ?? 0)) open.set(check.siteId, check);
  }
  const bySite = new Map(counts.map((count) => [count.siteId, count]));
  return units
    .map((unit): DutyRow => {
      const check = open.get(unit.siteId) ?? newest.get(unit.siteId) ?? null;
      return { unit, check, state: stateOf(check), count: bySite.get(unit.siteId) ?? null };
    })
    .sort(
      (a, b) =>
        DUTY_STATES.indexOf(a.state) - DUTY_STATES.indexOf(b.state) ||
        a.unit.name.localeCompare(b.unit.name, 'zh'),
    );
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
