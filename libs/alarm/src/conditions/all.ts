import { fault } from '../fault.js';
import { type ConditionOf } from '../model.js';
import { isUsable, type WholeKind, type Watch } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';

type All = ConditionOf<'all'>;

/** Every point has one of the values named for it. [AL6] */
export const all: WholeKind<All> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ terms }) => terms.map(({ pointId }) => pointId),
  faultOf: (condition) =>
    (condition.terms.length === 0 ? fault('terms_missing') : undefined) ??
    badDelays(condition) ??
    badSeverities(condition.severity),
  stepsOf: ({ level, severity }) => [{ level, severity, limit: undefined }],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, condition) {
    const isTrue = conjunction(watch, condition);
    return isTrue === undefined ? undefined : isTrue ? 0 : -1;
  },
  isKnown: (watch, condition) => conjunction(watch, condition) !== undefined,
  messageOf: ({ rule }) => rule.title,
};

/** True, false, or undefined for unknown: false wins over unknown, unknown over true. [AL6] */
function conjunction({ points }: Watch, { terms }: All): boolean | undefined {
  let isUnknown = false;
  for (const [index, term] of terms.entries()) {
    const point = points[index];
    if (point === undefined || !isUsable(point) || point.value === undefined) isUnknown = true;
    else if (!term.values.includes(point.value)) return false;
  }
  return isUnknown ? undefined : true;
}
