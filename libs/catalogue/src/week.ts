import { type WeeklySchedule } from '@watchfire/alarm';

/**
 * Weeks of local time as a file says them, and the offsets of their zone, so that the engine needs no time-zone data (ADR 0012).
 */

const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const;
type Day = (typeof DAYS)[number];
const SPAN = /^(?<days>[A-Za-z]{2}(?:[-,][A-Za-z]{2})*) (?<start>\d{2}:\d{2})-(?<end>\d{2}:\d{2})$/;
const FIRST_YEAR = 2020;
const LAST_YEAR = 2040;
const MINUTE_MS = 60_000;
/** No zone changes its offset twice within a week. */
const STEP_MS = 7 * 86_400_000;

type Span = WeeklySchedule['spans'][number];

/** `Mo-Fr 08:00-18:00`, `Sa,Su 22:00-06:00`; what ends before it begins ends on the next day. A text says what is wrong. */
export function spanOf(text: string): Span | string {
  const { days: list = '', start = '', end = '' } = SPAN.exec(text)?.groups ?? {};
  if (list === '') return `${JSON.stringify(text)} is not of the form "Mo-Fr 08:00-18:00"`;
  const days = daysOf(list);
  if (typeof days === 'string') return days;
  const begins = minutesOf(start);
  const ends = minutesOf(end);
  if (begins === undefined || begins === 1_440) return `${start} is no time at which a day can begin`;
  if (ends === undefined || ends === 0) return `${end} is no time at which a span can end; midnight is 24:00`;
  return { days, from: begins, to: ends };
}

export function isZone(zone: string): boolean {
  try {
    clockIn(zone);
    return true;
  } catch {
    return false;
  }
}

/** `zone` and `spans` must have been checked. */
export function weekOf(zone: string, spans: readonly string[]): WeeklySchedule {
  return {
    zone,
    offsets: offsetsOf(zone),
    spans: spans.map(spanOf).filter((span) => typeof span !== 'string'),
  };
}

const known = new Map<string, WeeklySchedule['offsets']>();

/** Minutes ahead of UTC from each time on, 2020 to 2040, by the data of the Node that runs. */
export function offsetsOf(zone: string): WeeklySchedule['offsets'] {
  const already = known.get(zone);
  if (already !== undefined) return already;
  const offsetAt = offsetIn(clockIn(zone));
  const first = Date.UTC(FIRST_YEAR, 0, 1);
  const last = Date.UTC(LAST_YEAR + 1, 0, 1);
  const offsets: [from: number, minutes: number][] = [[first, offsetAt(first)]];
  for (let at = first; at < last; at += STEP_MS) {
    const next = Math.min(at + STEP_MS, last);
    const minutes = offsetAt(next);
    if (minutes !== offsets.at(-1)?.[1]) offsets.push([changeBetween(at, next, offsetAt), minutes]);
  }
  known.set(zone, offsets);
  return offsets;
}

/** The minute from which on the offset is that of `end`. */
function changeBetween(begin: number, end: number, offsetAt: (at: number) => number): number {
  const wanted = offsetAt(end);
  let [before, after] = [begin, end];
  while (after - before > MINUTE_MS) {
    const middle = Math.floor((before + after) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(middle) === wanted) after = middle;
    else before = middle;
  }
  return after;
}

function clockIn(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
}

/** Of `GMT+05:30`, or `GMT` alone. */
function offsetIn(clock: Intl.DateTimeFormat): (at: number) => number {
  return (at) => {
    const name = clock.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
}

function daysOf(list: string): number[] | string {
  const days = new Set<number>();
  for (const part of list.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    for (const day of [first, last]) {
      if (!DAYS.includes(day as Day)) return `${day} is no day of the week: ${DAYS.join(', ')}`;
    }
    const [begin, end] = [DAYS.indexOf(first as Day), DAYS.indexOf(last as Day)];
    if (more.length > 0 || end < begin) return `${part} is no range of days`;
    for (let day = begin; day <= end; day += 1) days.add(day + 1);
  }
  return [...days].sort((a, b) => a - b);
}

function minutesOf(text: string): number | undefined {
  const [hours = NaN, minutes = NaN] = text.split(':').map(Number);
  const all = hours * 60 + minutes;
  return minutes < 60 && all <= 1_440 ? all : undefined;
}
