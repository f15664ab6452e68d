export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('No values: there is no median.');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * Counts times in buckets of 2 % width, from a microsecond to minutes: a fixed cost for each, whatever the number.
 */
export class LatencyHistogram {
  static readonly #growth = Math.log(1.02);
  readonly #counts = new Uint32Array(1024);
  #total = 0;

  record(milliseconds: number): void {
    const micros = Math.max(1, milliseconds * 1000);
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log(micros) / LatencyHistogram.#growth));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  get count(): number {
    return this.#total;
  }

  /** Milliseconds below which the share `q` (0 to 1) of all times lies; `NaN` when there are none. */
  quantile(q: number): number {
    let rest = Math.ceil(q * this.#total);
    if (this.#total === 0) return Number.NaN;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      rest -= this.#counts[bucket] ?? 0;
      if (rest <= 0) return Math.exp((bucket + 0.5) * LatencyHistogram.#growth) / 1000;
    }
    return Number.POSITIVE_INFINITY;
  }
}
