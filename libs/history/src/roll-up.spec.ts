import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Buckets } from './buckets.js';
import { RollUpFold, TIERS, tierOf } from './roll-up.js';
import { toColumns } from './sample-columns.js';

const HOUR = TIERS.hours;
const value = fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.boolean(), fc.constantFrom('开', 'shut'));
const samples = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 * HOUR }), value, fc.integer({ min: 0, max: 2 })), {
    selector: ([ts]) => ts,
    maxLength: 200,
  })
  .map((rows) => rows.toSorted(([a], [b]) => a - b))
  .map((rows) =>
    toColumns({
      ts: rows.map(([ts]) => ts),
      receivedAt: rows.map(([ts]) => ts),
      quality: rows.map(([, , quality]) => quality),
      values: rows.map(([, one]) => one),
    }),
  );

describe('roll-ups', () => {
  it('[HI23] buckets are the same from samples, from minutes, and from hours that were made of minutes', () => {
    fc.assert(
      fc.property(
        samples,
        fc.constantFrom('mean', 'min', 'max', 'last', 'count'),
        fc.integer({ min: 1, max: 3 }),
        (columns, fn, hours) => {
          const query = { from: 0, to: 5 * HOUR + 1, every: hours * HOUR, fn } as const;
          const direct = new Buckets(query);
          direct.add(columns);
          const minutes = new RollUpFold(0, TIERS.minutes);
          minutes.add(columns);
          const rows = minutes.finish();
          const viaMinutes = new Buckets(query);
          viaMinutes.addRollUps(rows);
          const coarser = new RollUpFold(0, HOUR);
          coarser.addRollUps(rows);
          const viaHours = new Buckets(query);
          viaHours.addRollUps(coarser.finish());
          const expected = direct.finish();
          for (const buckets of [viaMinutes.finish(), viaHours.finish()]) {
            expect(buckets.map(([start]) => start)).toEqual(expected.map(([start]) => start));
            for (const [index, [, one]] of buckets.entries()) {
              const wanted = expected[index]![1];
              if (typeof wanted === 'number') expect(one).toBeCloseTo(wanted, 6);
              else expect(one).toBe(wanted);
            }
          }
        },
      ),
    );
  });

  it('[HI23] a tier serves where no bucket cuts a window of it', () => {
    expect(tierOf({ from: 0, every: HOUR })).toBe('hours');
    expect(tierOf({ from: HOUR, every: 24 * HOUR })).toBe('hours');
    expect(tierOf({ from: 60_000, every: HOUR })).toBe('minutes');
    expect(tierOf({ from: 0, every: 90_000 })).toBeUndefined();
    expect(tierOf({ from: 1, every: HOUR })).toBeUndefined();
  });
});
