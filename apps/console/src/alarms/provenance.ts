import { type RuleView } from '@watchfire/contracts';

type Source = RuleView['provenance'][number];

/** What a provenance is about: a limit, or a text of the locale under `provenance`. */
export interface Subject {
  readonly level: string | null;
  readonly aspect: 'limit' | 'severity' | 'deadband' | 'onDelayMs' | 'offDelayMs' | 'afterMs' | 'other';
  /** As the catalogue names it, for what has no word here. */
  readonly path: string;
}

const ASPECTS = ['deadband', 'onDelayMs', 'offDelayMs', 'afterMs', 'severity'] as const;

/** Reads paths of the catalogue such as `limits.HH`, `limits.HH.severity`, `deadband`. */
export function subjectOf(path: string): Subject {
  const [head = '', level = null, tail] = path.split('.');
  if (head === 'limits' && level !== null)
    return { level, aspect: tail === undefined ? 'limit' : aspectOf(tail), path };
  return { level: null, aspect: aspectOf(head), path };
}

const aspectOf = (name: string): Subject['aspect'] => ASPECTS.find((aspect) => aspect === name) ?? 'other';

const RANK: Readonly<Record<Subject['aspect'], number>> = {
  limit: 0,
  other: 1,
  severity: 2,
  deadband: 3,
  onDelayMs: 4,
  offDelayMs: 5,
  afterMs: 6,
};

/** The limits first: they are what an operator is asked about; how an alarm is filtered comes after. */
export const inOrder = (sources: readonly Source[]): Source[] =>
  [...sources].sort((a, b) => RANK[subjectOf(a.of).aspect] - RANK[subjectOf(b.of).aspect]);
