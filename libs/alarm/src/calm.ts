import { presentLimit } from './conditions/ladder.js';
import { isHigh, type PointState, type Watch } from './watch.js';

interface Range {
  above: number;
  below: number;
}

/**
 * Nearly every sample of a healthy plant changes nothing. Whether the next one may is found out once, after a sample was judged
 * by every rule that reads the point, instead of with each: where nothing pends in them, all have decided what the value says,
 * and would decide the same again. From then on only a sample, silence and a configuration change that, for what does not pend
 * is not due; each forgets the calm of the points that it touches.
 */
export function findCalm(point: PointState): void {
  point.disturb();
  if (point.reorder !== undefined) return;
  const { quality } = point;
  if (quality === 'bad' || quality === 'stale') return;
  const range: Range = { above: -Infinity, below: Infinity };
  for (const watch of point.watches) {
    if (watch.enabling?.includes(point) === true) range.above = Infinity;
    const { kind } = watch;
    if (kind.judges === 'silence' || kind.judges === 'device') continue;
    if (kind.calm === 'never' || watch.filters.some(({ deadline }) => deadline !== Infinity)) return;
    narrow(range, point, { watch, calm: kind.calm });
  }
  point.calm(quality, range.above, range.below);
}

/** The rule was judged for one of its points: the others are to be judged anew with their next samples. */
export function disturb(watch: Watch): void {
  for (const point of watch.points) point.disturb();
}

/** Between which numbers the rule decides as it has decided; what compares single values lets nothing but the same pass. */
function narrow(
  range: Range,
  point: PointState,
  { watch, calm }: { watch: Watch; calm: 'between-limits' | 'same-value' },
): void {
  // A point that limits refer to moves the limits.
  if (calm === 'same-value' || point !== watch.points[0] || Number.isNaN(point.number)) {
    range.above = Infinity;
    return;
  }
  for (const { on, orderIndex } of watch.filters) {
    const step = watch.steps[orderIndex]?.limit;
    const limit = step === undefined ? undefined : presentLimit(watch, step);
    if (limit === undefined) continue;
    const edge = on ? limit.deadband : 0;
    if (isHigh(limit) === on) range.above = Math.max(range.above, limit.limit - edge);
    else range.below = Math.min(range.below, limit.limit + edge);
  }
}
