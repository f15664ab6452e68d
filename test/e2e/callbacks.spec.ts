import { createHmac, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CallbackReply,
  type DeadLetterView,
  type Page,
  type ProblemDetails,
  type QuarantineView,
} from '@watchfire/contracts';
import { connectAsync } from 'mqtt';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/server-process.js';

const SECRET = 'secret-of-the-platform';

/** A platform that pushes over HTTP what its devices say. */
describe('a platform that pushes', () => {
  let centre: Centre;
  let api: ApiClient;
  let siteId: string;
  let settings: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    settings = await temporaryFolder();
    const file = join(settings.path, 'own.yaml');
    const callback = { id: 'nb', format: 'watchfire', secret: SECRET, gatewayId: 'platform' };
    await writeFile(file, JSON.stringify({ callbacks: [callback] }));
    centre = await Centre.start({ env: { WATCHFIRE_CONFIG: file } });
    api = await centre.signIn();
    ({ siteId } = await api.createSite());
    await api.createDevice(siteId, 'gas.lel.point', 'platform');
    const behind = { siteId, gatewayId: 'platform', profile: 'gas.lel.point' };
    await api.post('/devices', { ...behind, name: '十七号', deviceId: 'gas-17', wireName: 'nb-17' });
  }, 60_000);
  afterAll(async () => {
    await centre.end();
    await settings.remove();
  });

  async function push(report: object, secret = SECRET) {
    const body = JSON.stringify(report);
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    const response = await fetch(`${centre.server.url}/api/v1/callbacks/nb`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-watchfire-timestamp': timestamp,
        'x-watchfire-signature': signature,
      },
      body,
    });
    return { status: response.status, body: (await response.json()) as CallbackReply & ProblemDetails };
  }
  const report = (ts: number, deviceId = 'nb-17') => ({
    eventId: randomUUID(),
    deviceId,
    telemetry: { values: { conc: 12.5 }, ts },
  });
  const points = async (deviceId: string, from: number) =>
    (await api.history(`${deviceId}.conc`, from, Date.now() + 60_000)).points;
  const quarantined = async (): Promise<readonly QuarantineView[]> =>
    (await api.get<Page<QuarantineView>>('/quarantine')).items;

  it('[CB7] finds its signed report in the history, once, even after the power has failed', async () => {
    const ts = Date.now();
    const sent = report(ts);
    expect(await push(sent)).toEqual({ status: 200, body: { reports: 1, repeated: 0, refused: 0 } });
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    expect(await push(sent)).toEqual({ status: 200, body: { reports: 1, repeated: 1, refused: 0 } });
    expect((await push(report(ts + 1))).body).toMatchObject({ repeated: 0 });
    const stored = await eventually(
      () => points('gas-17', ts),
      (all) => all.length > 1,
      'the reports',
    );
    expect(stored).toEqual([
      [ts, 12.5],
      [ts + 1, 12.5],
    ]);
    const letters = await api.get<Page<DeadLetterView>>('/dead-letters');
    expect(letters.items).toEqual([]);
  });

  it('[CB2] is refused without the secret, and nothing of it is stored', async () => {
    const ts = Date.now();
    const refused = await push(report(ts), 'of-somebody-else');
    expect([refused.status, refused.body.code]).toEqual([401, 'callback_distrusted']);
    const known = await push(report(ts + 1));
    expect(known.status).toBe(200);
    const stored = await eventually(
      () => points('gas-17', ts),
      (all) => all.length > 0,
      'the report with the secret',
    );
    expect(stored).toEqual([[ts + 1, 12.5]]);
    expect((await api.get<Page<DeadLetterView>>('/dead-letters')).total).toBe(0);
  });

  it('[CB9] brings unknown devices into quarantine, from where they are registered and their reports used', async () => {
    const ts = Date.now();
    expect(await push(report(ts, 'nb-99'))).toMatchObject({ status: 200, body: { refused: 1 } });
    const [stranger] = await eventually(quarantined, (all) => all.length > 0, 'the quarantine');
    expect(stranger).toMatchObject({ gatewayId: 'platform', wireName: 'nb-99', count: 1 });
    await api.post(`/quarantine/${stranger?.id}/register`, {
      siteId,
      profile: 'gas.lel.point',
      name: '九十九号',
      deviceId: 'gas-99',
    });
    expect(await quarantined()).toEqual([]);
    const [letter] = (await api.get<Page<DeadLetterView>>('/dead-letters')).items;
    expect(letter).toMatchObject({ code: 'unknown_child', topic: 'callbacks/watchfire/nb' });
    await api.post(`/dead-letters/${letter?.id}/replay`);
    await eventually(
      () => points('gas-99', ts),
      (all) => all.length === 1,
      'the report that was kept',
    );
  });

  it('[IN46] whom a gateway names over MQTT is in quarantine in the same way', async () => {
    const gateway = await api.createDevice(siteId, 'gas.lel.point', 'mqtt-gateway');
    const client = await connectAsync(centre.server.mqttUrl, { ...gateway.credential, reconnectPeriod: 0 });
    const payload = JSON.stringify({ 'Gas-5': [{ ts: Date.now(), values: { conc: 1 } }] });
    await client.publishAsync('v1/gateway/telemetry', payload, { qos: 1 });
    const [stranger] = await eventually(quarantined, (all) => all.length > 0, 'the quarantine');
    expect(stranger).toMatchObject({ gatewayId: 'mqtt-gateway', wireName: 'Gas-5' });
    await client.endAsync();
  });
});
