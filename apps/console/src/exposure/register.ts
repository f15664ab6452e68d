import {
  EXPOSURE_KIND_NAMES,
  MAINTAINERS,
  QUIET_EXPOSURE_KINDS,
  SHELVERS,
  type ExposureKindName,
  type ExposureShare,
  type ExposureView,
  type Role,
} from '@watchfire/contracts';

/** A share of 0 to 1 for people: never 0 % of something, and never 100 % of what is not all. */
export function percent(share: number): string {
  if (share <= 0) return '0%';
  if (share >= 1) return '100%';
  const rounded = (share * 100).toFixed(1);
  if (rounded === '0.0') return '<0.1%';
  return rounded === '100.0' ? '>99.9%' : `${rounded}%`;
}

export const isQuiet = (kind: ExposureKindName): boolean => QUIET_EXPOSURE_KINDS.includes(kind);

export interface KindCount {
  readonly kind: ExposureKindName;
  readonly points: number;
  readonly quiet: boolean;
}

/** Points by their weightiest reason, blind before quiet; a reason that nothing has is left out, but for the one that is chosen. */
export function kindCounts(
  byKind: ExposureShare['byKind'],
  chosen: ExposureKindName | null = null,
): KindCount[] {
  return EXPOSURE_KIND_NAMES.map((kind) => ({ kind, points: byKind[kind], quiet: isQuiet(kind) })).filter(
    ({ kind, points }) => points > 0 || kind === chosen,
  );
}

export type EndingAct = 'unshelve' | 'in-service' | 'enable';

/** The act by which this person may end what an entry tells of; null where nobody can, or somebody else must. */
export function endingAct({ kind, ruleKey }: ExposureView, role: Role): EndingAct | null {
  if (ruleKey === null) return null;
  const shelves = (SHELVERS as readonly Role[]).includes(role);
  const maintains = (MAINTAINERS as readonly Role[]).includes(role);
  if (kind === 'shelved') return shelves ? 'unshelve' : null;
  if (kind === 'out-of-service') return maintains ? 'in-service' : null;
  return kind === 'disabled' && maintains ? 'enable' : null;
}
