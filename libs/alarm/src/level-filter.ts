import { isHigh, type LevelFilter, type Watch } from './watch.js';

/** Decides that a level is on or off. A level that comes on ends those of the other side, whatever their off-delay. */
export function decide(watch: Watch, filter: LevelFilter, on: boolean, eventAt: number): void {
  settleFilter(filter, on, eventAt);
  const limit = watch.steps[filter.orderIndex]?.limit;
  if (!on || limit === undefined) return;
  for (const other of watch.filters) {
    if (other.on && isOnSide(watch, other, !isHigh(limit))) settleFilter(other, false, eventAt);
  }
}

/** Whether this is a level of the high side, or of the low one. */
export function isOnSide(watch: Watch, filter: LevelFilter, high: boolean): boolean {
  const limit = watch.steps[filter.orderIndex]?.limit;
  return limit !== undefined && isHigh(limit) === high;
}

/** Nothing can be said: what is on stays on and its way off begins anew; what pends on goes on pending. [AL9] */
export function holdUnknown(watch: Watch): void {
  for (const filter of watch.filters) {
    if (filter.on) filter.endPending();
  }
}

function settleFilter(filter: LevelFilter, on: boolean, eventAt: number): void {
  filter.on = on;
  filter.endPending();
  if (filter.recent !== undefined) filter.recent = [];
  filter.settledAt = Math.max(filter.settledAt, eventAt);
}
