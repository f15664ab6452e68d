import { type ConnectFigures, type IdleFigures } from './connection-comparison.js';
import { type EngineFigures } from './engine-scale.js';
import { type FloodFigures } from './flood-comparison.js';
import { type HistoryFigures, historyText } from './history-comparison.js';
import { type InfluxFigures, influxText } from './influx-comparison.js';
import { type IngestFigures } from './ingest-comparison.js';
import { type LatencyFigures } from './latency-comparison.js';
import { connectsText, floodText, idleText } from './load-report.js';
import { type Machine } from './machine.js';
import { type ServerName } from './servers/server-under-test.js';
import { median } from './statistics.js';
import { optional, ratio, table, whole } from './table.js';

export interface BenchReport {
  readonly machine: Machine;
  readonly promises: Readonly<Partial<Record<ServerName, string>>>;
  readonly skipped: readonly string[];
  readonly ingest: readonly IngestFigures[];
  readonly latency: readonly LatencyFigures[];
  readonly idle: readonly IdleFigures[];
  readonly connects: readonly ConnectFigures[];
  readonly flood: readonly FloodFigures[];
  /** Undefined: not measured. */
  readonly engine: EngineFigures | undefined;
  readonly history: HistoryFigures | undefined;
  readonly influx: InfluxFigures | undefined;
}

/** The alarm engine alone; the targets are those of docs/bench.md. */
function engineText(figures: EngineFigures): string {
  const {
    points,
    rulesAPoint,
    bytesAPoint,
    awakeDevices,
    calmEvaluationsPerSecond,
    busyEvaluationsPerSecond,
  } = figures;
  const rows = [
    ['', 'measured', 'target'],
    ['bytes a point, all included, at rest', whole(bytesAPoint), '≤ 300'],
    ['devices that did not come to rest', whole(awakeDevices), '–'],
    ['configuration, bytes a point', whole(figures.configurationBytesAPoint), ''],
    ['evaluations/s, calm', whole(calmEvaluationsPerSecond), '≥ 1,000,000'],
    ['evaluations/s, 1 in 100 crosses a limit', whole(busyEvaluationsPerSecond), '≥ 1,000,000'],
    ['restore from a snapshot, ms', whole(figures.restoreMs), ''],
    ['configure, ms', whole(figures.configureMs), ''],
  ];
  return `Alarm engine, ${whole(points)} points with ${rulesAPoint} rules each, one core\n\n${table(rows)}`;
}

/** The median over the rounds, or `null` when there is no round with such a figure. */
function over<T>(rounds: readonly T[], figure: (round: T) => number | null): number | null {
  const values = rounds.map(figure).filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}

function ingestTable(figures: readonly IngestFigures[]): string {
  const rateOf = (name: ServerName): number | null =>
    over(figures.find(({ server }) => server === name)?.rounds ?? [], (round) => round.acksPerSecond);
  const aedes = rateOf('aedes');
  const mosquitto = rateOf('mosquitto');
  const rows = figures.map(({ server, rounds }) => {
    const rate = rateOf(server);
    const against = (peer: number | null): string =>
      ratio(rate === null || peer === null ? undefined : rate / peer);
    const sum = (figure: (round: (typeof rounds)[number]) => number | undefined): string => {
      const known = rounds.map(figure).filter((value) => value !== undefined);
      return known.length === 0 ? '–' : whole(known.reduce((a, b) => a + b, 0));
    };
    return [
      server,
      rate === null ? 'failed' : whole(rate),
      against(aedes),
      against(mosquitto),
      optional(over(rounds, (round) => round.serverCpu)),
      optional(over(rounds, (round) => round.ackP50)),
      optional(over(rounds, (round) => round.ackP99)),
      optional(
        over(rounds, (round) => round.verification?.caughtUpMs ?? null),
        0,
      ),
      sum((round) => round.verification?.lost),
      sum((round) => round.verification?.surplus),
      optional(over(rounds, (round) => round.generatorCpu)),
    ];
  });
  const head = ['', 'acks/s', '÷ aedes', '÷ mosquitto', 'server µs/msg', 'ack p50 ms', 'p99 ms'];
  return table([[...head, 'stored after ms', 'lost', 'twice', 'generator µs/msg'], ...rows]);
}

function latencyTable(figures: readonly LatencyFigures[]): string {
  const mosquitto = figures.find(({ server }) => server === 'mosquitto')?.rounds ?? [];
  const rows = figures.map(({ server, rounds }) => {
    const p50 = over(rounds, (round) => round.p50);
    const p99 = over(rounds, (round) => round.p99);
    const against = (own: number | null, peer: number | null): string =>
      ratio(own === null || peer === null ? undefined : own / peer);
    return [
      server,
      optional(p50, 2),
      optional(p99, 1),
      optional(rounds.length === 0 ? null : Math.max(...rounds.map((round) => round.max))),
      against(
        p50,
        over(mosquitto, (round) => round.p50),
      ),
      against(
        p99,
        over(mosquitto, (round) => round.p99),
      ),
      whole(rounds.reduce((total, round) => total + round.received, 0)),
      whole(rounds.reduce((total, round) => total + round.missing, 0)),
      whole(over(rounds, (round) => round.sentPerSecond) ?? 0),
      optional(
        over(rounds, (round) => round.ackP99),
        1,
      ),
    ];
  });
  const head = ['', 'p50 ms', 'p99 ms', 'max ms', 'p50 ÷ mosquitto', 'p99 ÷ mosquitto'];
  return table([[...head, 'events', 'missing', 'readings/s', 'ack p99 ms'], ...rows]);
}

const PATHS: Readonly<Partial<Record<ServerName, string>>> = {
  watchfire: 'PUBLISH → disk → alarm engine → Socket.IO client of the control room',
  aedes: 'PUBLISH → subscriber in the process → Socket.IO client',
  mosquitto: 'PUBLISH → subscriber of QoS 1',
};

function machineText(machine: Machine): string {
  const disk = machine.memoryDisk
    ? 'THE DATA FOLDER IS IN MEMORY: nothing here is durable'
    : `fdatasync of 4 KiB p50 ${machine.fsyncP50.toFixed(2)} ms, p99 ${machine.fsyncP99.toFixed(2)} ms`;
  const busy =
    machine.load > machine.cores / 2
      ? ['THE MACHINE IS BUSY WITH SOMETHING ELSE: read the ratios only, or run again']
      : [];
  return [
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `Disk: ${disk}. Load before the run: ${machine.load.toFixed(2)}`,
    ...busy,
  ].join('\n');
}

/** Groups of figures in the order in which they were measured. */
function groups<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
  return [...found];
}

export function reportText(report: BenchReport): string {
  const parts = [machineText(report.machine)];
  for (const [title, figures] of groups(
    report.ingest,
    ({ profile }) => `${profile.connections} connections × ${profile.inFlight} in flight`,
  ))
    parts.push(`QoS 1, 120-byte JSON, ${title} (median of the rounds)\n${ingestTable(figures)}`);
  if (report.ingest.length > 0)
    parts.push(
      `What an acknowledgement means\n${table(Object.entries(report.promises).map(([name, text]) => [`  ${name}: ${text}`]))}`,
    );
  for (const [rate, figures] of groups(report.latency, (figure) => whole(figure.rate)))
    parts.push(
      `Crossing of a limit → receiver, at ${rate} readings/s (median of the rounds)\n${latencyTable(figures)}`,
    );
  if (report.latency.length > 0)
    parts.push(
      Object.entries(PATHS)
        .map(([name, path]) => `  ${name}: ${path}`)
        .join('\n'),
    );
  if (report.idle.length > 0) parts.push(idleText(report.idle));
  if (report.connects.length > 0) parts.push(connectsText(report.connects));
  if (report.flood.length > 0) parts.push(floodText(report.flood));
  if (report.engine !== undefined) parts.push(engineText(report.engine));
  if (report.history !== undefined) parts.push(historyText(report.history));
  if (report.influx !== undefined) parts.push(influxText(report.influx));
  const { ingest, latency, idle, connects, flood } = report;
  const errors = [...ingest, ...latency, ...idle, ...connects, ...flood].flatMap(({ server, errors: list }) =>
    list.map((error) => `${server}: ${error}`),
  );
  if (errors.length > 0) parts.push(`Failed\n${errors.join('\n')}`);
  if (report.skipped.length > 0) parts.push(`Skipped\n${report.skipped.join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}
