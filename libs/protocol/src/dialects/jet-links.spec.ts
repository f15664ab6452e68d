import { describe, expect, it } from '@jest/globals';
import { type DialectSession } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { jetLinks } from './jet-links.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const open = (): DialectSession => jetLinks.open('D1', decodeLimits);
const receive = (topic: string, payload: string, session = open()) => {
  const result = session.receive(topic, bytes(payload), T);
  if (result === undefined) throw new Error(`not a topic: ${topic}`);
  return result;
};
const codes = (topic: string, payload: string, session = open()): string[] =>
  receive(topic, payload, session).refusals.map((refusal) => refusal.code);
const uplinks = (topic: string, payload: string, session = open()): unknown =>
  plain(receive(topic, payload, session).uplinks);
const message = (values: object, more: object = {}) => ({ values, quality: {}, hist: false, ...more });
const sent = (session: DialectSession, command: string, params: object = {}, child?: string) => {
  const downlink = session.command({ commandId: 'C-1', command, params: { ...params }, expires: T }, child);
  if ('refused' in downlink) throw new Error(downlink.refused);
  return { topic: downlink.topic, body: JSON.parse(new TextDecoder().decode(downlink.payload)) as unknown };
};

describe('JetLinks reports', () => {
  it('reads properties, with the time or without', () => {
    const report = `{"properties":{"ppm":12.5},"messageId":"1","timestamp":${T}}`;
    expect(uplinks('/p/D1/properties/report', report)).toEqual([
      { kind: 'telemetry', message: message({ ppm: 12.5 }, { ts: T }) },
    ]);
    expect(uplinks('/p/D1/properties/report', '{"properties":{"ppm":"12","ok":true}}')).toEqual([
      { kind: 'telemetry', message: message({ ppm: '12', ok: true }) },
    ]);
    expect(uplinks('/p/gw/child/s1/properties/report', report, jetLinks.open('gw', decodeLimits))).toEqual([
      { kind: 'telemetry', child: 's1', message: message({ ppm: 12.5 }, { ts: T }) },
    ]);
  });

  it('[DI3] refuses what is no scalar, and keeps the rest', () => {
    const result = receive(
      '/p/D1/properties/report',
      '{"properties":{"ok":1,"o":{},"l":[],"n":null},"timestamp":"x"}',
    );
    expect(plain(result.uplinks)).toEqual([
      { kind: 'telemetry', message: message({ ok: 1 }, { tsUnusable: true }) },
    ]);
    expect(result.refusals.map((refusal) => refusal.code)).toEqual([
      'ts_invalid',
      'value_type',
      'value_type',
      'value_type',
    ]);
    expect(codes('/p/D1/properties/report', '{"properties":[]}')).toEqual(['values_missing']);
    expect(codes('/p/D1/properties/report', '[]')).toEqual(['not_an_object']);
  });

  it('reads events, with an object or a bare value', () => {
    const event = `{"messageId":"e1","timestamp":${T},"data":{"zone":"3F"}}`;
    expect(uplinks('/p/D1/event/fire_alarm', event)).toEqual([
      { kind: 'event', message: { event: 'fire_alarm', ts: T, data: { zone: '3F' } } },
    ]);
    expect(uplinks('/p/D1/child/s1/event/火警', '{"data":"123"}')).toEqual([
      { kind: 'event', child: 's1', message: { event: '火警', data: { value: '123' } } },
    ]);
  });

  it('reads tags as attributes, and who came and went', () => {
    expect(uplinks('/p/D1/tags', '{"tags":{"floor":7,"serial":"0012"}}')).toEqual([
      { kind: 'attributes', attributes: { floor: 7, serial: '0012' } },
    ]);
    expect([
      ...receive('/p/D1/child/s1/online', '').uplinks,
      ...receive('/p/D1/child/s1/offline', '{}').uplinks,
    ]).toEqual([
      { kind: 'presence', child: 's1', connected: true, reason: 'told_by_gateway' },
      { kind: 'presence', child: 's1', connected: false, reason: 'told_by_gateway' },
    ]);
  });

  it.each([
    'online',
    'register',
    'unregister',
    'log',
    'metadata/derived',
    'firmware/upgrade/progress',
    'firmware/report',
    'state-check/reply',
    'child/s1/register',
  ])('counts %s as of no use', (suffix) => {
    expect(receive(`/p/D1/${suffix}`, 'anything')).toMatchObject({
      uplinks: [{ kind: 'ignored' }],
      refusals: [],
    });
  });

  it('keeps raw bytes as refused', () => {
    expect(codes('/p/D1/direct', '\u0000\u0001')).toEqual(['format_unsupported']);
    expect(codes('/p/D1/child/s1/direct', '')).toEqual(['format_unsupported']);
  });
});

describe('JetLinks commands', () => {
  it.each([
    {
      command: 'mute',
      params: { s: 60 },
      suffix: 'function/invoke',
      body: { messageId: 'C-1', functionId: 'mute', inputs: [{ name: 's', value: 60 }] },
      reply: '{"messageId":"C-1","success":true,"output":"ok"}',
      read: [{ kind: 'command-reply', commandId: 'C-1', ok: true, data: 'ok' }],
    },
    {
      command: 'write_attributes',
      params: { limit: 40 },
      suffix: 'properties/write',
      body: { messageId: 'C-1', properties: { limit: 40 } },
      reply: '{"messageId":"C-1","success":true,"properties":{"limit":40}}',
      read: [{ kind: 'command-reply', commandId: 'C-1', ok: true, data: { limit: 40 } }],
    },
    {
      command: 'read_now',
      params: { properties: ['ppm'] },
      suffix: 'properties/read',
      body: { messageId: 'C-1', properties: ['ppm'] },
      reply: '{"messageId":"C-1","success":true,"properties":{"ppm":12.5}}',
      read: [
        { kind: 'command-reply', commandId: 'C-1', ok: true, data: { ppm: 12.5 } },
        { kind: 'telemetry', message: message({ ppm: 12.5 }) },
      ],
    },
  ])('[DI6] sends $command and reads its reply', ({ command, params, suffix, body, reply, read }) => {
    const session = open();
    expect(sent(session, command, params)).toEqual({ topic: `/watchfire/D1/${suffix}`, body });
    expect(uplinks(`/p/D1/${suffix}/reply`, reply, session)).toEqual(read);
    expect(codes(`/p/D1/${suffix}/reply`, reply, session)).toEqual(['unknown_command']);
    expect(sent(session, command, params).topic).toBe(`/p/D1/${suffix}`);
  });

  it('[DI6] does the same for a child, whichever way it replies', () => {
    for (const way of ['child', 'child-reply']) {
      const session = open();
      expect(sent(session, 'mute', {}, 's1').topic).toBe('/watchfire/D1/child/s1/function/invoke');
      const reply = '{"messageId":"C-1","success":false,"code":"BUSY","message":"wait"}';
      expect(codes(`/p/D1/${way}/s2/function/invoke/reply`, reply, session)).toEqual(['unknown_command']);
      expect(codes('/p/D1/function/invoke/reply', reply, session)).toEqual(['unknown_command']);
      expect(uplinks(`/p/D1/${way}/s1/function/invoke/reply`, reply, session)).toEqual([
        {
          kind: 'command-reply',
          child: 's1',
          commandId: 'C-1',
          ok: false,
          data: { code: 'BUSY', message: 'wait' },
        },
      ]);
    }
  });

  it('[DI7] addresses the product that the device has subscribed for', () => {
    const session = open();
    expect(session.mayHear('/gas/D1/function/invoke')).toBe(true);
    expect(sent(session, 'mute').topic).toBe('/gas/D1/function/invoke');
  });

  it('refuses a command that its topics and payloads have no room for', () => {
    const base = { commandId: 'C-1', params: {}, expires: T };
    expect(open().command({ ...base, command: 'x' }, 'a/b')).toHaveProperty('refused');
    expect(open().command({ ...base, command: 'read_now', params: { properties: 'ppm' } })).toHaveProperty(
      'refused',
    );
  });
});

describe('JetLinks topics', () => {
  it.each([
    '/p/D1/properties/read',
    '/p/D1/function/invoke',
    '/p/D1/firmware/upgrade',
    '/p/D1/child/s1/properties/write',
    '/p/D1/child/+/properties/write',
    '/p/D1/child-reply/+/firmware/pull/reply',
  ])('[DI5] lets the device hear %s', (filter) => expect(open().mayHear(filter)).toBe(true));

  it.each([
    '/p/D2/function/invoke',
    '/+/D1/function/invoke',
    '/p/+/function/invoke',
    '/p/D1/#',
    '/p/D1/+/invoke',
    '/p/D1/child/#',
    '/p/D1/properties/report',
    '/sys/D1/function/invoke',
    'p/D1/function/invoke',
  ])('[DI5] does not let it hear %s', (filter) => expect(open().mayHear(filter)).toBe(false));

  it.each([
    '/p/D2/properties/report',
    '/p/D1/properties/read',
    '/p/D1/event/a/b',
    '/p/D1/child-reply/s1/properties/report',
    '/p/D1/child/s1/child/s2/properties/report',
    '/p/D1',
  ])('is not published on by the device: %s', (topic) =>
    expect(open().receive(topic, bytes('{"properties":{"a":1}}'), T)).toBeUndefined(),
  );
});
