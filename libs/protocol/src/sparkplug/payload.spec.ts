import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Datatype, readScalar, writeScalar } from './datatype.js';
import { decodePayload, encodePayload, type Metric, type SparkplugPayload } from './payload.js';
import { vectors } from './sparkplug-fixtures.js';

const bounds = { maxMetrics: 100, maxStringLength: 64 };
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function decoded(bytes: Uint8Array): SparkplugPayload {
  const payload = decodePayload(bytes, bounds);
  if (payload === undefined) throw new Error('no payload');
  return payload;
}
function metrics(payload: SparkplugPayload): Metric[] {
  return payload.metrics.map((metric) => {
    if ('broken' in metric) throw new Error(metric.broken);
    return metric;
  });
}

describe('the payload of Sparkplug B', () => {
  const t = 1_735_689_600_000;

  it.each(Object.entries(vectors))(
    '[SB1] reads and writes the published vector %s byte for byte',
    (_, text) => {
      const payload = decoded(hex(text));
      expect(toHex(encodePayload({ ...payload, metrics: metrics(payload) }))).toBe(text);
    },
  );

  it('[SB1] reads what the vectors say', () => {
    expect(decoded(hex(vectors.ndeath))).toEqual({
      timestamp: t,
      metrics: [{ name: 'bdSeq', timestamp: t, datatype: 4, value: { kind: 'long', value: 0 } }],
      beyondBound: 0,
    });
    expect(decoded(hex(vectors.ndata))).toEqual({
      timestamp: t + 1_000,
      seq: 1,
      metrics: [{ alias: 1, timestamp: t + 1_000, value: { kind: 'float', value: 42.5 } }],
      beyondBound: 0,
    });
    expect(metrics(decoded(hex(vectors.nbirth)))[2]).toEqual({
      name: 'gas/ppm',
      alias: 1,
      timestamp: t,
      datatype: Datatype.Float,
      value: { kind: 'float', value: 0 },
    });
  });

  it('[SB1] keeps all 64 bits, and what is absent apart from what is zero', () => {
    const u64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(2n ** 53n - 3n, 2n ** 53n + 3n));
    const canonical = u64.map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));
    const metric: fc.Arbitrary<Metric> = fc
      .record(
        {
          name: fc.string({ maxLength: 20 }).filter((name) => !name.includes('\u0000')),
          alias: canonical,
          timestamp: canonical,
          datatype: fc.nat(34),
          isHistorical: fc.boolean(),
          isTransient: fc.boolean(),
          isNull: fc.boolean(),
          value: fc.oneof(
            fc.record({ kind: fc.constant('int' as const), value: fc.nat(0xffff_ffff) }),
            fc.record({ kind: fc.constant('long' as const), value: canonical }),
            fc.record({ kind: fc.constant('float' as const), value: fc.float({ noNaN: true }) }),
            fc.record({ kind: fc.constant('double' as const), value: fc.double({ noNaN: true }) }),
            fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
            fc.record({ kind: fc.constant('string' as const), value: fc.constantFrom('', '液位', '🚒') }),
          ),
        },
        { requiredKeys: [] },
      )
      .map((fields) => ({ ...fields }));
    fc.assert(
      fc.property(
        fc.array(metric, { maxLength: 5 }),
        fc.option(canonical, { nil: undefined }),
        (sent, seq) => {
          const payload = decoded(encodePayload({ metrics: sent, ...(seq === undefined ? {} : { seq }) }));
          expect(payload.metrics).toEqual(sent);
          expect(payload.seq).toBe(seq);
        },
      ),
    );
  });

  it('[SB2] a metric that cannot be read costs itself only', () => {
    const good = encodePayload({ metrics: [{ name: 'a', value: { kind: 'boolean', value: true } }] });
    const broken = hex('12050a63fafbfc'); // A name of 99 bytes in a metric of 5.
    const notUtf8 = hex('12030a01ff');
    const long = encodePayload({
      metrics: [{ name: 'b', value: { kind: 'string', value: 'x'.repeat(65) } }],
    });
    const payload = decoded(Uint8Array.from([...broken, ...notUtf8, ...long, ...good]));
    expect(payload.metrics).toEqual([
      { broken: 'cannot be read as a metric' },
      { broken: 'holds a text that is not well-formed UTF-8' },
      { broken: '"b" holds a text of more than 64 characters' },
      { name: 'a', value: { kind: 'boolean', value: true } },
    ]);
  });

  it('[SB2] counts metrics beyond the bound without decoding them, and steps over templates of any depth', () => {
    const many = encodePayload({ metrics: Array.from({ length: 103 }, (_, alias) => ({ alias })) });
    expect(decoded(many)).toMatchObject({ beyondBound: 3 });
    // A template in a metric in a template …: each level is field 18 of a metric holding field 2 of a template.
    let nested: Uint8Array = new Uint8Array();
    for (let depth = 0; depth < 2_000; depth++) {
      nested = delimited(depth % 2 === 0 ? 0x9201 : 0x12, nested);
    }
    const [metric] = decoded(delimited(0x12, delimited(0x9201, nested))).metrics;
    expect(metric).toEqual({ value: { kind: 'template' } });
  });

  it('[SB2] never throws, whatever the bytes', () => {
    const anyVector = fc.constantFrom(...Object.values(vectors)).map(hex);
    const mutated = fc
      .tuple(anyVector, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(60))
      .map(([bytes, edits, cut]) => {
        const copy = Uint8Array.from(bytes);
        for (const [place, byte] of edits) copy[place % copy.length] = byte;
        return copy.subarray(0, Math.max(0, copy.length - (cut > 30 ? cut - 30 : 0)));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        decodePayload(bytes, bounds);
      }),
      { numRuns: 5_000 },
    );
  });
});

function delimited(tag: number, bytes: Uint8Array): Uint8Array {
  const head = tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  const length: number[] = [];
  let rest = bytes.length;
  while (rest > 0x7f) {
    length.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.from([...head, ...length, rest, ...bytes]);
}

describe('values by datatype', () => {
  it('[SB3] reads negative integers in the width of the field and in that of the datatype', () => {
    const int = (value: number) => ({ kind: 'int' as const, value });
    for (const wire of [int(4_294_967_291), int(251), { kind: 'long' as const, value: 2n ** 64n - 5n }]) {
      expect(readScalar(Datatype.Int8, wire)).toEqual({ kind: 'value', value: -5, exact: true });
    }
    expect(readScalar(Datatype.Int32, int(4_294_967_291))).toMatchObject({ value: -5 });
    expect(readScalar(Datatype.Int64, { kind: 'long', value: 2n ** 64n - 5n })).toMatchObject({ value: -5 });
    expect(readScalar(Datatype.UInt32, { kind: 'long', value: 4_294_967_295 })).toMatchObject({
      value: 4_294_967_295,
    });
  });

  it('[SB3] says when an integer is more than a double can hold, and when it is outside its datatype', () => {
    const long = (value: number | bigint) => ({ kind: 'long' as const, value });
    expect(readScalar(Datatype.UInt64, long(2n ** 53n))).toMatchObject({ exact: false });
    expect(readScalar(Datatype.UInt64, long(2 ** 53 - 1))).toMatchObject({ exact: true });
    expect(readScalar(Datatype.UInt8, { kind: 'int', value: 256 })).toMatchObject({ kind: 'mismatch' });
    expect(readScalar(Datatype.Int16, { kind: 'int', value: 70_000 })).toMatchObject({ kind: 'mismatch' });
    expect(readScalar(Datatype.Boolean, { kind: 'int', value: 1 })).toMatchObject({ kind: 'mismatch' });
    expect(readScalar(Datatype.Float, { kind: 'float', value: NaN })).toEqual({ kind: 'not-finite' });
  });

  it('[SB3] reads back what it writes, and refuses what it would have to round or cut', () => {
    const cases: [number, fc.Arbitrary<unknown>][] = [
      [Datatype.Int8, fc.integer({ min: -128, max: 127 })],
      [Datatype.Int32, fc.integer()],
      [Datatype.UInt16, fc.nat(65_535)],
      [Datatype.Int64, fc.maxSafeInteger()],
      [Datatype.DateTime, fc.nat()],
      [Datatype.Float, fc.float({ noNaN: true, noDefaultInfinity: true })],
      [Datatype.Double, fc.double({ noNaN: true, noDefaultInfinity: true })],
      [Datatype.Boolean, fc.boolean()],
      [Datatype.Text, fc.constantFrom('', 'on', '关闭')],
    ];
    for (const [datatype, values] of cases) {
      fc.assert(
        fc.property(values, (value) => {
          const wire = writeScalar(datatype, value);
          if ('refused' in wire) throw new Error(wire.refused);
          expect(readScalar(datatype, wire)).toEqual({ kind: 'value', value, exact: true });
        }),
        { numRuns: 50 },
      );
    }
    for (const [datatype, value] of [
      [Datatype.Int8, 128],
      [Datatype.UInt8, -1],
      [Datatype.Int32, 1.5],
      [Datatype.Int64, 2 ** 53],
      [Datatype.Float, 1e300],
      [Datatype.Double, Infinity],
      [Datatype.Boolean, 1],
      [Datatype.String, 'a\u0000'],
      [Datatype.DataSet, {}],
    ] as const) {
      expect(writeScalar(datatype, value)).toHaveProperty('refused');
    }
    expect(writeScalar(Datatype.UInt64, '18446744073709551615')).toEqual({
      kind: 'long',
      value: 2n ** 64n - 1n,
    });
  });
});
