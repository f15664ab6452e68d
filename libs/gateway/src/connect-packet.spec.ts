import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { connectPacket } from '../spec/raw-client.js';
import { parseConnect } from './connect-packet.js';
import { readFixedHeader } from './fixed-header.js';

function bodyOf(more: Partial<IConnectPacket>): Buffer {
  const packet = generate(connectPacket('gas-1', more));
  const header = readFixedHeader(packet, 0);
  if (typeof header !== 'object') throw new Error('no header');
  return packet.subarray(header.headerBytes);
}
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((s) => !s.includes('\u0000'));

describe('[IN23] a CONNECT', () => {
  it('is read as an independent encoder wrote it', () => {
    fc.assert(
      fc.property(
        fc.record({ clientId: text, username: text, password: fc.uint8Array({ maxLength: 20 }) }),
        fc.nat({ max: 65_535 }),
        fc.boolean(),
        fc.option(
          fc.record({
            topic: text,
            payload: fc.uint8Array({ maxLength: 20 }),
            qos: fc.constantFrom(0, 1, 2),
            retain: fc.boolean(),
          }),
        ),
        (names, keepalive, clean, will) => {
          const password = Buffer.from(names.password);
          const parsed = parseConnect(
            bodyOf({
              ...names,
              password,
              keepalive,
              clean,
              ...(will === null ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
            }),
          );
          expect(parsed).toEqual({
            level: 4,
            clientId: names.clientId,
            username: names.username,
            password: new Uint8Array(names.password),
            keepaliveSeconds: keepalive,
            clean,
            ...(will === null ? {} : { will }),
          });
        },
      ),
    );
  });

  it('never makes the parser throw, torn, changed or made up', () => {
    const whole = bodyOf({ will: { topic: 'a', payload: Buffer.from('b'), qos: 1, retain: false } });
    for (let length = 0; length < whole.length; length++) {
      expect(parseConnect(whole.subarray(0, length))).toHaveProperty('violation');
    }
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        parseConnect(changed);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (body) => void parseConnect(body)));
  });

  const changed = (change: (body: Buffer) => Buffer): unknown =>
    parseConnect(change(Buffer.from(bodyOf({ username: 'ab', password: Buffer.from('c') }))));
  const withFlags = (flags: number) => (body: Buffer) => {
    body[7] = flags;
    return body;
  };

  it.each([
    ['one byte too many', (body: Buffer) => Buffer.concat([body, Buffer.from([0])]), 'connect_malformed'],
    ['its reserved flag [MQTT-3.1.2-3]', withFlags(0xc3), 'connect_flags'],
    ['a will QoS without a will [MQTT-3.1.2-13]', withFlags(0xca), 'connect_flags'],
    ['a will to retain without a will [MQTT-3.1.2-15]', withFlags(0xe2), 'connect_flags'],
    ['a will of QoS 3 [MQTT-3.1.2-14]', withFlags(0xde), 'connect_flags'],
    ['a password without a name [MQTT-3.1.2-22]', withFlags(0x42), 'connect_flags'],
    [
      'ill-formed UTF-8 [MQTT-1.5.3-1]',
      (body: Buffer) => {
        body[12] = 0xff;
        return body;
      },
      'text_malformed',
    ],
    [
      'U+0000 [MQTT-1.5.3-2]',
      (body: Buffer) => {
        body[12] = 0;
        return body;
      },
      'text_malformed',
    ],
  ])('with %s is refused', (_, change, violation) => {
    expect(changed(change)).toEqual({ violation });
  });
});

describe('[IN24] a fixed header', () => {
  it.each([
    [[0x30, 0x00], 0],
    [[0x30, 0x7f], 127],
    [[0x30, 0x80, 0x01], 128],
    [[0x30, 0xff, 0x7f], 16_383],
    [[0x30, 0x80, 0x80, 0x80, 0x01], 2_097_152],
    [[0x30, 0xff, 0xff, 0xff, 0x7f], 268_435_455],
  ])('%j says %d', (bytes, remainingBytes) => {
    expect(readFixedHeader(Uint8Array.from(bytes), 0)).toEqual({
      type: 3,
      flags: 0,
      headerBytes: bytes.length,
      remainingBytes,
    });
    for (let length = 0; length < bytes.length; length++) {
      expect(readFixedHeader(Uint8Array.from(bytes.slice(0, length)), 0)).toBeUndefined();
    }
  });
});
