import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RollUp, RollUpFold, TIERS } from '../roll-up.js';
import { toColumns } from '../sample-columns.js';
import { decodeRollUps, encodeRollUps } from './roll-up-codec.js';
import { BlockDamaged } from './seal.js';

const DAY = 20_278 * 86_400_000;
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((number) => number + 0),
  fc.integer({ min: -9_999, max: 9_999 }).map((number) => number / 100),
  fc.constantFrom('开', 'shut'),
);
const rows = fc
  .uniqueArray(fc.tuple(fc.nat(1_439 * 60), value), { selector: ([second]) => second, maxLength: 200 })
  .map((samples) => samples.toSorted(([a], [b]) => a - b))
  .map((samples) => fold(samples.map(([second, one]) => [DAY + second * 1_000, one])));

function fold(samples: readonly (readonly [number, number | string])[]): readonly RollUp[] {
  const minutes = new RollUpFold(DAY, TIERS.minutes);
  const ts = samples.map(([time]) => time);
  minutes.add(
    toColumns({ ts, receivedAt: ts, quality: ts.map(() => 0), values: samples.map(([, one]) => one) }),
  );
  return minutes.finish();
}

describe('roll-up codec', () => {
  it('[HI10] gives back what was packed, a mean to within the error of adding up', () => {
    fc.assert(
      fc.property(rows, (packed) => {
        const read = decodeRollUps(encodeRollUps(packed, DAY, TIERS.minutes), DAY, TIERS.minutes);
        expect(read.map((row) => ({ ...row, mean: 0 }))).toEqual(packed.map((row) => ({ ...row, mean: 0 })));
        for (const [index, { mean, min, max }] of packed.entries()) {
          const error = Math.abs(read[index]!.mean - mean);
          expect(error).toBeLessThanOrEqual(2 * Number.EPSILON * Math.max(Math.abs(min), Math.abs(max)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[HI11] tells a changed bit rather than answer with other windows', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(7), (packed, position, bit) => {
        const bytes = encodeRollUps(packed, DAY, TIERS.minutes);
        bytes[position % bytes.length]! ^= 1 << bit;
        expect(() => decodeRollUps(bytes, DAY, TIERS.minutes)).toThrow(BlockDamaged);
      }),
    );
  });

  it('[HI12] keeps a year of minutes of a point in a few megabytes', () => {
    const samples = Array.from({ length: 86_400 }, (_, second) => {
      const wave = 20 + 4 * Math.sin(second / 13_750) + ((second * 7_919) % 13) / 20;
      return [DAY + second * 1_000, Number(wave.toFixed(2))] as const;
    });
    const packed = fold(samples);
    expect(packed).toHaveLength(1_440);
    expect(encodeRollUps(packed, DAY, TIERS.minutes).length / packed.length).toBeLessThanOrEqual(9);
  });
});
