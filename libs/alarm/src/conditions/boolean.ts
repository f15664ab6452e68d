import { type ConditionOf } from '../model.js';
import { type WholeKind } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';
import { badLogic, logicLook, logicPoints, logicValue } from './logic.js';

/** Any and, or, not over comparisons, values and schedules. [AL80] */
export const boolean: WholeKind<ConditionOf<'boolean'>> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ logic }) => logicPoints(logic),
  faultOf: (condition) =>
    badDelays(condition) ?? badLogic(condition.logic) ?? badSeverities(condition.severity),
  stepsOf: ({ level, severity }) => [{ level, severity, limit: undefined }],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, { logic }, { now }) {
    const isTrue = logicValue(watch, logic, now);
    return isTrue === undefined ? undefined : isTrue ? 0 : -1;
  },
  isKnown: (watch, { logic }) => logicValue(watch, logic, undefined) !== undefined,
  nextLookAt: (_watch, { logic }, now) => logicLook(logic, now),
  messageOf: ({ rule }) => rule.title,
};
