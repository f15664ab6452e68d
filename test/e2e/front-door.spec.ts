import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DeadLetterView,
  type ErrorMessage,
  errorsTopic,
  type NewDeviceReply,
  type Page,
  telemetryTopic,
} from '@watchfire/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';

/** Resolves when the client has lost its connection. */
const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

/** What must be refused is refused with a reason, and nobody else notices. */
describe('the front door', () => {
  let centre: Centre;
  let api: ApiClient;
  let bad: NewDeviceReply;
  let neighbour: MqttClient;
  let device: MqttClient;
  let pid: number;
  const errors: ErrorMessage[] = [];

  beforeAll(async () => {
    centre = await Centre.start();
    pid = centre.server.pid;
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    bad = await api.createDevice(siteId, 'gas.lel.point', 'bad');
    const good = await api.createDevice(siteId, 'gas.lel.point', 'good');
    neighbour = await centre.connect(good.credential);
  }, 60_000);
  afterAll(async () => {
    neighbour.end(true);
    await centre.end();
  });
  beforeEach(async () => {
    errors.length = 0;
    device = await centre.connect(bad.credential);
    device.on('error', () => undefined);
    device.on('message', (_topic, payload) => errors.push(JSON.parse(payload.toString()) as ErrorMessage));
    await device.subscribeAsync(errorsTopic('bad'), { qos: 1 });
  });
  afterEach(async () => {
    device.end(true);
    // The neighbour's reading goes through at once, on the connection that it had all the time.
    const ts = Date.now();
    await neighbour.publishAsync(telemetryTopic('good'), JSON.stringify({ ts, values: { conc: 1 } }), {
      qos: 1,
    });
    await eventually(
      () => api.history('good.conc', ts, ts + 1),
      ({ points }) => points.length === 1,
      "the neighbour's reading",
    );
    expect(neighbour.connected).toBe(true);
    expect(centre.server.pid).toBe(pid);
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  const letters = async (): Promise<readonly DeadLetterView[]> =>
    (await api.get<Page<DeadLetterView>>('/dead-letters?limit=1000')).items;

  it.each([
    ['malformed JSON', '{"values":{"conc":1'],
    ['NaN', '{"values":{"conc":NaN}}'],
    ['a number that no double can hold', '{"values":{"conc":1e999}}'],
    ['deep nesting', `{"values":${'['.repeat(5_000)}1${']'.repeat(5_000)}}`],
    ['an unknown point', '{"values":{"temperature":1}}'],
    ['a wrong type', '{"values":{"conc":"high"}}'],
    ['a prototype key', '{"values":{"__proto__":1}}'],
    ['no values', '{"conc":1}'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ])('answers %s on errors, acknowledges it, and keeps it as a dead letter', async (_what, payload) => {
    const before = (await letters()).length;
    await device.publishAsync(telemetryTopic('bad'), payload, { qos: 1 });
    const [answer] = await eventually(
      () => errors,
      (all) => all.length > 0,
      'an answer on errors',
    );
    expect(answer).toMatchObject({ topic: telemetryTopic('bad') });
    expect(answer?.code).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(answer?.message.length).toBeGreaterThan(10);
    const kept = await eventually(letters, (all) => all.length > before, 'a dead letter');
    expect(kept[0]).toMatchObject({ deviceId: 'bad', code: answer?.code });
    const history = await api.history('bad.conc', 0, Date.now() + 60_000);
    expect(history.points).toEqual([]);
  });

  it('refuses a wildcard subscription and one under another device', async () => {
    for (const filter of ['#', 'watchfire/v1/devices/+/telemetry', errorsTopic('good'), '$SYS/#']) {
      await expect(device.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    }
  });

  it('stores nothing that a device publishes under another id', async () => {
    const ts = Date.now() - 5_000;
    const forged = JSON.stringify({ ts, values: { conc: 99 } });
    await Promise.race([
      device.publishAsync(telemetryTopic('good'), forged, { qos: 1 }).catch(() => undefined),
      closed(device),
    ]);
    const answered = await eventually(
      letters,
      (all) => all.some(({ topic }) => topic === telemetryTopic('good')),
      'the refusal',
    );
    expect(answered[0]).toMatchObject({ deviceId: 'bad' });
    expect((await api.history('good.conc', ts, ts + 1)).points).toEqual([]);
  });

  it('cuts a packet of 10 MB at its header', async () => {
    const cut = closed(device);
    device.publish(telemetryTopic('bad'), Buffer.alloc(10_000_000, 0x20), { qos: 1 });
    await cut;
  });

  it('refuses wrong passwords, no password, and unknown devices', async () => {
    const wrong = [
      { username: 'bad', password: 'wrong' },
      { username: 'nobody', password: bad.credential.password },
      {},
    ];
    for (const credential of wrong) {
      await expect(
        connectAsync(centre.server.mqttUrl, { ...credential, reconnectPeriod: 0 }, false),
      ).rejects.toThrow();
    }
  });

  it('cuts a socket that says anything before CONNECT', async () => {
    const { hostname, port } = new URL(centre.server.mqttUrl);
    const socket = connectSocket(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: example\r\n\r\n');
    await once(socket, 'close');
  });
});
