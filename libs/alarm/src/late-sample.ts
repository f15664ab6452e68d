import { isBeyond, presentLimit } from './conditions/ladder.js';
import { decide, isOnSide } from './level-filter.js';
import { type Limit, type PointValue } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { delayOf, isHigh, type LevelFilter, type Watch } from './watch.js';

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
  const moved = judgeAlone(watch, late);
  const point = watch.points[0];
  if (!moved || point === undefined) return;
  // The alarm shows the value that raised it; the newest value of the point stays what it is.
  const newest = point.value;
  point.value = late.value;
  settle(recorder, watch, { eventAt: late.ts, receivedAt: late.receivedAt });
  point.value = newest;
}

function judgeAlone(watch: Watch, late: LateSample): boolean {
  const { kind, rule } = watch;
  switch (kind.judges) {
    case 'levels': {
      const quantity = kind.lateQuantityOf?.(rule.condition, late.value);
      return quantity !== undefined && judgeLevels(watch, quantity, late);
    }
    case 'whole':
      return judgeWhole(watch, kind.lateStepOf?.(rule.condition, late.value) ?? -1, late);
    case 'silence':
    case 'device':
      return false;
  }
}

function judgeLevels(watch: Watch, quantity: number, late: LateSample): boolean {
  let moved = false;
  for (const filter of watch.filters) {
    const step = watch.steps[filter.orderIndex]?.limit;
    const limit = step === undefined ? undefined : presentLimit(watch, step);
    if (limit === undefined || !isBeyond(limit, quantity, false)) continue;
    if (filter.on) keepOn(watch, filter, late);
    else if (mayRaise(watch, filter, late) && !isOtherSideOn(watch, limit)) {
      decide(watch, filter, true, late.ts);
      moved = true;
    }
  }
  return moved;
}

function judgeWhole(watch: Watch, step: number, late: LateSample): boolean {
  const filter = watch.filters[0];
  if (step < 0 || filter === undefined) return false;
  if (filter.on) keepOn(watch, filter, late);
  if (!mayRaise(watch, filter, late)) return false;
  const isWorse = (watch.steps[step]?.severity ?? 0) > (watch.steps[watch.step]?.severity ?? 0);
  if (filter.on && !isWorse) return false;
  watch.step = step;
  decide(watch, filter, true, late.ts);
  return true;
}

function mayRaise(watch: Watch, filter: LevelFilter, { ts }: LateSample): boolean {
  return delayOf(watch, false) === 0 && ts > filter.settledAt;
}

function isOtherSideOn(watch: Watch, limit: Limit): boolean {
  return watch.filters.some((filter) => filter.on && isOnSide(watch, filter, !isHigh(limit)));
}

/**
 * A late sample inside a pending clear: the value was not back without a break, so the off-delay begins anew. Never as due as
 * of now, whatever the delay has become meanwhile: a deadline may not move before the one that the queue knows.
 */
function keepOn(watch: Watch, filter: LevelFilter, { ts, now }: LateSample): void {
  if (filter.deadline === Infinity || ts <= filter.since) return;
  filter.pend(ts, now + Math.max(1, delayOf(watch, true)));
}
