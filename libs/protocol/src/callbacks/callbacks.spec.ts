import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeLimits } from '../limits.js';
import { callbackFormats } from './all.js';
import {
  type CallbackFormat,
  type CallbackHashes,
  type CallbackName,
  type CallbackRequest,
} from './callback.js';
import { rawMember } from './raw-member.js';

const hashes: CallbackHashes = {
  md5: (data) => createHash('md5').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
};
const trust = { secret: 'a-secret', hashes };
const NOW = 1_735_689_600_000;
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function format(name: CallbackName): CallbackFormat {
  const found = callbackFormats.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}
function decoded(name: CallbackName, body: unknown) {
  const result = format(name).decode(bytes(body), decodeLimits, hashes);
  if (!result.ok) throw new Error(`${result.code} ${result.message}`);
  return result;
}
function onlyItem(name: CallbackName, body: unknown) {
  const { items } = decoded(name, body);
  expect(items).toHaveLength(1);
  return items[0]!;
}
const request = (more: Partial<CallbackRequest>): CallbackRequest => ({
  headers: {},
  query: {},
  body: new Uint8Array(),
  receivedAt: NOW,
  ...more,
});

describe('every callback format', () => {
  const samples: Record<CallbackName, unknown> = {
    watchfire: { eventId: 'e1', deviceId: 'd', telemetry: { values: { ch4: 1 } } },
    onenet: { msg: { type: 1, dev_id: 1, ds_id: 'ch4', at: NOW, value: 1 }, nonce: 'n', msg_signature: 's' },
    ctwing: { messageType: 'dataReport', deviceId: 'd', timestamp: NOW, payload: { ch4: 1 } },
    huawei: {
      resource: 'device.property',
      event: 'report',
      event_time: '20250101T000000Z',
      notify_data: {
        header: { device_id: 'd' },
        body: { services: [{ service_id: 'gas', properties: { ch4: 1 }, event_time: '20250101T000000Z' }] },
      },
    },
  };
  const names = [...callbackFormats.keys()];

  it.each(names)('[CB1] %s: a report that comes again has the same event id, another one another', (name) => {
    const first = onlyItem(name, samples[name]);
    expect(onlyItem(name, samples[name]).eventId).toBe(first.eventId);
    expect(first.eventId.length).toBeLessThanOrEqual(512);
    const other = JSON.stringify(samples[name])
      .replace('"ch4":1', '"ch4":2')
      .replace('"value":1', '"value":2')
      .replace('e1', 'e2');
    expect(onlyItem(name, other).eventId).not.toBe(first.eventId);
  });

  it.each(names)('[CB2] %s never throws, whatever the bytes', (name) => {
    const { distrust, decode } = format(name);
    const near = fc
      .tuple(fc.constant(JSON.stringify(samples[name])), fc.nat(), fc.string({ maxLength: 4 }))
      .map(([text, place, put]) => {
        const at = place % text.length;
        return bytes(text.slice(0, at) + put + text.slice(at + 1));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.json().map(bytes), near), (body) => {
        decode(body, decodeLimits, hashes);
        distrust(request({ body }), trust);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(names)('[CB2] %s is not believed without a signature, nor with an empty secret', (name) => {
    const body = bytes(samples[name]);
    expect(format(name).distrust(request({ body }), trust)).toBeDefined();
    expect(
      format(name).distrust(request({ body, query: { token: '' } }), { secret: '', hashes }),
    ).toBeDefined();
  });

  it.each(['ctwing', 'huawei'] as const)('[CB2] %s is believed with the token of the address', (name) => {
    const { distrust } = format(name);
    expect(distrust(request({ query: { token: 'a-secret' } }), trust)).toBeUndefined();
    expect(distrust(request({ query: { token: 'a-secres' } }), trust)).toEqual({ reason: 'signature_wrong' });
  });
});

describe('the own callback', () => {
  const signed = (body: Uint8Array, timestamp: string, secret = 'a-secret'): CallbackRequest =>
    request({
      body,
      headers: {
        'x-watchfire-timestamp': timestamp,
        'x-watchfire-signature': createHmac('sha256', secret)
          .update(`${timestamp}.`)
          .update(body)
          .digest('hex'),
      },
    });
  const body = bytes({ eventId: 'e', deviceId: 'd', event: { event: 'alarm_button' } });
  const { distrust } = format('watchfire');

  it('[CB3] is signed over timestamp and body, and only for five minutes', () => {
    expect(distrust(signed(body, String(NOW)), trust)).toBeUndefined();
    expect(distrust(signed(body, String(NOW - 300_000)), trust)).toBeUndefined();
    expect(distrust(signed(body, String(NOW - 300_001)), trust)).toEqual({ reason: 'timestamp_stale' });
    expect(distrust(signed(body, String(NOW + 300_001)), trust)).toEqual({ reason: 'timestamp_stale' });
    expect(distrust(signed(body, 'now'), trust)).toEqual({ reason: 'timestamp_stale' });
    expect(distrust(signed(body, String(NOW), 'another'), trust)).toEqual({ reason: 'signature_wrong' });
    const { headers } = signed(body, String(NOW));
    expect(distrust(request({ headers, body: bytes('{}') }), trust)).toEqual({ reason: 'signature_wrong' });
  });

  it('[CB3] reads telemetry and events of the own dialect, one or many', () => {
    const { items, refusals } = decoded('watchfire', [
      {
        eventId: 'e1',
        deviceId: 'd1',
        telemetry: [
          { values: { ch4: 1 }, ts: 1 },
          { values: { ch4: 2 }, ts: 2 },
        ],
      },
      { eventId: 'e2', deviceId: 'd2', event: { event: 'alarm_button', ts: 5 } },
      { eventId: 'e3', deviceId: 'd3' },
      { deviceId: 'd4', telemetry: {} },
    ]);
    expect(items).toMatchObject([
      {
        eventId: 'e1',
        deviceName: 'd1',
        uplinks: [{ message: { values: { ch4: 1 } } }, { message: { ts: 2 } }],
      },
      {
        eventId: 'e2',
        deviceName: 'd2',
        uplinks: [{ kind: 'event', message: { event: 'alarm_button', ts: 5 } }],
      },
      { eventId: 'e3', uplinks: [], refusals: [{ code: 'values_missing' }] },
    ]);
    expect(refusals).toMatchObject([{ code: 'request_invalid' }]);
  });
});

describe('push of OneNET', () => {
  const { distrust, handshake } = format('onenet');
  const signature = (text: string): string => createHash('md5').update(text).digest('base64');

  it('[CB4] answers the trial of the address with msg, whatever a plus became on the way', () => {
    const [msg, nonce] = ['hello', 'abcdefgh'];
    const query = { msg, nonce, signature: signature(`a-secret${nonce}${msg}`).replaceAll('+', ' ') };
    expect(handshake?.(request({ query }), trust)).toEqual({ echo: 'hello' });
    expect(handshake?.(request({ query: { ...query, msg: 'other' } }), trust)).toEqual({
      reason: 'signature_wrong',
    });
    expect(handshake?.(request({}), trust)).toEqual({ reason: 'signature_missing' });
  });

  it('[CB4] is signed over msg as it was sent', () => {
    const msg = '{"at":1466133706841, "type":1,"ds_id":"datastream_id","value":42,"dev_id":2016617}';
    const body = (text: string): Uint8Array =>
      bytes(`{"msg":${text},"msg_signature":"${signature(`a-secretabcdefgh${msg}`)}","nonce":"abcdefgh"}`);
    expect(distrust(request({ body: body(msg) }), trust)).toBeUndefined();
    expect(distrust(request({ body: body(msg.replace('42', '43')) }), trust)).toEqual({
      reason: 'signature_wrong',
    });
    const inner = '{"messageType":"notify"}';
    const studio = { msg: inner, nonce: 'n', signature: signature(`a-secretn${inner}`), time: NOW, id: '1' };
    expect(distrust(request({ body: bytes(studio) }), trust)).toBeUndefined();
  });

  it('[CB4] reads the published example of a data point, and several', () => {
    const example =
      '{"msg":{"at":1466133706841,"type":1,"ds_id":"datastream_id","value":42,"dev_id":2016617},"msg_signature":"message signature","nonce":"abcdefgh"}';
    expect(onlyItem('onenet', example)).toMatchObject({
      eventId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      deviceName: '2016617',
      uplinks: [{ kind: 'telemetry', message: { values: { datastream_id: 42 }, ts: 1_466_133_706_841 } }],
      refusals: [],
    });
    const { items } = decoded('onenet', {
      msg: [
        { at: '1466133706841', type: 1, ds_id: '3303_0_5700', value: 42, dev_id: 1 },
        { at: 1_466_133_706_000, type: 2, status: 0, login_type: 10, dev_id: 2 },
        { type: 7, dev_id: 3 },
        { type: 2, status: '1', dev_id: 4 },
      ],
    });
    expect(items).toMatchObject([
      { deviceName: '1', uplinks: [{ message: { values: { '3303_0_5700': 42 }, ts: 1_466_133_706_841 } }] },
      { deviceName: '2', uplinks: [{ kind: 'presence', child: '2', connected: false }] },
      { deviceName: '3', uplinks: [{ kind: 'ignored' }] },
      { deviceName: '4', uplinks: [], refusals: [{ code: 'format_unsupported' }] },
    ]);
    expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(4);
  });

  it('[CB4] reads the published examples of OneNET Studio', () => {
    const studio = (msg: unknown) =>
      onlyItem('onenet', { msg: JSON.stringify(msg), nonce: 'n', signature: 's', time: NOW, id: '1' });
    const about = { projectId: '990909090', productId: '00001', deviceName: 'iot-0001' };
    const property = {
      ...about,
      messageType: 'notify',
      notifyType: 'property',
      data: {
        id: '12345',
        params: {
          Power: { value: 'on', time: 1_524_448_722_123 },
          WF: { value: 23.6, time: 1_524_448_722_123 },
        },
      },
    };
    expect(studio(property)).toMatchObject({
      deviceName: 'iot-0001',
      product: '00001',
      uplinks: [{ kind: 'telemetry', message: { values: { Power: 'on', WF: 23.6 }, ts: 1_524_448_722_123 } }],
    });
    const event = {
      ...about,
      messageType: 'notify',
      notifyType: 'event',
      data: { id: '123', params: { smoke: { value: { Power: 'on' }, time: 1_524_448_722_123 } } },
    };
    expect(studio(event).uplinks).toMatchObject([
      { kind: 'event', message: { event: 'smoke', ts: 1_524_448_722_123, data: { Power: 'on' } } },
    ]);
    const offline = { ...about, messageType: 'lifeCycle', data: { status: 'offline', time: 1 } };
    expect(studio(offline).uplinks).toMatchObject([
      { kind: 'presence', child: 'iot-0001', connected: false },
    ]);
    expect(studio({ ...about, messageType: 'new', data: {} }).refusals).toMatchObject([
      { code: 'format_unsupported' },
    ]);
  });

  it('[CB4] says that encrypted messages are not read', () => {
    const result = format('onenet').decode(bytes({ msg: 'c2VjcmV0', nonce: 'n' }), decodeLimits, hashes);
    expect(result).toMatchObject({ ok: false, code: 'format_unsupported' });
  });
});

describe('push of CTWing', () => {
  const envelope = {
    upPacketSN: -1,
    upDataSN: -1,
    topic: 'v1/up/ad19',
    timestamp: 1_630_403_930_495,
    tenantId: '2000050324',
    serviceId: 1,
    protocol: 'lwm2m',
    productId: '15081413',
    messageType: 'dataReport',
    deviceType: '',
    deviceId: '5e5a54e224b9436f93900c27f0787f61',
    assocAssetId: '',
    IMSI: 'undefined',
    IMEI: '861050042916166',
  };

  it('[CB5] reads properties of the thing model, plain and by service', () => {
    expect(onlyItem('ctwing', { ...envelope, payload: { liquid_level: 402 } })).toMatchObject({
      deviceName: envelope.deviceId,
      uplinks: [
        {
          kind: 'telemetry',
          service: '1',
          message: { values: { liquid_level: 402 }, ts: envelope.timestamp },
        },
      ],
      refusals: [],
    });
    const nested = {
      serviceId: 'notification',
      serviceData: { TData: 30, Alarm_Status: 2, IMEI: '860374051096202' },
    };
    expect(onlyItem('ctwing', { ...envelope, serviceId: '', payload: nested }).uplinks).toMatchObject([
      {
        service: 'notification',
        message: { values: { TData: 30, Alarm_Status: 2, IMEI: '860374051096202' } },
      },
    ]);
  });

  it('[CB5] refuses raw bytes and message types that it does not know, never silently', () => {
    const raw = onlyItem('ctwing', { ...envelope, payload: { APPdata: 'AQFWMS4w' } });
    expect(raw).toMatchObject({ uplinks: [], refusals: [{ code: 'format_unsupported' }] });
    const event = onlyItem('ctwing', { ...envelope, messageType: 'eventReport', payload: {} });
    expect(event).toMatchObject({ uplinks: [], refusals: [{ code: 'format_unsupported' }] });
  });
});

describe('data forwarding of Huawei IoTDA', () => {
  const header = { device_id: 'd4922d8a_node', product_id: 'ABC123456789', node_id: 'ABC123456789' };
  const report = {
    resource: 'device.property',
    event: 'report',
    event_time: '20151212T121212Z',
    event_time_ms: '2015-12-12T12:12:12.000Z',
    request_id: '3fe58d5e-8697-4849-a165-7db128f7e776',
    notify_data: {
      header,
      body: {
        services: [
          { service_id: 'Battery', properties: { batteryLevel: 80 }, event_time: '20151212T121213Z' },
          { service_id: 'Gas', properties: { conc: 12.5, valve: true } },
        ],
      },
    },
  };

  it('[CB6] reads properties service by service, with the time of each or of the platform', () => {
    expect(onlyItem('huawei', report)).toEqual({
      eventId: '3fe58d5e-8697-4849-a165-7db128f7e776/d4922d8a_node/2015-12-12T12:12:12.000Z',
      deviceName: 'd4922d8a_node',
      uplinks: [
        {
          kind: 'telemetry',
          service: 'Battery',
          message: {
            values: { batteryLevel: 80 },
            quality: {},
            hist: false,
            ts: Date.UTC(2015, 11, 12, 12, 12, 13),
          },
        },
        {
          kind: 'telemetry',
          service: 'Gas',
          message: {
            values: { conc: 12.5, valve: true },
            quality: {},
            hist: false,
            ts: Date.UTC(2015, 11, 12, 12, 12, 12),
          },
        },
      ],
      refusals: [],
    });
  });

  it('[CB6] takes the hash where request_id or the millisecond is missing', () => {
    expect(onlyItem('huawei', { ...report, event_time_ms: undefined }).eventId).toMatch(/^sha256:/);
  });

  it('[CB6] reads the state of a device, with the body where the documentation has it and where it belongs', () => {
    const status = { ...report, resource: 'device.status', event: 'update' };
    const beside = { ...status, notify_data: { header }, body: { status: 'ONLINE' } };
    const within = { ...status, notify_data: { header, body: { status: 'OFFLINE' } } };
    expect(onlyItem('huawei', beside).uplinks).toMatchObject([{ kind: 'presence', connected: true }]);
    expect(onlyItem('huawei', within).uplinks).toMatchObject([{ kind: 'presence', connected: false }]);
    expect(onlyItem('huawei', { ...report, resource: 'device.message' }).refusals).toMatchObject([
      { code: 'format_unsupported' },
    ]);
  });
});

describe('the text of a member', () => {
  it('[CB4] is what JSON.parse reads at that name, cut out and not written again', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
        fc.jsonValue(),
        fc.nat(2),
        (object, msg, space) => {
          const text = JSON.stringify({ ...object, msg }, null, space);
          if (space === 0) expect(rawMember(text, 'msg')).toBe(JSON.stringify(msg));
          expect(JSON.parse(rawMember(text, 'msg') ?? 'null')).toEqual(JSON.parse(JSON.stringify(msg)));
        },
      ),
    );
    expect(rawMember('{"a":{"msg":1},"msg" : [1, 2] ,"b":"msg"}', 'msg')).toBe('[1, 2]');
    expect(rawMember('{"a":1}', 'msg')).toBeUndefined();
  });
});
