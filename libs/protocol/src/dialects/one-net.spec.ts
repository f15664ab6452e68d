import { describe, expect, it } from '@jest/globals';
import { type DialectSession } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { oneNet } from './one-net.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (payload: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(payload));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const open = (): DialectSession => oneNet.open('D1', decodeLimits);
const ROOT = '$sys/pid/D1/thing';
const receive = (suffix: string, body: unknown, session = open()) => {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const result = session.receive(`${ROOT}/${suffix}`, bytes(payload), T);
  if (result === undefined) throw new Error(`not a topic: ${suffix}`);
  return result;
};
const codes = (suffix: string, body: unknown, session = open()): string[] =>
  receive(suffix, body, session).refusals.map((refusal) => refusal.code);
const message = (values: object, more: object = {}) => ({ values, quality: {}, hist: false, ...more });
const answers = (suffix: string, body: unknown) =>
  receive(suffix, body).answers.map((answer) => ({ topic: answer.topic, body: json(answer.payload) }));

describe('OneNET posts', () => {
  it('[DI9] reads the published example and replies', () => {
    const example = '{"id":"123","version":"1.0","params":{"power":{"value":500,"time":1524448722123}}}';
    expect(plain(receive('property/post', example).uplinks)).toEqual([
      { kind: 'telemetry', message: message({ power: 500 }, { ts: 1524448722123 }) },
    ]);
    expect(answers('property/post', example)).toEqual([
      { topic: `${ROOT}/property/post/reply`, body: { id: '123', code: 200, msg: 'success' } },
    ]);
    expect(answers('property/post', { id: '1', params: { a: [] } })).toMatchObject([{ body: { code: 400 } }]);
    const [answer] = receive('property/post', example).answers;
    expect(answer?.payloadIfRefused && json(answer.payloadIfRefused('no point'))).toEqual({
      id: '123',
      code: 400,
      msg: 'no point',
    });
  });

  it('reads several events of one post', () => {
    const params = { fire: { value: { zone: 3 }, time: T }, fault: { value: {} } };
    expect(plain(receive('event/post', { id: '1', params }).uplinks)).toEqual([
      { kind: 'event', message: { event: 'fire', ts: T, data: { zone: 3 } } },
      { kind: 'event', message: { event: 'fault', data: {} } },
    ]);
    expect(answers('event/post', { id: '1', params })).toMatchObject([
      { topic: `${ROOT}/event/post/reply`, body: { code: 200 } },
    ]);
  });

  it('reads a pack of the device and of those behind it', () => {
    const params = [
      { properties: { power: { value: 1, time: T } } },
      {
        identity: { productID: 'p2', deviceName: 's1' },
        properties: { power: { value: 2 } },
        events: { fire: { value: {}, time: T } },
      },
      { identity: { productID: 'p2' }, properties: { power: 3 } },
      { identity: { productID: 'pid', deviceName: 'D1' } },
    ];
    const result = receive('pack/post', { id: '1', params });
    expect(plain(result.uplinks)).toEqual([
      { kind: 'telemetry', message: message({ power: 1 }, { ts: T }) },
      { kind: 'telemetry', child: 's1', message: message({ power: 2 }) },
      { kind: 'event', child: 's1', message: { event: 'fire', ts: T, data: {} } },
    ]);
    expect(result.refusals.map((refusal) => refusal.code)).toEqual(['child_invalid', 'values_missing']);
    expect(codes('pack/post', { id: '1', params: Array(101).fill(params[0]) })).toEqual([
      'too_many_children',
    ]);
  });

  it('[DI10] marks history as such, one message for each time', () => {
    const power = [
      { value: 'off', time: T },
      { value: 'on', time: T - 1000 },
    ];
    const params = [{ properties: { power, wf: [{ value: 3, time: T }] } }];
    expect(plain(receive('history/post', { id: '1', params }).uplinks)).toEqual([
      { kind: 'telemetry', message: { ...message({ power: 'on' }, { ts: T - 1000 }), hist: true } },
      { kind: 'telemetry', message: { ...message({ power: 'off', wf: 3 }, { ts: T }), hist: true } },
    ]);
    const long = [{ properties: { power: Array(1001).fill({ value: 1, time: T }) } }];
    expect(codes('history/post', { id: '1', params: long })).toEqual(['too_many_messages']);
    const eager = Array(100).fill({ events: { fire: Array(600).fill({ value: {} }) } });
    expect(receive('history/post', { id: '1', params: eager }).uplinks).toHaveLength(1200);
    const spread = (from: number) => Array.from({ length: 600 }, (_, at) => ({ value: 1, time: from + at }));
    const wide = [{ properties: { a: spread(0), b: spread(600) } }];
    const result = receive('history/post', { id: '1', params: wide });
    expect(result.uplinks).toHaveLength(1000);
    expect(result.refusals.length).toBeLessThanOrEqual(64);
    expect(result.refusals[63]?.message).toContain('and 136 more');
  });
});

describe('OneNET commands', () => {
  const sent = (session: DialectSession, command: string, params: object, child?: string) => {
    const downlink = session.command({ commandId: 'C-1', command, params: { ...params }, expires: T }, child);
    if ('refused' in downlink) throw new Error(downlink.refused);
    const body = json(downlink.payload) as { id: string };
    expect(body.id).toMatch(/^[0-9]{1,13}$/);
    return { topic: downlink.topic, body, id: body.id };
  };

  it.each([
    ['write_attributes', { limit: 40 }, 'property/set', { limit: 40 }, 'property/set_reply'],
    ['mute', { s: 60 }, 'service/mute/invoke', { s: 60 }, 'service/mute/invoke_reply'],
    ['read_now', { properties: ['ppm'] }, 'property/get', ['ppm'], 'property/get_reply'],
  ])('[DI6] sends %s and reads its reply', (command, params, suffix, expected, answered) => {
    const session = open();
    session.mayHear(`${ROOT}/property/set`);
    const { topic, body, id } = sent(session, command, params);
    expect([topic, body]).toEqual([`${ROOT}/${suffix}`, { id, version: '1.0', params: expected }]);
    const reply = { id, code: 200, msg: 'success', data: { ppm: 39.5 } };
    expect(plain(receive(answered, reply, session).uplinks)).toEqual([
      { kind: 'command-reply', commandId: 'C-1', ok: true, data: { ppm: 39.5 } },
      ...(command === 'read_now' ? [{ kind: 'telemetry', message: message({ ppm: 39.5 }) }] : []),
    ]);
    expect(codes(answered, reply, session)).toEqual(['unknown_command']);
    session.awaitReply?.('C-1');
    expect(receive(answered, { id, code: 2500, msg: 'no' }, session).uplinks).toEqual([
      expect.objectContaining({ ok: false, data: { code: 2500, message: 'no' } }),
    ]);
  });

  it('[DI6] does the same for a device behind it', () => {
    const session = open();
    const identity = { productID: 'p2', deviceName: 's1' };
    receive('pack/post', { id: '1', params: [{ identity, properties: { a: 1 } }] }, session);
    const service = sent(session, 'mute', { s: 60 }, 's1');
    expect(service.topic).toBe(`${ROOT}/sub/service/invoke`);
    expect(service.body).toMatchObject({ params: { ...identity, identifier: 'mute', input: { s: 60 } } });
    const written = sent(session, 'write_attributes', { limit: 40 }, 's1');
    expect(written.topic).toBe(`${ROOT}/sub/property/set`);
    expect(written.body).toMatchObject({ params: { ...identity, params: { limit: 40 } } });
    const reply = { id: written.id, code: 200, msg: 'ok' };
    expect(plain(receive('sub/property/set_reply', reply, session).uplinks)).toEqual([
      { kind: 'command-reply', child: 's1', commandId: 'C-1', ok: true },
    ]);
  });

  it('refuses what has no topic', () => {
    const base = { commandId: 'C-1', params: {}, expires: T };
    expect(open().command({ ...base, command: 'a/b' })).toHaveProperty('refused');
    expect(open().command({ ...base, command: 'read_now' })).toHaveProperty('refused');
  });
});

describe('OneNET topics', () => {
  it.each([
    '$sys/pid/D1/#',
    `${ROOT}/#`,
    `${ROOT}/property/#`,
    `${ROOT}/service/+/invoke`,
    `${ROOT}/property/post/reply`,
    `${ROOT}/sub/service/invoke`,
  ])('[DI5] lets the device hear %s', (filter) => expect(open().mayHear(filter)).toBe(true));

  it.each([
    '$sys/#',
    '$sys/pid/#',
    '$sys/pid/+/#',
    '$sys/+/D1/#',
    '$sys/pid/D2/#',
    '$sys/pid/D11/thing/#',
    `${ROOT}/property/post`,
  ])('[DI5] does not let it hear %s', (filter) => expect(open().mayHear(filter)).toBe(false));

  it.each(['property/set', 'property/post/reply', 'sub/login'])(
    'is not published on by the device: %s',
    (suffix) => expect(open().receive(`${ROOT}/${suffix}`, bytes('{}'), T)).toBeUndefined(),
  );
});
