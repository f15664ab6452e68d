import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type AlarmEvent,
  type DeadLetterView,
  type NewDeviceReply,
  type Page,
  type ServerHealth,
  telemetryTopic,
} from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { publishStream } from '../support/device-stream.js';
import { eventually } from '../support/eventually.js';
import { type InfluxSum, influxSum } from '../support/influx-sums.js';
import { temporaryFolder } from '../support/server-process.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';

const title = 'the server with its history in InfluxDB 1.x';
const suite = influxdMissing === undefined ? describe : describe.skip;
const DAY = 86_400_000;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let centre: Centre;
  let api: ApiClient;
  let detector: NewDeviceReply;
  let settings: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    influxd = await startInfluxd();
    settings = await temporaryFolder();
    const config = join(settings.path, 'watchfire.yaml');
    await writeFile(config, 'history:\n  influx:\n    backlogAlarmMinutes: 0.1\n');
    centre = await Centre.start({
      env: {
        WATCHFIRE_CONFIG: config,
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
    await settings.remove();
  });

  const published: number[] = [];
  /** Device times, the identity of a sample, are a millisecond apart. */
  let ts = Date.now() - 60_000;

  async function publish(values: readonly number[]): Promise<void> {
    const mqtt = await centre.connect(detector.credential);
    await publishStream(mqtt, telemetryTopic('gas-1'), values.length, (n) => ({
      ts: ts + n,
      values: { conc: values[n] },
    }));
    ts += values.length;
    published.push(...values);
    mqtt.end(true);
  }
  const values = async (): Promise<unknown[]> =>
    (await api.history('gas-1.conc', Date.now() - 600_000, Date.now() + 60_000)).points.map(
      ([, value]) => value,
    );
  const expected = (): InfluxSum => ({
    count: published.length,
    sum: published.reduce((sum, value) => sum + value, 0),
  });
  const samplesThere = (): Promise<InfluxSum> =>
    influxSum(influxd, 'telemetry', 'v', `"point" = 'gas-1.conc'`);
  const transitionsThere = (): Promise<InfluxSum> => influxSum(influxd, 'alarm_event', 'seq');
  const all = (): Promise<Page<Alarm> & { incomplete?: unknown }> => api.get('/alarms?state=all&limit=100');

  /** Every transition of every alarm, as the server tells them. */
  async function transitions(): Promise<InfluxSum> {
    let [count, sum] = [0, 0];
    for (const { id } of (await all()).items) {
      const { items } = await api.get<Page<AlarmEvent>>(`/alarms/${id}/events?limit=100`);
      count += items.length;
      sum += items.reduce((total, { offset }) => total + offset, 0);
    }
    return { count, sum };
  }

  it('[HI43] brings readings and alarm events there', async () => {
    await publish([1]);
    await publish([32]);
    await publish([61]);
    await eventually(values, (there) => there.length === 3, 'three readings');
    const [alarm] = await api.alarms('state=unacknowledged');
    const events = await api.get<Page<AlarmEvent>>(`/alarms/${alarm?.id}/events`);
    expect(events.items.map(({ type }) => type)).toEqual(['raised', 'level-changed']);
    await eventually(samplesThere, ({ count }) => count === 3, 'three samples in InfluxDB');
    await eventually(transitionsThere, ({ count }) => count === 2, 'two transitions in InfluxDB');
  }, 60_000);

  it('[HI42] goes on without InfluxDB, also over a kill -9, and says what it may lack', async () => {
    await influxd.kill();
    await publish([2]);
    await publish([33]);
    await publish([62]);
    const [alarm] = await api.alarms('state=unacknowledged');
    const { eventId } = alarm ?? {};
    expect(await api.post(`/alarms/${alarm?.id}/acknowledge`, { eventId })).toMatchObject({ state: 'ACKED' });
    await publish(Array.from({ length: 500 }, (_, n) => 60 + (n % 40)));
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    await publish(Array.from({ length: 500 }, (_, n) => (n * 7) % 20));
    await eventually(values, (there) => there.length === published.length, 'all readings, without InfluxDB');
    expect(await values()).toEqual(published);
    const events = await api.get<Page<AlarmEvent>>(`/alarms/${alarm?.id}/events`);
    expect(events.items.map(({ type }) => type)).toEqual(expect.arrayContaining(['raised', 'acknowledged']));
    const older = await api.history('gas-1.conc', Date.now() - 3 * DAY, Date.now() + 60_000);
    expect(older.points).toHaveLength(published.length);
    expect(older.incomplete).toMatchObject({ before: expect.any(Number), reason: expect.any(String) });
    const list = await all();
    expect(list.items.map(({ id }) => id)).toContain(alarm?.id);
    expect(list.incomplete).toBeDefined();
  }, 120_000);

  const backlogAlarm = async (): Promise<Alarm | undefined> =>
    (await api.alarms('state=all')).find(({ rule }) => rule === 'server:history-backlog');

  it('[HI46] is ready, says how far InfluxDB is behind, and alarms the centre', async () => {
    expect((await fetch(`${centre.server.url}/health/ready`)).status).toBe(200);
    const { influx } = await api.get<ServerHealth>('/server/health');
    expect(influx).toMatchObject({ up: false, failure: { code: 'unreachable' } });
    expect(influx?.records).toBeGreaterThanOrEqual(1_000);
    const metrics = await (await fetch(`${centre.server.url}/metrics`)).text();
    expect(metrics).toMatch(/^watchfire_influx_up 0$/m);
    expect(metrics).toMatch(/^watchfire_influx_backlog_records [1-9]\d{3}$/m);
    const alarm = await eventually(
      backlogAlarm,
      (one) => one?.active === true,
      'the alarm of the backlog',
      30_000,
    );
    expect(alarm).toMatchObject({
      class: 'system',
      siteId: '',
      messageEn: expect.stringContaining('behind'),
    });
  }, 120_000);

  it('[HI43] has everything there exactly once when InfluxDB is back', async () => {
    await influxd.start();
    await eventually(samplesThere, ({ count }) => count >= published.length, 'all samples', 90_000);
    await eventually(backlogAlarm, (one) => one?.active === false, 'the end of the backlog', 30_000);
    const told = await transitions();
    await eventually(transitionsThere, ({ count }) => count >= told.count, 'all transitions', 90_000);
    expect(await samplesThere()).toEqual(expected());
    expect(await transitionsThere()).toEqual(told);
    await eventually(all, ({ incomplete }) => incomplete === undefined, 'nothing lacking', 30_000);
  }, 200_000);

  it('[HI47] shows the lines that InfluxDB refuses, and writes them again when the cause is gone', async () => {
    const drop = async (): Promise<void> => {
      const q = new URLSearchParams({ db: 'watchfire', q: 'DROP MEASUREMENT "alarm_event"' });
      const answer = await fetch(`${influxd.url}/query`, { method: 'POST', body: q });
      expect(await answer.text()).not.toContain('error');
    };
    await drop();
    const other = { method: 'POST', body: 'alarm_event,class=other severity="a text"' };
    const taken = await fetch(`${influxd.url}/write?db=watchfire&rp=alarms`, other);
    expect([taken.status, await taken.text()]).toEqual([204, '']);
    const [alarm] = await api.alarms('state=active');
    await api.post(`/alarms/${alarm?.id}/comment`, { comment: '试验' });
    const letters = (): Promise<Page<DeadLetterView>> => api.get('/dead-letters?limit=10');
    const { items } = await eventually(letters, (page) => page.total > 0, 'a dead letter');
    expect(items[0]).toMatchObject({ code: 'influx_refused', topic: 'influxdb' });
    expect(items[0]?.message).toContain('field type conflict');
    expect(items[0]?.payload).toContain('alarm_event,class=');
    const replay = (): Promise<{ status: number }> =>
      api.request('POST', `/dead-letters/${items[0]?.id}/replay`, {});
    expect((await replay()).status).toBe(422);
    await drop();
    expect((await replay()).status).toBe(200);
    expect((await transitionsThere()).count).toBe(1);
  }, 60_000);
});
