import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReadingBuilder, ReadingSource } from '@watchfire/readings';
import { entriesOf } from './journal-parts.js';
import { type RecentCommit, RecentParts } from './recent-parts.js';
import { type JournalPart } from './record.js';

const source = ReadingSource.of('d', ['d.ch4']);

function block(offset: number, count: number): JournalPart {
  const builder = new ReadingBuilder();
  for (let i = 0; i < count; i += 1) {
    builder.number(0, offset + i, 0);
    builder.end(source, 1, 1, 0);
  }
  return { offset, at: 0, readings: builder.take() };
}

/** So many records, or so many readings in one part. */
function commit(from: number, count: number, bytes: number, inColumns = false): RecentCommit {
  const records = (): JournalPart[] =>
    Array.from({ length: count }, (_, i) => ({ offset: from + i, at: 0, record: { kind: 'tick' } }));
  const parts = inColumns ? [block(from, count)] : records();
  return { firstOffset: from, nextOffset: from + count, parts, bytes };
}

const offsetsOf = (parts: readonly JournalPart[]): number[] =>
  parts.flatMap((part) => [...entriesOf(part)].map(({ offset }) => offset));

describe('recent parts', () => {
  it('[JN6] give exactly what comes at an offset, or nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.boolean()), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        (sizes, offset, limit) => {
          const recent = new RecentParts();
          let next = 1;
          for (const [size, inColumns] of sizes) {
            recent.add(commit(next, size, 1_000, inColumns));
            next += size;
          }
          const parts = recent.from(offset, limit);
          if (parts === undefined) return;
          const offsets = offsetsOf(parts);
          expect(offsets.length).toBeGreaterThan(0);
          expect(offsets).toEqual(offsets.map((_, i) => offset + i));
          expect(offset + offsets.length).toBeLessThanOrEqual(next);
        },
      ),
    );
  });

  it('[JN6] keep the newest within their bounds, and nothing that everybody has seen', () => {
    const recent = new RecentParts();
    for (let i = 0; i < 20; i += 1) recent.add(commit(1 + i * 1_000, 1_000, 1_000));
    expect(recent.from(1, 10)).toBeUndefined();
    expect(recent.from(19_500, 10)?.[0]?.offset).toBe(19_500);
    for (let i = 20; i < 30; i += 1) recent.add(commit(1 + i * 1_000, 1_000, 2 * 1024 * 1024));
    expect(recent.from(25_001, 10)).toBeUndefined();
    expect(recent.from(26_001, 10)).toBeDefined();
    recent.releaseBelow(29_001);
    expect(recent.from(28_001, 10)).toBeUndefined();
    expect(recent.from(29_001, 10)).toHaveLength(1_000);
  });

  it('[JN6] bound readings by their bytes alone', () => {
    const recent = new RecentParts();
    for (let i = 0; i < 60; i += 1) recent.add(commit(1 + i * 1_000, 1_000, 100_000, true));
    expect(recent.from(1, 1_000)).toHaveLength(1);
    for (let i = 60; i < 100; i += 1) recent.add(commit(1 + i * 1_000, 1_000, 100_000, true));
    expect(recent.from(1, 1_000)).toBeUndefined();
    expect(recent.from(17_001, 1_000)).toHaveLength(1);
  });

  it('[JN6] stop before a commit that only the disk has', () => {
    const recent = new RecentParts();
    recent.add(commit(1, 2, 100));
    recent.add(commit(5, 2, 100, true));
    expect(offsetsOf(recent.from(1, 100) ?? [])).toEqual([1, 2]);
    expect(recent.from(3, 100)).toBeUndefined();
    expect(offsetsOf(recent.from(6, 100) ?? [])).toEqual([6]);
  });
});
