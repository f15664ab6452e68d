import { describe, expect, it } from '@jest/globals';
import { type DialectSession } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { huawei } from './huawei.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const open = (): DialectSession => huawei.open('D1', decodeLimits);
const ROOT = '$oc/devices/D1';
const receive = (suffix: string, body: unknown, session = open()) => {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const result = session.receive(`${ROOT}/${suffix}`, bytes(payload), T);
  if (result === undefined) throw new Error(`not a topic: ${suffix}`);
  return result;
};
const codes = (suffix: string, body: unknown, session = open()): string[] =>
  receive(suffix, body, session).refusals.map((refusal) => refusal.code);
const message = (values: object, more: object = {}) => ({ values, quality: {}, hist: false, ...more });
const gas = { service_id: 'gas', properties: { ppm: 12.5 }, event_time: '20250101T000000Z' };

describe('Huawei reports', () => {
  it('reads the published example', () => {
    const example =
      '{"services":[{"service_id":"gas","properties":{"ppm":12.5},"event_time":"20250101T000000Z"}]}';
    expect(plain(receive('sys/properties/report', example))).toEqual({
      uplinks: [{ kind: 'telemetry', service: 'gas', message: message({ ppm: 12.5 }, { ts: T }) }],
      refusals: [],
      answers: [],
    });
  });

  it('[DI12] keeps services apart that use one key', () => {
    const services = [gas, { service_id: 'gas2', properties: { ppm: 1 } }];
    expect(plain(receive('sys/properties/report', { services }).uplinks)).toEqual([
      { kind: 'telemetry', service: 'gas', message: message({ ppm: 12.5 }, { ts: T }) },
      { kind: 'telemetry', service: 'gas2', message: message({ ppm: 1 }) },
    ]);
  });

  it('takes a time that it cannot read for none, and says so', () => {
    const result = receive('sys/properties/report', {
      services: [{ ...gas, event_time: '20250230T000000Z' }],
    });
    expect(result.uplinks).toMatchObject([{ message: { values: { ppm: 12.5 }, tsUnusable: true } }]);
    expect(result.refusals.map((refusal) => refusal.code)).toEqual(['ts_invalid']);
  });

  it('reads what a gateway reports for up to 100 devices', () => {
    const devices = Array.from({ length: 101 }, (_, at) => ({ device_id: `s${at}`, services: [gas] }));
    const topic = 'sys/gateway/sub_devices/properties/report';
    const result = receive(topic, { devices: devices.slice(1) });
    expect(result.uplinks).toHaveLength(100);
    expect(result.uplinks[0]).toMatchObject({ kind: 'telemetry', child: 's1', service: 'gas' });
    expect(codes(topic, { devices })).toEqual(['too_many_children']);
    const bad = receive(topic, { devices: [{ services: [gas] }, { device_id: 's2' }, devices[3]] });
    expect(bad.uplinks).toMatchObject([{ child: 's3' }]);
    expect(bad.refusals.map((refusal) => refusal.code)).toEqual(['child_invalid', 'values_missing']);
  });

  it('reads events of the device and of those behind it, and none of the platform', () => {
    const event = {
      service_id: 'fire',
      event_type: 'alarm',
      event_time: '20250101T000000Z',
      paras: { z: 3 },
    };
    const read = (about?: string) =>
      plain(receive('sys/events/up', { object_device_id: about, services: [event] }).uplinks);
    const told = { service: 'fire', message: { event: 'alarm', ts: T, data: { z: 3 } } };
    expect(read()).toEqual([{ kind: 'event', ...told }]);
    expect(read('D1')).toEqual([{ kind: 'event', ...told }]);
    expect(read('s1')).toEqual([{ kind: 'event', child: 's1', ...told }]);
    const clock = { service_id: '$time_sync', event_type: 'time_sync_request', paras: {} };
    expect(receive('sys/events/up', { services: [clock] })).toMatchObject({
      uplinks: [{ kind: 'ignored' }],
      refusals: [],
    });
  });

  it.each([
    ['{}', 'values_missing'],
    ['{"services":[]}', 'values_missing'],
    ['{"services":[{"properties":{"a":1}}]}', 'values_missing'],
    ['{"services":[{"service_id":"a","properties":{"a":{}}}]}', 'value_type'],
    [JSON.stringify({ services: [], pad: 'x'.repeat(65_536) }), 'payload_too_large'],
    [JSON.stringify({ services: Array(1001).fill({ service_id: 'a' }) }), 'too_many_messages'],
  ])('refuses of %.60s: %s', (body, code) => expect(codes('sys/properties/report', body)).toEqual([code]));
});

describe('Huawei commands', () => {
  it('[DI6] sends a command and reads its reply', () => {
    for (const child of [undefined, 's1']) {
      const session = open();
      const params = { service_id: 'gas', s: 60 };
      const downlink = session.command({ commandId: 'C-1', command: 'mute', params, expires: T }, child);
      if ('refused' in downlink) throw new Error(downlink.refused);
      expect(downlink.topic).toBe(`${ROOT}/sys/commands/request_id=C-1`);
      expect(JSON.parse(new TextDecoder().decode(downlink.payload))).toEqual({
        object_device_id: child ?? 'D1',
        command_name: 'mute',
        service_id: 'gas',
        paras: { s: 60 },
      });
      const reply = { result_code: 0, response_name: 'COMMAND_RESPONSE', paras: { result: 'success' } };
      const topic = 'sys/commands/response/request_id=';
      expect(codes(`${topic}C-2`, reply, session)).toEqual(['unknown_command']);
      expect(plain(receive(`${topic}C-1`, reply, session).uplinks)).toEqual([
        {
          kind: 'command-reply',
          ...(child && { child }),
          commandId: 'C-1',
          ok: true,
          data: { result: 'success' },
        },
      ]);
      expect(codes(`${topic}C-1`, reply, session)).toEqual(['unknown_command']);
      session.awaitReply?.('C-1', child);
      expect(receive(`${topic}C-1`, { result_code: 1 }, session).uplinks).toMatchObject([{ ok: false }]);
    }
  });
});

describe('Huawei topics', () => {
  it.each(['#', 'sys/#', 'sys/commands/#', 'sys/commands/+', 'sys/commands/request_id=C-1'])(
    '[DI5] lets the device hear %s',
    (suffix) => expect(open().mayHear(`${ROOT}/${suffix}`)).toBe(true),
  );

  it.each([
    '$oc/devices/#',
    '$oc/#',
    '$oc/devices/+/sys/commands/#',
    '$oc/devices/D2/sys/commands/#',
    '$oc/devices/D11/#',
    `${ROOT}/sys/properties/report`,
  ])('[DI5] does not let it hear %s', (filter) => expect(open().mayHear(filter)).toBe(false));

  it('is for the device on its commands only', () => {
    expect(open().isForDevice(`${ROOT}/sys/commands/request_id=C-1`)).toBe(true);
    expect(open().isForDevice(`${ROOT}/sys/commands/response/request_id=C-1`)).toBe(false);
    expect(open().isForDevice('$oc/devices/D2/sys/commands/request_id=C-1')).toBe(false);
    expect(open().receive(`${ROOT}/sys/commands/request_id=C-1`, bytes('{}'), T)).toBeUndefined();
    expect(open().receive('$oc/devices/D2/sys/properties/report', bytes('{}'), T)).toBeUndefined();
  });
});
