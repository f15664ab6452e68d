import { discreteStep, isBeyond } from './condition.js';
import { decide, isOnSide } from './level-filter.js';
import { type Condition, type Limit, type PointValue } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { isHigh, type LevelFilter, type Watch } from './watch.js';

type Judged = Condition & { kind: 'limit' | 'discrete' };

export interface LateSample {
  readonly value: PointValue;
  /** Device time, before that of a sample that was applied. */
  readonly ts: number;
  readonly receivedAt: number;
  /** Journal time. */
  readonly now: number;
}

/** A sample older than one that was applied: it may raise, never clear, and proves no delay. [AL13] */
export function judgeLate(recorder: TransitionRecorder, watch: Watch, late: LateSample): void {
  const condition = watch.rule.condition;
  if (condition.kind !== 'limit' && condition.kind !== 'discrete') return;
  const moved =
    condition.kind === 'limit' ? judgeLimits(watch, condition, late) : judgeDiscrete(watch, condition, late);
  const point = watch.points[0];
  if (!moved || point === undefined) return;
  // The alarm shows the value that raised it; the newest value of the point stays what it is.
  const newest = point.value;
  point.value = late.value;
  settle(recorder, watch, { eventAt: late.ts, receivedAt: late.receivedAt });
  point.value = newest;
}

function judgeLimits(watch: Watch, condition: Judged, late: LateSample): boolean {
  if (typeof late.value !== 'number') return false;
  let moved = false;
  for (const filter of watch.filters) {
    const limit = watch.steps[filter.orderIndex]?.limit;
    if (limit === undefined || !isBeyond(limit, late.value, false)) continue;
    if (filter.on) keepOn(filter, condition, late);
    else if (mayRaise(filter, condition, late) && !isOtherSideOn(watch, limit)) {
      decide(watch, filter, true, late.ts);
      moved = true;
    }
  }
  return moved;
}

function judgeDiscrete(watch: Watch, condition: Judged & { kind: 'discrete' }, late: LateSample): boolean {
  const step = discreteStep(condition, late.value);
  const filter = watch.filters[0];
  if (step < 0 || filter === undefined) return false;
  if (filter.on) keepOn(filter, condition, late);
  if (!mayRaise(filter, condition, late)) return false;
  const isWorse = (watch.steps[step]?.severity ?? 0) > (watch.steps[watch.step]?.severity ?? 0);
  if (filter.on && !isWorse) return false;
  watch.step = step;
  decide(watch, filter, true, late.ts);
  return true;
}

function mayRaise(filter: LevelFilter, condition: Judged, { ts }: LateSample): boolean {
  return condition.onDelayMs === 0 && ts > filter.settledAt;
}

function isOtherSideOn(watch: Watch, limit: Limit): boolean {
  return watch.filters.some((filter) => filter.on && isOnSide(watch, filter, !isHigh(limit)));
}

/**
 * A late sample inside a pending clear: the value was not back without a break, so the off-delay begins anew. Never as due as
 * of now, whatever the delay has become meanwhile: a deadline may not move before the one that the queue knows.
 */
function keepOn(filter: LevelFilter, condition: Judged, { ts, now }: LateSample): void {
  if (filter.deadline === Infinity || ts <= filter.since) return;
  filter.pend(ts, now + Math.max(1, condition.offDelayMs));
}
