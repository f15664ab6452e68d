import { type LoadFigures } from './model.js';

export const BIN_MS = 600_000;
const BINS_AN_HOUR = 6;
/** Steps of the load over time: what a chart can show, and an answer should carry. */
const MAX_STEPS = 2_000;

/** Announcements by bins of ten minutes from the begin of a range; bins without any cost nothing. */
export class LoadFold {
  private readonly bins = new Map<number, number>();
  private peak = 0;

  constructor(private readonly from: number) {}

  announce(at: number): void {
    const bin = Math.floor((at - this.from) / BIN_MS);
    const count = (this.bins.get(bin) ?? 0) + 1;
    this.bins.set(bin, count);
    this.peak = Math.max(this.peak, count);
  }

  get peakBin(): number {
    return this.peak;
  }

  get peakAt(): number | null {
    const first = Math.min(...[...this.bins].flatMap(([bin, count]) => (count === this.peak ? bin : [])));
    return this.bins.size === 0 ? null : this.from + first * BIN_MS;
  }

  binsOver(limit: number): number {
    return [...this.bins.values()].filter((count) => count > limit).length;
  }

  hoursOver(limit: number): number {
    const hours = new Map<number, number>();
    for (const [bin, count] of this.bins) {
      const hour = Math.floor(bin / BINS_AN_HOUR);
      hours.set(hour, (hours.get(hour) ?? 0) + count);
    }
    return [...hours.values()].filter((count) => count > limit).length;
  }

  /** In equal steps, as short as `MAX_STEPS` allows. */
  over(to: number): LoadFigures {
    const bins = binsOf(to - this.from);
    const each = Math.max(1, Math.ceil(bins / MAX_STEPS));
    const steps = Math.ceil(bins / each);
    const announced = Array<number>(steps).fill(0);
    const peak = Array<number>(steps).fill(0);
    for (const [bin, count] of this.bins) {
      const step = Math.floor(bin / each);
      announced[step] = (announced[step] ?? 0) + count;
      peak[step] = Math.max(peak[step] ?? 0, count);
    }
    return { from: this.from, everyMs: each * BIN_MS, announced, peak };
  }
}

/** Ten-minute bins in so many ms; the last may be shorter. */
export function binsOf(ms: number): number {
  return Math.ceil(ms / BIN_MS);
}
