import { fault, type Fault } from '../fault.js';
import { type WeeklySchedule } from '../model.js';

/**
 * Weeks of local time by the offsets that the schedule brings with it: arithmetic, without the time-zone data of the machine. On the
 * day on which clocks go back an hour is there twice, and both count; the hour that is left out counts for nobody. [AL81]
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MINUTES_A_DAY = 1_440;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

export function badSchedule({ offsets, spans }: WeeklySchedule): Fault | undefined {
  if (offsets.length === 0) return fault('zone_missing');
  const rises = offsets.every(([from], index) => index === 0 || from > (offsets[index - 1]?.[0] ?? from));
  if (!rises || !offsets.flat().every(Number.isFinite)) return fault('zone_disordered');
  if (spans.length === 0) return fault('schedule_empty');
  const areSpans = spans.every(
    ({ days, from, to }) =>
      days.length > 0 &&
      days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7) &&
      isWithin(from, 0, MINUTES_A_DAY - 1) &&
      isWithin(to, 1, MINUTES_A_DAY),
  );
  return areSpans ? undefined : fault('span_invalid');
}

/** Whether the time, epoch ms, is within the schedule. */
export function isScheduled(schedule: WeeklySchedule, at: number): boolean {
  const local = at + offsetAt(schedule, at) * MINUTE_MS;
  const day = Math.floor(local / DAY_MS);
  const minute = (local - day * DAY_MS) / MINUTE_MS;
  return schedule.spans.some(({ days, from, to }) => {
    if (to > from) return days.includes(weekday(day)) && minute >= from && minute < to;
    return (
      (days.includes(weekday(day)) && minute >= from) || (days.includes(weekday(day - 1)) && minute < to)
    );
  });
}

/** The next time after `at` at which it may become otherwise. */
export function nextBoundary(schedule: WeeklySchedule, at: number): number {
  const offsetMs = offsetAt(schedule, at) * MINUTE_MS;
  const day = Math.floor((at + offsetMs) / DAY_MS);
  const edges = schedule.spans.flatMap(({ from, to }) => [from, to]);
  const transition = schedule.offsets.find(([from]) => from > at)?.[0] ?? Infinity;
  const next = [day, day + 1]
    .flatMap((one) => edges.map((minute) => one * DAY_MS + minute * MINUTE_MS - offsetMs))
    .filter((time) => time > at);
  return Math.min(transition, ...next);
}

function offsetAt({ offsets }: WeeklySchedule, at: number): number {
  return (offsets.findLast(([from]) => from <= at) ?? offsets[0])?.[1] ?? 0;
}

/** 1 is Monday, 7 is Sunday. */
function weekday(day: number): number {
  return ((((day + FIRST_WEEKDAY - 1) % 7) + 7) % 7) + 1;
}

function isWithin(minute: number, low: number, high: number): boolean {
  return Number.isInteger(minute) && minute >= low && minute <= high;
}
