import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Alarm, type AlarmEvent, type FloodView, type Page, telemetryTopic } from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';

const DEVICES = 4;
const WINDOW_MS = 6_000;
const CONFIGURATION = `figures:\n  limits: { floodBegin: ${DEVICES}, floodEnd: 2, floodWindowMinutes: ${WINDOW_MS / 60_000} }\n`;

describe('a flood of alarms on a running server', () => {
  let folder: string;
  let centre: Centre;
  let api: ApiClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-flood-'));
    const path = join(folder, 'config.yaml');
    await writeFile(path, CONFIGURATION);
    centre = await Centre.start({ env: { WATCHFIRE_CONFIG: path } });
    api = await centre.signIn();
  }, 60_000);
  afterAll(async () => {
    await centre.end();
    await rm(folder, { recursive: true, force: true });
  });

  const floods = async (query = ''): Promise<readonly FloodView[]> =>
    (await api.get<Page<FloodView>>(`/floods?${query}`)).items;

  it('[AL137] begins once, is the same after kill -9, and ends by itself with a summary', async () => {
    const { siteId } = await api.createSite();
    for (let n = 0; n < DEVICES; n++) {
      const { deviceId, credential } = await api.createDevice(siteId, 'gas.lel.point', `gas-${n}`);
      const mqtt = await centre.connect(credential);
      await mqtt.publishAsync(telemetryTopic(deviceId), '{"values":{"conc":32}}', { qos: 1 });
      mqtt.end(true);
    }
    const begun = await eventually(
      floods,
      ({ length }) => length === 2,
      'floods of the site and of the centre',
    );
    expect(begun.map((flood) => flood.siteId).sort()).toEqual(['', siteId].sort());
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();

    const over = await eventually(
      () => floods('present=false'),
      ({ length }) => length === 2,
      'their end',
      30_000,
    );
    for (const { alarmId, flood } of over) {
      const before = begun.find((one) => one.alarmId === alarmId)?.flood;
      expect(flood).toMatchObject({
        from: before?.from,
        announced: DEVICES,
        byClass: { gas: DEVICES },
        sources: DEVICES,
      });
      expect(flood.firstOut).toEqual(before?.firstOut);
      expect((flood.to ?? 0) - flood.firstOut.at).toBeLessThanOrEqual(
        flood.from - flood.firstOut.at + WINDOW_MS,
      );
      const alarm = await api.get<Alarm>(`/alarms/${alarmId ?? ''}`);
      expect(alarm).toMatchObject({ class: 'system', state: 'RTNUN', clearedAt: flood.to, flood });
      const { items } = await api.get<Page<AlarmEvent>>(`/alarms/${alarmId ?? ''}/events`);
      // Whether the server says again what waits before or after the end depends on how fast it was back.
      const own = items.map(({ type }) => type).filter((type) => type !== 'restated');
      expect(own).toEqual(['raised', 'returned']);
    }
  }, 90_000);
});
