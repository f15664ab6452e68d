import { describe, expect, it } from '@jest/globals';
import { type DialectSession } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { alibaba } from './alibaba.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (payload: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(payload));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const open = (): DialectSession => alibaba.open('D1', decodeLimits);
const ROOT = '/sys/pk/D1/thing';
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

describe('Alibaba posts', () => {
  it('reads the published example, which wants no reply', () => {
    const example =
      '{"id":"123","version":"1.0","sys":{"ack":0},"params":{"Power":{"value":"on","time":1524448722000}},' +
      '"method":"thing.event.property.post"}';
    const result = receive('event/property/post', example);
    expect(plain(result)).toEqual({
      uplinks: [{ kind: 'telemetry', message: message({ Power: 'on' }, { ts: 1524448722000 }) }],
      refusals: [],
      answers: [],
    });
  });

  it('[DI10] makes a message of each time, oldest first, and of what has none at the end', () => {
    const params = {
      a: { value: 1, time: T - 1000 },
      b: 2,
      c: { value: 3, time: T - 2000 },
      d: { value: 4, time: T - 1000 },
      e: { value: 5 },
      f: { value: 6, time: 'noon' },
    };
    expect(plain(receive('event/property/post', { id: '1', params }).uplinks)).toEqual([
      { kind: 'telemetry', message: message({ c: 3 }, { ts: T - 2000 }) },
      { kind: 'telemetry', message: message({ a: 1, d: 4 }, { ts: T - 1000 }) },
      { kind: 'telemetry', message: message({ f: 6 }, { tsUnusable: true }) },
      { kind: 'telemetry', message: message({ b: 2, e: 5 }) },
    ]);
  });

  it('[DI9] replies as the reference does, with 200 or with what is wrong', () => {
    expect(answers('event/property/post', { id: '123', version: '1.0', params: { Power: 'on' } })).toEqual([
      {
        topic: `${ROOT}/event/property/post_reply`,
        body: {
          code: 200,
          data: {},
          id: '123',
          message: 'success',
          method: 'thing.event.property.post',
          version: '1.0',
        },
      },
    ]);
    expect(answers('event/property/post', { id: '123', params: { a: 1, b: [] } })).toMatchObject([
      { body: { code: 460, id: '123' } },
    ]);
    expect(answers('event/property/post', { params: { a: 1 } })).toEqual([]);
    const [answer] = receive('event/property/post', { id: 7, params: { a: 1 } }).answers;
    expect(answer?.payloadIfRefused && json(answer.payloadIfRefused('no point a'))).toMatchObject({
      code: 460,
      id: 7,
      message: 'no point a',
    });
  });

  it('[DI11] refuses a value of a time more than 24 h ahead, and takes the one just within', () => {
    const day = 86_400_000;
    const params = { a: { value: 1, time: T + day }, b: { value: 2, time: T + day + 1 } };
    const result = receive('event/property/post', { id: '1', params });
    expect(result.uplinks).toMatchObject([{ message: { values: { a: 1 } } }]);
    expect(result.uplinks).toHaveLength(1);
    expect(result.refusals.map((refusal) => refusal.code)).toEqual(['ts_ahead']);
  });

  it('reads events, and silences none for its time', () => {
    const params = { value: { zone: '3F' }, time: T };
    expect(plain(receive('event/fire/post', { id: '1', params }).uplinks)).toEqual([
      { kind: 'event', message: { event: 'fire', ts: T, data: { zone: '3F' } } },
    ]);
    expect(answers('event/fire/post', { id: '1', params })).toMatchObject([
      { topic: `${ROOT}/event/fire/post_reply`, body: { code: 200, method: 'thing.event.fire.post' } },
    ]);
    expect(receive('event/fire/post', { id: '1', params: { zone: '3F' } }).uplinks).toMatchObject([
      { message: { data: { zone: '3F' } } },
    ]);
    const late = receive('event/fire/post', { id: '1', params: { value: {}, time: T * 2 } });
    expect(late.uplinks).toMatchObject([{ message: { event: 'fire', tsUnusable: true } }]);
    expect(late.refusals.map((refusal) => refusal.code)).toEqual(['ts_ahead']);
  });

  it.each([
    ['{"id":"1"}', 'values_missing'],
    ['{"id":"1","params":{}}', 'values_missing'],
    ['{"id":"1","params":{"a":{"x":1}}}', 'value_type'],
    ['[]', 'not_an_object'],
    ['{"id"', 'malformed_json'],
  ])('refuses of %s: %s', (body, code) => expect(codes('event/property/post', body)).toEqual([code]));

  it('keeps raw bytes as refused', () => {
    expect(codes('model/up_raw', '\u0002')).toEqual(['format_unsupported']);
  });
});

describe('Alibaba commands', () => {
  it.each([
    ['mute', 'service/mute', 'thing.service.mute'],
    ['write_attributes', 'service/property/set', 'thing.service.property.set'],
  ])('[DI6] sends %s and reads its reply', (command, suffix, method) => {
    const session = open();
    session.mayHear(`${ROOT}/service/property/set`);
    const downlink = session.command({ commandId: 'C-1', command, params: { s: 60 }, expires: T });
    if ('refused' in downlink) throw new Error(downlink.refused);
    const { id } = json(downlink.payload) as { id: string };
    expect(downlink.topic).toBe(`${ROOT}/${suffix}`);
    expect(json(downlink.payload)).toEqual({ id, version: '1.0', params: { s: 60 }, method });
    expect(Number(id)).toBeLessThanOrEqual(4_294_967_295);
    const reply = { code: 200, data: { x: 1 }, id, message: 'success', version: '1.0' };
    expect(plain(receive(`${suffix}_reply`, reply, session).uplinks)).toEqual([
      { kind: 'command-reply', commandId: 'C-1', ok: true, data: { x: 1 } },
    ]);
    expect(codes(`${suffix}_reply`, reply, session)).toEqual(['unknown_command']);
    session.awaitReply?.('C-1');
    const failed = { code: 6813, data: {}, id: Number(id), message: 'stuck' };
    expect(receive(`${suffix}_reply`, failed, session).uplinks).toMatchObject([
      { ok: false, data: { code: 6813, message: 'stuck' } },
    ]);
  });

  it('refuses what has no topic', () => {
    const base = { commandId: 'C-1', params: {}, expires: T };
    expect(open().command({ ...base, command: 'a/b' })).toHaveProperty('refused');
    expect(open().command({ ...base, command: 'mute' }, 'child')).toHaveProperty('refused');
  });
});

describe('Alibaba topics', () => {
  it.each([
    'event/property/post_reply',
    'event/+/post_reply',
    'service/property/set',
    'service/+',
    'service/mute',
  ])('[DI5] lets the device hear %s', (suffix) => expect(open().mayHear(`${ROOT}/${suffix}`)).toBe(true));

  it.each([
    '/sys/pk/D2/thing/service/property/set',
    '/sys/+/D1/thing/service/property/set',
    '/sys/pk/+/thing/service/property/set',
    `${ROOT}/#`,
    `${ROOT}/service/#`,
    `${ROOT}/service/mute_reply`,
    `${ROOT}/event/property/post`,
  ])('[DI5] does not let it hear %s', (filter) => expect(open().mayHear(filter)).toBe(false));

  it.each(['event/property/pack/post', 'event/property/post_reply', 'service/mute', 'deviceinfo/update'])(
    'is not published on by the device: %s',
    (suffix) => expect(open().receive(`${ROOT}/${suffix}`, bytes('{}'), T)).toBeUndefined(),
  );
});
