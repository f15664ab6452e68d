import { type Condition, type Limit, type PointValue } from './model.js';
import { isHigh, type PointState } from './watch.js';

/** A value is at or beyond a limit, or, once it was, not yet back behind the deadband. [AL3] */
export function isBeyond(limit: Limit, value: number, wasBeyond: boolean): boolean {
  const band = wasBeyond ? limit.deadband : 0;
  return isHigh(limit) ? value >= limit.limit - band : value <= limit.limit + band;
}

/** Which step of a discrete condition a value is (the last one for "none of the normal values"), or -1. [AL5] */
export function discreteStep(condition: Condition & { kind: 'discrete' }, value: PointValue): number {
  const listed = condition.alarmValues.findIndex((entry) => entry.value === value);
  if (listed >= 0) return listed;
  if (condition.normal === undefined || condition.normal.includes(value)) return -1;
  return condition.offNormalSeverity === undefined ? -1 : condition.alarmValues.length;
}

/** True, false, or undefined for unknown: false wins over unknown, unknown over true. [AL6] */
export function conjunction(
  condition: Condition & { kind: 'all' },
  points: readonly PointState[],
): boolean | undefined {
  let isUnknown = false;
  for (const [index, term] of condition.terms.entries()) {
    const point = points[index];
    if (point === undefined || !isUsable(point) || point.value === undefined) isUnknown = true;
    else if (!term.values.includes(point.value)) return false;
  }
  return isUnknown ? undefined : true;
}

/** Whether the value of a point may be judged: a bad or outdated one is unknown. */
export function isUsable(point: PointState): boolean {
  return point.quality === 'good' || point.quality === 'uncertain';
}
