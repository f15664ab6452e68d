/**
 * What connected fire-control rooms cost a server while nothing happens: CPU of all its threads as a share of one core, with a keep-alive
 * of each every 20 s. Needs a build. `node test/bench/fire-rooms.mjs [rooms] [seconds] [folder]`
 *
 * Measured twice: rooms that have said nothing but that they are there, and rooms that have each told a fire and its end (their points are
 * then told again once a minute, FI16). Prints one line of JSON.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const ROOMS = Number(process.argv[2] ?? 2_000);
const SECONDS = Number(process.argv[3] ?? 60);
const PORTS = { http: 18_580, mqtt: 18_583, fire: 18_575 };
const PASSWORD = 'administrator-of-a-bench';
/** What began with the connections has ended. */
const SETTLE_MS = 10_000;

const load = (file) => import(pathToFileURL(path.resolve('dist/apps/simulator/src', file)).href);
const { SystemClock } = await load('field/clock.js');
const { Scheduler } = await load('field/scheduler.js');
const { RoomFleet } = await load('fire/room-fleet.js');
const { registerRooms } = await load('fire/registration.js');
const { ROOM_SCENARIOS } = await load('fire/room-scenarios.js');
const { STANDARD } = await import(pathToFileURL(path.resolve('dist/libs/protocol/src/index.js')).href);

/** Of all threads, ms; `stat` counts in steps of 10 ms, `schedstat` does not. */
function cpuMs(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanos = tasks.map((task) => {
    const [running] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return Number(running);
  });
  return nanos.reduce((sum, each) => sum + each, 0) / 1e6;
}

async function shareOfCore(pid) {
  const [cpu, began] = [cpuMs(pid), performance.now()];
  await sleep(SECONDS * 1_000);
  return (cpuMs(pid) - cpu) / (performance.now() - began);
}

async function until(condition) {
  while (!condition()) await sleep(100);
}

function startServer(data) {
  const server = spawn(process.execPath, ['dist/apps/server/src/main.js'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      WATCHFIRE_DATA: data,
      WATCHFIRE_HTTP_HOST: '127.0.0.1',
      WATCHFIRE_MQTT_HOST: '127.0.0.1',
      WATCHFIRE_FIRE_HOST: '127.0.0.1',
      WATCHFIRE_HTTP_PORT: String(PORTS.http),
      WATCHFIRE_MQTT_PORT: String(PORTS.mqtt),
      WATCHFIRE_FIRE_PORT: String(PORTS.fire),
      WATCHFIRE_ADMIN_PASSWORD: PASSWORD,
      WATCHFIRE_LOG_LEVEL: 'error',
    },
  });
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.startsWith('Watchfire ready')) resolve();
    });
    server.once('exit', () => reject(new Error('the server ended')));
  });
  return { server, ready };
}

const data = await mkdtemp(path.join(path.resolve(process.argv[4] ?? tmpdir()), 'watchfire-fire-'));
const { server, ready } = startServer(data);
const scheduler = new Scheduler(new SystemClock());
const options = { units: ROOMS, seed: 'bench', deviations: [STANDARD], scheduler, dutyAnswerMs: null };
const fleet = new RoomFleet(options);
try {
  await ready;
  const url = `http://127.0.0.1:${PORTS.http}`;
  await registerRooms(fleet.rooms, { url, username: 'admin', password: PASSWORD });
  fleet.connect({ host: '127.0.0.1', port: PORTS.fire });
  await until(() => fleet.connected === ROOMS);
  await sleep(SETTLE_MS);
  const present = await shareOfCore(server.pid);
  fleet.play(
    ROOM_SCENARIOS.find(({ key }) => key === 'fire-all'),
    20,
  );
  await sleep(SETTLE_MS);
  await until(() => fleet.unconfirmed === 0);
  await sleep(SETTLE_MS);
  const toldStates = await shareOfCore(server.pid);
  const percent = (share) => Number((share * 100).toFixed(1));
  const connected = fleet.connected;
  const figures = { rooms: ROOMS, connected, present: percent(present), toldStates: percent(toldStates) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = connected === ROOMS ? 0 : 1;
} finally {
  await fleet.stop();
  scheduler.stop();
  server.removeAllListeners('exit');
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  await rm(data, { recursive: true, force: true });
}
