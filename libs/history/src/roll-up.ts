import { type HistorySample } from './history.js';
import { BAD, type Columns } from './sample-columns.js';

/** What telemetry is rolled up to, finest first: the length of a window, ms. */
export const TIERS = { minutes: 60_000, hours: 3_600_000 } as const;
export type Tier = keyof typeof TIERS;

/**
 * What is kept of the samples of one window that are not bad [HI8]. Booleans count as 0 and 1; text counts for `count` and
 * `last` alone, so that `mean`, `min` and `max` are those of `numbers` samples, and not there where that is 0.
 */
export interface RollUp {
  /** Epoch ms. */
  readonly start: number;
  readonly count: number;
  readonly numbers: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly last: number | string;
}

/** The coarsest tier whose windows the buckets are made of without a rest; undefined where only samples will do. */
export function tierOf({ from, every }: { readonly from: number; readonly every: number }): Tier | undefined {
  if (isMultiple(from, every, TIERS.hours)) return 'hours';
  return isMultiple(from, every, TIERS.minutes) ? 'minutes' : undefined;
}

function isMultiple(from: number, every: number, window: number): boolean {
  return from % window === 0 && every % window === 0;
}

/** Folds samples, or roll-ups of shorter windows, that come in ascending order, into windows `[from + n·every, from + (n+1)·every)`. */
export class RollUpFold {
  private readonly done: RollUp[] = [];
  private window = -1;
  private count = 0;
  private numbers = 0;
  private sum = 0;
  private min = Infinity;
  private max = -Infinity;
  private last: HistorySample['value'] = 0;

  constructor(
    private readonly from: number,
    private readonly every: number,
  ) {}

  /** Windows that were begun. */
  get windows(): number {
    return this.done.length + (this.window < 0 ? 0 : 1);
  }

  add({ ts, quality, values }: Columns): void {
    for (let index = 0; index < ts.length; index += 1) {
      if (quality[index] === BAD) continue;
      const value = values[index]!;
      this.enter(ts[index]!);
      this.count += 1;
      this.last = value;
      if (typeof value === 'string') continue;
      const number = Number(value);
      this.numbers += 1;
      this.sum += number;
      if (number < this.min) this.min = number;
      if (number > this.max) this.max = number;
    }
  }

  addRollUps(rows: readonly RollUp[]): void {
    for (const row of rows) {
      this.enter(row.start);
      this.count += row.count;
      this.last = row.last;
      if (row.numbers === 0) continue;
      this.numbers += row.numbers;
      this.sum += row.mean * row.numbers;
      if (row.min < this.min) this.min = row.min;
      if (row.max > this.max) this.max = row.max;
    }
  }

  finish(): readonly RollUp[] {
    this.leave();
    this.window = -1;
    return this.done;
  }

  private enter(time: number): void {
    const window = Math.floor((time - this.from) / this.every);
    if (window === this.window) return;
    this.leave();
    this.window = window;
  }

  private leave(): void {
    if (this.window < 0) return;
    const { count, numbers, last } = this;
    const mean = numbers === 0 ? 0 : this.sum / numbers;
    const [min, max] = numbers === 0 ? [0, 0] : [this.min, this.max];
    const start = this.from + this.window * this.every;
    this.done.push({
      start,
      count,
      numbers,
      mean,
      min,
      max,
      last: typeof last === 'string' ? last : Number(last),
    });
    this.count = 0;
    this.numbers = 0;
    this.sum = 0;
    this.min = Infinity;
    this.max = -Infinity;
  }
}
