/**
 * How fast the alarm engine takes calm readings: one value of a gas detector each, with the rules of the shipped profile, all of
 * them normal. Needs a build. `node test/bench/alarm-engine.mjs [path of dist [path of the catalogue]]`
 *
 * CPU time of the process and not time on the wall: the machine may have other work.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = path.resolve(process.argv[2] ?? 'dist');
const load = (lib) => import(pathToFileURL(path.join(dist, 'libs', lib, 'src/index.js')).href);
const { AlarmEngine } = await load('alarm');
const { Catalogue, deviceConfiguration } = await load('catalogue');
const { HAS_DEVICE_TIME, ReadingBuilder, ReadingSource } = await load('readings');

const START = Date.UTC(2026, 0, 5, 8);
const READINGS = 1_000_000;
const IN_A_BATCH = 500;
const RUNS = 5;

const profile = (await Catalogue.load(process.argv[3] ?? 'config/catalogue')).profile('gas.lel.point');
const rulesOfAReading = profile.rules.filter(
  ({ condition }) => condition.pointId === 'conc' || condition.kind === 'clock',
).length;

const idOf = (index) => `device-${index}`;

function configured(devices) {
  const engine = AlarmEngine.create();
  const site = { id: 's', enterpriseId: 'e', name: 's', gridCode: null };
  for (let index = 0; index < devices; index++) {
    const device = { id: idOf(index), siteId: 's', profile: profile.key, name: idOf(index) };
    const context = { device, site, enterprise: { id: 'e', name: 'e' } };
    const input = { kind: 'configure', device: deviceConfiguration(context, profile, []) };
    engine.apply({ offset: 2 * index + 1, at: START, input });
    const connection = { kind: 'connection', deviceId: device.id, connected: true, reason: 'connect' };
    engine.apply({ offset: 2 * index + 2, at: START, input: connection });
  }
  return engine;
}

/** Each device in turn, once a second; values that differ, and none of them an alarm. */
function* readings(devices) {
  for (let index = 0; index < READINGS; index++) {
    const at = START + Math.floor(index / devices) * 1_000;
    yield {
      index: index % devices,
      at,
      value: ((index * 7919) % 200) / 10,
      deviceTime: at - 20 - (index % 7),
    };
  }
}

function objects(devices) {
  const ids = Array.from({ length: devices }, (_, index) => idOf(index));
  return Array.from(readings(devices), ({ index, at, value, deviceTime }) => ({
    at,
    input: {
      kind: 'reading',
      deviceId: ids[index],
      receivedAt: at,
      ts: deviceTime,
      deviceTime,
      historical: false,
      samples: [{ pointId: `${ids[index]}.conc`, value, quality: 'good' }],
    },
  }));
}

function columns(devices) {
  const keys = profile.points.map(({ key }) => key);
  const sources = Array.from({ length: devices }, (_, index) =>
    ReadingSource.of(
      idOf(index),
      keys.map((key) => `${idOf(index)}.${key}`),
    ),
  );
  const builder = new ReadingBuilder();
  const batches = [];
  for (const { index, at, value, deviceTime } of readings(devices)) {
    builder.number(0, value, 0);
    builder.end(sources[index], at, deviceTime, HAS_DEVICE_TIME);
    if (builder.count === IN_A_BATCH) batches.push({ at, readings: builder.take() });
  }
  return batches;
}

function byRecord(engine, records) {
  let { offset } = engine;
  let transitions = 0;
  for (const { at, input } of records) {
    offset += 1;
    transitions += engine.apply({ offset, at, input }).transitions.length;
  }
  return transitions;
}

function byBatch(engine, batches) {
  let offset = engine.offset + 1;
  let transitions = 0;
  for (const { at, readings: batch } of batches) {
    transitions += engine.applyReadings(offset, at, batch).transitions.length;
    offset += batch.count;
  }
  return transitions;
}

function measure(name, devices, prepared, run) {
  let best = Infinity;
  for (let round = 0; round < RUNS; round++) {
    const engine = configured(devices);
    globalThis.gc?.();
    const before = process.cpuUsage();
    const transitions = run(engine, prepared);
    const { user, system } = process.cpuUsage(before);
    if (transitions !== 0) throw new Error(`${transitions} transitions: this was not calm`);
    best = Math.min(best, (user + system) * 1_000);
  }
  const each = best / READINGS;
  console.log(
    `${name.padEnd(14)} ${String(devices).padStart(6)} devices: ${(each / 1_000).toFixed(3)} µs a reading, ` +
      `${(1_000 / each).toFixed(2)} M readings/s, ${((1_000 * rulesOfAReading) / each).toFixed(2)} M rule evaluations/s`,
  );
}

for (const devices of [1_000, 10_000]) {
  measure('apply', devices, objects(devices), byRecord);
  if ('applyReadings' in AlarmEngine.prototype) measure('applyReadings', devices, columns(devices), byBatch);
}
