import { describe, expect, it } from '@jest/globals';
import { decodeDeviceEvent } from './device-event.js';
import { decodeLimits } from './limits.js';

const decode = (text: string) => decodeDeviceEvent(new TextEncoder().encode(text), decodeLimits);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('events of the own dialect', () => {
  it('reads name, time and data', () => {
    expect(
      plain(decode('{"event":"alarm_button","ts":1735689600000,"data":{"floor":7,"by":["a",null]}}')),
    ).toEqual({
      ok: true,
      event: { event: 'alarm_button', ts: 1735689600000, data: { floor: 7, by: ['a', null] } },
      refusals: [],
    });
  });

  it.each([
    ['[]', 'not_an_object'],
    ['{"event":1}', 'event_invalid'],
    ['{"event":""}', 'event_invalid'],
    ['{"event":"a b"}', 'event_invalid'],
    ['{"event":NaN}', 'malformed_json'],
  ])('refuses %s as %s', (text, code) => {
    expect(decode(text)).toMatchObject({ ok: false, code });
  });

  it.each([
    ['no object', '[1]'],
    ['a prototype', '{"a":{"__proto__":{"admin":true}}}'],
    ['an infinite number', '{"a":1e999}'],
    ['too many members', JSON.stringify(Array(257).fill(1)).replace(/^(.*)$/, '{"a":$1}')],
    ['a long string', `{"a":"${'x'.repeat(1025)}"}`],
    ['a long key', `{"${'x'.repeat(1025)}":1}`],
    ['half a surrogate pair', '{"a":"\\udc00"}'],
  ])('[IN4] keeps the event when its data hold %s', (_, data) => {
    const result = decode(`{"event":"alarm_button","data":${data}}`);
    expect(result).toMatchObject({ ok: true, event: { event: 'alarm_button' } });
    expect(result.ok && result.event.data).toBeUndefined();
    expect(result.ok && result.refusals.map((refusal) => refusal.code)).toEqual(['data_invalid']);
  });
});
