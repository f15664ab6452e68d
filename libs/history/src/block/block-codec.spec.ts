import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Columns, LAST_TIME, type PointValue, toColumns } from '../sample-columns.js';
import { decodeBlock, encodeBlock } from './block-codec.js';
import { BlockDamaged } from './seal.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const decimal = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom(0, 1, 2, 3))
  .map(([digits, decimals]) => digits / 10 ** decimals + 0);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

const columnsOf = (value: fc.Arbitrary<PointValue>): fc.Arbitrary<Columns> =>
  fc
    .uniqueArray(
      fc.record({
        ts: fc.oneof(fc.nat(10_000), fc.integer({ min: 0, max: LAST_TIME })),
        receivedAt: fc.integer({ min: 0, max: LAST_TIME }),
        quality: fc.constantFrom(0, 1, 2),
        value,
      }),
      { selector: (row) => row.ts, maxLength: 300 },
    )
    .map((rows) => {
      rows.sort((a, b) => a.ts - b.ts);
      return toColumns({
        ts: rows.map((row) => row.ts),
        receivedAt: rows.map((row) => row.receivedAt),
        quality: rows.map((row) => row.quality),
        values: rows.map((row) => row.value),
      });
    });

const anyColumns = fc.oneof(
  columnsOf(finite),
  columnsOf(decimal),
  columnsOf(fc.boolean()),
  columnsOf(text),
  columnsOf(fc.oneof(finite, fc.boolean(), text)),
);

describe('block codec', () => {
  it('[HI10] gives back exactly what was packed', () => {
    fc.assert(
      fc.property(anyColumns, (columns) => {
        expect(decodeBlock(encodeBlock(columns))).toEqual(columns);
      }),
      { numRuns: 500 },
    );
  });

  it('[HI11] tells a changed bit rather than answer with other samples', () => {
    fc.assert(
      fc.property(anyColumns, fc.nat(), fc.nat(7), (columns, position, bit) => {
        const bytes = encodeBlock(columns);
        bytes[position % bytes.length]! ^= 1 << bit;
        expect(() => decodeBlock(bytes)).toThrow(BlockDamaged);
      }),
    );
  });

  it('[HI11] tells a block that was cut short', () => {
    fc.assert(
      fc.property(anyColumns, fc.nat(), (columns, length) => {
        const bytes = encodeBlock(columns);
        expect(() => decodeBlock(bytes.subarray(0, length % bytes.length))).toThrow(BlockDamaged);
      }),
    );
  });

  it('is the same whatever the position of the block in its buffer', () => {
    fc.assert(
      fc.property(anyColumns, fc.nat(9), (columns, offset) => {
        const bytes = encodeBlock(columns);
        const moved = new Uint8Array(bytes.length + offset);
        moved.set(bytes, offset);
        expect(decodeBlock(moved.subarray(offset))).toEqual(columns);
      }),
    );
  });
});

/** A repeatable source of noise (mulberry32), so that the figures below are the same on every machine. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Signal {
  readonly name: string;
  readonly everyMs: number;
  readonly samples: number;
  readonly value: (time: number, random: () => number) => PointValue;
  /** Most bytes a sample. */
  readonly most: number;
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const bell = (random: () => number): number => random() + random() + random() - 1.5;

/** Times as devices give them: the period with some milliseconds of jitter, received 5 to 45 ms later. */
function signalColumns(signal: Signal): Columns {
  const random = noise(7);
  const start = 1_752_000_000_000;
  const rows = Array.from({ length: signal.samples }, (_, index) => {
    const ts = start + index * signal.everyMs + Math.floor(random() * 4);
    return { ts, receivedAt: ts + 5 + Math.floor(random() * 40), value: signal.value(ts, random) };
  });
  return toColumns({
    ts: rows.map((row) => row.ts),
    receivedAt: rows.map((row) => row.receivedAt),
    quality: rows.map(() => 0),
    values: rows.map((row) => row.value),
  });
}

describe('size of a block', () => {
  const signals: readonly Signal[] = [
    {
      name: 'gas concentration, %LEL, one decimal, 1 s',
      everyMs: 1_000,
      samples: 1_000,
      value: (_, random) => rounded(Math.max(0, 2 + bell(random) * 0.4), 1),
      most: 2.5,
    },
    {
      name: 'tank level with daily rhythm, mm in m, 10 s',
      everyMs: 10_000,
      samples: 1_000,
      value: (time, random) => rounded(6 + 2 * Math.sin(time / 13_750_000) + bell(random) * 0.004, 3),
      most: 3,
    },
    {
      name: 'temperature, two decimals, 1 min',
      everyMs: 60_000,
      samples: 120,
      value: (time, random) => rounded(22 + 4 * Math.sin(time / 13_750_000) + bell(random) * 0.1, 2),
      most: 3,
    },
    {
      name: 'valve, 1 s',
      everyMs: 1_000,
      samples: 1_000,
      value: (time) => time % 600_000 > 300_000,
      most: 2,
    },
    {
      name: 'mode of an elevator, 1 s',
      everyMs: 1_000,
      samples: 1_000,
      value: (time) => (time % 90_000 > 60_000 ? 'moving' : 'idle'),
      most: 2,
    },
  ];

  it.each(signals)('[HI12] $name: at most $most bytes a sample', (signal) => {
    expect(encodeBlock(signalColumns(signal)).length / signal.samples).toBeLessThanOrEqual(signal.most);
  });

  it('needs next to nothing for a constant of a device without a clock', () => {
    const ts = Array.from({ length: 1_000 }, (_, index) => 1_752_000_000_000 + index * 1_000);
    const columns = toColumns({
      ts,
      receivedAt: ts,
      quality: ts.map(() => 0),
      values: ts.map(() => 20.9),
    });
    expect(encodeBlock(columns).length / ts.length).toBeLessThan(0.2);
  });
});
