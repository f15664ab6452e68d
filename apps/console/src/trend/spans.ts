const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far back a trend can reach. */
export const SPANS = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
} as const;
export type Span = keyof typeof SPANS;
export const SPAN_NAMES = Object.keys(SPANS) as Span[];

/** Up to here the samples themselves are drawn, unless there are too many. */
export const SAMPLES_SPAN_MS = 2 * HOUR_MS;

const MINUTE_MS = 60_000;

/** What a file of a span holds: the samples, or a mean of each minute where samples may be gone. */
export function exportQuery(points: readonly string[], from: number, to: number): ExportQuery {
  const isLong = to - from > SPANS.month;
  return { points: points.join(','), from, to, ...(isLong ? { every: MINUTE_MS, fn: 'mean' } : {}) };
}

export interface ExportQuery {
  readonly points: string;
  readonly from: number;
  readonly to: number;
  readonly every?: number;
  readonly fn?: 'mean';
}

/** The words of a time on the axis: as much of it as changes from one mark to the next. */
export function axisWords(at: number, stepMs: number, spanMs: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  if (stepMs >= 28 * DAY_MS) return `${date.getFullYear()}-${two(date.getMonth() + 1)}`;
  if (stepMs >= DAY_MS) return day;
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight && spanMs > DAY_MS / 2 ? day : `${two(date.getHours())}:${two(date.getMinutes())}`;
}
