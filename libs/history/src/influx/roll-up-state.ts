import { type ReadingColumns } from '@watchfire/readings';
import { type HistorySample } from '../history.js';
import { type Tier, TIERS } from '../roll-up.js';
import { isTime } from '../sample-columns.js';
import { tagValue } from './line-protocol.js';

const { minutes: MINUTE, hours: HOUR } = TIERS;
/** Samples that come so late, against the newest that was received, are not yet late. */
const GRACE_MS = 30_000;

/** More late windows than this are remembered without their points: all points of such an hour are rolled up again. */
const MOST_REMEMBERED = 100_000;
/** Stands for every point. No point has it: a tag is never empty. */
export const ALL_POINTS = '';

/** Minutes by hour and point (its tag value). */
type Late = Map<number, Map<string, Set<number>>>;

export interface SavedRollUps {
  readonly from: number;
  readonly minutes: number;
  readonly hours: number;
  readonly closing: number;
  readonly at: number;
  readonly late: readonly (readonly [
    hour: number,
    points: readonly (readonly [string, readonly number[]])[],
  ])[];
}

/** A range in more parts than this is answered from its samples altogether: each part is a question. */
const MOST_PARTS = 50;

/** A part of a range: rows of the tier, or samples. */
export interface Part {
  readonly isRolledUp: boolean;
  readonly from: number;
  readonly to: number;
}

/**
 * Which windows are rolled up: those from `from` on, below the horizon of the tier, but for those into which samples came late. Every
 * other window is answered from its samples, so an answer never depends on what has been rolled up.
 */
export class RollUpState {
  /** Points that may have samples which are not rolled up. */
  readonly points = new Set<string>();
  /** When something was rolled up last, epoch ms. */
  at = 0;
  /** Samples of before may be gone: windows of before stay as they were rolled up. */
  keptSince = 0;
  private readonly known = new Set<number>();
  private from: number | undefined;
  private readonly horizon: Record<Tier, number> = { minutes: 0, hours: 0 };
  /** The horizon that is being worked towards: what comes in before it is late. */
  private closing = 0;
  /** Late, and perhaps still on the way: nothing is mended before what it is mended with is stored. */
  private noted: Late = new Map();
  private isToBeSaved = false;
  private late: Late = new Map();
  private lateCount = 0;
  private beingMended: Late = new Map();
  private newest = 0;

  constructor(saved?: SavedRollUps) {
    if (saved === undefined) return;
    this.from = saved.from;
    this.at = saved.at;
    this.horizon = { minutes: saved.minutes, hours: saved.hours };
    this.closing = saved.closing;
    for (const [, points] of saved.late) {
      for (const [key, minutes] of points) for (const minute of minutes) this.addLate(key, minute);
    }
  }

  saved(): SavedRollUps | undefined {
    const { from, at, horizon, closing } = this;
    if (from === undefined) return undefined;
    const all: Late = new Map();
    for (const late of [this.noted, this.late, this.beingMended]) {
      for (const [, points] of late)
        for (const [key, set] of points) for (const minute of set) add(all, key, minute);
    }
    const late = [...all].map(
      ([hour, points]) => [hour, [...points].map(([key, set]) => [key, [...set]] as const)] as const,
    );
    return { from, at, ...horizon, closing, late };
  }

  /** Is told of samples before they are sent. @returns whether windows that were rolled up are to be rolled up again. */
  note(readings: readonly ReadingColumns[], samples: readonly HistorySample[]): boolean {
    this.isToBeSaved = false;
    if (this.from === undefined) this.begin(readings, samples);
    for (const columns of readings) this.noteColumns(columns);
    for (const { pointId, ts, receivedAt } of samples) {
      if (!isTime(ts) || !isTime(receivedAt)) continue;
      this.points.add(tagValue(pointId));
      if (receivedAt > this.newest) this.newest = receivedAt;
      this.noteLate(tagValue(pointId), ts);
    }
    return this.isToBeSaved;
  }

  /** The same, of lines of samples. */
  noteLines(lines: readonly string[]): boolean {
    this.isToBeSaved = false;
    for (const line of lines) {
      const key = /,point=((?:\\.|[^\\, ])*) /s.exec(line)?.[1]?.replace(/\\(.)/gs, '$1');
      const ts = Number(/ (\d+)\d{6}$/.exec(line)?.[1]);
      if (key === undefined || !isTime(ts)) continue;
      this.points.add(key);
      this.noteLate(key, ts);
    }
    return this.isToBeSaved;
  }

  /**
   * To be called between two writes: what was noted is stored, and what is noted from now on below the new horizon is late. @returns
   * whether there are windows to be rolled up.
   */
  close(now: number): boolean {
    if (this.from === undefined) return false;
    const { noted } = this;
    this.noted = new Map();
    for (const points of noted.values()) {
      for (const [key, minutes] of points) for (const minute of minutes) this.addLate(key, minute);
    }
    const upTo = floor(Math.min(this.newest, now) - GRACE_MS, MINUTE);
    if (upTo > this.closing) this.closing = upTo;
    return this.closing > this.horizon.minutes;
  }

  /** What is to be rolled up next of a tier: at most `longest`, whole windows. */
  due(tier: Tier, longest: number): { readonly from: number; readonly to: number } | undefined {
    const end = tier === 'minutes' ? this.closing : floor(this.horizon.minutes, HOUR);
    const from = this.horizon[tier];
    if (!(from < end)) return undefined;
    return { from, to: Math.min(end, from + Math.max(floor(longest, TIERS[tier]), TIERS[tier])) };
  }

  /** Everything of the tier before `to` is rolled up. */
  done(tier: Tier, to: number): void {
    this.horizon[tier] = to;
  }

  /** Late windows whose points are known. */
  get lateMinutes(): number {
    return this.lateCount;
  }

  get isLateAtAll(): boolean {
    return this.late.size > 0;
  }

  /** Takes what is late, to be rolled up again: by hour and point. */
  takeLate(): ReadonlyMap<number, ReadonlyMap<string, ReadonlySet<number>>> {
    this.beingMended = this.late;
    this.late = new Map();
    this.lateCount = 0;
    return this.beingMended;
  }

  mended(isDone: boolean): void {
    const rest = this.beingMended;
    this.beingMended = new Map();
    if (isDone) return;
    for (const points of rest.values()) {
      for (const [key, minutes] of points) for (const minute of minutes) this.addLate(key, minute);
    }
  }

  /** Whether the windows of an hour are rolled up to it. */
  hasHour(hour: number): boolean {
    return hour < this.horizon.hours;
  }

  /** Cuts `[from, to)`, which begins with a window, into parts that follow each other. */
  parts(tier: Tier, key: string, from: number, to: number): readonly Part[] {
    const window = TIERS[tier];
    const begin = Math.max(from, this.from ?? Infinity);
    const end = Math.min(floor(to, window), this.horizon[tier]);
    if (!(begin < end)) return from < to ? [{ isRolledUp: false, from, to }] : [];
    const parts: Part[] = [];
    let at = from;
    const put = (isRolledUp: boolean, until: number): void => {
      if (!(at < until)) return;
      const before = parts.at(-1);
      if (before?.isRolledUp === isRolledUp) parts[parts.length - 1] = { ...before, to: until };
      else parts.push({ isRolledUp, from: at, to: until });
      at = until;
    };
    put(false, begin);
    for (const start of this.lateWindows(tier, key)) {
      if (start < at || start >= end) continue;
      put(true, start);
      put(false, start + window);
    }
    put(true, end);
    put(false, to);
    return parts.length <= MOST_PARTS ? parts : [{ isRolledUp: false, from, to }];
  }

  private lateWindows(tier: Tier, key: string): readonly number[] {
    const windows = new Set<number>();
    for (const late of [this.noted, this.late, this.beingMended]) {
      for (const [hour, points] of late) {
        for (const minutes of [points.get(key), points.get(ALL_POINTS)]) {
          if (minutes === undefined) continue;
          if (tier === 'hours') windows.add(hour);
          else for (const minute of minutes) windows.add(minute);
        }
      }
    }
    return [...windows].sort((a, b) => a - b);
  }

  /** The first sample that was ever received begins it; from a whole hour on, so that both tiers begin together. */
  private begin(readings: readonly ReadingColumns[], samples: readonly HistorySample[]): void {
    let oldest = Infinity;
    for (const { receivedAt } of samples) if (isTime(receivedAt) && receivedAt < oldest) oldest = receivedAt;
    for (const { receivedAt } of readings) {
      for (const time of receivedAt) if (isTime(time) && time < oldest) oldest = time;
    }
    if (oldest === Infinity) return;
    this.from = floor(oldest, HOUR);
    this.horizon.minutes = this.horizon.hours = this.closing = this.from;
  }

  private noteColumns(columns: ReadingColumns): void {
    const { ts, receivedAt, sources, source, sampleEnd, point } = columns;
    for (const { index, pointIds } of sources) {
      if (this.known.has(index)) continue;
      this.known.add(index);
      for (const pointId of pointIds) this.points.add(tagValue(pointId));
    }
    for (let reading = 0; reading < columns.count; reading += 1) {
      const [at, received] = [ts[reading]!, receivedAt[reading]!];
      if (!isTime(at) || !isTime(received)) continue;
      if (received > this.newest) this.newest = received;
      if (!this.isLate(at)) continue;
      const { pointIds } = sources[source[reading]!]!;
      for (
        let sample = reading === 0 ? 0 : sampleEnd[reading - 1]!;
        sample < sampleEnd[reading]!;
        sample += 1
      ) {
        const pointId = pointIds[point[sample]!];
        if (pointId !== undefined) this.noteLate(tagValue(pointId), at);
      }
    }
  }

  private isLate(ts: number): boolean {
    return ts < this.closing && ts >= Math.max(this.from ?? Infinity, this.keptSince);
  }

  /** That a sample of a point is being written. */
  private noteLate(key: string, ts: number): void {
    const minute = floor(ts, MINUTE);
    if (!this.isLate(ts)) return;
    const isKnown = this.late.get(floor(ts, HOUR))?.get(key)?.has(minute) === true;
    if (add(this.noted, key, minute) && !isKnown) this.isToBeSaved = true;
  }

  private addLate(key: string, ts: number): void {
    const minute = floor(ts, MINUTE);
    const isOfAll = key === ALL_POINTS || this.late.get(floor(ts, HOUR))?.has(ALL_POINTS) === true;
    if (!add(this.late, isOfAll ? ALL_POINTS : key, minute) || isOfAll) return;
    this.lateCount += 1;
    if (this.lateCount > MOST_REMEMBERED) this.forgetPoints();
  }

  /** So that what is remembered is bounded, however long it cannot be rolled up. */
  private forgetPoints(): void {
    for (const [hour, points] of this.late) {
      const minutes = new Set<number>();
      for (const some of points.values()) for (const minute of some) minutes.add(minute);
      this.late.set(hour, new Map([[ALL_POINTS, minutes]]));
    }
    this.lateCount = 0;
  }
}

/** @returns whether it was not there. */
function add(late: Late, key: string, minute: number): boolean {
  const hour = floor(minute, HOUR);
  let points = late.get(hour);
  if (points === undefined) late.set(hour, (points = new Map<string, Set<number>>()));
  let minutes = points.get(key);
  if (minutes === undefined) points.set(key, (minutes = new Set()));
  const before = minutes.size;
  return minutes.add(minute).size > before;
}

function floor(time: number, window: number): number {
  return Math.floor(time / window) * window;
}
