import { type HistorySample, type SampleColumns } from './history.js';

export type PointValue = HistorySample['value'];

/** As `SampleColumns`, in this order too unless it is said otherwise. */
export type Columns = SampleColumns;

export const QUALITIES = ['good', 'uncertain', 'bad'] as const;
export const BAD = 2;

/** The last millisecond that 64 bits of nanoseconds can carry (year 2262): what every adapter can store. */
export const LAST_TIME = 9_223_372_036_853;

/**
 * Whether a sample can be stored by every adapter. One that cannot is left out: it must not stop its neighbours [HI5].
 */
export function isStorable(sample: HistorySample): boolean {
  return (
    isTime(sample.ts) &&
    isTime(sample.receivedAt) &&
    (typeof sample.value !== 'number' || Number.isFinite(sample.value))
  );
}

export function isTime(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LAST_TIME;
}

export function slice(columns: Columns, from: number, to: number): Columns {
  if (from === 0 && to === columns.ts.length) return columns;
  return {
    ts: columns.ts.subarray(from, to),
    receivedAt: columns.receivedAt.subarray(from, to),
    quality: columns.quality.subarray(from, to),
    values:
      columns.values instanceof Float64Array
        ? columns.values.subarray(from, to)
        : columns.values.slice(from, to),
  };
}

/** Index of the first `ts` that is not below `time`. */
export function lowerBound(ts: Float64Array, time: number): number {
  let low = 0;
  let high = ts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ts[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Columns of what was collected row by row; numbers alone become a typed array. */
export function toColumns(rows: {
  readonly ts: readonly number[];
  readonly receivedAt: readonly number[];
  readonly quality: readonly number[];
  readonly values: readonly PointValue[];
}): Columns {
  return {
    ts: Float64Array.from(rows.ts),
    receivedAt: Float64Array.from(rows.receivedAt),
    quality: Uint8Array.from(rows.quality),
    values: compactValues(rows.values),
  };
}

/** Samples of one series as columns. */
export function columnsOf(samples: readonly HistorySample[]): Columns {
  return toColumns({
    ts: samples.map((sample) => sample.ts),
    receivedAt: samples.map((sample) => sample.receivedAt),
    quality: samples.map((sample) => QUALITIES.indexOf(sample.quality)),
    values: samples.map((sample) => sample.value),
  });
}

export function compactValues(values: readonly PointValue[]): Float64Array | readonly PointValue[] {
  return values.every((value) => typeof value === 'number') ? Float64Array.from(values) : values;
}

/** Both together; where both have a `ts`, `newer` says what it was [HI3]. */
export function merge(older: Columns, newer: Columns): Columns {
  if (older.ts.length === 0) return newer;
  if (newer.ts.length === 0) return older;
  const most = older.ts.length + newer.ts.length;
  const ts = new Float64Array(most);
  const receivedAt = new Float64Array(most);
  const quality = new Uint8Array(most);
  const values =
    older.values instanceof Float64Array && newer.values instanceof Float64Array
      ? new Float64Array(most)
      : new Array<PointValue>(most);
  let count = 0;
  const take = (from: Columns, index: number): void => {
    ts[count] = from.ts[index]!;
    receivedAt[count] = from.receivedAt[index]!;
    quality[count] = from.quality[index]!;
    (values as PointValue[])[count] = from.values[index]!;
    count += 1;
  };
  let a = 0;
  let b = 0;
  while (a < older.ts.length && b < newer.ts.length) {
    const before = older.ts[a]!;
    const after = newer.ts[b]!;
    if (before < after) take(older, a++);
    else {
      take(newer, b++);
      if (before === after) a += 1;
    }
  }
  while (a < older.ts.length) take(older, a++);
  while (b < newer.ts.length) take(newer, b++);
  return slice({ ts, receivedAt, quality, values }, 0, count);
}

/** Parts that follow each other, as one. */
export function concatenate(parts: readonly Columns[]): Columns {
  const count = parts.reduce((sum, part) => sum + part.ts.length, 0);
  const ts = new Float64Array(count);
  const receivedAt = new Float64Array(count);
  const quality = new Uint8Array(count);
  const numbers = parts.every((part) => part.values instanceof Float64Array);
  const values = numbers ? new Float64Array(count) : new Array<PointValue>(count);
  let at = 0;
  for (const part of parts) {
    ts.set(part.ts, at);
    receivedAt.set(part.receivedAt, at);
    quality.set(part.quality, at);
    for (let index = 0; index < part.ts.length; index += 1)
      (values as PointValue[])[at + index] = part.values[index]!;
    at += part.ts.length;
  }
  return { ts, receivedAt, quality, values };
}
