import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AlarmEvent, type NewDeviceReply, type Page, telemetryTopic } from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';

const title = 'the server with its history in InfluxDB 1.x';
const suite = influxdMissing === undefined ? describe : describe.skip;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let centre: Centre;
  let api: ApiClient;
  let detector: NewDeviceReply;

  beforeAll(async () => {
    influxd = await startInfluxd();
    centre = await Centre.start({
      env: {
        WATCHFIRE_HISTORY: 'influxdb',
        WATCHFIRE_INFLUX_URL: influxd.url,
        WATCHFIRE_INFLUX_API: 'v1',
        WATCHFIRE_INFLUX_BUCKET: 'watchfire',
      },
    });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    detector = await api.createDevice(siteId, 'gas.lel.point', 'gas-1');
  }, 60_000);
  afterAll(async () => {
    await centre.end();
    await influxd.dispose();
  });

  async function publish(values: readonly number[]): Promise<void> {
    const mqtt = await centre.connect(detector.credential);
    for (const conc of values) {
      await mqtt.publishAsync(telemetryTopic('gas-1'), JSON.stringify({ values: { conc } }), { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 2)); // Receive times, the identity here, are milliseconds.
    }
    mqtt.end(true);
  }
  const values = async (): Promise<unknown[]> =>
    (await api.history('gas-1.conc', Date.now() - 600_000, Date.now() + 60_000)).points.map(
      ([, value]) => value,
    );

  it('writes readings and alarm events, and answers from them', async () => {
    await publish([1, 32, 61]);
    await eventually(values, (all) => all.length === 3, 'three readings');
    const [alarm] = await api.alarms('state=unacknowledged');
    const events = await eventually(
      () => api.get<Page<AlarmEvent>>(`/alarms/${alarm?.id}/events`),
      ({ items }) => items.length === 2,
      'two alarm events',
    );
    expect(events.items.map(({ type }) => type)).toEqual(['raised', 'level-changed']);
  }, 60_000);

  it('goes on while InfluxDB is killed, and brings everything after it', async () => {
    await influxd.kill();
    await publish([2, 33, 62]);
    const [alarm] = await api.alarms('state=unacknowledged');
    const { eventId } = alarm ?? {};
    expect(await api.post(`/alarms/${alarm?.id}/acknowledge`, { eventId })).toMatchObject({ state: 'ACKED' });
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    await influxd.start();
    await eventually(values, (all) => all.length === 6, 'six readings', 60_000);
    expect(await values()).toEqual([1, 32, 61, 2, 33, 62]);
    const events = await eventually(
      () => api.get<Page<AlarmEvent>>(`/alarms/${alarm?.id}/events`),
      ({ items }) => items.length === 3,
      'the acknowledgement in InfluxDB',
    );
    expect(events.items.at(-1)).toMatchObject({ type: 'acknowledged', actor: 'admin' });
  }, 120_000);
});
