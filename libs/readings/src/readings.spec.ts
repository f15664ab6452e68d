import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeReadings, encodeReadings } from './binary.js';
import { ReadingBuilder } from './builder.js';
import { QUALITIES, samplesBegin, sampleValue, slice, type ReadingColumns, type Value } from './columns.js';
import { ReadingSource } from './source.js';

interface Row {
  readonly device: number;
  readonly receivedAt: number;
  readonly ts: number;
  readonly flags: number;
  readonly deviceTime?: number | undefined;
  readonly seq?: number | undefined;
  readonly boot?: string | undefined;
  readonly samples: readonly (readonly [number, Value, number])[];
}

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const row: fc.Arbitrary<Row> = fc.record(
  {
    device: fc.nat(5),
    receivedAt: time,
    ts: time,
    flags: fc.constantFrom(0, 1, 4),
    deviceTime: fc.option(time, { nil: undefined }),
    seq: fc.option(fc.nat(), { nil: undefined }),
    boot: fc.option(fc.constantFrom('a', 'b', '雨'), { nil: undefined }),
    samples: fc.array(fc.tuple(fc.nat(2), value, fc.nat(2)), { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['device', 'receivedAt', 'ts', 'flags', 'samples'] },
);

const sourceOf = (device: number): ReadingSource =>
  ReadingSource.of(`d${device}`, [`d${device}.a`, `d${device}.b`, `d${device}.c`]);

function put(builder: ReadingBuilder, rows: readonly Row[]): void {
  for (const { device, samples, deviceTime, seq, boot, ...header } of rows) {
    for (const [point, value, quality] of samples) builder.sample(point, value, quality);
    builder.add(sourceOf(device), {
      ...header,
      ...(deviceTime === undefined ? {} : { deviceTime }),
      ...(seq === undefined ? {} : { seq }),
      ...(boot === undefined ? {} : { boot }),
    });
  }
}

function build(rows: readonly Row[], builder = new ReadingBuilder()): ReadingColumns {
  put(builder, rows);
  return builder.take();
}

function rowsOf(columns: ReadingColumns): Row[] {
  return Array.from({ length: columns.count }, (_, i) => {
    const source = columns.sources[columns.source[i]!]!;
    const samples: [number, Value, number][] = [];
    for (let s = samplesBegin(columns, i); s < columns.sampleEnd[i]!; s++) {
      samples.push([columns.point[s]!, sampleValue(columns, s), columns.quality[s]!]);
    }
    const deviceTime = columns.deviceTime[i]!;
    const seq = columns.seq[i]!;
    const boot = columns.boots[columns.boot[i]! - 1];
    return {
      device: Number(source.deviceId.slice(1)),
      receivedAt: columns.receivedAt[i]!,
      ts: columns.ts[i]!,
      flags: columns.flags[i]!,
      ...(Number.isNaN(deviceTime) ? {} : { deviceTime }),
      ...(Number.isNaN(seq) ? {} : { seq }),
      ...(boot === undefined ? {} : { boot }),
      samples,
    };
  });
}

const defined = (rows: readonly Row[]): unknown[] =>
  rows.map((r) => Object.fromEntries(Object.entries(r).filter(([, v]) => v !== undefined)));

describe('readings in columns', () => {
  it('hold what was put in, alone and after many others', () => {
    const builder = new ReadingBuilder();
    fc.assert(
      fc.property(fc.array(row, { maxLength: 200 }), (rows) => {
        expect(rowsOf(build(rows, builder))).toEqual(defined(rows));
      }),
      { numRuns: 50 },
    );
  });

  it('come back from bytes as they were', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), fc.nat(7), (rows, shift) => {
        const bytes = encodeReadings(build(rows));
        const moved = new Uint8Array(bytes.length + shift);
        moved.set(bytes, shift);
        expect(rowsOf(decodeReadings(moved.subarray(shift)))).toEqual(defined(rows));
      }),
    );
  });

  it('can be cut anywhere, and a cut can be stored', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.nat(30), fc.nat(30), (rows, a, b) => {
        const [from, to] = [Math.min(a, b, rows.length), Math.min(Math.max(a, b), rows.length)];
        const part = slice(build(rows), from, to);
        expect(rowsOf(part)).toEqual(defined(rows.slice(from, to)));
        expect(rowsOf(decodeReadings(encodeReadings(part)))).toEqual(defined(rows.slice(from, to)));
      }),
    );
  });

  it('forget the samples of a reading that was given up', () => {
    const builder = new ReadingBuilder();
    builder.number(0, 1, 0);
    builder.discard();
    builder.number(1, 2, QUALITIES.indexOf('good'));
    builder.end(sourceOf(1), 5, 4, 0);
    builder.text(2, 'left over', 0);
    const columns = builder.take();
    expect(rowsOf(columns)).toEqual([{ device: 1, receivedAt: 5, ts: 4, flags: 0, samples: [[1, 2, 0]] }]);
    expect(columns.texts).toEqual([]);
  });

  it('are as if nothing had come since the checkpoint, after a rollback', () => {
    const rows = fc.array(row, { maxLength: 20 });
    const builder = new ReadingBuilder();
    fc.assert(
      fc.property(rows, rows, rows, (before, lost, after) => {
        put(builder, before);
        builder.checkpoint();
        put(builder, lost);
        builder.text(0, 'open', 0);
        builder.rollback();
        expect(builder.count).toBe(before.length);
        expect(builder.open).toBe(0);
        put(builder, after);
        expect(builder.take()).toEqual(build([...before, ...after]));
      }),
    );
  });

  it('have nothing to go back to after they were taken', () => {
    const builder = new ReadingBuilder();
    put(builder, [{ device: 1, receivedAt: 1, ts: 1, flags: 0, samples: [[0, 'a', 0]] }]);
    builder.checkpoint();
    builder.take();
    builder.rollback();
    expect(builder.take()).toEqual(build([]));
  });

  it('have the worst quality that was said of a sample', () => {
    const builder = new ReadingBuilder();
    builder.number(0, 1, 0);
    builder.end(sourceOf(1), 1, 1, 0);
    builder.number(0, 1, 1);
    builder.number(1, 1, 2);
    builder.degradePoint(0, 2);
    builder.degradePoint(1, 1);
    builder.end(sourceOf(1), 1, 1, 0);
    builder.number(0, 1, 0);
    builder.number(1, 1, 2);
    builder.degrade(1);
    builder.end(sourceOf(1), 1, 1, 0);
    expect([...builder.take().quality]).toEqual([0, 2, 2, 1, 2]);
  });

  it('let go of those that are repeated, and of nothing else', () => {
    const builder = new ReadingBuilder();
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        fc.array(row, { maxLength: 20 }),
        fc.array(row, { maxLength: 5 }),
        (before, newest, after) => {
          const isRepeated = (seq: number): boolean => seq % 2 === 0;
          put(builder, before);
          put(builder, newest);
          const dropped = builder.dropNewest(newest.length, { isRepeated: (_boot, seq) => isRepeated(seq) });
          put(builder, after);
          const kept = newest.filter(
            ({ seq, boot }) => seq === undefined || boot === undefined || !isRepeated(seq),
          );
          expect(dropped).toBe(newest.length - kept.length);
          expect(rowsOf(builder.take())).toEqual(defined([...before, ...kept, ...after]));
        },
      ),
    );
  });

  it('refuse bytes that do not add up', () => {
    const bytes = encodeReadings(
      build([{ device: 0, receivedAt: 1, ts: 1, flags: 0, samples: [[0, 1, 0]] }]),
    );
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeReadings(bytes.subarray(0, length))).toThrow();
    }
  });

  it('have one source for equal content', () => {
    expect(ReadingSource.of('x', ['x.a'])).toBe(ReadingSource.of('x', ['x.a']));
    expect(ReadingSource.of('x', ['x.a', 'x.b'])).not.toBe(ReadingSource.of('x', ['x.a']));
    expect(ReadingSource.of('x', ['x.a']).index).toBeLessThan(ReadingSource.count);
  });
});
