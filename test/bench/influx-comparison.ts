import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Generator } from './generator.js';
import { cpuMicros } from './process-cpu.js';
import { influxdIsThere, startInfluxd } from './servers/influxd.js';
import { startWatchfire } from './servers/watchfire.js';
import { median } from './statistics.js';
import { ratio, table, whole } from './table.js';

export interface SinkRound {
  readonly readings: number;
  readonly readingsPerSecond: number;
  /** CPU of the server a reading, until everything was stored, InfluxDB included where there is one. */
  readonly cpuMicros: number;
}

export interface InfluxFigures {
  /** What `influx-speed.mjs` measures. */
  readonly linesPerSecond: number;
  readonly written: { readonly samples: number; readonly ours: number; readonly plain: number } | null;
  readonly rate: number;
  readonly embedded: readonly SinkRound[];
  readonly influxdb: readonly SinkRound[];
}

export interface InfluxPlan {
  readonly folder: string;
  readonly generator: Generator;
  readonly samples: number;
  readonly rounds: number;
  readonly rate: number;
  readonly measureMs: number;
  readonly progress: (line: string) => void;
}

const PROGRAM = 'test/bench/influx-speed.mjs';
const DEVICES = 200;
const PROBES = 5;
const WARM_UP_MS = 2_000;
const STORED_WITHIN_MS = 120_000;
const POLL_MS = 100;

/** Lines a core makes, points a second of our adapter beside a plain writer, and what the sink costs the server. */
export async function measureInflux(plan: InfluxPlan): Promise<InfluxFigures> {
  if (!influxdIsThere())
    return { ...(await speed(plan.samples)), rate: plan.rate, embedded: [], influxdb: [] };
  const embedded: SinkRound[] = [];
  const influxdb: SinkRound[] = [];
  const influxd = await startInfluxd(join(plan.folder, 'influxd'));
  try {
    const figures = await speed(plan.samples, influxd.url);
    const environment = {
      WATCHFIRE_HISTORY: 'influxdb',
      WATCHFIRE_INFLUX_URL: influxd.url,
      WATCHFIRE_INFLUX_API: 'v1',
      WATCHFIRE_INFLUX_BUCKET: 'bench',
    };
    for (let round = 0; round < plan.rounds; round += 1) {
      embedded.push(await sinkRound(plan, `embedded-${round}`, {}));
      const before = await pointsIn(influxd.url);
      const measured = await sinkRound(plan, `influxdb-${round}`, environment);
      const points = (await pointsIn(influxd.url)) - before;
      // The load sends one value a reading.
      if (points < measured.readings)
        throw new Error(`InfluxDB has ${points} of ${measured.readings} readings`);
      influxdb.push(measured);
    }
    return { ...figures, rate: plan.rate, embedded, influxdb };
  } finally {
    await influxd.stop();
  }
}

async function speed(
  samples: number,
  url?: string,
): Promise<Pick<InfluxFigures, 'linesPerSecond' | 'written'>> {
  const args = [PROGRAM, String(samples), ...(url === undefined ? [] : [url])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Pick<InfluxFigures, 'linesPerSecond' | 'written'>;
}

/** A server of its own on an empty folder, the same readings at the same rate; the account is closed when all is stored. */
async function sinkRound(
  { folder, generator, rate, measureMs, progress }: InfluxPlan,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<SinkRound> {
  const server = await startWatchfire(join(folder, name), environment);
  try {
    const background = await server.devices('load', DEVICES);
    const probes = await server.devices('probe', PROBES);
    const alarms = await server.alarmsOf(probes);
    const before = cpuMicros(server.pid) ?? 0;
    const { sentPerSecond } = await generator.latency({
      port: server.mqttPort,
      background,
      probes,
      alarms,
      rate,
      crossings: PROBES,
      warmUpMs: WARM_UP_MS,
      measureMs,
      boot: name,
    });
    await stored(server);
    // What was sent while the last of it was awaited is not counted: some milliseconds.
    const readings = Math.floor((sentPerSecond * (WARM_UP_MS + measureMs)) / 1_000);
    const used = ((cpuMicros(server.pid) ?? 0) - before) / readings;
    progress(
      `  ${name.padEnd(12)} ${whole(sentPerSecond)} readings/s, ${used.toFixed(1)} µs of CPU a reading`,
    );
    return { readings, readingsPerSecond: sentPerSecond, cpuMicros: used };
  } finally {
    await server.stop();
  }
}

async function stored(server: Awaited<ReturnType<typeof startWatchfire>>): Promise<void> {
  const until = performance.now() + STORED_WITHIN_MS;
  for (;;) {
    const waiting = await server.backlog();
    if (waiting === 0) return;
    if (performance.now() > until) throw new Error(`${waiting} records are not in InfluxDB yet`);
    await sleep(POLL_MS);
  }
}

async function pointsIn(url: string): Promise<number> {
  const query = new URLSearchParams({ db: 'bench', q: 'SELECT COUNT("v") FROM "telemetry"' });
  const answer = (await (await fetch(`${url}/query?${query.toString()}`)).json()) as {
    results: readonly { series?: readonly { values: readonly (readonly unknown[])[] }[] }[];
  };
  return Number(answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0);
}

/** The targets are those of docs/bench.md. */
export function influxText({ linesPerSecond, written, rate, embedded, influxdb }: InfluxFigures): string {
  const cpu = (rounds: readonly SinkRound[]): number => median(rounds.map((round) => round.cpuMicros));
  const sent = (rounds: readonly SinkRound[]): string =>
    whole(median(rounds.map((round) => round.readingsPerSecond)));
  const rows = [
    ['', 'measured', 'target'],
    ['lines made a second, one core', whole(linesPerSecond), '≥ 100,000'],
    ...(written === null
      ? []
      : [
          ['points/s into InfluxDB, our adapter', whole(written.ours), ''],
          ['points/s, a plain writer of the same lines', whole(written.plain), ''],
          ['ours ÷ plain', ratio(written.ours / written.plain), ''],
        ]),
    ...(influxdb.length === 0
      ? []
      : [
          [
            `CPU µs a reading at ${whole(rate)}/s asked, embedded (${sent(embedded)}/s)`,
            cpu(embedded).toFixed(1),
            '',
          ],
          [`the same with InfluxDB (${sent(influxdb)}/s)`, cpu(influxdb).toFixed(1), ''],
          ['with InfluxDB ÷ embedded', ratio(cpu(influxdb) / cpu(embedded)), '< 1.30 ×'],
        ]),
  ];
  return `The way into InfluxDB 1.x (median of the rounds)\n\n${table(rows)}`;
}
