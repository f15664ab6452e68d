import { type Value } from '@watchfire/contracts';

const two = (value: number): string => String(value).padStart(2, '0');

/** `12:03:22`, of this seat's time zone. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The time of today; of another day the date, and no seconds. */
export function formatTime(at: number, now: number): string {
  const date = new Date(at);
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay
    ? formatClock(at)
    : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(at).slice(0, 5)}`;
}

/** `0:07`, `12:03`, `3:12:05`, `2d 03:12`; never negative, since a seat's clock may be behind. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${two(hours % 24)}:${two(minutes % 60)}`;
  if (hours > 0) return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** A number as a person reads it: about four figures, no exponent for common sizes; a dash where it is none. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(2);
  return String(Number(value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3)));
}

/** A value with its unit; truth values by the words given. */
export function formatValue(
  value: Value,
  unit: string | null,
  words: { true: string; false: string },
): string {
  if (value === null) return '—';
  if (typeof value === 'boolean') return value ? words.true : words.false;
  const text = typeof value === 'number' ? formatNumber(value) : value;
  return unit === null || unit === '' ? text : `${text} ${unit}`;
}
