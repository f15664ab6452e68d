import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  compareConnects,
  compareIdle,
  type ConnectFigures,
  type ConnectionFigures,
  type IdleFigures,
} from './connection-comparison.js';
import { type EngineFigures, measureEngine } from './engine-scale.js';
import { type HistoryFigures, measureHistory } from './history-comparison.js';
import { type InfluxFigures, measureInflux } from './influx-comparison.js';
import { compareFlood, type FloodFigures } from './flood-comparison.js';
import { Generator } from './generator.js';
import { compareIngest, type IngestFigures } from './ingest-comparison.js';
import { compareLatency, type LatencyFigures } from './latency-comparison.js';
import { describeMachine } from './machine.js';
import { type BenchOptions, readOptions, USAGE, UsageError } from './options.js';
import { median } from './statistics.js';
import { reportText, type BenchReport } from './report.js';
import { mosquittoBinary, startMosquitto } from './servers/mosquitto.js';
import { startAedes, startFloor } from './servers/node-servers.js';
import { type ServerName, type ServerUnderTest } from './servers/server-under-test.js';
import { startWatchfire, watchfireIsBuilt } from './servers/watchfire.js';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Servers that were started, and the reason for each that was not. */
interface Field {
  readonly servers: ServerUnderTest[];
  readonly skipped: string[];
}

async function start(names: readonly ServerName[], fanOut: boolean, folder: string): Promise<Field> {
  const field: Field = { servers: [], skipped: [] };
  const binary = mosquittoBinary();
  for (const name of names) {
    if (name === 'watchfire' && !watchfireIsBuilt())
      field.skipped.push('watchfire: dist/apps/server is not there; run npm run build.');
    else if (name === 'mosquitto' && binary === undefined)
      field.skipped.push('mosquitto: not installed (Debian: apt-get install mosquitto).');
    else field.servers.push(await startOne(name, { fanOut, folder, binary: binary ?? '' }));
  }
  return field;
}

function startOne(
  name: ServerName,
  { fanOut, folder, binary }: { fanOut: boolean; folder: string; binary: string },
): Promise<ServerUnderTest> {
  switch (name) {
    case 'watchfire':
      return startWatchfire(folder);
    case 'aedes':
      return startAedes({ fanOut });
    case 'mosquitto':
      return startMosquitto(binary);
    case 'floor':
      return startFloor();
  }
}

async function stopAll(servers: readonly ServerUnderTest[]): Promise<void> {
  await Promise.allSettled(servers.map((server) => server.stop()));
}

async function bench(options: BenchOptions, folder: string): Promise<BenchReport> {
  const machine = await describeMachine(folder);
  const generator = new Generator();
  const ingest: IngestFigures[] = [];
  const latency: LatencyFigures[] = [];
  const idle: IdleFigures[] = [];
  const connects: ConnectFigures[] = [];
  const flood: FloodFigures[] = [];
  let engine: EngineFigures | undefined;
  let history: HistoryFigures | undefined;
  let influx: InfluxFigures | undefined;
  const brokers = options.servers.filter((name) => name !== 'floor');
  const skipped = new Set<string>();
  const promises: Partial<Record<ServerName, string>> = {};
  const within = async (
    names: readonly ServerName[],
    fanOut: boolean,
    run: (field: Field) => Promise<void>,
  ) => {
    const field = await start(names, fanOut, await mkdtemp(join(folder, 'part-')));
    for (const reason of field.skipped) skipped.add(reason);
    for (const server of field.servers) promises[server.name] = server.promise;
    try {
      await run(field);
    } finally {
      await stopAll(field.servers);
    }
  };
  try {
    if (options.engine) {
      progress(`Engine, ${options.enginePoints} points`);
      engine = await measureEngine(options.enginePoints);
    }
    if (options.history) {
      progress(`History, ${options.historyDays} days of one point`);
      history = await measureHistory(options.historyDays, folder);
    }
    if (options.influx) {
      progress(`InfluxDB, ${options.influxRate} readings/s`);
      const {
        influxSamples: samples,
        influxRate: rate,
        latencyRounds: rounds,
        latencyMs: measureMs,
      } = options;
      influx = await measureInflux({ folder, generator, samples, rounds, rate, measureMs, progress });
    }
    if (options.ingest)
      await within(options.servers, false, async ({ servers }) => {
        for (const profile of options.profiles) {
          progress(`Ingest, ${profile.connections} connections × ${profile.inFlight} in flight`);
          const common = { servers, generator, rounds: options.rounds, progress };
          ingest.push(...(await compareIngest(profile, common)));
        }
      });
    if (options.latency)
      await within(brokers, true, async ({ servers }) => {
        for (const rate of options.latencyRates) {
          progress(`Latency at ${rate} readings/s`);
          const { latencyRounds: rounds, latencyMs: measureMs } = options;
          latency.push(...(await compareLatency(rate, { servers, generator, rounds, measureMs, progress })));
        }
      });
    const { connections, connectsPerSecond: perSecond, floodMs: durationMs } = options;
    if (options.idle || options.connects)
      await within(brokers, true, async ({ servers }) => {
        const common = { servers, generator, connections, progress };
        if (options.idle) {
          progress(`Idle, ${connections} connections`);
          idle.push(...(await compareIdle(common)));
        }
        if (options.connects) {
          progress(`Connects, ${connections} sign-ins at ${perSecond}/s`);
          connects.push(...(await compareConnects({ ...common, perSecond })));
        }
      });
    if (options.flood)
      await within(brokers, true, async ({ servers }) => {
        progress(`Flood of ${durationMs / 1000} s`);
        const sustainable = sustainableRates(ingest);
        flood.push(...(await compareFlood({ servers, generator, durationMs, sustainable, progress })));
      });
  } finally {
    generator.stop();
  }
  return {
    machine,
    promises,
    skipped: [...skipped],
    ingest,
    latency,
    idle,
    connects,
    flood,
    engine,
    history,
    influx,
  };
}

/** What each server took at 100 connections × 20, where that was measured. */
function sustainableRates(ingest: readonly IngestFigures[]): ReadonlyMap<ServerName, number> {
  return new Map(
    ingest
      .filter(({ profile, rounds }) => profile.inFlight > 1 && rounds.length > 0)
      .map(({ server, rounds }) => [server, median(rounds.map((round) => round.acksPerSecond))]),
  );
}

/** A reading that was acknowledged and is gone, an alarm that never came, a round that failed: not a benchmark result. */
function failed(report: BenchReport): boolean {
  return (
    report.ingest.some(
      ({ rounds, errors }) =>
        errors.length > 0 || rounds.some((round) => (round.verification?.lost ?? 0) > 0),
    ) ||
    report.latency.some(
      ({ rounds, errors }) => errors.length > 0 || rounds.some((round) => round.missing > 0),
    ) ||
    report.idle.some(isFailed) ||
    report.connects.some((figures) => isFailed(figures) || (figures.result?.missing ?? 0) > 0) ||
    report.flood.some(
      ({ errors, result, verification }) =>
        errors.length > 0 || (result?.missing ?? 0) > 0 || (verification?.lost ?? 0) > 0,
    )
  );
}

const isFailed = ({ errors }: ConnectionFigures<unknown>): boolean => errors.length > 0;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  await mkdir(options.dataFolder, { recursive: true });
  const folder = await mkdtemp(join(resolve(options.dataFolder), 'bench-'));
  try {
    const report = await bench(options, folder);
    process.stdout.write(`\n${reportText(report)}`);
    if (options.jsonFile !== undefined)
      await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    return failed(report) ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  if (error instanceof UsageError) process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
}
