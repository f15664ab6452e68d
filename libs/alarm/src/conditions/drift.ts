import { fault } from '../fault.js';
import { type ConditionOf } from '../model.js';
import { isUsable, type Memory, type Watch, type WholeKind } from '../watch.js';
import { withUnit } from '../wording.js';
import { badAmount, badSeverities } from './checks.js';
import { badOperand, operandNumber, operandPoints } from './operand.js';

type Drift = ConditionOf<'drift'>;
interface Sums {
  /** Device time of the newest sample that was added. */
  readonly ts: number;
  readonly up: number;
  readonly down: number;
  /** Which of the two is an alarm. */
  readonly on: 'up' | 'down' | null;
  readonly [key: string]: Memory;
}

const NOTHING: Sums = { ts: -Infinity, up: 0, down: 0, on: null };

/**
 * CUSUM: the sum of what each sample is off the target by more than the slack. A sum stays at the threshold once it is reached, so
 * that the way back is not longer the longer the alarm was; when it is back at 0, both begin anew. For points that send with a steady
 * period: each sample counts the same. [AL79]
 */
export const drift: WholeKind<Drift> = {
  judges: 'whole',
  calm: 'never',
  pointsOf: ({ pointId, target }) => [pointId, ...operandPoints(target)],
  faultOf: ({ target, slack, threshold, severity }) =>
    badOperand(target) ??
    badAmount('slack', slack) ??
    (Number.isFinite(threshold) && threshold > 0 ? undefined : fault('threshold_invalid')) ??
    badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: () => 0,
  stepAt(watch, condition) {
    const [point] = watch.points;
    const target = operandNumber(watch, condition.target);
    if (point === undefined || !isUsable(point) || typeof point.value !== 'number') return undefined;
    if (target === undefined) return undefined;
    const sums = sumsOf(watch);
    if (point.ts > sums.ts) watch.memory = add(sums, point.ts, point.value - target, condition);
    return sumsOf(watch).on !== null ? 0 : -1;
  },
  messageOf(watch, condition, _step, value) {
    const { title } = watch.rule;
    const unit = watch.points[0]?.point.unit ?? null;
    const present = typeof value === 'number' ? withUnit(value, unit) : '?';
    const target = operandNumber(watch, condition.target);
    const wanted = target === undefined ? '?' : withUnit(target, unit);
    return {
      zh: `${title.zh}：长期偏离 ${wanted}（现值 ${present}）`,
      en: `${title.en}: has drifted from ${wanted} (now ${present})`,
    };
  },
};

function add(before: Sums, ts: number, off: number, { direction, slack, threshold }: Drift): Sums {
  const bounded = (sum: number): number => Math.min(threshold, Math.max(0, sum));
  const up = direction === 'down' ? 0 : bounded(before.up + off - slack);
  const down = direction === 'up' ? 0 : bounded(before.down - off - slack);
  if (up >= threshold) return { ts, up, down, on: 'up' };
  if (down >= threshold) return { ts, up, down, on: 'down' };
  if (before.on === null) return { ts, up, down, on: null };
  const isBack = (before.on === 'up' ? up : down) === 0;
  return isBack ? { ts, up: 0, down: 0, on: null } : { ts, up, down, on: before.on };
}

function sumsOf({ memory }: Watch): Sums {
  return (memory as Sums | undefined) ?? NOTHING;
}
