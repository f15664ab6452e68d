import { type ConditionOf } from '../model.js';
import { isUsable, type LevelsKind } from '../watch.js';
import { badDelays } from './checks.js';
import { badLadder, ladderMessage, ladderSteps, limitPoints } from './ladder.js';

/** Exclusive limits: one alarm, of which the outer level counts. [AL3] [AL4] */
export const limit: LevelsKind<ConditionOf<'limit'>> = {
  judges: 'levels',
  calm: 'between-limits',
  pointsOf: ({ pointId, limits }) => [pointId, ...limitPoints(limits)],
  faultOf: (condition) => badDelays(condition) ?? badLadder(condition.limits),
  stepsOf: ({ limits }) => ladderSteps(limits),
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  quantityOf({ points: [point] }) {
    return point !== undefined && isUsable(point) && typeof point.value === 'number'
      ? point.value
      : undefined;
  },
  lateQuantityOf: (_condition, value) => (typeof value === 'number' ? value : undefined),
  messageOf(watch, _condition, step, value) {
    return ladderMessage(watch, step, value, watch.points[0]?.point.unit ?? null);
  },
};
