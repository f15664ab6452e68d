import { type LiveReading, type Value } from '@watchfire/contracts';

/** Columns as the chart wants them: seconds, values; null where the value is not known. */
export type Columns = [seconds: number[], values: (number | null)[]];

/** A truth value is drawn as 0 or 1; a text cannot be drawn. */
export function numeric(value: Value): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** History and the live values after it, oldest first, each time once. */
export function columns(
  history: readonly (readonly [ts: number, value: Value])[],
  live: readonly LiveReading[],
): Columns {
  const byTime = new Map<number, number | null>();
  for (const [ts, value] of history) byTime.set(ts, numeric(value));
  for (const { ts, value, quality } of live) {
    byTime.set(ts, quality === 'bad' || quality === 'stale' ? null : numeric(value));
  }
  const times = [...byTime.keys()].sort((a, b) => a - b);
  return [times.map((ts) => ts / 1000), times.map((ts) => byTime.get(ts) ?? null)];
}

/** The range of the value axis: what was measured and every limit, with air around; truth values keep 0 to 1. */
export function valueRange(
  values: readonly (number | null)[],
  limits: readonly number[],
  binary = false,
): [number, number] {
  if (binary) return [-0.1, 1.1];
  const all = [...values.filter((value) => value !== null), ...limits];
  if (all.length === 0) return [0, 1];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const air = high === low ? Math.max(Math.abs(high) * 0.1, 0.5) : (high - low) * 0.08;
  return [low - air, high + air];
}
