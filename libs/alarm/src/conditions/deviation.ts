import { type ConditionOf } from '../model.js';
import { type LevelsKind, type Watch } from '../watch.js';
import { badDelays } from './checks.js';
import { badLadder, ladderMessage, ladderSteps, limitPoints } from './ladder.js';
import { badOperand, operandNumber, operandPoints, pointNumber } from './operand.js';

type Deviation = ConditionOf<'deviation'>;

/** How far a value is from its set-point (OPC UA ExclusiveDeviation). [AL71] */
export const deviation: LevelsKind<Deviation> = {
  judges: 'levels',
  calm: 'same-value',
  pointsOf: ({ pointId, setPoint, limits }) => [pointId, ...operandPoints(setPoint), ...limitPoints(limits)],
  faultOf: (condition) =>
    badDelays(condition) ?? badOperand(condition.setPoint) ?? badLadder(condition.limits),
  stepsOf: ({ limits }) => ladderSteps(limits),
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  quantityOf: deviationOf,
  presentOf: (watch, condition) => ({
    value: deviationOf(watch, condition),
    unit: watch.points[0]?.point.unit ?? null,
  }),
  messageOf(watch, _condition, step, value) {
    return ladderMessage(watch, step, value, watch.points[0]?.point.unit ?? null);
  },
};

function deviationOf(watch: Watch, { pointId, setPoint }: Deviation): number | undefined {
  const value = pointNumber(watch, pointId);
  const wanted = operandNumber(watch, setPoint);
  return value === undefined || wanted === undefined ? undefined : value - wanted;
}
