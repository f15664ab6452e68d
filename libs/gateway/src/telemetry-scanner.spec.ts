import { describe, expect, it } from '@jest/globals';
import { decodeTelemetry, TelemetryScanner, TelemetryShape } from '@watchfire/protocol';
import {
  encodeReadings,
  HAS_DEVICE_TIME,
  HISTORICAL,
  QUALITIES,
  ReadingBuilder,
  ReadingSource,
  type ReadingColumns,
} from '@watchfire/readings';
import fc from 'fast-check';
import { directoryDevice, type ProfileShape } from './directory.js';
import { gatewayLimits } from './limits.js';
import { toReading } from './reading.js';

const RECEIVED_AT = 1_735_689_600_000;
const PROFILE: ProfileShape = {
  points: [
    { key: 'conc', type: 'number', min: -5, max: 120 },
    { key: 'level', type: 'number' },
    { key: 'temp', type: 'number', max: 1e6 },
    { key: 'fault', type: 'boolean' },
    { key: 'constructor', type: 'boolean' },
    { key: 'mode', type: 'string' },
  ],
  events: {},
};
const device = directoryDevice({ id: 'd1', credentials: [], disabled: false }, PROFILE);
const pointIds = [...device.points.values()].map(({ pointId }) => pointId);
const source = ReadingSource.of('d1', pointIds);

const utf8 = new TextEncoder();
const scanner = new TelemetryScanner(gatewayLimits);
const shape = new TelemetryShape(source, PROFILE.points);
const builder = new ReadingBuilder();

/** What the decoder of objects and the rules of the gateway make of the payload; `undefined` when they refuse any of it. */
function reference(payload: Uint8Array): ReadingColumns | undefined {
  const decoded = decodeTelemetry(payload, gatewayLimits.decode);
  if (!decoded.ok || decoded.refusals.length > 0) return undefined;
  const columns = new ReadingBuilder();
  for (const message of decoded.messages) {
    const { record, refusals, clockRefused } = toReading(message, device, RECEIVED_AT, gatewayLimits);
    if (record === undefined || refusals.length > 0 || clockRefused) return undefined;
    for (const [pointId, value, quality] of record.samples) {
      columns.sample(pointIds.indexOf(pointId), value, QUALITIES.indexOf(quality ?? 'good'));
    }
    columns.add(source, {
      receivedAt: record.receivedAt,
      ts: record.ts,
      flags: (message.ts === undefined ? 0 : HAS_DEVICE_TIME) | (record.hist === true ? HISTORICAL : 0),
      ...(record.seq === undefined ? {} : { seq: record.seq }),
      ...(record.boot === undefined ? {} : { boot: record.boot }),
    });
  }
  return columns.take();
}

/** Scans in the middle of other bytes, as a socket has it, behind a reading that must stay as it is. */
function scan(payload: Uint8Array): { readonly taken: number; readonly columns: ReadingColumns } {
  const around = utf8.encode('"}}]1');
  const bytes = Buffer.concat([around, payload, around]);
  builder.text(5, 'before', 0);
  builder.end(source, 1, 1, 0);
  builder.identify(1, 'before');
  const to = around.length + payload.length;
  const taken = scanner.scan(bytes, around.length, to, shape, RECEIVED_AT, builder);
  expect(builder.open).toBe(0);
  return { taken, columns: builder.take() };
}

function after(columns: ReadingColumns | undefined): ReadingColumns {
  const all = new ReadingBuilder();
  all.text(5, 'before', 0);
  all.end(source, 1, 1, 0);
  all.identify(1, 'before');
  if (columns !== undefined) {
    let sample = 0;
    for (let i = 0; i < columns.count; i++) {
      for (; sample < columns.sampleEnd[i]!; sample++) {
        const value = columns.value[sample]!;
        const point = columns.point[sample]!;
        const quality = columns.quality[sample]!;
        if (columns.type[sample] === 2) all.text(point, columns.texts[value]!, quality);
        else if (columns.type[sample] === 1) all.boolean(point, value === 1, quality);
        else all.number(point, value, quality);
      }
      all.end(source, columns.receivedAt[i]!, columns.ts[i]!, columns.flags[i]!);
      all.identify(columns.seq[i]!, columns.boots[columns.boot[i]! - 1]);
    }
  }
  return all.take();
}

/** Bit by bit, so that -0 and every last digit counts. Answers whether the scanner took the payload. */
function agrees(payload: Uint8Array): boolean {
  const { taken, columns } = scan(payload);
  const expected = taken === 0 ? undefined : reference(payload);
  if (taken > 0 && expected === undefined) {
    throw new Error(`taken, and the reference refuses it: ${Buffer.from(payload).toString()}`);
  }
  const same = Buffer.compare(encodeReadings(columns), encodeReadings(after(expected))) === 0;
  if (!same) throw new Error(`read otherwise than by the reference: ${Buffer.from(payload).toString()}`);
  expect(columns.count).toBe(1 + taken);
  return taken > 0;
}
const taken = (text: string): boolean => agrees(utf8.encode(text));

/** As devices write numbers: few decimals, many digits, exponents. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(4)).map(([n, d]) => (n / 10 ** d).toFixed(d)),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((n) => JSON.stringify(n)),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((n) => n.toExponential(10)),
  fc.constantFrom('-0', '-0.0', '0', '0e5', '1e5', '1E+2', '1e-7', '0.1', '100', '-5', '120', '1.0E-2'),
);
const inRange = number.filter((text) => Number(text) >= -5 && Number(text) <= 120);
const word = fc.stringMatching(/^[ !#-[\]-~]{0,30}$/);
const space = fc.constantFrom('', '', '', '', ' ', '\n', '\r\n\t ', '  ');

const valueOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  conc: inRange,
  level: number,
  temp: number.filter((text) => Number(text) <= 1e6),
  fault: fc.constantFrom('true', 'false'),
  constructor: fc.constantFrom('true', 'false'),
  mode: word.map((text) => `"${text}"`),
};
const keys = Object.keys(valueOf);

/** An object of these members, each with white space around everything. */
const written = (members: readonly (readonly [string, string])[]): fc.Arbitrary<string> =>
  fc.array(space, { minLength: members.length * 4 + 1, maxLength: members.length * 4 + 1 }).map((spaces) => {
    const parts = members.map(([key, value], i) => {
      const [a, b, c, d] = spaces.slice(i * 4, i * 4 + 4);
      return `${a}"${key}"${b}:${c}${value}${d}`;
    });
    return `{${spaces.at(-1)}${parts.join(',')}}`;
  });
const values = fc
  .shuffledSubarray(keys, { minLength: 1 })
  .chain((chosen) => fc.tuple(...chosen.map((key) => valueOf[key]!.map((value) => [key, value] as const))))
  .chain(written);
const quality = fc
  .shuffledSubarray(keys)
  .chain((chosen) =>
    fc.tuple(...chosen.map((key) => fc.constantFrom(...QUALITIES).map((q) => [key, `"${q}"`] as const))),
  )
  .chain(written);
const recent = fc.integer({ min: RECEIVED_AT - 86_400_000, max: RECEIVED_AT + 60_000 });
const memberOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  ts: fc.oneof(
    recent.map(String),
    recent.map((ts) => `${Math.min(ts, RECEIVED_AT)}.5`),
  ),
  seq: fc.oneof(fc.nat().map(String), fc.maxSafeNat().map(String)),
  boot: fc.oneof(
    fc.constant('"b1"'),
    word.filter((text) => text !== '').map((text) => `"${text}"`),
    fc.nat().map(String),
  ),
  hist: fc.constantFrom('true', 'false'),
  quality,
};
const message = fc
  .tuple(values, fc.shuffledSubarray(Object.keys(memberOf)), fc.nat(5))
  .chain(([text, chosen, place]) =>
    fc
      .tuple(...chosen.map((key) => memberOf[key]!.map((value) => [key, value] as const)))
      .map((members) => members.toSpliced(place, 0, ['values', text] as const)),
  )
  .chain(written);
const clean = fc.oneof(
  { weight: 3, arbitrary: message },
  {
    weight: 1,
    arbitrary: fc.array(message, { minLength: 1, maxLength: 4 }).map((all) => `[${all.join(' , ')}]`),
  },
);

/** What parts of near-misses are made of. */
const token = fc.constantFrom(
  ...'{}[]:,"\\ \n'.split(''),
  ...['"values"', '"ts"', '"quality"', '"conc"', '"fault"', '"mode"', '"__proto__"', '"unknown"', '"boot"'],
  ...['true', 'false', 'null', '01', '1.', '.5', '1e', '1e+', '-', '+1', '1e999', 'NaN', '0x1', '1_0'],
  ...['9007199254740993', '123456789012345678901234567890', '0.30000000000000004', '-0', '1e5'],
  ...['\u0000', '\ufeff', '\u00e9', '\\u0041', '""', `${RECEIVED_AT}`, '{"values":{"conc":1}}'],
);

describe('the scanner beside the reference', () => {
  it('[IN60] takes at least 99 in 100 of the messages that are clean, and reads them as the reference does', () => {
    let all = 0;
    let quick = 0;
    fc.assert(
      fc.property(clean, (text) => {
        all++;
        if (taken(text)) quick++;
      }),
      { numRuns: 1_000 },
    );
    expect(all).toBeGreaterThanOrEqual(1_000);
    expect(quick / all).toBeGreaterThanOrEqual(0.99);
  });

  it('[IN60] agrees on clean messages of which bytes were changed, put in, taken out or doubled', () => {
    const change = fc.tuple(fc.constantFrom('set', 'insert', 'delete', 'double'), fc.nat(), fc.nat(255));
    let quick = 0;
    fc.assert(
      fc.property(clean, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        const bytes = [...utf8.encode(text)];
        for (const [kind, place, byte] of changes) {
          const at = place % (bytes.length + 1);
          if (kind === 'set') bytes[Math.min(at, bytes.length - 1)] = byte;
          else if (kind === 'insert') bytes.splice(at, 0, byte);
          else if (kind === 'delete') bytes.splice(at, 1);
          else bytes.splice(at, 0, ...bytes.slice(at, at + (byte % 16)));
        }
        if (agrees(Uint8Array.from(bytes))) quick++;
      }),
      { numRuns: 2_000 },
    );
    expect(quick).toBeGreaterThan(50);
  });

  it('[IN60] agrees on a clean message with any one byte put in anywhere', () => {
    const bytes = utf8.encode(
      '[{"values":{"conc":1.5,"mode":"a","fault":true},"ts":1735689600000,"boot":"b"}]',
    );
    const into = new ReadingBuilder();
    let quick = 0;
    for (let at = 0; at <= bytes.length; at++) {
      const changed = Uint8Array.from([...bytes.subarray(0, at), 0, ...bytes.subarray(at)]);
      for (let byte = 0; byte < 256; byte++) {
        changed[at] = byte;
        // Most of them are none any more, and cost little here.
        if (scanner.scan(changed, 0, changed.length, shape, RECEIVED_AT, into) > 0 && agrees(changed))
          quick++;
      }
    }
    expect(quick).toBeGreaterThan(50);
  });

  it('[IN60] agrees on clean messages of which pieces were replaced by pieces of JSON', () => {
    const change = fc.tuple(fc.nat(), fc.nat(12), token);
    fc.assert(
      fc.property(clean, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let changed = text;
        for (const [place, length, piece] of changes) {
          const at = place % (changed.length + 1);
          changed = changed.slice(0, at) + piece + changed.slice(at + length);
        }
        taken(changed);
      }),
      { numRuns: 2_000 },
    );
  });

  it('[IN60] agrees on rows of pieces that are hardly JSON', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 20 }), (tokens) => {
        taken(tokens.join(''));
        taken(`{"values":{"level":${tokens.join('')}}}`);
        taken(`{"values":{"level":1},${tokens.join('')}}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it('[IN60] agrees on every number, whoever wrote it', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
    const parts = fc.tuple(
      fc.constantFrom('', '-', '+'),
      digits(25),
      fc.option(digits(25), { nil: undefined }),
      fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-', 'e-'), digits(3)), { nil: undefined }),
    );
    let quick = 0;
    fc.assert(
      fc.property(parts, ([sign, whole, fraction, power]) => {
        const text = `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${power?.join('') ?? ''}`;
        if (taken(`{"values":{"level":${text}}}`)) quick++;
      }),
      { numRuns: 2_000 },
    );
    expect(quick).toBeGreaterThan(200);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }), (value) => {
        expect(taken(`{"values":{"level":${JSON.stringify(value)}}}`)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('[IN60] takes no message that is cut off, wherever it is cut', () => {
    const whole =
      ' [ {"values" : {"conc":10.123,"fault":true,"mode":"auto"},"ts":1735689600000,"seq":10000001,"boot":"b1","hist":false,' +
      '"quality":{"conc":"bad"}} , {"values":{"level":-1.5e2},"boot":7} ] ';
    expect(taken(whole)).toBe(true);
    const bytes = utf8.encode(whole);
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(agrees(bytes.subarray(0, length))).toBe(false);
      // The rest is there, behind the end: another message, for all that anybody knows.
      expect(scanner.scan(bytes, 0, length, shape, RECEIVED_AT, new ReadingBuilder())).toBe(0);
      expect(
        scanner.scan(bytes, bytes.length - length, bytes.length, shape, RECEIVED_AT, new ReadingBuilder()),
      ).toBe(0);
    }
  });

  it.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeff{"values":{"conc":1}}'],
    ['NUL behind it', '{"values":{"conc":1}}\u0000'],
    ['something behind it', '{"values":{"conc":1}} {}'],
    ['a comma too many', '{"values":{"conc":1,}}'],
    ['a comma too many in an array', '[{"values":{"conc":1}},]'],
    ['an empty array', '[]'],
    ['an empty object', '{}'],
    ['no values', '{"values":{}}'],
    ['a key twice', '{"values":{"conc":1,"conc":2}}'],
    ['a member twice', '{"values":{"conc":1},"values":{"conc":2}}'],
    ['a quality twice', '{"values":{"conc":1},"quality":{"conc":"bad","conc":"good"}}'],
    ['__proto__ as a key', '{"values":{"conc":1,"__proto__":2}}'],
    ['__proto__ as a member', '{"values":{"conc":1},"__proto__":{}}'],
    ['an unknown member', '{"values":{"conc":1},"unit":"%"}'],
    ['an unknown key', '{"values":{"conc":1,"pressure":2}}'],
    ['a value out of range', '{"values":{"conc":120.1}}'],
    ['a value of another type', '{"values":{"conc":true}}'],
    ['an integer that lost digits', '{"values":{"level":9007199254740993}}'],
    ['a leading zero', '{"values":{"level":01}}'],
    ['a point without digits behind it', '{"values":{"level":1.}}'],
    ['a point without digits before it', '{"values":{"level":.5}}'],
    ['an exponent without digits', '{"values":{"level":1e}}'],
    ['a number beyond a double', '{"values":{"level":1e999}}'],
    ['a sign alone', '{"values":{"level":-}}'],
    ['an escape', '{"values":{"mode":"\\u0041"}}'],
    ['a control character', '{"values":{"mode":"a\nb"}}'],
    ['a string that is too long', `{"values":{"mode":"${'x'.repeat(1025)}"}}`],
    ['an empty boot', '{"values":{"conc":1},"boot":""}'],
    ['a boot that is too long', `{"values":{"conc":1},"boot":"${'x'.repeat(65)}"}`],
    ['a boot below 0', '{"values":{"conc":1},"boot":-1}'],
    ['a seq that is no integer', '{"values":{"conc":1},"seq":1.5}'],
    ['a hist that is no boolean', '{"values":{"conc":1},"hist":1}'],
    ['a word that goes on', '{"values":{"conc":1},"hist":truer}'],
    ['an unknown quality', '{"values":{"conc":1},"quality":{"conc":"fine"}}'],
    ['a time too far back', `{"values":{"conc":1},"ts":${RECEIVED_AT - 86_400_001}}`],
    ['a time too far ahead', `{"values":{"conc":1},"ts":${RECEIVED_AT + 60_001}}`],
    ['the same of a live message', `{"hist":false,"values":{"conc":1},"ts":${RECEIVED_AT - 86_400_001}}`],
    ['a time before 1970', '{"values":{"conc":1},"ts":-1}'],
    ['too many messages', `[${Array(1001).fill('{"values":{"conc":1}}').join()}]`],
    ['an array of which one value is out of range', `[{"values":{"conc":1}},{"values":{"conc":121}}]`],
    ['a deep nest', `${'['.repeat(50_000)}`],
    ['a deep nest of objects', `{"values":{"conc":1},"quality":${'{"conc":'.repeat(50)}`],
  ])('[IN60] leaves to the reference: %s', (_, text) => {
    expect(taken(text)).toBe(false);
  });

  it.each([
    ['a time that is just not too late', `{"values":{"conc":1},"ts":${RECEIVED_AT - 86_400_000}}`],
    ['a time that is just not too far ahead', `{"values":{"conc":1},"ts":${RECEIVED_AT + 60_000}.999}`],
    [
      'an old time of a message that is back-filled',
      `{"values":{"conc":1},"ts":${RECEIVED_AT - 399 * 86_400_000},"hist":true}`,
    ],
    [
      'quality before values, in another order',
      `{"quality":{"fault":"bad","conc":"uncertain","mode":"good"},"values":{"conc":1,"mode":""}}`,
    ],
    [
      'zero below zero and the largest integer',
      `{"values":{"conc":-0,"level":9007199254740991},"quality":{}}`,
    ],
    ['as many messages as may be', `[${Array(1000).fill('{"values":{"conc":1}}').join()}]`],
    [
      'a string and a boot as long as may be',
      `{"values":{"mode":"${'x'.repeat(1024)}"},"boot":"${'x'.repeat(64)}"}`,
    ],
  ])('[IN60] takes %s', (_, text) => {
    expect(taken(text)).toBe(true);
  });

  it('[IN60] leaves everything to the reference where the limits are narrower than what it knows', () => {
    const text = utf8.encode('[{"values":{"conc":1,"level":2}},{"values":{"mode":"ab"}}]');
    const limited = (decode: Partial<typeof gatewayLimits.decode>): number =>
      new TelemetryScanner({
        ...gatewayLimits,
        decode: { ...gatewayLimits.decode, ...decode },
      }).scan(
        text,
        0,
        text.length,
        new TelemetryShape(source, PROFILE.points),
        RECEIVED_AT,
        new ReadingBuilder(),
      );
    expect(limited({})).toBe(2);
    expect(limited({ maxDepth: 2 })).toBe(0);
    expect(limited({ maxMessages: 1 })).toBe(0);
    expect(limited({ maxValues: 1 })).toBe(0);
    expect(limited({ maxStringLength: 1 })).toBe(0);
  });

  it('[IN60] knows devices of one profile apart', () => {
    const other = ReadingSource.of(
      'd2',
      pointIds.map((id) => id.replace('d1', 'd2')),
    );
    const otherShape = new TelemetryShape(other, PROFILE.points);
    const text = utf8.encode('{"values":{"mode":"a"},"boot":"x"}');
    const again = utf8.encode('{"values":{"mode":"b"},"boot":"y"}');
    const into = new ReadingBuilder();
    for (const [bytes, of] of [
      [text, shape],
      [again, otherShape],
      [text, otherShape],
      [again, shape],
    ] as const) {
      expect(scanner.scan(bytes, 0, bytes.length, of, RECEIVED_AT, into)).toBe(1);
    }
    const columns = into.take();
    expect(columns.sources.map(({ deviceId }) => deviceId)).toEqual(['d1', 'd2']);
    expect([...columns.source]).toEqual([0, 1, 1, 0]);
    expect(columns.texts).toEqual(['a', 'b', 'a', 'b']);
    expect([...columns.boot].map((i) => columns.boots[i - 1])).toEqual(['x', 'y', 'x', 'y']);
  });

  it('refuses points that are not those of the source', () => {
    expect(() => new TelemetryShape(source, [])).toThrow(RangeError);
    expect(() => new TelemetryShape(ReadingSource.of('d3', ['a']), [{ key: 'a"', type: 'number' }])).toThrow(
      RangeError,
    );
    const none = new TelemetryShape(ReadingSource.of('d4', []), []);
    const text = utf8.encode('{"values":{"a":1}}');
    expect(scanner.scan(text, 0, text.length, none, RECEIVED_AT, new ReadingBuilder())).toBe(0);
  });
});
