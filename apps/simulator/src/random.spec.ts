import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Random } from './random.js';

const take = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  test('gives the same stream for the same seed, and another for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(take(new Random(one), 20)).toEqual(take(new Random(one), 20));
        if (one !== other) expect(take(new Random(one), 20)).not.toEqual(take(new Random(other), 20));
      }),
    );
  });

  test('is uniform, normal and exponential where it says so', () => {
    const random = new Random('moments');
    const mean = (draw: () => number): number => {
      let sum = 0;
      for (let i = 0; i < 20_000; i++) sum += draw();
      return sum / 20_000;
    };
    expect(mean(() => random.next())).toBeCloseTo(0.5, 1);
    expect(mean(() => random.normal())).toBeCloseTo(0, 1);
    expect(mean(() => random.normal() ** 2)).toBeCloseTo(1, 1);
    expect(mean(() => random.exponential(7)) / 7).toBeCloseTo(1, 1);
  });

  test('draws whole numbers within both bounds', () => {
    const random = new Random('dice');
    const drawn = new Set(Array.from({ length: 1_000 }, () => random.integer(1, 6)));
    expect([...drawn].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
