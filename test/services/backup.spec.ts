import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AlarmEvent, type NewDeviceReply, type Page, telemetryTopic } from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { backupProgram, deployScript } from '../support/backup.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { influxSum } from '../support/influx-sums.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { runProgram } from '../support/program.js';
import { temporaryFolder } from '../support/server-process.js';

const title = 'deploy/backup.sh and deploy/restore.sh with InfluxDB 1.x';
const suite = influxdMissing === undefined ? describe : describe.skip;
const POINT = 'gas-1.conc';

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let influxd: Influxd;
  let centre: Centre;
  let api: ApiClient;
  let device: NewDeviceReply;
  const FIRST_TS = Date.now() - 3_600_000;
  const ended: (() => Promise<unknown>)[] = [];

  const onInflux = (to: Influxd) => ({
    env: {
      WATCHFIRE_HISTORY: 'influxdb',
      WATCHFIRE_INFLUX_URL: to.url,
      WATCHFIRE_INFLUX_API: 'v1',
      WATCHFIRE_INFLUX_BUCKET: 'watchfire',
    },
  });
  async function startedInfluxd(): Promise<Influxd> {
    const started = await startInfluxd();
    ended.push(() => started.dispose());
    return started;
  }
  async function startedCentre(options: Parameters<typeof Centre.start>[0]): Promise<Centre> {
    const started = await Centre.start(options);
    ended.push(() => started.end());
    return started;
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    influxd = await startedInfluxd();
    centre = await startedCentre(onInflux(influxd));
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    device = await api.createDevice(siteId, 'gas.lel.point', 'gas-1');
  }, 60_000);
  afterAll(async () => {
    for (const end of ended.reverse()) await end();
    await folder.remove();
  }, 60_000);

  /** Publishes one number after the other, all of an alarm; every twentieth time it is commented on, which is a transition. */
  async function publishing() {
    const mqtt = await centre.connect(device.credential);
    const state = { acknowledged: 0 };
    let stopped = false;
    const done = (async () => {
      while (!stopped) {
        const n = state.acknowledged;
        const message = { values: { conc: 60 + n / 1_000_000 }, ts: FIRST_TS + n * 10 };
        await mqtt.publishAsync(telemetryTopic('gas-1'), JSON.stringify(message), { qos: 1 });
        state.acknowledged += 1;
        if (n % 20 === 19) await comment(n);
      }
      mqtt.end(true);
    })();
    const stop = async (): Promise<void> => {
      stopped = true;
      await done;
    };
    return { state, stop };
  }
  async function comment(n: number): Promise<void> {
    const [alarm] = await api.alarms();
    await api.post(`/alarms/${alarm!.id}/comment`, { comment: `number ${n}` });
  }
  const read = async (): Promise<number[]> =>
    (await api.history(POINT, FIRST_TS - 1, Date.now() + 60_000)).points.map(([ts]) => (ts - FIRST_TS) / 10);
  const eventsOf = async (alarmId: string): Promise<string[]> =>
    (await api.get<Page<AlarmEvent>>(`/alarms/${alarmId}/events?limit=1000`)).items.map(
      ({ eventId }) => eventId,
    );
  const allEvents = async (): Promise<string[]> => {
    const alarms = await api.alarms('state=all');
    return (await Promise.all(alarms.map(({ id }) => eventsOf(id)))).flat();
  };

  it('[BK1][BK2][BK3][BK6] bring back everything acknowledged before, once, and InfluxDB goes on from there', async () => {
    const stream = await publishing();
    await eventually(
      () => stream.state.acknowledged,
      (count) => count > 250,
      'readings',
    );
    const { acknowledged: before } = stream.state;
    const eventsBefore = await allEvents();
    expect(eventsBefore.length).toBeGreaterThan(10);

    const taken = join(folder.path, 'backup');
    const environment = { WATCHFIRE_DATA: centre.options.data, INFLUX_BACKUP_HOST: influxd.backupHost };
    const took = await deployScript('backup', environment, ['--influxdb', '1', taken]);
    expect(took).toMatchObject({ code: 0, output: expect.stringContaining('Backup taken') });
    // Nothing of it waited for the readings to end.
    await eventually(
      () => stream.state.acknowledged,
      (count) => count > before + 100,
      'more readings',
    );
    await stream.stop();

    // The machine and the one with InfluxDB are lost.
    await centre.server.kill9();
    await influxd.dispose();
    influxd = await startedInfluxd();
    const data = join(folder.path, 'restored');
    await mkdir(data);
    const back = { WATCHFIRE_DATA: data, INFLUX_BACKUP_HOST: influxd.backupHost };
    expect(await deployScript('restore', back, ['--influxdb', '1', taken])).toMatchObject({ code: 0 });

    centre = await startedCentre({ ...onInflux(influxd), data });
    api = await centre.signIn();
    const numbers = await read();
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index));
    expect(numbers.length).toBeGreaterThanOrEqual(before);
    expect(await allEvents()).toEqual(expect.arrayContaining(eventsBefore));

    const again = await publishing();
    await eventually(
      () => again.state.acknowledged,
      (count) => count > 120,
      'readings after the restore',
    );
    await again.stop();
    await everythingOnceInInfluxDb();
  }, 120_000);

  /** What the server answers is what InfluxDB has: each reading and each transition once. */
  async function everythingOnceInInfluxDb(): Promise<void> {
    const numbers = await read();
    await eventually(
      () => influxSum(influxd, 'telemetry', 'v', `"point" = '${POINT}'`),
      ({ count }) => count === numbers.length,
      'the readings in InfluxDB',
      60_000,
    );
    const asked = '&every=60000&fn=count';
    const { points } = await api.history(POINT, FIRST_TS - 1, Date.now() + 60_000, asked);
    expect(points.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(numbers.length);
    const events = await allEvents();
    expect(new Set(events).size).toBe(events.length);
    const inInflux = await eventually(
      () => influxSum(influxd, 'alarm_event', 'seq'),
      ({ count }) => count >= events.length,
      'the transitions in InfluxDB',
    );
    // Sequence numbers from 1 on without a hole and without a double have this sum, and no other.
    expect(inInflux.sum).toBe((inInflux.count * (inInflux.count + 1)) / 2);
  }

  it('[BK9] bring back InfluxDB alone, and what came since is sent again', async () => {
    await centre.server.terminate();
    await influxd.dispose();
    influxd = await startedInfluxd();
    const taken = join(folder.path, 'backup');
    const { data } = centre.options;
    const back = [
      'restore',
      '-portable',
      '-db',
      'watchfire',
      '-host',
      influxd.backupHost,
      `${taken}/influxdb`,
    ];
    expect(await runProgram('influxd', back)).toMatchObject({ code: 0 });
    expect(await backupProgram(data, 'resend', taken)).toMatchObject({ code: 0 });
    centre = await startedCentre({ ...onInflux(influxd), data });
    api = await centre.signIn();
    await everythingOnceInInfluxDb();
  }, 120_000);

  it('[BK5] refuse a backup whose InfluxDB was changed', async () => {
    const data = join(folder.path, 'elsewhere');
    await mkdir(data);
    const verify = await backupProgram(data, 'verify', join(folder.path, 'backup'));
    expect(verify).toMatchObject({ code: 0, output: expect.stringContaining('Backup whole') });
    const influxFolder = join(folder.path, 'backup/influxdb');
    const [file] = await readdir(influxFolder);
    await appendFile(join(influxFolder, file!), ' ');
    const environment = { WATCHFIRE_DATA: data, INFLUX_BACKUP_HOST: influxd.backupHost };
    const refused = await deployScript('restore', environment, [
      '--influxdb',
      '1',
      join(folder.path, 'backup'),
    ]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('was changed') });
  }, 60_000);
});
