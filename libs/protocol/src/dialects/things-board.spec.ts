import { describe, expect, it } from '@jest/globals';
import { type DialectSession } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { thingsBoard } from './things-board.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const document = (message: { payload: Uint8Array }): unknown =>
  JSON.parse(new TextDecoder().decode(message.payload));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const open = (): DialectSession => thingsBoard.open('D1', decodeLimits);
const receive = (topic: string, payload: string, session = open()) => {
  const result = session.receive(topic, bytes(payload), T);
  if (result === undefined) throw new Error(`not a topic: ${topic}`);
  return result;
};
const messages = (payload: string, topic = 'v1/devices/me/telemetry'): unknown =>
  plain(receive(topic, payload).uplinks.map((uplink) => 'message' in uplink && uplink.message));
const codes = (topic: string, payload: string, session = open()): string[] =>
  receive(topic, payload, session).refusals.map((refusal) => refusal.code);
const message = (values: object, more: object = {}) => ({ values, quality: {}, hist: false, ...more });
const command = (name: string, params: object = {}) => ({
  commandId: 'C-1',
  command: name,
  params: { ...params },
  expires: T,
});
const sent = (session: DialectSession, name: string, params: object = {}, child?: string) => {
  const downlink = session.command(command(name, params), child);
  if ('refused' in downlink) throw new Error(downlink.refused);
  return downlink;
};

describe('ThingsBoard telemetry', () => {
  it.each([
    ['{"gasPpm":12.5,"leak":false}', [message({ gasPpm: 12.5, leak: false })]],
    [
      `{"ts":${T},"values":{"gasPpm":12.5,"leak":false}}`,
      [message({ gasPpm: 12.5, leak: false }, { ts: T })],
    ],
    [
      `[{"ts":${T},"values":{"gasPpm":12.5}},{"ts":${T + 1000},"values":{"gasPpm":13.0}}]`,
      [message({ gasPpm: 12.5 }, { ts: T }), message({ gasPpm: 13 }, { ts: T + 1000 })],
    ],
    ['[{"gasPpm":1},{"gasPpm":2}]', [message({ gasPpm: 1 }), message({ gasPpm: 2 })]],
  ])('[DI4] reads %s', (payload, expected) => {
    expect(messages(payload)).toEqual(expected);
    expect(codes('v1/devices/me/telemetry', payload)).toEqual([]);
    expect(messages(payload, 'v2/t')).toEqual(expected);
    expect(messages(payload, 'v2/t/j')).toEqual(expected);
  });

  it('[DI4] takes ts alone for a key, and values alone for one that is no scalar', () => {
    expect(messages(`{"ts":${T},"ppm":1}`)).toEqual([message({ ts: T, ppm: 1 })]);
    expect(codes('v2/t', '{"values":{"ppm":1}}')).toEqual(['value_type']);
  });

  it('[DI4] makes numbers of numeric strings, as far as they are exact', () => {
    expect(
      messages('{"a":"12","b":"-1.50","c":"12345678901234567890","d":"1e3","e":" 1","f":"0x1"}'),
    ).toEqual([message({ a: 12, b: -1.5, c: '12345678901234567890', d: '1e3', e: ' 1', f: '0x1' })]);
  });

  it('[DI4] skips null without a word, and says so when there was nothing else', () => {
    expect(messages('{"a":null,"b":1}')).toEqual([message({ b: 1 })]);
    expect(codes('v2/t', '{"a":null,"b":1}')).toEqual([]);
    expect(plain(receive('v2/t', '{"a":null}').uplinks)).toEqual([
      { kind: 'ignored', what: 'nothing but null' },
    ]);
  });

  it('[DI3] refuses nested values key by key, and keeps the others', () => {
    const result = receive('v2/t', '{"ok":1,"o":{"x":1},"l":[1]}');
    expect(plain(result.uplinks)).toEqual([{ kind: 'telemetry', message: message({ ok: 1 }) }]);
    expect(result.refusals.map(({ code, message: text }) => [code, text.slice(0, 17)])).toEqual([
      ['value_type', '"o" is an object:'],
      ['value_type', '"l" is an array: '],
    ]);
  });

  it.each([
    ['12', 'not_an_object'],
    ['[1]', 'not_an_object'],
    ['[]', 'no_messages'],
    ['{}', 'values_missing'],
    [`{"ts":${T},"values":7}`, 'values_missing'],
    ['{"ts":"x","values":{"a":1}}', 'ts_invalid'],
    ['{"a":1', 'malformed_json'],
    ['{"a\\u0007b":1}', 'key_invalid'],
    [`{"${'k'.repeat(129)}":1}`, 'key_invalid'],
  ])('refuses of %s: %s', (payload, code) => {
    expect(codes('v1/devices/me/telemetry', payload)).toEqual([code]);
  });

  it('[DI2] lets keys pass that are no point keys', () => {
    expect(messages(`{"温度 1":1,"${'k'.repeat(128)}":2}`)).toEqual([
      message({ '温度 1': 1, ['k'.repeat(128)]: 2 }),
    ]);
  });

  it('says that protobuf is not read', () => {
    for (const topic of ['v2/t/p', 'v2/a/p', 'v2/r/res/p/1', 'v2/a/req/p/1']) {
      expect(codes(topic, '\b')).toEqual(['format_unsupported']);
    }
  });
});

describe('ThingsBoard attributes', () => {
  it('reads client attributes, strings as they are', () => {
    for (const topic of ['v1/devices/me/attributes', 'v2/a', 'v2/a/j']) {
      expect(plain(receive(topic, '{"firmware":"1.2.0","floor":7,"serial":"0012"}').uplinks)).toEqual([
        { kind: 'attributes', attributes: { firmware: '1.2.0', floor: 7, serial: '0012' } },
      ]);
    }
  });

  const known = { client: { a: 1, b: 2, x: 3 }, shared: { c: 2, d: 4 } };
  it.each([
    ['{"clientKeys":"a,b","sharedKeys":"c"}', { client: { a: 1, b: 2 }, shared: { c: 2 } }],
    ['{"clientKeys":"a,none"}', { client: { a: 1 } }],
    ['{"sharedKeys":"toString"}', { shared: {} }],
    ['{}', known],
  ])('[DI8] answers the request %s', (payload, expected) => {
    for (const [topic, answered] of [
      ['v1/devices/me/attributes/request/7', 'v1/devices/me/attributes/response/7'],
      ['v2/a/req/7', 'v2/a/res/7'],
      ['v2/a/req/j/7', 'v2/a/res/j/7'],
    ] as const) {
      const [uplink] = receive(topic, payload).uplinks;
      if (uplink?.kind !== 'attributes-request') throw new Error('no request');
      expect(uplink.answer(known).topic).toBe(answered);
      expect(document(uplink.answer(known))).toEqual(expected);
    }
  });

  it('refuses a request that names no usable keys', () => {
    expect(codes('v2/a/req/1', '{"clientKeys":7}')).toEqual(['request_invalid']);
    expect(codes('v2/a/req/1', JSON.stringify({ clientKeys: 'a,'.repeat(300) }))).toEqual([
      'request_invalid',
    ]);
  });

  it('[DI7] pushes shared attributes in the spelling that the device has subscribed, and waits for no reply', () => {
    const session = open();
    expect(sent(session, 'write_attributes', { limit: 40 })).toMatchObject({
      topic: 'v1/devices/me/attributes',
      unanswered: true,
    });
    expect(session.mayHear('v2/a/j')).toBe(true);
    expect(sent(session, 'write_attributes', { limit: 40 }).topic).toBe('v2/a/j');
    expect(document(sent(session, 'write_attributes', { limit: 40 }))).toEqual({ limit: 40 });
    expect(document(sent(session, 'write_attributes', { limit: null }))).toEqual({ deleted: ['limit'] });
    expect(session.command(command('write_attributes', { a: 1, b: null }))).toHaveProperty('refused');
    expect(session.command(command('write_attributes'))).toHaveProperty('refused');
  });
});

describe('ThingsBoard RPC', () => {
  it.each([
    ['v1/devices/me/rpc/request/', 'v1/devices/me/rpc/response/'],
    ['v2/r/req/', 'v2/r/res/'],
    ['v2/r/req/j/', 'v2/r/res/j/'],
  ])('[DI6] calls the device on %s and knows its reply, once', (request, response) => {
    const session = open();
    expect(session.mayHear(`${request}+`)).toBe(true);
    const downlink = sent(session, 'mute', { s: 60 });
    expect(document(downlink)).toEqual({ method: 'mute', params: { s: 60 } });
    expect(downlink.topic.startsWith(request)).toBe(true);
    const id = downlink.topic.slice(request.length);
    expect(Number(id)).toBeLessThan(2 ** 31);
    expect(plain(receive(`${response}${id}`, '{"muted":true}', session).uplinks)).toEqual([
      { kind: 'command-reply', commandId: 'C-1', ok: true, data: { muted: true } },
    ]);
    expect(codes(`${response}${id}`, '{}', session)).toEqual(['unknown_command']);
    expect(codes(`${response}1`, '{}', session)).toEqual(['unknown_command']);
  });

  it.each([
    ['{"ok":false}', false],
    ['{"success":false}', false],
    ['{"error":"stuck"}', false],
    ['{"error":null}', true],
    ['"done"', true],
    ['[1]', true],
    ['null', true],
  ])('takes %s for ok=%s', (payload, ok) => {
    const session = open();
    const id = sent(session, 'mute').topic.split('/').pop();
    expect(receive(`v2/r/res/${id}`, payload, session).uplinks).toMatchObject([{ commandId: 'C-1', ok }]);
  });

  it('[DI6] knows a reply that was on its way when the connection broke, and mistakes it for no other', () => {
    const first = sent(open(), 'mute').topic.split('/').pop();
    const next = open();
    next.command({ ...command('open'), commandId: 'C-2' });
    expect(codes(`v2/r/res/${first}`, '{}', next)).toEqual(['unknown_command']);
    next.awaitReply?.('C-1');
    expect(receive(`v2/r/res/${first}`, '{}', next).uplinks).toMatchObject([{ commandId: 'C-1' }]);
  });

  it('[DI9] answers a call of the device with an error, and keeps it', () => {
    const result = receive('v1/devices/me/rpc/request/4', '{"method":"getTime","params":{}}');
    expect(result.refusals.map((refusal) => refusal.code)).toEqual(['rpc_unsupported']);
    expect(result.answers.map((answer) => [answer.topic, document(answer)])).toEqual([
      ['v1/devices/me/rpc/response/4', { error: 'the server offers no methods to devices' }],
    ]);
    expect(receive('v2/r/req/j/4', '{}').answers[0]?.topic).toBe('v2/r/res/j/4');
  });

  it('lets no device wait for firmware', () => {
    const result = receive('v2/sw/request/1/chunk/0', '1024');
    expect(result.uplinks).toEqual([{ kind: 'ignored', what: 'firmware request' }]);
    expect(result.answers[0]?.topic).toBe('v2/sw/error');
  });
});

describe('ThingsBoard claims', () => {
  it('reads a claim', () => {
    expect(receive('v1/devices/me/claim', '{"secretKey":"x","durationMs":60000}').uplinks).toEqual([
      { kind: 'claim', secretKey: 'x', durationMs: 60000 },
    ]);
    expect(receive('v1/devices/me/claim', '{"secretKey":"x"}').uplinks).toMatchObject([
      { durationMs: 60000 },
    ]);
    expect(receive('v1/gateway/claim', '{"Gas-17":{"secretKey":"x","durationMs":60000}}').uplinks).toEqual([
      { kind: 'claim', child: 'Gas-17', secretKey: 'x', durationMs: 60000 },
    ]);
  });

  it.each([
    '{}',
    '{"secretKey":""}',
    '{"secretKey":"x","durationMs":0}',
    '{"secretKey":"x","durationMs":1e12}',
  ])('refuses %s', (payload) => {
    expect(codes('v1/devices/me/claim', payload)).toEqual(['claim_invalid']);
  });
});

describe('ThingsBoard gateway', () => {
  it('tells who came and went', () => {
    const connect = receive('v1/gateway/connect', '{"device":"Gas-17","type":"gas-detector"}');
    const disconnect = receive('v1/gateway/disconnect', '{"device":"Gas-17"}');
    expect([...connect.uplinks, ...disconnect.uplinks]).toEqual([
      { kind: 'presence', child: 'Gas-17', connected: true, reason: 'told_by_gateway' },
      { kind: 'presence', child: 'Gas-17', connected: false, reason: 'told_by_gateway' },
    ]);
    expect(codes('v1/gateway/connect', '{"device":""}')).toEqual(['child_invalid']);
  });

  it('reads telemetry and attributes of its devices', () => {
    const telemetry = receive(
      'v1/gateway/telemetry',
      `{"Gas-17":[{"ts":${T},"values":{"ppm":12.5}}],"Tank-2":[{"level":81}]}`,
    );
    expect(plain(telemetry.uplinks)).toEqual([
      { kind: 'telemetry', child: 'Gas-17', message: message({ ppm: 12.5 }, { ts: T }) },
      { kind: 'telemetry', child: 'Tank-2', message: message({ level: 81 }) },
    ]);
    expect(plain(receive('v1/gateway/attributes', '{"Gas-17":{"fw":"1.2"}}').uplinks)).toEqual([
      { kind: 'attributes', child: 'Gas-17', attributes: { fw: '1.2' } },
    ]);
  });

  it('[DI3] keeps the neighbours of a bad device, and bounds how many there are', () => {
    const result = receive('v1/gateway/telemetry', '{"a\\u0000":[{"x":1}],"b":7,"c":[{"x":1}]}');
    expect(result.uplinks).toMatchObject([{ child: 'c' }]);
    expect(result.refusals.map((refusal) => refusal.code)).toEqual(['child_invalid', 'not_an_object']);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`d${at}`, { x: 1 }]));
    expect(codes('v1/gateway/telemetry', JSON.stringify(many))).toEqual(['too_many_children']);
    const long = { a: Array(600).fill({ x: 1 }), b: Array(600).fill({ x: 1 }) };
    expect(codes('v1/gateway/telemetry', JSON.stringify(long))).toEqual(['too_many_messages']);
  });

  it.each([
    ['"key":"fw"', { value: '1.2' }],
    ['"keys":["fw","none"]', { values: { fw: '1.2' } }],
  ])('[DI8] answers a request with %s', (asked, found) => {
    const [uplink] = receive(
      'v1/gateway/attributes/request',
      `{"id":7,"device":"Gas-17","client":true,${asked}}`,
    ).uplinks;
    if (uplink?.kind !== 'attributes-request') throw new Error('no request');
    expect(uplink.child).toBe('Gas-17');
    const answer = uplink.answer({ client: { fw: '1.2' }, shared: { fw: 'no' } });
    expect(answer.topic).toBe('v1/gateway/attributes/response');
    expect(document(answer)).toEqual({ id: 7, device: 'Gas-17', ...found });
  });

  it('[DI6] calls a device behind it and knows the reply of that device only', () => {
    const session = open();
    const downlink = sent(session, 'mute', {}, 'Gas-17');
    expect(downlink.topic).toBe('v1/gateway/rpc');
    const { id } = (document(downlink) as { data: { id: number } }).data;
    expect(document(downlink)).toEqual({ device: 'Gas-17', data: { id, method: 'mute', params: {} } });
    const reply = (device: string) => JSON.stringify({ device, id, data: { ok: true } });
    expect(codes('v1/gateway/rpc', reply('Gas-18'), session)).toEqual(['unknown_command']);
    expect(codes(`v2/r/res/${id}`, '{}', session)).toEqual(['unknown_command']);
    expect(plain(receive('v1/gateway/rpc', reply('Gas-17'), session).uplinks)).toEqual([
      { kind: 'command-reply', child: 'Gas-17', commandId: 'C-1', ok: true, data: { ok: true } },
    ]);
    const written = sent(session, 'write_attributes', { limit: 40 }, 'Gas-17');
    expect([written.topic, document(written), written.unanswered]).toEqual([
      'v1/gateway/attributes',
      { device: 'Gas-17', data: { limit: 40 } },
      true,
    ]);
  });
});

describe('ThingsBoard topics', () => {
  it.each([
    'v1/devices/me/attributes',
    'v1/devices/me/attributes/response/+',
    'v1/devices/me/rpc/request/+',
    'v1/devices/me/rpc/response/+',
    'v1/devices/me/rpc/response/7',
    'v2/a',
    'v2/a/res/+',
    'v2/r/req/+',
    'v2/r/req/j/+',
    'v2/fw/response/+/chunk/+',
    'v2/fw/error',
    'v1/gateway/attributes',
    'v1/gateway/attributes/response',
    'v1/gateway/rpc',
  ])('[DI5] lets a device hear %s', (filter) => expect(open().mayHear(filter)).toBe(true));

  it.each([
    '#',
    'v1/#',
    'v1/devices/#',
    'v1/devices/me/#',
    'v1/devices/+/attributes',
    'v1/devices/me/telemetry',
    'v1/devices/me/rpc/+/1',
    'v2/+',
    'v2/t',
    'v1/gateway/#',
    'v1/gateway/telemetry',
    '/provision/response',
  ])('[DI5] lets nobody hear %s', (filter) => expect(open().mayHear(filter)).toBe(false));

  it.each([
    '/provision/request',
    'v1/devices/other/telemetry',
    'v1/devices/me/rpc/response/x',
    'v1/gateway/none',
    'v2/x',
  ])('is not published on by a device: %s', (topic) =>
    expect(open().receive(topic, bytes('{}'), T)).toBeUndefined(),
  );
});
