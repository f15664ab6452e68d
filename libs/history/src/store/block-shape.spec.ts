import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatenate, toColumns } from '../sample-columns.js';
import { divide, fill, isFull } from './block-shape.js';

const START = 1_752_000_000_000;
const PAGE_HALF = 2_005;

/** Samples of one series; `noise` decides how many bytes each needs. */
function samplesOf(count: number, everyMs: number, noise: number) {
  let state = 7;
  const ts = Array.from({ length: count }, (_, index) => START + index * everyMs);
  const values = ts.map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return noise === 0 ? 20.9 : (state % noise) / 1_000;
  });
  return toColumns({ ts, receivedAt: ts.map((time) => time + 20), quality: ts.map(() => 0), values });
}

const shape = fc.tuple(
  fc.integer({ min: 1, max: 12_000 }),
  fc.constantFrom(100, 1_000, 10_000, 60_000, 3_600_000),
  fc.constantFrom(0, 10, 1_000, 1_000_000, 0x7fffffff),
);

describe('blocks at the end of a series', () => {
  it('[HI12] fit a half of a page, and each but the last is full', () => {
    fc.assert(
      fc.property(shape, ([count, everyMs, noise]) => {
        const columns = samplesOf(count, everyMs, noise);
        const blocks = fill(columns, undefined);
        expect(concatenate(blocks.map((block) => block.columns))).toEqual(columns);
        blocks.forEach(({ columns: { ts }, body }, index) => {
          expect(body.length).toBeLessThanOrEqual(PAGE_HALF);
          const next = blocks[index + 1]?.columns.ts[0];
          // The first is a guess, and one whose samples turn out larger is cut smaller.
          if (index === 0 || next === undefined) return;
          const head = { first: ts[0]!, count: ts.length, bytes: body.length };
          expect(isFull(head, next) || body.length > 1_500).toBe(true);
        });
      }),
    );
  });

  it('[HI12] are filled by small portions just as well', () => {
    const columns = samplesOf(3_000, 1_000, 4_000);
    let open = fill(samplesOf(30, 1_000, 4_000), undefined)[0]!;
    const sizes: number[] = [];
    for (let from = 30; from < 3_000; from += 30) {
      const head = {
        id: 1,
        first: open.columns.ts[0]!,
        last: 0,
        count: open.columns.ts.length,
        bytes: open.body.length,
      };
      const begin = isFull(head, columns.ts[from]!) ? from : from - head.count;
      if (begin === from) sizes.push(head.bytes);
      const part = {
        ts: columns.ts.subarray(begin, from + 30),
        receivedAt: columns.receivedAt.subarray(begin, from + 30),
        quality: columns.quality.subarray(begin, from + 30),
        values: (columns.values as Float64Array).subarray(begin, from + 30),
      };
      const blocks = fill(part, head);
      sizes.push(...blocks.slice(0, -1).map(({ body }) => body.length));
      open = blocks.at(-1)!;
    }
    expect(sizes.length).toBeGreaterThan(1);
    for (const size of sizes) {
      expect(size).toBeGreaterThan(1_900);
      expect(size).toBeLessThanOrEqual(PAGE_HALF);
    }
  });
});

describe('blocks in the middle of a series', () => {
  it('[HI4] stay whole while they fit a page, and are equal parts where they do not', () => {
    fc.assert(
      fc.property(shape, ([count, everyMs, noise]) => {
        const columns = samplesOf(count, everyMs, noise);
        const blocks = divide(columns);
        expect(concatenate(blocks.map((block) => block.columns))).toEqual(columns);
        const counts = blocks.map((block) => block.columns.ts.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const sizes = blocks.map(({ body }) => body.length);
        // Few bytes are many samples: then it is their number that divides them.
        if (sizes.reduce((sum, size) => sum + size) > 8_000) expect(Math.min(...sizes)).toBeGreaterThan(500);
      }),
    );
  });
});
