import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket, TokenBuckets } from './token-bucket.js';

const steps = fc.array(fc.nat({ max: 2_000 }), { maxLength: 200 });

describe('[IN17] a token bucket', () => {
  it('never lets more through than its burst and its rate', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (gaps, rate, burst) => {
          const bucket = new TokenBucket(rate, burst, 0);
          let now = 0;
          let taken = 0;
          for (const gap of gaps) {
            now += gap;
            if (bucket.tryTake(now)) taken++;
          }
          expect(taken).toBeLessThanOrEqual(burst + (now * rate) / 1_000 + 1e-6);
        },
      ),
    );
  });

  it('on credit, gives everybody a place in order at the rate', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect([1, 2, 3, 4, 5].map(() => bucket.reserve(0))).toEqual([0, 0, 100, 200, 300]);
    bucket.release();
    expect(bucket.reserve(100)).toBe(200);
  });

  it('is the same beside those of others as alone', () => {
    const calls = fc.array(fc.record({ owner: fc.nat({ max: 199 }), gap: fc.nat({ max: 300 }) }), {
      maxLength: 600,
    });
    fc.assert(
      fc.property(calls, (each) => {
        const together = new TokenBuckets(10, 3);
        const alone = Array.from({ length: 200 }, () => new TokenBucket(10, 3, 0));
        const places = alone.map(() => together.add(0));
        let now = 0;
        for (const { owner, gap } of each) {
          now += gap;
          expect(together.reserve(places[owner]!, now)).toBe(alone[owner]!.reserve(now));
        }
      }),
    );
  });
});
