import { type HistoryReply, type LiveReading, type Value } from '@watchfire/contracts';

type Line = (number | null)[];

/**
 * Columns as the chart wants them: seconds, values, and the least and greatest of each bucket; null where it is not known, or where
 * there is no bucket.
 */
export type Columns = [seconds: number[], values: Line, lows: Line, highs: Line];

/** What the history answered of a range: samples, or buckets with their least and greatest value. */
export interface History {
  readonly points: HistoryReply['points'];
  readonly lows: HistoryReply['points'];
  readonly highs: HistoryReply['points'];
  /** Length of the buckets, ms; undefined for samples. */
  readonly every?: number | undefined;
  readonly incomplete?: HistoryReply['incomplete'];
}

export const NO_HISTORY: History = { points: [], lows: [], highs: [] };

/** Buckets without a sample that are a hole and not just seldom samples. */
const HOLE_BUCKETS = 3;
/** And so many times the usual distance. */
const HOLE_DISTANCES = 4;

/** A truth value is drawn as 0 or 1; a text cannot be drawn. */
export function numeric(value: Value): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** History and the live values after it, oldest first, each time once. */
export function columns(history: History, live: readonly LiveReading[]): Columns {
  const byTime = new Map<number, number | null>();
  for (const [ts, value] of history.points) byTime.set(ts, numeric(value));
  for (const at of holes(history)) byTime.set(at, null);
  for (const { ts, value, quality } of live) {
    byTime.set(ts, quality === 'bad' || quality === 'stale' ? null : numeric(value));
  }
  const times = [...byTime.keys()].sort((a, b) => a - b);
  const lineOf = (points: HistoryReply['points']): Line => {
    const known = new Map(points.map(([ts, value]) => [ts, numeric(value)]));
    return times.map((ts) => known.get(ts) ?? null);
  };
  return [
    times.map((ts) => ts / 1000),
    times.map((ts) => byTime.get(ts) ?? null),
    lineOf(history.lows),
    lineOf(history.highs),
  ];
}

/** A time in each hole between buckets: nothing was measured there, so no line is drawn over it. */
function holes({ points, every }: History): number[] {
  if (every === undefined) return [];
  const steps = points.slice(1).map(([ts], index) => ts - points[index]![0]);
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const least = Math.max(HOLE_BUCKETS * every, HOLE_DISTANCES * usual);
  return steps.flatMap((step, index) => (step > least ? [points[index]![0] + every] : []));
}

/** The range of the value axis: what was measured and every limit, with air around; truth values keep 0 to 1. */
export function valueRange(
  [, ...lines]: Columns,
  limits: readonly number[],
  binary = false,
): [number, number] {
  if (binary) return [-0.1, 1.1];
  const all = [...lines.flat().filter((value) => value !== null), ...limits];
  if (all.length === 0) return [0, 1];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const air = high === low ? Math.max(Math.abs(high) * 0.1, 0.5) : (high - low) * 0.08;
  return [low - air, high + air];
}
