import { once } from 'node:events';
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AlarmEvent, type NewDeviceReply, type Page, telemetryTopic } from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { backupProgram } from '../support/backup.js';
import { Centre } from '../support/centre.js';
import { historyOf } from '../support/device-stream.js';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/server-process.js';

const DEVICE = 'gas-1';
const POINT = 'gas-1.conc';
const topic = telemetryTopic(DEVICE);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let centre: Centre;
let api: ApiClient;
let device: NewDeviceReply;
let ended: (() => Promise<unknown>)[];

beforeEach(async () => {
  ended = [];
  folder = await temporaryFolder();
  centre = await Centre.start();
  ended.push(() => centre.end());
  api = await centre.signIn();
  const { siteId } = await api.createSite();
  device = await api.createDevice(siteId, 'gas.lel.point', DEVICE);
}, 60_000);
afterEach(async () => {
  for (const end of ended.reverse()) await end();
  await folder.remove();
});

/** Publishes numbers from `from` on, one after the other, until told to stop; `acknowledged` counts what the server has taken. */
async function publishing(from: number) {
  const mqtt = await centre.connect(device.credential);
  const state = { acknowledged: 0 };
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      const value = from + state.acknowledged;
      const ts = Date.now() - 60_000 + state.acknowledged * 2;
      await mqtt.publishAsync(topic, JSON.stringify({ values: { conc: value / 1_000 }, ts }), { qos: 1 });
      state.acknowledged += 1;
    }
    mqtt.end(true);
  })();
  return {
    state,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}
const publish = async (values: readonly number[]): Promise<void> => {
  const mqtt = await centre.connect(device.credential);
  for (const conc of values) {
    await mqtt.publishAsync(topic, JSON.stringify({ values: { conc } }), { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, 2)); // Receive times, the identity here, are milliseconds.
  }
  mqtt.end(true);
};
const values = (points: readonly (readonly [number, unknown])[]): number[] =>
  points.map(([, value]) => Number(value));

/** The server on what a backup was restored to. */
async function restored(from: string): Promise<Centre> {
  const data = join(folder.path, 'restored');
  await mkdir(data);
  expect(await backupProgram(data, 'restore', from)).toMatchObject({ code: 0 });
  const again = await Centre.start({ data });
  ended.push(() => again.end());
  return again;
}

describe('a backup of a running server', () => {
  it('[BK1][BK6][BK7] has everything acknowledged before, alarms and people as they stood; the restored server goes on', async () => {
    await publish([30, 61]);
    const [alarm] = await eventually(
      () => api.alarms(),
      (all) => all.length === 1,
      'an alarm',
    );
    await api.post(`/alarms/${alarm!.id}/acknowledge`, { eventId: alarm!.eventId, comment: '已派人' });
    const person = { username: 'second', password: 'of-a-second-person' };
    await api.post('/users', { ...person, displayName: 'Second', role: 'operator' });
    const eventsBefore = await api.get<Page<AlarmEvent>>(`/alarms/${alarm!.id}/events`);

    const stream = await publishing(1);
    await eventually(
      () => stream.state.acknowledged,
      (count) => count > 50,
      'readings',
    );
    const { acknowledged: before } = stream.state;
    const taken = join(folder.path, 'backup');
    expect(await backupProgram(centre.options.data, 'take', taken)).toMatchObject({ code: 0 });
    expect(stream.state.acknowledged).toBeGreaterThan(before);
    await stream.stop();
    await publish([7]); // After the backup: lost with the disk.
    await centre.server.kill9();

    centre = await restored(taken);
    api = await centre.signIn();
    const points = values(await historyOf(api, POINT, before + 2));
    expect(points).not.toContain(7);
    const expected = Array.from({ length: points.length - 2 }, (_, index) => (index + 1) / 1_000);
    expect(points.toSorted((a, b) => a - b)).toEqual([...expected, 30, 61].sort((a, b) => a - b));
    expect(points.length).toBeGreaterThanOrEqual(before + 2);
    expect(await api.alarms()).toMatchObject([{ id: alarm!.id, acked: true, ackedBy: 'admin' }]);
    const events = await api.get<Page<AlarmEvent>>(`/alarms/${alarm!.id}/events`);
    expect(events.items.slice(0, eventsBefore.items.length)).toMatchObject(
      eventsBefore.items.map(({ eventId, type }) => ({ eventId, type })),
    );
    await centre.signIn(person.username, person.password);
    const audit = await api.get<Page<{ action: string }>>('/audit?limit=100');
    const actions = audit.items.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['backup-taken', 'backup-restored']));

    await publish([0.5, 62]);
    expect(values(await historyOf(api, POINT, points.length + 2))).toEqual(expect.arrayContaining([0.5, 62]));
    const numbers = (await api.get<Page<AlarmEvent>>(`/alarms/${alarm!.id}/events`)).items.map(
      ({ eventId }) => eventId,
    );
    expect(new Set(numbers).size).toBe(numbers.length);
  }, 120_000);

  it('[BK4] is taken by one at a time, and loses nothing of a server that is killed while its files are pinned', async () => {
    const socket = connect(join(centre.options.data, 'backup.sock'));
    socket.write(`${JSON.stringify({ ask: 'pin', folder: '/nowhere' })}\n`);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(JSON.parse(reply.toString())).toMatchObject({ ok: true });
    const refused = await backupProgram(centre.options.data, 'take', join(folder.path, 'refused'));
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('being taken already') });
    await publish([1, 2, 3]);
    await centre.server.kill9();
    socket.destroy();
    const taken = join(folder.path, 'backup');
    expect(await backupProgram(centre.options.data, 'take', taken)).toMatchObject({ code: 0 });
    centre = await restored(taken);
    expect(values(await historyOf(await centre.signIn(), POINT, 3))).toEqual([1, 2, 3]);
  }, 60_000);

  it('[BK4] frees the files of a backup program that has died', async () => {
    const socket = connect(join(centre.options.data, 'backup.sock'));
    socket.write(`${JSON.stringify({ ask: 'pin', folder: '/nowhere' })}\n`);
    await once(socket, 'data');
    socket.destroy();
    const attempt = (): ReturnType<typeof backupProgram> =>
      rm(join(folder.path, 'next'), { recursive: true, force: true }).then(() =>
        backupProgram(centre.options.data, 'take', join(folder.path, 'next')),
      );
    await eventually(attempt, ({ code }) => code === 0, 'a backup after one that died');
  }, 60_000);
});

describe('a backup that is no longer what was taken', () => {
  it('[BK5][BK6] is refused as a whole, and a restore changes nothing where a store is', async () => {
    await publish([1]);
    await centre.server.terminate();
    const { data } = centre.options;
    const taken = join(folder.path, 'backup');
    expect(await backupProgram(data, 'take', taken)).toMatchObject({ code: 0 });
    expect(await backupProgram(data, 'restore', taken)).toMatchObject({
      code: 1,
      output: expect.stringContaining('move the stores away first'),
    });
    expect(await backupProgram(data, 'take', taken)).toMatchObject({ code: 1 });

    const target = join(folder.path, 'target');
    await mkdir(target);
    const refused = async (why: string): Promise<void> => {
      const output = expect.stringContaining(why) as unknown;
      expect(await backupProgram(target, 'restore', taken)).toMatchObject({ code: 1, output });
      expect(await readdir(target)).toEqual([]);
    };
    await writeFile(join(taken, 'another'), '');
    await refused('another is not of this backup');
    await rm(join(taken, 'another'));
    await appendFile(join(taken, 'registry/registry.db'), ' ');
    await refused('registry/registry.db was changed');
    await rename(join(taken, 'history'), join(folder.path, 'history'));
    await refused('history/history.db is missing');
    await rm(join(taken, 'manifest.json'));
    await refused('no finished backup');
  }, 60_000);
});
