import { type PointValue } from '../model.js';
import { isUsable, type Memory, type Watch } from '../watch.js';

/** What is kept of something that is counted in a window. */
interface Counted {
  readonly value: PointValue;
  /** Device times of the newest ones, oldest first: as many as the rule asks for. */
  readonly times: readonly number[];
  /** Journal time until which it is true. */
  readonly until: number;
  readonly [key: string]: Memory;
}

export interface Counting {
  readonly count: number;
  readonly windowMs: number;
  /** Whether the step from one value to the next counts. */
  readonly counts: (before: PointValue, after: PointValue) => boolean;
}

/**
 * True when the newest `count` lie within one window of device time; it lasts until a window of journal time has passed since that
 * was last so, as with links that flap. A change exactly one window after another does not count with it. [AL78]
 */
export function countStep(
  watch: Watch,
  now: number,
  { count, windowMs, counts }: Counting,
): number | undefined {
  const [point] = watch.points;
  if (point?.value === undefined || !isUsable(point)) return undefined;
  const before = countedOf(watch);
  if (before === undefined) watch.memory = { value: point.value, times: [], until: 0 };
  else if (counts(before.value, point.value)) {
    const times = [...before.times, point.ts].slice(-count);
    const isFull = times.length === count && point.ts - (times[0] ?? -Infinity) < windowMs;
    watch.memory = { value: point.value, times, until: isFull ? now + windowMs : before.until };
  } else if (before.value !== point.value) {
    watch.memory = { ...before, value: point.value };
  }
  return (countedOf(watch)?.until ?? 0) > now ? 0 : -1;
}

export function countLook(watch: Watch, now: number): number {
  const until = countedOf(watch)?.until ?? 0;
  return until > now ? until : Infinity;
}

function countedOf({ memory }: Watch): Counted | undefined {
  return memory as Counted | undefined;
}
