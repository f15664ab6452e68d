/**
 * The alarm engine at full size: what it keeps of a point, how fast it judges, how long a restore takes. Needs a build, and
 * `--expose-gc`. `node --expose-gc --max-old-space-size=12288 test/bench/engine-scale.mjs [points [path of dist]]`
 *
 * Shape: devices of ten points, a hundred devices a site. Each point has three rules: a limit with H and HH, a limit with L, and
 * silence of two minutes. One message a device has all ten values; messages come in batches of fifty.
 *
 * Prints one line of JSON. CPU time of the process and not time on the wall: the machine may have other work.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const POINTS = Number(process.argv[2] ?? 1_000_000);
const dist = path.resolve(process.argv[3] ?? 'dist');
const load = (lib) => import(pathToFileURL(path.join(dist, 'libs', lib, 'src/index.js')).href);
const { AlarmEngine } = await load('alarm');
const { HAS_DEVICE_TIME, ReadingBuilder, ReadingSource } = await load('readings');

const START = Date.UTC(2026, 0, 5, 8);
const POINTS_A_DEVICE = 10;
const DEVICES_A_SITE = 100;
const RULES_A_POINT = 3;
const IN_A_BATCH = 50;
const ROUNDS = 3;
const REST_ROUNDS = 3;
const DEVICES = POINTS / POINTS_A_DEVICE;

const idOf = (index) => `device-${index}`;
const keys = Array.from({ length: POINTS_A_DEVICE }, (_, index) => `p${index}`);
const title = { zh: '测点报警', en: 'Point alarm' };

function rulesOf(pointId, key) {
  const common = { version: 1, class: 'process', title, latching: false };
  const limit = { kind: 'limit', pointId, onDelayMs: 0, offDelayMs: 0 };
  const high = [
    { level: 'H', limit: 80, severity: 700, deadband: 1 },
    { level: 'HH', limit: 90, severity: 900, deadband: 1 },
  ];
  const low = [{ level: 'L', limit: -10, severity: 500, deadband: 1 }];
  return [
    { ...common, key: `${key}-high`, condition: { ...limit, limits: high } },
    { ...common, key: `${key}-low`, condition: { ...limit, limits: low } },
    {
      ...common,
      key: `${key}-stale`,
      condition: { kind: 'stale', pointId, afterMs: 120_000, severity: 500 },
    },
  ];
}

function configurationOf(index) {
  const deviceId = idOf(index);
  const site = Math.floor(index / DEVICES_A_SITE);
  const points = keys.map((key) => ({ pointId: `${deviceId}.${key}`, key, name: title, unit: '%' }));
  return {
    deviceId,
    deviceName: deviceId,
    siteId: `site-${site}`,
    siteName: `site-${site}`,
    enterpriseId: 'e',
    enterpriseName: 'e',
    gridCode: null,
    drill: false,
    points,
    rules: points.flatMap(({ pointId, key }) => rulesOf(pointId, key)),
  };
}

/** Bytes in use, typed arrays included, when nothing is left to collect. */
function bytesInUse() {
  for (let round = 0; round < 3; round++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cpuMs(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Every point once; `crosses`: every so-manieth value is beyond its limit in one round, and back in the next. */
function batchesOf(round, crosses) {
  const builder = new ReadingBuilder();
  const at = START + (round + 1) * 1_000;
  const batches = [];
  for (let device = 0; device < DEVICES; device++) {
    for (let point = 0; point < POINTS_A_DEVICE; point++) {
      const index = device * POINTS_A_DEVICE + point;
      const isBeyond = crosses > 0 && round % 2 === 0 && index % crosses === 0;
      builder.number(point, isBeyond ? 85 : (((index + round) * 7_919) % 700) / 10, 0);
    }
    builder.end(sources[device], at, at - 20, HAS_DEVICE_TIME);
    if (builder.count === IN_A_BATCH) batches.push({ at, readings: builder.take() });
  }
  return batches;
}

/** Making the readings is the work of others: only the engine is timed. */
function pass(engine, round, crosses) {
  const batches = batchesOf(round, crosses);
  let offset = engine.offset + 1;
  let transitions = 0;
  const cpu = cpuMs(() => {
    for (const { at, readings } of batches) {
      transitions += engine.applyReadings(offset, at, readings).transitions.length;
      offset += readings.count;
    }
  });
  return { cpu, transitions };
}

/** Ticks of one moment: each lets a few devices come to rest. */
function rest(engine, at) {
  for (let tick = 0; tick < DEVICES && engine.awakeDevices > 0; tick++) {
    const before = engine.awakeDevices;
    engine.apply({ offset: engine.offset + 1, at, input: { kind: 'tick' } });
    if (tick > 0 && engine.awakeDevices === before) return;
  }
}

// Sources and their names belong to the process, whoever reads them.
const sources = Array.from({ length: DEVICES }, (_, index) =>
  ReadingSource.of(
    idOf(index),
    keys.map((key) => `${idOf(index)}.${key}`),
  ),
);
const before = bytesInUse();
let configurations = Array.from({ length: DEVICES }, (_, index) => configurationOf(index));
const withConfigurations = bytesInUse();
const engine = AlarmEngine.create();
const configureMs = cpuMs(() => {
  for (let index = 0; index < DEVICES; index++) {
    engine.apply({
      offset: index + 1,
      at: START,
      input: { kind: 'configure', device: configurations[index] },
    });
    configurations[index] = undefined;
  }
});
configurations = undefined;

pass(engine, 0, 0);
const withAwake = bytesInUse();

/** A calm plant at work: every device reports, nothing crosses, until whatever may come to rest has done so. */
let round = 2;
for (let pair = 0; pair < REST_ROUNDS; pair++) {
  round += 100;
  pass(engine, round, 0);
  rest(engine, START + (round + 1) * 1_000);
}
const awakeDevices = engine.awakeDevices;
const atRest = bytesInUse();

/** The best of some pairs of rounds: what crosses in the one comes back in the other. */
const best = (crosses) => {
  let ms = Infinity;
  let happened = 0;
  for (let pair = 0; pair < ROUNDS; pair++) {
    const there = pass(engine, round++, crosses);
    const back = pass(engine, round++, crosses);
    ms = Math.min(ms, (there.cpu + back.cpu) / 2);
    happened += there.transitions + back.transitions;
  }
  return { evaluationsPerSecond: Math.round((POINTS * RULES_A_POINT * 1_000) / ms), transitions: happened };
};
const calm = best(0);
if (calm.transitions !== 0) throw new Error(`${calm.transitions} transitions: this was not calm`);
const busy = best(100);
if (busy.transitions === 0) throw new Error('nothing crossed its limit');

const snapshot = engine.snapshot();
const restoreMs = cpuMs(() => AlarmEngine.restore(snapshot));

console.log(
  JSON.stringify({
    points: POINTS,
    rulesAPoint: RULES_A_POINT,
    configurationBytesAPoint: Math.round((withConfigurations - before) / POINTS),
    awakeBytesAPoint: Math.round((withAwake - before) / POINTS),
    bytesAPoint: Math.round((atRest - before) / POINTS),
    awakeDevices,
    calmEvaluationsPerSecond: calm.evaluationsPerSecond,
    busyEvaluationsPerSecond: busy.evaluationsPerSecond,
    busyTransitions: busy.transitions,
    configureMs: Math.round(configureMs),
    restoreMs: Math.round(restoreMs),
  }),
);
