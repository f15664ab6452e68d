import { type DutyPlanBody, type FireUnitSummary } from '@watchfire/contracts';
import { useWords } from '../locales/use-words.js';

export const percent = (share: number | null): string =>
  share === null ? '—' : `${Math.round(share * 1_000) / 10} %`;

/** A plan in words. */
export function useDutyWords() {
  const { t } = useWords();
  const comma = (): string => t('ruleWords.comma');
  return {
    days: ({ days }: Pick<DutyPlanBody, 'days'>): string =>
      days.length === 7
        ? t('duty.everyDay')
        : days
            .toSorted((a, b) => a - b)
            .map((day) => t(`duty.day.${day}`))
            .join(comma()),
    moments: ({ times, windows }: Pick<DutyPlanBody, 'times' | 'windows'>): string =>
      [...times, ...windows.map(({ from, to, count }) => t('duty.windowTold', { from, to, count }))].join(
        comma(),
      ),
    scope: ({ scope }: Pick<DutyPlanBody, 'scope'>, units: readonly FireUnitSummary[]): string => {
      const { siteIds, kind, gridCode, enterpriseId } = scope;
      const name = (siteId: string): string => units.find((unit) => unit.siteId === siteId)?.name ?? siteId;
      const parts = [
        ...(siteIds === null ? [] : [siteIds.map(name).join(comma())]),
        ...(kind === null ? [] : [t(`unit.kind.${kind}`)]),
        ...(gridCode === null ? [] : [t('duty.inCell', { cell: gridCode })]),
        ...(enterpriseId === null
          ? []
          : [units.find((unit) => unit.enterpriseId === enterpriseId)?.enterpriseName ?? enterpriseId]),
      ];
      return parts.length === 0 ? t('duty.allUnits') : parts.join(' · ');
    },
  };
}
