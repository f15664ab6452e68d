import { type ReadingSource } from './source.js';

export type Value = number | boolean | string;

/** Bits of `flags`. */
export const HISTORICAL = 1;
/** The device sent a time: `deviceTime` has it. */
export const HAS_DEVICE_TIME = 2;
/** The device's time was not believed: `ts` is the receive time, and values are at best uncertain. */
export const TIME_REFUSED = 4;

export const QUALITIES = ['good', 'uncertain', 'bad'] as const;
export type Quality = (typeof QUALITIES)[number];

export const IS_NUMBER = 0;
export const IS_BOOLEAN = 1;
export const IS_TEXT = 2;

export const NO_BOOT = 0;

/**
 * Readings of any devices in the order in which they came. One reading is a row of the first group of columns, its samples
 * are rows `samplesBegin(i)` to `sampleEnd[i]` of the second.
 */
export interface ReadingColumns {
  readonly count: number;
  readonly sources: readonly ReadingSource[];
  /** Index into `sources`. */
  readonly source: Uint32Array;
  readonly flags: Uint8Array;
  /** Epoch ms, as all times here. */
  readonly receivedAt: Float64Array;
  /** Device time as believed; the receive time where there is none. */
  readonly ts: Float64Array;
  /** What the clock of the device said; NaN where it said nothing. */
  readonly deviceTime: Float64Array;
  /** NaN: none. */
  readonly seq: Float64Array;
  /** Index into `boots` plus one; `NO_BOOT`: none. */
  readonly boot: Uint32Array;
  readonly boots: readonly string[];
  readonly sampleEnd: Uint32Array;

  /** Index into `pointIds` of the source. */
  readonly point: Uint16Array;
  /** Index into `QUALITIES`. */
  readonly quality: Uint8Array;
  /** `IS_NUMBER`, `IS_BOOLEAN` or `IS_TEXT`. */
  readonly type: Uint8Array;
  /** The number; 0 or 1; or an index into `texts`. */
  readonly value: Float64Array;
  readonly texts: readonly string[];
}

export function samplesBegin(columns: ReadingColumns, reading: number): number {
  return reading === 0 ? 0 : columns.sampleEnd[reading - 1]!;
}

export function sampleValue(columns: ReadingColumns, sample: number): Value {
  const value = columns.value[sample]!;
  switch (columns.type[sample]) {
    case IS_NUMBER:
      return value;
    case IS_BOOLEAN:
      return value !== 0;
    default:
      return columns.texts[value] ?? '';
  }
}

/** Readings `from` to `to` (exclusive), as views on the same memory where that is possible. */
export function slice(columns: ReadingColumns, from: number, to = columns.count): ReadingColumns {
  if (from === 0 && to === columns.count) return columns;
  const first = samplesBegin(columns, from);
  const last = to === 0 ? 0 : columns.sampleEnd[to - 1]!;
  return {
    count: to - from,
    sources: columns.sources,
    source: columns.source.subarray(from, to),
    flags: columns.flags.subarray(from, to),
    receivedAt: columns.receivedAt.subarray(from, to),
    ts: columns.ts.subarray(from, to),
    deviceTime: columns.deviceTime.subarray(from, to),
    seq: columns.seq.subarray(from, to),
    boot: columns.boot.subarray(from, to),
    boots: columns.boots,
    sampleEnd: columns.sampleEnd.subarray(from, to).map((end) => end - first),
    point: columns.point.subarray(first, last),
    quality: columns.quality.subarray(first, last),
    type: columns.type.subarray(first, last),
    value: columns.value.subarray(first, last),
    texts: columns.texts,
  };
}
