import { type Bucket, type BucketQuery, Buckets, MOST_BUCKETS, tooManyBuckets } from '../buckets.js';
import { type History, type HistorySample } from '../history.js';
import { type Columns, concatenate, merge, slice } from '../sample-columns.js';
import { type DistantHistory } from './distant-history.js';

/** Samples that are read at once to be folded. */
const PAGE = 10_000;

/** Both histories, and the time from which on the local one has every sample. */
export interface Seam {
  readonly local: History;
  readonly distant: DistantHistory;
  /** By device time, epoch ms. Before it either may have what the other lacks. */
  readonly since: number;
}

type PointBuckets = BucketQuery & { readonly pointId: string };

export async function rangeOver(
  { local, distant, since }: Seam,
  pointId: string,
  from: number,
  to: number,
  limit: number,
): Promise<readonly HistorySample[]> {
  if (from >= since) return local.range(pointId, from, to, limit);
  const border = Math.min(to, since);
  const [near, far] = await Promise.all([
    local.range(pointId, from, border, limit),
    distant.ask((history) => history.range(pointId, from, border, limit)),
  ]);
  const before = mergeSamples(near, far ?? []).slice(0, limit);
  if (before.length >= limit || border >= to) return before;
  return [...before, ...(await local.range(pointId, border, to, limit - before.length))];
}

export async function columnsOver(
  { local, distant, since }: Seam,
  pointId: string,
  from: number,
  to: number,
  limit: number,
): Promise<Columns> {
  if (from >= since) return local.columns(pointId, from, to, limit);
  const border = Math.min(to, since);
  const [near, far] = await Promise.all([
    local.columns(pointId, from, border, limit),
    distant.ask((history) => history.columns(pointId, from, border, limit)),
  ]);
  const merged = far === undefined ? near : merge(far, near);
  const before = slice(merged, 0, Math.min(limit, merged.ts.length));
  if (before.ts.length >= limit || border >= to) return before;
  return concatenate([before, await local.columns(pointId, border, to, limit - before.ts.length)]);
}

export async function latestOver(
  { local, distant, since }: Seam,
  pointIds: readonly string[],
): Promise<readonly HistorySample[]> {
  const newest = new Map<string, HistorySample>();
  for (const sample of await local.latest(pointIds)) newest.set(sample.pointId, sample);
  const open = pointIds.filter((pointId) => !((newest.get(pointId)?.ts ?? -Infinity) >= since));
  if (open.length === 0) return [...newest.values()];
  for (const sample of (await distant.ask((history) => history.latest(open))) ?? []) {
    const near = newest.get(sample.pointId);
    if (near === undefined || sample.ts > near.ts) newest.set(sample.pointId, sample);
  }
  return [...newest.values()];
}

/**
 * Buckets that lie before the seam come from the distant history, those behind it from the local one. One that the seam cuts, and
 * one of before in which the local history has a sample, is folded from the samples of both.
 */
export async function aggregateOver(seam: Seam, query: PointBuckets): Promise<readonly Bucket[]> {
  const { local, distant, since } = seam;
  const { from, to, every, pointId } = query;
  if (from >= since) return local.aggregate(query);
  const startOf = (ts: number): number => from + Math.floor((ts - from) / every) * every;
  const cut = Math.min(to, startOf(since));
  const behind = Math.min(to, cut < since ? cut + every : cut);
  const touched = await bucketsWithSamples(local, pointId, from, cut, startOf);
  if (cut < behind) touched.add(cut);
  const [far, near, folded] = await Promise.all([
    cut > from ? distant.ask((history) => history.aggregate({ ...query, to: cut })) : [],
    behind < to ? local.aggregate({ ...query, from: behind }) : [],
    foldAll(seam, query, [...touched]),
  ]);
  const buckets = [...(far ?? []).filter(([start]) => !touched.has(start)), ...folded, ...near];
  if (buckets.length > MOST_BUCKETS) throw tooManyBuckets();
  return buckets.sort(([a], [b]) => a - b);
}

async function bucketsWithSamples(
  local: History,
  pointId: string,
  from: number,
  to: number,
  startOf: (ts: number) => number,
): Promise<Set<number>> {
  const starts = new Set<number>();
  for (let next = from; next < to;) {
    const { ts } = await local.columns(pointId, next, to, PAGE);
    for (const time of ts) starts.add(startOf(time));
    if (ts.length < PAGE) break;
    next = ts[ts.length - 1]! + 1;
  }
  return starts;
}

async function foldAll(seam: Seam, query: PointBuckets, starts: readonly number[]): Promise<Bucket[]> {
  const buckets: Bucket[] = [];
  for (const [from, to] of runsOf(starts, query.every)) {
    const fold = new Buckets({ ...query, from });
    const end = Math.min(to, query.to);
    for (let next = from; next < end;) {
      const columns = await columnsOver(seam, query.pointId, next, end, PAGE);
      fold.add(columns);
      if (columns.ts.length < PAGE) break;
      next = columns.ts[columns.ts.length - 1]! + 1;
    }
    buckets.push(...fold.finish());
  }
  return buckets;
}

/** Buckets that follow each other as one range. */
function runsOf(starts: readonly number[], every: number): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (const start of [...starts].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.[1] === start) run[1] = start + every;
    else runs.push([start, start + every]);
  }
  return runs;
}

/** Both ascending; where both have a time the local one says what it was. */
function mergeSamples(local: readonly HistorySample[], far: readonly HistorySample[]): HistorySample[] {
  if (local.length === 0) return [...far];
  const times = new Set(local.map(({ ts }) => ts));
  return [...local, ...far.filter(({ ts }) => !times.has(ts))].sort((a, b) => a.ts - b.ts);
}
