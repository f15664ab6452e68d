import { type Columns, slice } from '../sample-columns.js';
import { type BlockHead } from './block-table.js';

const HOUR_MS = 3_600_000;

/** Samples of a full block: small enough to be unpacked in about 30 µs, large enough to compress. */
export const FULL_COUNT = 1_000;
/** A block that late samples fell into may grow to this before it is cut in two. */
const CROWDED_COUNT = 1_500;
/** A block is closed after an hour, unless it would be too small to compress; after a day in any case. */
const FULL_SPAN_MS = HOUR_MS;
const WORTHWHILE_COUNT = 120;
const LONGEST_SPAN_MS = 24 * HOUR_MS;

/** Whether a block takes no more samples at its end. */
export function isFull(head: Pick<BlockHead, 'first' | 'count'>, ts: number): boolean {
  const span = ts - head.first;
  return (
    head.count >= FULL_COUNT ||
    (span >= FULL_SPAN_MS && head.count >= WORTHWHILE_COUNT) ||
    span >= LONGEST_SPAN_MS
  );
}

/**
 * Cuts samples into blocks. At the end of a series each is filled, so that only the last is open; in the middle, where late
 * samples made a block too large, the parts are equal, so that no fragments are left behind.
 */
export function cut(columns: Columns, atEnd: boolean): readonly Columns[] {
  return atEnd ? fill(columns) : halve(columns);
}

function fill(columns: Columns): Columns[] {
  const parts: Columns[] = [];
  let from = 0;
  for (let index = 1; index <= columns.ts.length; index += 1) {
    const head = { first: columns.ts[from]!, count: index - from };
    if (index < columns.ts.length && !isFull(head, columns.ts[index]!)) continue;
    parts.push(slice(columns, from, index));
    from = index;
  }
  return parts;
}

function halve(columns: Columns): Columns[] {
  const count = columns.ts.length;
  const parts = count <= CROWDED_COUNT ? 1 : Math.ceil(count / FULL_COUNT);
  return Array.from({ length: parts }, (_, part) =>
    slice(columns, Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts)),
  );
}
