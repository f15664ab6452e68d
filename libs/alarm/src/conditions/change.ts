import { type ConditionOf, type PointValue } from '../model.js';
import { isUsable, type Watch, type WholeKind } from '../watch.js';
import { badAfter, badAmount, badSeverities } from './checks.js';

type Change = ConditionOf<'change'>;
/** The value that the next one is compared with, and the journal time until which the last change is shown. */
interface Seen {
  readonly value: PointValue;
  readonly until: number;
  readonly [key: string]: PointValue;
}

/** The value became another one. The first value of a point, and one that comes back unchanged, are no change. [AL74] */
export const change: WholeKind<Change> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: ({ holdMs, tolerance, severity }) =>
    badAfter(holdMs) ?? badAmount('tolerance', tolerance) ?? badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: () => 0,
  stepAt(watch, { tolerance, holdMs }, { now }) {
    const [point] = watch.points;
    if (point?.value === undefined || !isUsable(point)) return undefined;
    const seen = seenOf(watch);
    if (seen === undefined) watch.memory = { value: point.value, until: 0 };
    else if (differs(seen.value, point.value, tolerance)) {
      watch.memory = { value: point.value, until: now + holdMs };
    }
    return (seenOf(watch)?.until ?? 0) > now ? 0 : -1;
  },
  nextLookAt(watch, _condition, now) {
    const until = seenOf(watch)?.until ?? 0;
    return until > now ? until : Infinity;
  },
  messageOf({ rule: { title } }, _condition, _step, value) {
    return { zh: `${title.zh}：变为 ${String(value)}`, en: `${title.en}: became ${String(value)}` };
  },
};

/** Whether two values are apart: numbers by more than the tolerance. */
export function differs(before: PointValue, after: PointValue, tolerance: number): boolean {
  return typeof before === 'number' && typeof after === 'number'
    ? Math.abs(after - before) > tolerance
    : before !== after;
}

function seenOf({ memory }: Watch): Seen | undefined {
  return memory as Seen | undefined;
}
