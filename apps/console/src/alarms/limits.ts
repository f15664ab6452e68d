import { type RuleView, type Value } from '@watchfire/contracts';

export interface LimitLine {
  /** Empty for the end of a band, `SP` for a set-point. */
  readonly level: string;
  readonly limit: number;
}

/** Values that are in alarm, in the unit of the point; Infinity for no end. */
export interface AlarmBand {
  readonly low: number;
  readonly high: number;
}

type Judged = Partial<Pick<RuleView, 'condition' | 'reads'>> | undefined;

/**
 * What can be drawn beside the values of the point, highest first: none for a condition without limits of the value itself. An end that is
 * read from a point is not a line: it moves. Reads the open shape with care.
 */
export function limitsOf(rule: Judged): LimitLine[] {
  const condition = rule?.condition ?? {};
  switch (condition['kind']) {
    case 'rate':
    case 'derived':
      return [];
    case 'deviation': {
      const setPoint = numberAt(rule, condition['setPoint']);
      if (setPoint === undefined) return [];
      const lines = levelsOf(rule).map(({ level, limit }) => ({ level, limit: setPoint + limit }));
      return highestFirst([...lines, { level: 'SP', limit: setPoint }]);
    }
    case 'band': {
      const ends = [condition['low'], condition['high']].flatMap((end) => numberAt(rule, end) ?? []);
      return highestFirst(ends.map((limit) => ({ level: '', limit })));
    }
    default:
      return highestFirst(levelsOf(rule));
  }
}

/** Where the value is in alarm by a band or by a deviation. */
export function bandsOf(rule: Judged): AlarmBand[] {
  const condition = rule?.condition ?? {};
  if (condition['kind'] === 'band') {
    const low = numberAt(rule, condition['low']);
    const high = numberAt(rule, condition['high']);
    if (condition['alarm'] === 'inside')
      return low === undefined || high === undefined ? [] : [{ low, high }];
    return beyond(low, high);
  }
  if (condition['kind'] !== 'deviation') return [];
  const lines = limitsOf(rule);
  const lows = lines.filter(({ level }) => level === 'L' || level === 'LL').map(({ limit }) => limit);
  const highs = lines.filter(({ level }) => level === 'H' || level === 'HH').map(({ limit }) => limit);
  return beyond(
    lows.length === 0 ? undefined : Math.max(...lows),
    highs.length === 0 ? undefined : Math.min(...highs),
  );
}

function beyond(low: number | undefined, high: number | undefined): AlarmBand[] {
  return [
    ...(low === undefined ? [] : [{ low: -Infinity, high: low }]),
    ...(high === undefined ? [] : [{ low: high, high: Infinity }]),
  ];
}

/** The limits of the condition, as it compares them: of a deviation, of a rate, or of the value itself. */
export function levelsOf(rule: Judged): LimitLine[] {
  const limits = rule?.condition?.['limits'];
  if (!Array.isArray(limits)) return [];
  return limits.flatMap((entry: unknown): LimitLine[] => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { level, limit, from } = entry as { level?: unknown; limit?: unknown; from?: unknown };
    const present = from === undefined ? limit : numberAt(rule, from);
    return typeof level === 'string' && typeof present === 'number' ? [{ level, limit: present }] : [];
  });
}

/** Of a written value, or of an attribute. */
function numberAt(rule: Judged, operand: unknown): number | undefined {
  if (typeof operand !== 'object' || operand === null) return undefined;
  const { value, attribute } = operand as { value?: unknown; attribute?: unknown };
  const known: unknown = attribute === undefined ? value : attributeOf(rule, attribute);
  return typeof known === 'number' ? known : undefined;
}

function attributeOf(rule: Judged, key: unknown): Value {
  return rule?.reads?.find(({ id }) => id === key)?.value ?? null;
}

function highestFirst(lines: readonly LimitLine[]): LimitLine[] {
  return [...lines].sort((a, b) => b.limit - a.limit);
}
