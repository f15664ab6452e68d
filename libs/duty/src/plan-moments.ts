import { createHash } from 'node:crypto';
import {
  DUTY_GRACE_MINUTES,
  type DutyPlanBody,
  type DutyWindow,
  minuteOfDay,
  windowMinutes,
} from '@watchfire/contracts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;
const MOST_48 = 2 ** 48;

/** Minutes that a zone is ahead of UTC, from each time on. */
export type ZoneOffsets = readonly (readonly [from: number, minutes: number])[];

/** Days since 1970 of the local date at a time, epoch ms. */
export function localDay(offsets: ZoneOffsets, at: number): number {
  return Math.floor((at + offsetAt(offsets, at) * MINUTE_MS) / DAY_MS);
}

/**
 * When a plan asks that begins on a local day, rising, each once; epoch ms. The moments of windows follow from the seed alone, so that they
 * are the same after a restart; two of one window are never open at once. [FI30, FI31]
 */
export function momentsOf(
  plan: Pick<DutyPlanBody, 'days' | 'times' | 'windows' | 'minutes'>,
  offsets: ZoneOffsets,
  day: number,
  seed: string,
): number[] {
  if (!plan.days.includes(weekday(day))) return [];
  const fixed = plan.times.map((time) => utc(offsets, day, minuteOfDay(time)));
  const drawn = plan.windows.flatMap((window, index) =>
    within(window, plan.minutes, (nth) => draw(`${seed}/${index}/${nth}`)).map(
      (ms) => utc(offsets, day, minuteOfDay(window.from)) + ms,
    ),
  );
  return [...new Set([...fixed, ...drawn])].sort((a, b) => a - b);
}

/** Ms after the beginning of the window. */
function within(window: DutyWindow, minutes: number, share: (nth: number) => number): number[] {
  const { count } = window;
  const apart = (minutes + DUTY_GRACE_MINUTES) * MINUTE_MS;
  const free = windowMinutes(window) * MINUTE_MS - (count - 1) * apart;
  const shares = Array.from({ length: count }, (_, nth) => share(nth)).sort((a, b) => a - b);
  return shares.map((one, nth) => Math.floor((one * free) / SECOND_MS) * SECOND_MS + nth * apart);
}

/** From 0 to below 1, evenly. */
function draw(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / MOST_48;
}

/**
 * A local time that is there twice counts once, when it is there first; one that is left out counts as if the clock had gone on.
 * Nothing is skipped in silence.
 */
function utc(offsets: ZoneOffsets, day: number, minute: number): number {
  const local = day * DAY_MS + minute * MINUTE_MS;
  const before = offsetAt(offsets, local - DAY_MS) * MINUTE_MS;
  const after = offsetAt(offsets, local + DAY_MS) * MINUTE_MS;
  const candidates = [local - before, local - after].sort((a, b) => a - b);
  return candidates.find((at) => at + offsetAt(offsets, at) * MINUTE_MS === local) ?? local - before;
}

function offsetAt(offsets: ZoneOffsets, at: number): number {
  return (offsets.findLast(([from]) => from <= at) ?? offsets[0])?.[1] ?? 0;
}

/** 1 is Monday, 7 is Sunday. */
function weekday(day: number): number {
  return ((((day + FIRST_WEEKDAY - 1) % 7) + 7) % 7) + 1;
}
