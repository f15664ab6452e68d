import { type Columns, lowerBound, merge, slice } from '../sample-columns.js';
import { divide, fill, isFull } from './block-shape.js';
import { type BlockTable } from './block-table.js';

/** Puts ascending samples of a series into the blocks that they belong to. To be called in a transaction. */
export function storeInBlocks(blocks: BlockTable, series: number, samples: Columns): void {
  let from = 0;
  while (from < samples.ts.length) {
    const ts = samples.ts[from]!;
    const before = blocks.at(series, ts);
    const next = blocks.after(series, ts);
    const to = next ? lowerBound(samples.ts, next.first) : samples.ts.length;
    const group = slice(samples, from, to);
    from = to;
    const target = before && (ts <= before.last || !isFull(before, ts)) ? before : undefined;
    const present = target && blocks.read(series, target);
    const columns = present ? merge(present, group) : group;
    const [first, ...more] = next === undefined ? fill(columns, before) : divide(columns);
    if (target && present && first) blocks.replace(target, first);
    else if (first) blocks.insert(series, first);
    for (const part of more) blocks.insert(series, part);
  }
}
