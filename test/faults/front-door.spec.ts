import { writeFile } from 'node:fs/promises';
import { type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NewDeviceReply, telemetryTopic } from '@watchfire/contracts';
import { residentBytes } from '../bench/process-cpu.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/server-process.js';
import { defectsIn, metric, notReadyBecause } from '../support/server-state.js';
import { HonestDevice } from './support/honest-device.js';
import { connectFrame, openSocket, publishFrame, signIn } from './support/mqtt-frames.js';

const HONEST_P99_MS = 2_000;

/** Whatever somebody does at the front door, an honest device does not wait for it. */
describe('the front door under fire', () => {
  let centre: Centre;
  let api: ApiClient;
  let hostile: NewDeviceReply;
  let honest: HonestDevice;
  let end: () => Promise<void>;
  const port = (): number => centre.options.mqttPort;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const config = join(folder.path, 'watchfire.yaml');
    // Looser than the defaults: what is proved is that it holds even so.
    const mqtt = { maxConnectionsPerDevice: 3_000, signInsPerDevicePerSecond: 2_000 };
    await writeFile(config, JSON.stringify({ mqtt }));
    centre = await Centre.start({ env: { WATCHFIRE_CONFIG: config } });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    hostile = await api.createDevice(siteId, 'gas.lel.point', 'hostile');
    const good = await api.createDevice(siteId, 'gas.lel.point', 'honest');
    const client = await centre.connect(good.credential);
    end = async () => {
      client.end(true);
      await centre.end();
      await folder.remove();
    };
    beginHonest = () => new HonestDevice(client, 'honest', 20);
  }, 60_000);
  afterAll(() => end());

  let beginHonest: () => HonestDevice;
  beforeEach(() => {
    honest = beginHonest();
  });
  afterEach(async () => {
    expect(await honest.p99()).toBeLessThan(HONEST_P99_MS);
    expect(honest.times.length).toBeGreaterThan(20);
    expect(await notReadyBecause(centre.server)).toEqual([]);
    expect(await metric(centre.server, 'watchfire_internal_errors_total')).toBe(0);
    expect(defectsIn(centre.server)).toEqual([]);
  });

  it('[FD8] two units with one credential and one client id take over from each other a thousand times', async () => {
    const takenOver = (): Promise<number> =>
      metric(centre.server, 'watchfire_mqtt_closed_total{reason="taken_over"}');
    let stopped = false;
    const unit = async (): Promise<void> => {
      while (!stopped) {
        const { socket, returnCode } = await signIn(port(), hostile.credential, 'the-same');
        // None at all: the other one came before it was answered.
        if (returnCode !== undefined && returnCode !== 0) throw new Error(`CONNACK ${returnCode}`);
        if (!socket.destroyed && !stopped) await new Promise((resolve) => socket.once('close', resolve));
        socket.destroy();
      }
    };
    const war = [unit(), unit()];
    await eventually(takenOver, (count) => count >= 1_000, 'take-overs', 60_000);
    stopped = true;
    const last = await signIn(port(), hostile.credential, 'the-same');
    await Promise.all(war);
    last.socket.destroy();
  }, 90_000);

  it('[FD8] [IN13] nonsense of a device that is signed in, a thousand a second, is throttled, kept and counted', async () => {
    const letters = (): Promise<number> => metric(centre.server, 'watchfire_dead_letters_total');
    const before = await letters();
    let acknowledged = 0;
    const socket = openSocket(port(), (chunk) => (acknowledged += chunk.length / 4));
    socket.write(connectFrame(hostile.credential, 'nonsense'));
    await eventually(
      () => acknowledged,
      (count) => count > 0,
      'the CONNACK',
    );
    const seconds = 6;
    let sent = 0;
    for (const since = performance.now(); performance.now() - since < seconds * 1_000; await sleep(10)) {
      while (sent < performance.now() - since && !socket.writableNeedDrain) {
        const topic = telemetryTopic(sent % 2 === 0 ? 'hostile' : 'honest');
        socket.write(publishFrame(topic, '{"values":{"conc":NaN}}', (sent++ % 65_000) + 1));
      }
    }
    const kept = (await letters()) - before;
    socket.destroy();
    expect(sent).toBeGreaterThan(400);
    // Its rate, three seconds' worth at once, and what is under way when it is stopped.
    expect(kept).toBeLessThanOrEqual(50 * (seconds + 3) + 400);
    expect(kept).toBeGreaterThan(100);
  }, 60_000);

  it('[R6] the largest packets that are allowed, on four connections at once, cost less than 64 MB', async () => {
    const resident = (): number => residentBytes(centre.server.pid) ?? Number.NaN;
    const frame = publishFrame(telemetryTopic('hostile'), 'x'.repeat(262_000), 1);
    const sockets = Array.from({ length: 4 }, () => openSocket(port()));
    const before = resident();
    let most = before;
    for (const [n, socket] of sockets.entries()) socket.write(connectFrame(hostile.credential, `large-${n}`));
    for (const since = performance.now(); performance.now() - since < 5_000; await sleep(10)) {
      for (const socket of sockets)
        for (let n = 0; n < 8 && !socket.writableNeedDrain; n++) socket.write(frame);
      most = Math.max(most, resident());
    }
    for (const socket of sockets) socket.destroy();
    process.stderr.write(`front door: large packets cost ${Math.round((most - before) / 1_048_576)} MB\n`);
    expect(most - before).toBeLessThan(64 * 1_048_576);
  }, 60_000);

  it('[FD5] [FD8] 2,000 idle connections, 500 that never say who they are, and 200 that come and go a second', async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 2_000; i += 50) {
      const some = Array.from({ length: 50 }, (_, n) => signIn(port(), hostile.credential, `idle-${i + n}`));
      for (const { socket, returnCode } of await Promise.all(some)) {
        expect(returnCode).toBe(0);
        sockets.push(socket);
      }
    }
    const whole = connectFrame(hostile.credential, 'half');
    for (let n = 0; n < 500; n++) {
      const socket = openSocket(port());
      sockets.push(socket);
      if (n % 2 === 0) socket.write(whole.subarray(0, 20));
    }
    for (const since = performance.now(); performance.now() - since < 3_000; await sleep(50)) {
      const some = Array.from({ length: 10 }, () => signIn(port(), hostile.credential, ''));
      for (const { socket, returnCode } of await Promise.all(some)) {
        expect(returnCode).toBe(0);
        socket.destroy();
      }
    }
    await eventually(
      () => metric(centre.server, 'watchfire_mqtt_closed_total{reason="connect_timeout"}'),
      (count) => count >= 500,
      'those who never said who they are',
    );
    for (const socket of sockets) socket.destroy();
    await eventually(
      () => metric(centre.server, 'watchfire_mqtt_connections'),
      (count) => count === 1,
      'gone',
    );
  }, 90_000);
});
