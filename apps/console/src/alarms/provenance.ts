import { type RuleView } from '@watchfire/contracts';

type Source = RuleView['provenance'][number];

/** What a rule can have a source for, beside its limits: each has a word in the locale, under `provenance`. */
export const ASPECTS = [
  'deadband',
  'onDelayMs',
  'onCount',
  'offDelayMs',
  'afterMs',
  'severity',
  'blindSeverity',
  'setPoint',
  'low',
  'high',
  'alarm',
  'windowMs',
  'perMs',
  'expression',
  'target',
  'direction',
  'slack',
  'threshold',
  'tolerance',
  'holdMs',
  'expectedMs',
  'limitMs',
  'count',
  'values',
  'alarmValues',
  'normal',
  'offNormalSeverity',
  'bits',
  'terms',
  'pairs',
  'logic',
  'enabledWhen',
  'by',
  'need',
  'onBad',
  'classes',
] as const;
type Aspect = (typeof ASPECTS)[number];

/** What a provenance is about: a limit, or a text of the locale under `provenance`. */
export interface Subject {
  readonly level: string | null;
  readonly aspect: 'limit' | Aspect | 'other';
  /** As the catalogue names it, for what has no word here. */
  readonly path: string;
}

/** Lists of which each entry has a name, as `bits.fire.severity`. */
const NAMED: ReadonlySet<string> = new Set(['alarmValues', 'bits', 'terms', 'pairs']);

/** Reads paths of the catalogue such as `limits.HH`, `limits.HH.severity`, `deadband`. */
export function subjectOf(path: string): Subject {
  const [head = '', level = null, tail] = path.split('.');
  if (head === 'limits' && level !== null)
    return { level, aspect: tail === undefined ? 'limit' : aspectOf(tail), path };
  if (NAMED.has(head) && level !== null)
    return { level, aspect: tail === 'severity' ? 'severity' : aspectOf(head), path };
  return { level: null, aspect: aspectOf(head), path };
}

const aspectOf = (name: string): Subject['aspect'] => ASPECTS.find((aspect) => aspect === name) ?? 'other';

/** How an alarm is filtered, and how severe it is: after what it is about. */
const LATER: readonly Subject['aspect'][] = ['severity', 'deadband', 'onDelayMs', 'onCount', 'offDelayMs'];

function rankOf(aspect: Subject['aspect']): number {
  return aspect === 'limit' ? 0 : LATER.indexOf(aspect) + 2;
}

/** The limits first: they are what an operator is asked about; how an alarm is filtered comes after. */
export const inOrder = (sources: readonly Source[]): Source[] =>
  [...sources].sort((a, b) => rankOf(subjectOf(a.of).aspect) - rankOf(subjectOf(b.of).aspect));
