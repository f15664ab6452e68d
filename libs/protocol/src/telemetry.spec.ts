import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeDeviceEvent } from './device-event.js';
import { decodeLimits } from './limits.js';
import { decodeTelemetry, type DecodedTelemetry } from './telemetry.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (text: string) => decodeTelemetry(bytes(text), decodeLimits);

function accepted(text: string): DecodedTelemetry {
  const result = decode(text);
  if (!result.ok) throw new Error(`refused: ${result.code} ${result.message}`);
  return result;
}
const codes = (text: string): string[] => {
  const result = decode(text);
  return result.ok ? result.refusals.map((refusal) => refusal.code) : [result.code];
};

const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/);
const scalar = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
  fc.boolean(),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((s) => !s.includes('\u0000')),
);

describe('telemetry of the own dialect', () => {
  it('[IN1] gives back what was sent, whatever the keys and values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, scalar, { minKeys: 1, maxKeys: 20 }),
        fc.nat(),
        fc.nat(),
        (values, ts, seq) => {
          const [message] = accepted(JSON.stringify({ values, ts, seq, boot: 'b1' })).messages;
          expect({ ...message?.values }).toEqual(JSON.parse(JSON.stringify(values)));
          expect(message).toMatchObject({ ts, seq, boot: 'b1', hist: false });
        },
      ),
    );
  });

  it('[IN2] never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        decodeTelemetry(payload, decodeLimits);
        decodeDeviceEvent(payload, decodeLimits);
      }),
      { numRuns: 2_000 },
    );
  });

  it('[IN2] never throws on any JSON, and says of every message either a value or a reason', () => {
    const member = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined));
    const message = fc.record(
      {
        values: fc.oneof(fc.dictionary(fc.oneof(key, fc.string()), fc.jsonValue({ maxDepth: 2 })), member),
        ts: member,
        seq: member,
        boot: member,
        hist: member,
        quality: fc.oneof(fc.dictionary(key, fc.jsonValue({ maxDepth: 1 })), member),
        event: fc.oneof(key, member),
        data: member,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(message, fc.array(message), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value) ?? 'null';
        const result = decode(text);
        if (result.ok) expect(result.messages.length + result.refusals.length).toBeGreaterThan(0);
        decodeDeviceEvent(bytes(text), decodeLimits);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads every field of the contract', () => {
    const text =
      '{"values":{"ch4":12.5,"valve":true,"mode":"auto"},"ts":1735689600000,"seq":7,"boot":3,"hist":true,"quality":{"ch4":"bad","valve":"good"}}';
    const { messages, refusals } = accepted(text);
    expect(refusals).toEqual([]);
    expect(JSON.parse(JSON.stringify(messages))).toEqual([
      {
        values: { ch4: 12.5, valve: true, mode: 'auto' },
        quality: { ch4: 'bad' },
        ts: 1735689600000,
        seq: 7,
        boot: '3',
        hist: true,
      },
    ]);
  });

  it('reads an array oldest first, and one bad element does not cost its neighbours', () => {
    const { messages, refusals } = accepted('[{"values":{"a":1}},17,{"values":{"a":2}}]');
    expect(messages.map((message) => message.values.a)).toEqual([1, 2]);
    expect(refusals).toEqual([{ code: 'not_an_object', message: '[1] a message must be a JSON object' }]);
  });

  it('[IN3] keeps the usable values beside the unusable', () => {
    const { messages, refusals } = accepted('{"values":{"a":1,"b":null,"c":[1],"d":1e999,"__proto__":5}}');
    expect(Object.keys(messages[0]?.values ?? {})).toEqual(['a']);
    expect(refusals.map((refusal) => refusal.code)).toEqual([
      'value_type',
      'value_type',
      'number_not_finite',
      'key_invalid',
    ]);
  });

  it('takes constructor and toString as ordinary keys and invents none of them', () => {
    const { messages } = accepted('{"values":{"constructor":1}}');
    expect(Object.entries(messages[0]?.values ?? {})).toEqual([['constructor', 1]]);
    expect('toString' in (accepted('{"values":{"a":1}}').messages[0]?.values ?? {})).toBe(false);
  });

  it('[IN4] an unusable envelope field costs no value', () => {
    const text = '{"values":{"a":1},"ts":"now","seq":-1,"boot":{},"hist":"true","quality":{"a":"fine"}}';
    const { messages, refusals } = accepted(text);
    expect(messages[0]).toMatchObject({ tsUnusable: true, hist: false, quality: { a: 'uncertain' } });
    expect(refusals.map((refusal) => refusal.code).sort()).toEqual([
      'boot_invalid',
      'hist_invalid',
      'quality_invalid',
      'seq_invalid',
      'ts_invalid',
    ]);
  });

  it('[IN5] marks an integer uncertain that a double cannot hold exactly', () => {
    expect(accepted('{"values":{"n":9007199254740993}}').messages[0]?.quality).toEqual({ n: 'uncertain' });
    expect(accepted('{"values":{"n":9007199254740991}}').messages[0]?.quality).toEqual({});
  });

  it.each([
    ['', 'malformed_json'],
    ['{"values":{"a":NaN}}', 'malformed_json'],
    ['{"values":{"a":1}', 'malformed_json'],
    ['[]', 'no_messages'],
    ['12.5', 'not_an_object'],
    ['{"value":1}', 'values_missing'],
    ['{"values":{}}', 'values_missing'],
    ['{"values":[1]}', 'values_missing'],
    ['{"values":{"a":"\\u0000"}}', 'string_invalid'],
    ['{"values":{"a":"\\ud800"}}', 'string_invalid'],
  ])('refuses %s as %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  it('refuses what is too deep, too many or too long, each by its own code', () => {
    expect(codes('['.repeat(100_000))).toEqual(['too_deep']);
    expect(codes(`{"values":{"a":1},"x":${'['.repeat(50)}${']'.repeat(50)}}`)).toEqual(['too_deep']);
    expect(codes('{"values":{"a":"[[[[[[[[[[[[[[\\"[[["}}')).toEqual([]);
    expect(codes(`[${Array(1001).fill('{"values":{"a":1}}').join()}]`)).toEqual(['too_many_messages']);
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i]));
    expect(codes(JSON.stringify({ values: many }))).toEqual(['too_many_values']);
    expect(codes(JSON.stringify({ values: { a: 'x'.repeat(1025) } }))).toEqual(['string_too_long']);
  });

  it('refuses bytes that are no UTF-8', () => {
    const payload = Uint8Array.from([...bytes('{"values":{"a":"'), 0xc3, 0x28, ...bytes('"}}')]);
    expect(decodeTelemetry(payload, decodeLimits)).toMatchObject({ ok: false, code: 'not_utf8' });
  });
});
