import { encodeBlock } from '../block/block-codec.js';
import { type Columns } from '../sample-columns.js';

/** Samples with the block that they are packed into. */
export interface PackedBlock {
  readonly columns: Columns;
  readonly body: Uint8Array;
}

/** One block, whatever its size. */
export function pack(columns: Columns): PackedBlock {
  return { columns, body: encodeBlock(columns) };
}
