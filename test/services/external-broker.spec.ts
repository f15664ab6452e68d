import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CommandView,
  type ErrorMessage,
  errorsTopic,
  type NewDeviceReply,
  type Page,
  telemetryTopic,
} from '@watchfire/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { newClient } from 'sparkplug-client';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { historyOf, publishStream } from '../support/device-stream.js';
import { eventually } from '../support/eventually.js';
import { Mosquitto, mosquittoMissing } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/server-process.js';

const title = 'behind a Mosquitto';
const suite = mosquittoMissing === undefined ? describe : describe.skip;

const CONFIG = `mqtt:
  external:
    username: centre
    filters:
      - watchfire/v1/devices/+/telemetry
      - watchfire/v1/devices/+/commands/+/reply
      - spBv1.0/+/NBIRTH/+
      - spBv1.0/+/NDATA/+
`;
/** As docs/devices.md has them, with somebody who speaks for all devices of these tests but one. */
const RIGHTS = `user centre
topic readwrite watchfire/#
topic readwrite spBv1.0/#
user field
topic readwrite #
pattern write watchfire/v1/devices/%u/telemetry
pattern write watchfire/v1/devices/%u/events
pattern write watchfire/v1/devices/%u/commands/+/reply
pattern read watchfire/v1/devices/%u/errors
pattern read watchfire/v1/devices/%u/commands/+
`;
const GAS_6 = { username: 'gas-6', password: 'password-of-gas-6' };
const FIELD = { username: 'field', password: 'password-of-the-field' };
const CENTRE_PASSWORD = 'password-of-the-centre';
const STREAM = 200;

suite(mosquittoMissing === undefined ? title : `${title} (skipped: ${mosquittoMissing})`, () => {
  let broker: Mosquitto;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let centre: Centre;
  let api: ApiClient;
  /** The devices' side: who may say what is that broker's business. */
  let field: MqttClient;
  const base = Date.now() - 3_600_000;

  beforeAll(async () => {
    const accounts = {
      centre: CENTRE_PASSWORD,
      [FIELD.username]: FIELD.password,
      [GAS_6.username]: GAS_6.password,
    };
    broker = await Mosquitto.start(accounts, RIGHTS);
    folder = await temporaryFolder();
    const config = join(folder.path, 'watchfire.yaml');
    await writeFile(config, CONFIG);
    centre = await Centre.start({
      env: {
        WATCHFIRE_CONFIG: config,
        WATCHFIRE_EXTERNAL_BROKER: broker.url,
        WATCHFIRE_EXTERNAL_BROKER_PASSWORD: CENTRE_PASSWORD,
      },
    });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    for (const deviceId of ['gas-1', 'gas-2', 'gas-3', 'gas-4', 'gas-5', 'gas-6', 'node-1']) {
      const made: NewDeviceReply = await api.createDevice(siteId, 'gas.lel.point', deviceId);
      expect(made.deviceId).toBe(deviceId);
    }
    await ready();
    field = await connectAsync(broker.url, { ...FIELD, reconnectPeriod: 100 });
    field.on('error', () => undefined);
  }, 90_000);
  afterAll(async () => {
    field?.end(true);
    await centre?.end();
    await broker?.dispose();
    await folder?.remove();
  });

  const readiness = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${centre.server.url}/health/ready`);
    return { status: response.status, text: await response.text() };
  };
  const ready = (): Promise<unknown> =>
    eventually(readiness, ({ status }) => status === 200, 'ready', 30_000);
  const timesOf = (points: readonly (readonly [number, ...unknown[]])[]): number[] =>
    points.map(([ts]) => ts);

  it('[IN50] brings two streams at once into history, each reading once and in its order', async () => {
    const message = (n: number): object => ({ ts: base + n, values: { conc: n % 20 } });
    await Promise.all(
      ['gas-1', 'gas-2'].map((id) => publishStream(field, telemetryTopic(id), STREAM, message)),
    );
    for (const id of ['gas-1', 'gas-2']) {
      const points = await historyOf(api, `${id}.conc`, STREAM);
      expect(points.map(([ts, value]) => [ts, value])).toEqual(
        Array.from({ length: STREAM }, (_, n) => [base + n, n % 20]),
      );
    }
  }, 60_000);

  it('[IN50] loses nothing to kill -9 in the middle of a stream, and stores nothing twice', async () => {
    const ROUNDS = 2;
    // By time, and by number: without a time of the device a copy could be told by nothing but boot and seq.
    const timed = (round: number) => (n: number) => ({ ts: base + round * STREAM + n, values: { conc: 1 } });
    const numbered = (round: number) => (n: number) => ({
      boot: 'b',
      seq: round * STREAM + n,
      values: { conc: round * STREAM + n },
    });
    for (let round = 0; round < ROUNDS; round++) {
      const before = (await historyOf(api, 'gas-3.conc', 0)).length;
      const published = Promise.all([
        publishStream(field, telemetryTopic('gas-3'), STREAM, timed(round)),
        publishStream(field, telemetryTopic('gas-4'), STREAM, numbered(round)),
      ]);
      await historyOf(api, 'gas-3.conc', before + 1);
      await centre.server.kill9();
      await published;
      await centre.startAgain();
      api = await centre.signIn();
      const total = (round + 1) * STREAM;
      const times = timesOf(await historyOf(api, 'gas-3.conc', total));
      expect(times).toEqual(Array.from({ length: total }, (_, n) => base + n));
    }
    const last = ROUNDS * STREAM - 1;
    const values = await eventually(
      async () => (await historyOf(api, 'gas-4.conc', 1)).map(([, value]) => Number(value)),
      (all) => all.at(-1) === last,
      'the last number',
    );
    expect(new Set(values).size).toBe(values.length);
  }, 120_000);

  it('[IN52] tells readiness why, while the broker is away, and needs no restart when it is back', async () => {
    await broker.stop();
    const away = await eventually(readiness, ({ status }) => status === 503, 'not ready');
    expect(away.text).toContain(`127.0.0.1:${broker.port}`);
    await eventually(readiness, ({ text }) => text.includes('ECONNREFUSED'), 'the reason');
    await broker.startAgain();
    await ready();
    await eventually(
      () => field.connected,
      (connected) => connected,
      'the field is back',
    );
    await field.publishAsync(telemetryTopic('gas-1'), `{"ts":${base - 1},"values":{"conc":7}}`, { qos: 1 });
    const [first] = await historyOf(api, 'gas-1.conc', STREAM + 1);
    expect(first?.slice(0, 2)).toEqual([base - 1, 7]);
  }, 60_000);

  it('answers what it cannot use on errors, and acknowledges it', async () => {
    const answered = new Promise<ErrorMessage>((resolve) => {
      field.on('message', (topic, payload) => {
        if (topic === errorsTopic('gas-2')) resolve(JSON.parse(payload.toString()) as ErrorMessage);
      });
    });
    await field.subscribeAsync(errorsTopic('gas-2'), { qos: 1 });
    await field.publishAsync(telemetryTopic('gas-2'), '{"values":{"nonsense":1}}', { qos: 1 });
    expect(await answered).toMatchObject({ code: 'unknown_point', topic: telemetryTopic('gas-2') });
    await field.publishAsync(telemetryTopic('gas-2'), `{"ts":${base - 1},"values":{"conc":8}}`, { qos: 1 });
    expect(await historyOf(api, 'gas-2.conc', STREAM + 1)).toHaveLength(STREAM + 1);
  }, 60_000);

  it('[IN51] is told by a device what its own topics say, where the rights of the broker bind them', async () => {
    // Mosquitto 2.0.11 acknowledges what it drops, and closes the connection behind it.
    const device = await connectAsync(broker.url, { ...GAS_6, reconnectPeriod: 100 });
    const answered = new Promise<string>((resolve) => device.on('message', (topic) => resolve(topic)));
    await device.subscribeAsync(errorsTopic('gas-6'), { qos: 1 });
    const say = (id: string, ts: number): Promise<unknown> =>
      device.publishAsync(telemetryTopic(id), JSON.stringify({ ts, values: { conc: 6, no: 1 } }), { qos: 1 });
    // In this order: when the second is there, the first, which that broker drops, would have been.
    await say('gas-5', base - 5);
    await say('gas-6', base);
    expect(await historyOf(api, 'gas-6.conc', 1)).toEqual([[base, 6]]);
    expect((await api.history('gas-5.conc', base - 5, base)).points).toEqual([]);
    expect(await answered).toBe(errorsTopic('gas-6'));
    device.end(true);
  });

  it('[IN51] keeps what comes from nobody that is registered as a dead letter', async () => {
    await field.publishAsync(telemetryTopic('nobody'), '{"values":{"conc":1}}', { qos: 1 });
    await eventually(
      () => api.get<Page<{ code: string; topic: string }>>('/dead-letters?limit=100'),
      ({ items }) => items.some(({ code, topic }) => code === 'unknown_device' && topic.includes('/nobody/')),
      'a dead letter',
    );
  });

  it('[IN53] sends a command that waits as soon as the device has said something, and takes its reply', async () => {
    await field.subscribeAsync('watchfire/v1/devices/gas-5/commands/+', { qos: 1 });
    field.on('message', (topic, payload) => {
      if (!topic.startsWith('watchfire/v1/devices/gas-5/commands/') || topic.endsWith('/reply')) return;
      expect(JSON.parse(payload.toString())).toMatchObject({ command: 'silence' });
      field.publish(`${topic}/reply`, '{"ok":true,"data":{"silenced":true}}', { qos: 1 });
    });
    const asked = await api.post<CommandView>('/devices/gas-5/commands', {
      command: 'silence',
      reason: 'test of the way down',
    });
    const state = async (id: string): Promise<CommandView | undefined> =>
      (await api.get<Page<CommandView>>('/devices/gas-5/commands')).items.find((each) => each.id === id);
    expect(await state(asked.id)).toMatchObject({ state: 'accepted' });
    await field.publishAsync(telemetryTopic('gas-5'), '{"values":{"conc":1}}', { qos: 1 });
    const done = await eventually(
      () => state(asked.id),
      (command) => command?.state === 'succeeded',
      'the reply',
    );
    expect(done).toMatchObject({ reply: { ok: true, data: { silenced: true } } });
  }, 60_000);

  it('[IN54] is the host of Sparkplug there: its state is retained, and a node that is born is heard', async () => {
    const state = new Promise<unknown>((resolve) => {
      field.on('message', (topic, payload) => {
        if (topic === 'spBv1.0/STATE/watchfire') resolve(JSON.parse(payload.toString()));
      });
    });
    await field.subscribeAsync('spBv1.0/STATE/watchfire', { qos: 1 });
    expect(await state).toMatchObject({ online: true });
    const node = newClient({
      serverUrl: broker.url,
      ...FIELD,
      groupId: 'plant',
      edgeNode: 'node-1',
      clientId: 'node-1',
    });
    const timestamp = Date.now() - 1_000;
    node.on('birth', () => {
      node.publishNodeBirth({
        timestamp,
        metrics: [{ name: 'conc', type: 'Double', value: 12.5, timestamp }],
      });
    });
    const points = await historyOf(api, 'node-1.conc', 1);
    expect(points[0]?.slice(0, 2)).toEqual([timestamp, 12.5]);
    node.stop();
  }, 60_000);
});
