import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentEntries } from './recent-entries.js';
import { type JournalEntry } from './record.js';

function commit(from: number, count: number): JournalEntry[] {
  return Array.from({ length: count }, (_, i) => ({ offset: from + i, at: 0, record: { kind: 'tick' } }));
}

describe('recent entries', () => {
  it('[JN6] gives exactly what comes at an offset, or nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        (sizes, offset, limit) => {
          const recent = new RecentEntries();
          let next = 1;
          for (const size of sizes) {
            recent.add(commit(next, size), 1_000);
            next += size;
          }
          const entries = recent.from(offset, limit);
          if (entries === undefined) return;
          expect(entries.length).toBeGreaterThan(0);
          expect(entries.map((entry) => entry.offset)).toEqual(entries.map((_, i) => offset + i));
          expect(offset + entries.length).toBeLessThanOrEqual(next);
        },
      ),
    );
  });

  it('[JN6] keeps the newest within its bounds, and nothing that everybody has seen', () => {
    const recent = new RecentEntries();
    for (let i = 0; i < 20; i += 1) recent.add(commit(1 + i * 1_000, 1_000), 1_000);
    expect(recent.from(1, 10)).toBeUndefined();
    expect(recent.from(19_500, 10)?.[0]?.offset).toBe(19_500);
    for (let i = 20; i < 30; i += 1) recent.add(commit(1 + i * 1_000, 1_000), 2 * 1024 * 1024);
    expect(recent.from(25_001, 10)).toBeUndefined();
    expect(recent.from(26_001, 10)).toBeDefined();
    recent.releaseBelow(29_001);
    expect(recent.from(28_001, 10)).toBeUndefined();
    expect(recent.from(29_001, 10)).toHaveLength(1_000);
  });
});
