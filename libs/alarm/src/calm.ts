import { isUsable } from './condition.js';
import { isHigh, type PointState, type Watch } from './watch.js';

/**
 * Nearly every sample of a healthy plant changes nothing. Whether the next one may is found out once, after a sample was judged
 * by every rule that reads the point, instead of with each: where nothing pends in them, all have decided what the value says,
 * and would decide the same again. From then on only a sample, silence and a configuration change that, for what does not pend
 * is not due; each forgets the calm of the points that it touches.
 */
export function findCalm(point: PointState): void {
  point.calmQuality = undefined;
  if (!isUsable(point)) return;
  point.above = -Infinity;
  point.below = Infinity;
  for (const watch of point.watches) {
    if (watch.rule.condition.kind === 'stale') continue;
    if (watch.filters.some(({ deadline }) => deadline !== Infinity)) return;
    narrow(point, watch);
  }
  point.calmQuality = point.quality;
}

/** The rule was judged for one of its points: the others are to be judged anew with their next samples. */
export function disturb(watch: Watch): void {
  for (const point of watch.points) point.calmQuality = undefined;
}

/** Between which numbers the rule decides as it has decided; what compares single values lets nothing but the same pass. */
function narrow(point: PointState, watch: Watch): void {
  if (watch.rule.condition.kind !== 'limit' || Number.isNaN(point.number)) {
    point.above = Infinity;
    return;
  }
  for (const { on, orderIndex } of watch.filters) {
    const limit = watch.steps[orderIndex]?.limit;
    if (limit === undefined) continue;
    const edge = on ? limit.deadband : 0;
    if (isHigh(limit) === on) point.above = Math.max(point.above, limit.limit - edge);
    else point.below = Math.min(point.below, limit.limit + edge);
  }
}
