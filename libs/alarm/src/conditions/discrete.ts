import { fault } from '../fault.js';
import { type ConditionOf, type PointValue } from '../model.js';
import { placesOf } from '../occurrences.js';
import { isUsable, type WholeKind } from '../watch.js';
import { numberText } from '../wording.js';
import { badDelays, badSeverities } from './checks.js';

type Discrete = ConditionOf<'discrete'>;

/** The name of a discrete value that is neither normal nor listed. */
const OFF_NORMAL = 'off-normal';

/** A value that is listed as an alarm, or is none of the normal ones (OPC UA OffNormal). [AL5] */
export const discrete: WholeKind<Discrete> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: (condition) =>
    badDelays(condition) ??
    badSeverities(
      ...condition.alarmValues.map((entry) => entry.severity),
      ...(condition.offNormalSeverity === undefined ? [] : [condition.offNormalSeverity]),
    ) ??
    (condition.alarmValues.length === 0 && condition.normal === undefined
      ? fault('states_missing')
      : undefined) ??
    (condition.normal !== undefined && condition.offNormalSeverity === undefined
      ? fault('off_normal_severity_missing')
      : undefined),
  stepsOf({ alarmValues, offNormalSeverity }) {
    const listed = alarmValues.map(({ level, severity }) => ({ level, severity, limit: undefined }));
    return offNormalSeverity === undefined
      ? listed
      : [...listed, { level: OFF_NORMAL, severity: offNormalSeverity, limit: undefined }];
  },
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt({ points: [point] }, condition) {
    return point?.value === undefined || !isUsable(point) ? undefined : stepOf(condition, point.value);
  },
  lateStepOf: stepOf,
  messageOf(watch, _condition, step) {
    const { rule, steps } = watch;
    const { place, count } = placesOf(watch);
    const level = steps.length > 1 && step.level !== null ? step.level : undefined;
    const told = [level, place].filter((one) => one !== undefined);
    return {
      zh: [rule.title.zh, ...told].join('：') + (count > 1 ? `（共 ${numberText(count)} 处）` : ''),
      en: [rule.title.en, ...told].join(': ') + (count > 1 ? ` (${numberText(count)} places)` : ''),
    };
  },
};

/** The last step is for "none of the normal values". */
function stepOf(condition: Discrete, value: PointValue): number {
  const listed = condition.alarmValues.findIndex((entry) => entry.value === value);
  if (listed >= 0) return listed;
  if (condition.normal === undefined || condition.normal.includes(value)) return -1;
  return condition.offNormalSeverity === undefined ? -1 : condition.alarmValues.length;
}
