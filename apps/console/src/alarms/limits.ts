import { type RuleView } from '@watchfire/contracts';

export interface LimitLine {
  readonly level: string;
  readonly limit: number;
}

/** The limits of a rule's condition, highest first; none for a condition without limits. Reads the open shape with care. */
export function limitsOf(rule: Pick<RuleView, 'condition'> | undefined): LimitLine[] {
  const limits = rule?.condition['limits'];
  if (!Array.isArray(limits)) return [];
  return limits
    .flatMap((entry: unknown): LimitLine[] => {
      if (typeof entry !== 'object' || entry === null) return [];
      const { level, limit } = entry as { level?: unknown; limit?: unknown };
      return typeof level === 'string' && typeof limit === 'number' ? [{ level, limit }] : [];
    })
    .sort((a, b) => b.limit - a.limit);
}
