/** Ranges that people ask for; they begin at local midnight, so that bins and days are those of the wall clock. */
export const RANGE_CHOICES = ['today', 'yesterday', 'week', 'month', 'dates'] as const;
export type RangeChoice = (typeof RANGE_CHOICES)[number];

export interface Range {
  /** Epoch ms, `from <= t < to`. */
  readonly from: number;
  readonly to: number;
}

/** What was chosen at `now`; undefined where the dates are none, or none of the past. Dates are `2026-03-01`, both days in it. */
export function rangeOf(
  choice: RangeChoice,
  now: number,
  dates: { readonly first: string; readonly last: string },
): Range | undefined {
  switch (choice) {
    case 'today':
      return { from: midnight(now, 0), to: now };
    case 'yesterday':
      return { from: midnight(now, -1), to: midnight(now, 0) };
    case 'week':
      return { from: midnight(now, -6), to: now };
    case 'month':
      return { from: midnight(now, -29), to: now };
    case 'dates': {
      const [first, last] = [startOf(dates.first), startOf(dates.last)];
      if (first === undefined || last === undefined) return undefined;
      const range = { from: first, to: Math.min(now, midnight(last, 1)) };
      return range.from < range.to ? range : undefined;
    }
  }
}

/** Local midnight so many days from that of a time; by the calendar, for a day may have 23 or 25 hours. */
function midnight(at: number, days: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

function startOf(text: string): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
}

/** As an input of the type `date` has it. */
export function dateText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
