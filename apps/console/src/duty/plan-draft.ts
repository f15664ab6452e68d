import { type DutyPlanBody, type DutyScope, type DutyWindow } from '@watchfire/contracts';

/** By what a plan finds its units. */
export const SCOPE_KINDS = ['all', 'kind', 'grid', 'enterprise', 'units'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** A plan while somebody writes it. */
export interface PlanDraft {
  name: string;
  by: ScopeKind;
  kind: string;
  gridCode: string;
  enterpriseId: string;
  siteIds: string[];
  days: number[];
  zone: string;
  times: string;
  windows: { from: string; to: string; count: number }[];
  minutes: number;
  enabled: boolean;
}

const NO_SCOPE: DutyScope = { siteIds: null, kind: null, gridCode: null, enterpriseId: null };
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

export function draftOf(plan: DutyPlanBody | null): PlanDraft {
  const { siteIds, kind, gridCode, enterpriseId } = plan?.scope ?? NO_SCOPE;
  const by: ScopeKind =
    siteIds !== null
      ? 'units'
      : kind !== null
        ? 'kind'
        : gridCode !== null
          ? 'grid'
          : enterpriseId !== null
            ? 'enterprise'
            : 'all';
  return {
    ...{ name: plan?.name ?? '', by, kind: kind ?? 'other', gridCode: gridCode ?? '' },
    ...{ enterpriseId: enterpriseId ?? '', siteIds: [...(siteIds ?? [])] },
    ...{ days: [...(plan?.days ?? EVERY_DAY)], zone: plan?.zone ?? 'Asia/Shanghai' },
    times: (plan?.times ?? []).join(' '),
    windows: (plan?.windows ?? [{ from: '22:00', to: '06:00', count: 2 }]).map((one) => ({ ...one })),
    ...{ minutes: plan?.minutes ?? 10, enabled: plan?.enabled ?? true },
  };
}

/** What a plan combines beyond the one way of finding units that the form has stays as it is while that way does. */
export function planOf(draft: PlanDraft, before: DutyPlanBody | null): DutyPlanBody {
  const { name, by, days, zone, windows, minutes, enabled } = draft;
  return {
    ...{ name: name.trim(), days: days.toSorted((a, b) => a - b), zone: zone.trim(), minutes, enabled },
    scope: scopeOf(draft, before !== null && draftOf(before).by === by ? before.scope : NO_SCOPE),
    // As people write them: `9:00，21:00`.
    times: draft.times
      .split(/[\s,，、;；]+/)
      .filter((time) => time !== '')
      .map(clockText),
    windows: windows.map((one): DutyWindow => ({
      from: clockText(one.from),
      to: clockText(one.to),
      count: one.count,
    })),
  };
}

function scopeOf(draft: PlanDraft, rest: DutyScope): DutyScope {
  const { by, siteIds, kind, gridCode, enterpriseId } = draft;
  switch (by) {
    case 'all':
      return NO_SCOPE;
    case 'kind':
      return { ...rest, kind: kind as NonNullable<DutyScope['kind']> };
    case 'grid':
      return { ...rest, gridCode };
    case 'enterprise':
      return { ...rest, enterpriseId };
    case 'units':
      return { ...rest, siteIds };
  }
}

function clockText(text: string): string {
  const plain = text.trim().replace('：', ':');
  return /^\d:\d\d$/.test(plain) ? `0${plain}` : plain;
}
