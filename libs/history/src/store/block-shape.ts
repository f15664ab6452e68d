import { type Columns, slice } from '../sample-columns.js';
import { type BlockHead } from './block-table.js';
import { pack, type PackedBlock } from './packed-block.js';

const HOUR_MS = 3_600_000;

/**
 * Bytes of a full block: two such rows fill a page of 4 KiB. A little more and each row would have a page for itself, half of it
 * empty.
 */
const FULL_BYTES = 1_960;
const LARGEST_BYTES = 2_005;
/** A block that late samples fell into may grow to a page before it is cut. */
const CROWDED_BYTES = 4_000;
/** Samples of a full block, whatever their size: it is unpacked whole. */
const FULL_COUNT = 4_000;
/** Bytes a sample of a series that has no block yet. */
const EXPECTED_DENSITY = 2.5;
/** A block is closed after an hour, unless it would be too small to compress; after a day in any case. */
const FULL_SPAN_MS = HOUR_MS;
const WORTHWHILE_COUNT = 120;
const LONGEST_SPAN_MS = 24 * HOUR_MS;

/** Whether a block takes no more samples at its end. */
export function isFull(head: Pick<BlockHead, 'first' | 'count' | 'bytes'>, ts: number): boolean {
  return head.bytes >= FULL_BYTES || head.count >= FULL_COUNT || isLongEnough(ts - head.first, head.count);
}

/**
 * Packs samples at the end of a series: each block is filled, so that only the last is open. `last` is the block that they go on
 * from: its samples tell how many make a full one.
 */
export function fill(columns: Columns, last: BlockHead | undefined): readonly PackedBlock[] {
  const blocks: PackedBlock[] = [];
  let density = last === undefined ? EXPECTED_DENSITY : last.bytes / last.count;
  for (let from = 0; from < columns.ts.length;) {
    const most = Math.min(FULL_COUNT, Math.floor(FULL_BYTES / density));
    const to = endOfBlock(columns, from, Math.max(1, most));
    const block = packedWithin(columns, from, to);
    blocks.push(block);
    from += block.columns.ts.length;
    density = block.body.length / block.columns.ts.length;
  }
  return blocks;
}

/** Packs samples in the middle of a series. Where they are too many the parts are equal, so that no fragments are left behind. */
export function divide(columns: Columns): readonly PackedBlock[] {
  const whole = pack(columns);
  if (whole.body.length <= CROWDED_BYTES && columns.ts.length <= FULL_COUNT) return [whole];
  const count = columns.ts.length;
  const parts = Math.min(count, Math.ceil(Math.max(whole.body.length / FULL_BYTES, count / FULL_COUNT)));
  return Array.from({ length: parts }, (_, part) =>
    pack(slice(columns, Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts))),
  );
}

function endOfBlock({ ts }: Columns, from: number, most: number): number {
  let to = from + 1;
  while (to < ts.length && to - from < most && !isLongEnough(ts[to]! - ts[from]!, to - from)) to += 1;
  return to;
}

function isLongEnough(span: number, count: number): boolean {
  return (span >= FULL_SPAN_MS && count >= WORTHWHILE_COUNT) || span >= LONGEST_SPAN_MS;
}

/** A block from `from` on, of as many samples up to `to` as are not too large. */
function packedWithin(columns: Columns, from: number, to: number): PackedBlock {
  const block = pack(slice(columns, from, to));
  const excess = block.body.length / FULL_BYTES;
  if (block.body.length <= LARGEST_BYTES || to - from === 1) return block;
  return packedWithin(columns, from, from + Math.max(1, Math.floor((to - from) / excess)));
}
