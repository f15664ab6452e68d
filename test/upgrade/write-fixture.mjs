/**
 * Writes a journal as this version of the program writes it, for later versions to read: `old-journals.spec.ts`. Needs a build.
 * Run once for each version of the snapshot, before it changes, and never over an older fixture:
 *
 *   node test/upgrade/write-fixture.mjs test/upgrade/snapshot-<version>
 *
 * - `journal.db.gz`: the file of the journal, with the state that the engine saved in the middle of it.
 * - `transitions.ndjson.gz`: what the engine of that version made of the whole journal.
 *
 * The story: a device of every profile of the catalogue; readings one by one and in columns, late, bad, historical and twice; lost
 * connections and take-overs; acts of operators, stale ones too; changes of configuration; a restart; a device that is removed.
 */
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2];
if (folder === undefined || existsSync(folder)) {
  console.error('usage: node test/upgrade/write-fixture.mjs <folder that does not exist yet>');
  process.exit(2);
}

const load = (file) => import(pathToFileURL(path.resolve('dist/libs', file)).href);
const { AlarmEngine, SNAPSHOT_VERSION } = await load('alarm/src/index.js');
const { Catalogue, deviceConfiguration } = await load('catalogue/src/index.js');
const { engineInput } = await load('engine/src/engine-input.js');
const { LiveState } = await load('engine/src/live-state.js');
const { SqliteJournal } = await load('journal/src/index.js');
const { HAS_DEVICE_TIME, ReadingBuilder, ReadingSource } = await load('readings/src/index.js');

const START = Date.UTC(2026, 0, 5, 8);
const STEPS = 700;
const SNAPSHOT_AT = 350;

let seed = 26_875;
/** A linear congruence: the fixture need not be random, only varied and the same each time. */
function below(bound) {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * bound);
}
const oneOf = (list) => list[below(list.length)];

const catalogue = await Catalogue.load('config/catalogue');
const temporary = await mkdtemp(path.join(tmpdir(), 'watchfire-fixture-'));
let now = START;
const journal = await SqliteJournal.open({ directory: temporary, now: () => now });
const engine = AlarmEngine.create();
const live = LiveState.restore(undefined);
const transitions = [];
const eventIds = [];

function configurationOf(profile, index, change) {
  const id = `${profile.key.replaceAll('.', '-')}-${index}`;
  const context = {
    device: { id, siteId: 's1', profile: profile.key, name: `设备 ${id}`, gatewayId: null, members: [] },
    site: { id: 's1', enterpriseId: 'e1', name: '一号罐区', gridCode: '310115001' },
    enterprise: { id: 'e1', name: '海湾石化' },
  };
  return deviceConfiguration(context, profile, change === undefined ? [] : [{ ...change, subject: id }]);
}

const devices = catalogue
  .profiles()
  .flatMap((profile) => [1, 2].map((index) => ({ profile, index, device: configurationOf(profile, index) })));

async function append(record) {
  const { offset, at } = await journal.append(record);
  live.apply({ offset, at, record });
  const input = engineInput(record);
  if (input === undefined) return;
  const outcome = engine.apply({ offset, at, input });
  note(outcome.transitions);
}

async function appendColumns(columns) {
  const { offset, at } = await journal.appendReadings(columns);
  live.applyReadings({ offset, at, readings: columns });
  note(engine.applyReadings(offset, at, columns).transitions);
}

function note(happened) {
  for (const transition of happened) {
    transitions.push(transition);
    eventIds.push(transition.alarm.eventId);
  }
}

function valueOf(profile, point) {
  if (point.type === 'boolean') return below(4) === 0;
  if (point.type === 'string') return oneOf(['ok', 'fault', 'open']);
  const limits = profile.rules.flatMap(({ condition }) =>
    condition.kind === 'limit' && condition.pointId === point.key ? condition.limits : [],
  );
  const listed = profile.rules.flatMap(({ condition }) =>
    condition.kind === 'discrete' && condition.pointId === point.key
      ? [...condition.alarmValues.map(({ value }) => value), ...(condition.normal ?? [])]
      : [],
  );
  if (listed.length > 0) return oneOf(listed);
  const around = limits.length > 0 && below(3) > 0 ? oneOf(limits).limit : 10;
  return Math.round((around + below(100) / 10 - 5) * 10) / 10;
}

function samplesOf({ profile, device }) {
  return profile.points
    .filter(() => below(3) > 0)
    .map((point) => [
      `${device.deviceId}.${point.key}`,
      valueOf(profile, point),
      oneOf(['good', 'good', 'good', 'good', 'uncertain', 'bad']),
    ]);
}

function reading(one) {
  const ts = now - oneOf([0, 0, 0, 20, 1_500, 45_000, -900]);
  const historical = below(20) === 0;
  return append({
    kind: 'reading',
    deviceId: one.device.deviceId,
    receivedAt: now,
    ts,
    ...(below(9) === 0 ? { deviceTime: ts + oneOf([-90_000, 120_000]) } : {}),
    ...(historical ? { hist: true } : {}),
    samples: samplesOf(one),
  });
}

function columns() {
  const builder = new ReadingBuilder();
  for (const { profile, device } of devices) {
    const source = ReadingSource.of(
      device.deviceId,
      device.points.map(({ pointId }) => pointId),
    );
    for (const [point, entry] of profile.points.entries())
      if (below(2) === 0) builder.sample(point, valueOf(profile, entry), oneOf([0, 0, 0, 1, 2]));
    builder.end(source, now, now - below(80), HAS_DEVICE_TIME);
  }
  return appendColumns(builder.take());
}

function act() {
  const open = [...engine.alarms()];
  const alarm = oneOf(open);
  if (alarm === undefined) return append({ kind: 'tick' });
  const { id: alarmId } = alarm;
  const eventId = below(5) === 0 ? oneOf(eventIds) : alarm.eventId;
  const command = oneOf([
    { kind: alarm.state === 'LATAK' ? 'reset' : 'acknowledge', alarmId, eventId },
    { kind: alarm.state === 'LATAK' ? 'reset' : 'acknowledge', alarmId, eventId },
    { kind: oneOf(['acknowledge', 'reset']), alarmId, eventId },
    { kind: 'comment', alarmId },
  ]);
  return append({
    kind: 'command',
    command,
    actor: oneOf(['operator', 'supervisor']),
    comment: command.kind === 'comment' ? '已电话核实' : null,
  });
}

function connection({ device: { deviceId } }) {
  return append({
    kind: 'connection',
    deviceId,
    ...oneOf([
      { connected: true, reason: 'connect' },
      { connected: false, reason: 'connection_lost' },
      { connected: true, reason: 'taken_over' },
    ]),
  });
}

function reconfigure(one) {
  const rule = oneOf(one.profile.rules.filter(({ condition }) => condition.kind === 'limit'));
  const entered = { by: 'admin', approvedBy: null, at: now, reason: 'fixture' };
  const change = {
    layer: 'device',
    part: '',
    ruleKey: rule?.key ?? 'none',
    version: 1 + below(3),
    ...entered,
    entries: {
      onDelaySeconds: { value: oneOf([0, 10]), source: null, confidence: 'default', ...entered },
    },
  };
  return append({ kind: 'configure', device: configurationOf(one.profile, one.index, change) });
}

for (const { device } of devices) await append({ kind: 'configure', device });
for (let step = 0; step < STEPS; step++) {
  now += oneOf([200, 1_000, 1_000, 5_000, 30_000, 125_000]);
  const one = oneOf(devices);
  const dice = below(100);
  if (dice < 45) await reading(one);
  else if (dice < 52) await columns();
  else if (dice < 80) await act();
  else if (dice < 88) await connection(one);
  else if (dice < 92) await reconfigure(one);
  else if (dice < 94) await append({ kind: 'start' });
  else await append({ kind: 'tick' });
  if (step === SNAPSHOT_AT) {
    const state = { engine: engine.snapshot(), live: live.snapshot() };
    await journal.saveState('engine', { offset: engine.offset, bytes: Buffer.from(JSON.stringify(state)) });
  }
}
await append({ kind: 'remove', deviceId: devices[0].device.deviceId, actor: 'admin' });
await journal.close();

await mkdir(folder, { recursive: true });
await writeFile(
  path.join(folder, 'journal.db.gz'),
  gzipSync(await readFile(path.join(temporary, 'journal.db')), { level: 9 }),
);
const lines = transitions.map((transition) => `${JSON.stringify(transition)}\n`).join('');
await writeFile(path.join(folder, 'transitions.ndjson.gz'), gzipSync(lines, { level: 9 }));
await rm(temporary, { recursive: true });
console.log(
  `snapshot version ${SNAPSHOT_VERSION}: ${engine.offset} records, ${transitions.length} transitions`,
);
