import { expect } from '@jest/globals';
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

/** What `aggregate` must answer for the samples of a range [HI8]. */
export function bucketsOf(
  samples: readonly HistorySample[],
  query: { readonly from: number; readonly every: number; readonly fn: AggregateFunction },
): Bucket[] {
  const buckets = new Map<number, HistorySample['value'][]>();
  for (const { ts, value, quality } of samples) {
    if (quality === 'bad') continue;
    const start = query.from + Math.floor((ts - query.from) / query.every) * query.every;
    buckets.set(start, [...(buckets.get(start) ?? []), value]);
  }
  return [...buckets].flatMap(([start, values]) => {
    const value = fold(values, query.fn);
    return value === undefined ? [] : [[start, value] as const];
  });
}

function fold(values: readonly HistorySample['value'][], fn: AggregateFunction): number | string | undefined {
  const last = values.at(-1)!;
  if (fn === 'count') return values.length;
  if (fn === 'last') return typeof last === 'string' ? last : Number(last);
  const numbers = values.filter((value) => typeof value !== 'string').map(Number);
  if (numbers.length === 0) return undefined;
  if (fn === 'mean') return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return fn === 'min' ? Math.min(...numbers) : Math.max(...numbers);
}

/** The same buckets; a mean may differ in its last digits, since the order of adding up is nobody's business. */
export function expectBuckets(actual: readonly Bucket[], expected: readonly Bucket[]): void {
  expect(actual.map(([start]) => start)).toEqual(expected.map(([start]) => start));
  for (const [index, [, value]] of expected.entries()) {
    if (typeof value === 'string') expect(actual[index]![1]).toBe(value);
    else expect(actual[index]![1]).toBeCloseTo(value, 6);
  }
}
