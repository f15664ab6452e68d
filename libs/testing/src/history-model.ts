import { type AggregateFunction, type HistorySample } from '@watchfire/history';

export type Bucket = readonly [start: number, value: number | string];

/** The samples of one point as the contract means them: a map by `ts`. */
export function sampleModel(): {
  write(samples: readonly HistorySample[]): void;
  range(from: number, to: number): HistorySample[];
} {
  const byTime = new Map<number, HistorySample>();
  return {
    write(samples) {
      for (const sample of samples) byTime.set(sample.ts, sample);
    },
    range(from, to) {
      return [...byTime.values()].filter(({ ts }) => ts >= from && ts < to).sort((a, b) => a.ts - b.ts);
    },
  };
}

/** Numbers only: what `aggregate` must answer for the samples of a range. */
export function bucketsOf(
  samples: readonly HistorySample[],
  query: { readonly from: number; readonly every: number; readonly fn: AggregateFunction },
): Bucket[] {
  const buckets = new Map<number, number[]>();
  for (const { ts, value, quality } of samples) {
    if (quality === 'bad') continue;
    const start = query.from + Math.floor((ts - query.from) / query.every) * query.every;
    buckets.set(start, [...(buckets.get(start) ?? []), Number(value)]);
  }
  return [...buckets].map(([start, values]) => [start, fold(values, query.fn)]);
}

function fold(values: readonly number[], fn: AggregateFunction): number {
  switch (fn) {
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'count':
      return values.length;
    case 'last':
      return values.at(-1)!;
  }
}
