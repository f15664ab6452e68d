/**
 * The embedded history alone: what it keeps of a sample, how fast it takes them, a day and a year of one point at one sample a
 * second. Needs a build. `node test/bench/history-speed.mjs [days] [folder] [path of dist]`
 *
 * The signal is the level of a tank of the demo district (three decimals, noise, filled and emptied), device times with up to 4 ms of
 * jitter, received 5 to 45 ms later. Prints one line of JSON; times are those of whom asks,
 * over the border of the thread.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const DAYS = Number(process.argv[2] ?? 365);
const folder = path.resolve(process.argv[3] ?? tmpdir());
const dist = path.resolve(process.argv[4] ?? 'dist');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { EmbeddedHistory } = await load('libs/history/src/index.js');
const { Catalogue, loadDemoDistrict } = await load('libs/catalogue/src/index.js');
const { DeviceModel } = await load('apps/simulator/src/signals/device-model.js');
const { Random } = await load('apps/simulator/src/random.js');

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = 20_000 * DAY;
const END = START + DAYS * DAY;
const POINT = 'bench.level';
const PART = 10_800;
const ROUNDS = 15;
const BUCKETS = 1_000;

async function signal() {
  const [district, catalogue] = await Promise.all([
    loadDemoDistrict('config/demo'),
    Catalogue.load('config/catalogue'),
  ]);
  const device = district.devices.find(({ profile }) => profile === 'tank.atm');
  return new DeviceModel(device, catalogue.profile(device.profile), 'bench');
}

async function fill(history, model) {
  const random = new Random('times');
  let taken = 0;
  for (let at = START; at < END;) {
    const samples = [];
    for (; samples.length < PART; at += 1_000) {
      const ts = at + Math.floor(random.between(0, 4));
      const receivedAt = ts + Math.floor(random.between(5, 45));
      const value = model.values(ts, new Map()).level;
      samples.push({ pointId: POINT, deviceId: 'bench', ts, receivedAt, value, quality: 'good' });
    }
    const began = performance.now();
    await history.write({ offset: 1, readings: [], samples, events: [] });
    taken += performance.now() - began;
  }
  const began = performance.now();
  await history.flush();
  return taken + performance.now() - began;
}

/** The median and the best of some rounds, ms. */
async function timed(work) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], best: times[0] };
}

/** How long the longest small question waited while `work` was done. */
async function longestWait(history, work) {
  let done = false;
  let longest = 0;
  const finished = work().finally(() => (done = true));
  while (!done) {
    const began = performance.now();
    await history.latest([POINT]);
    longest = Math.max(longest, performance.now() - began);
  }
  await finished;
  return longest;
}

const directory = await mkdtemp(path.join(folder, 'history-speed-'));
try {
  const file = path.join(directory, 'history.db');
  // Nothing is rolled up before the clock says that the days are over.
  let now = START;
  const open = () => EmbeddedHistory.open({ directory, now: () => now, flushAfterMs: 1e12 });
  let history = await open();
  const writeMs = await fill(history, await signal());
  await history.close();
  const sampleBytes = (await stat(file)).size;

  history = await open();
  const fromSamples = (every, days) => () =>
    history.aggregate({ pointId: POINT, from: END - days * DAY + 1, to: END, every, fn: 'mean' });
  // A bucket that cuts windows is made of samples.
  const yearFromSamplesMs = await timed(fromSamples(Math.ceil((DAYS * DAY) / BUCKETS), DAYS));
  let rollUpMs = 0;
  const rollUpWaitMs = await longestWait(history, async () => {
    now = END + 7 * HOUR;
    const began = performance.now();
    await history.rollUp();
    rollUpMs = performance.now() - began;
  });
  await history.close();
  const allBytes = (await stat(file)).size;

  history = await open();
  const samples = DAYS * 86_400;
  const day = (DAYS >> 1) * DAY + START;
  const hours = Math.ceil((DAYS * 24) / BUCKETS);
  const minutes = Math.ceil((DAYS * 1_440) / BUCKETS);
  const rolledUp = (every) => () =>
    history.aggregate({ pointId: POINT, from: START, to: END, every, fn: 'mean' });
  const figures = {
    days: DAYS,
    samples,
    bytesASample: sampleBytes / samples,
    rollUpBytesADay: (allBytes - sampleBytes) / DAYS,
    samplesPerSecond: (samples / writeMs) * 1_000,
    rollUpMsADay: rollUpMs / DAYS,
    rollUpWaitMs,
    dayMs: await timed(() => history.columns(POINT, day, day + DAY, 100_000)),
    dayAsObjectsMs: await timed(() => history.range(POINT, day, day + DAY, 100_000)),
    dayInBucketsMs: await timed(fromSamples(86_400, 1)),
    yearOfHoursMs: await timed(rolledUp(hours * HOUR)),
    yearOfMinutesMs: await timed(rolledUp(minutes * 60_000)),
    yearFromSamplesMs,
  };
  await history.close();
  console.log(JSON.stringify(figures));
} finally {
  await rm(directory, { recursive: true, force: true });
}
