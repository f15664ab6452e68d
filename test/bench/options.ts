import { parseArgs } from 'node:util';
import { SERVER_NAMES, type ServerName } from './servers/server-under-test.js';

export interface IngestProfile {
  readonly connections: number;
  readonly inFlight: number;
  readonly warmUp: number;
  readonly count: number;
}

export interface BenchOptions {
  readonly servers: readonly ServerName[];
  readonly ingest: boolean;
  readonly latency: boolean;
  readonly rounds: number;
  readonly profiles: readonly IngestProfile[];
  readonly latencyRates: readonly number[];
  readonly latencyRounds: number;
  readonly latencyMs: number;
  readonly idle: boolean;
  readonly connects: boolean;
  /** Of the idle and the connects part. */
  readonly connections: number;
  readonly connectsPerSecond: number;
  readonly flood: boolean;
  readonly floodMs: number;
  readonly engine: boolean;
  readonly enginePoints: number;
  readonly history: boolean;
  readonly historyDays: number;
  readonly influx: boolean;
  readonly influxSamples: number;
  /** Readings a second while the sink is looked at. */
  readonly influxRate: number;
  readonly dataFolder: string;
  readonly jsonFile: string | undefined;
}

const PARTS = ['ingest', 'latency', 'idle', 'connects', 'flood', 'engine', 'history', 'influx'] as const;

export const USAGE = `npm run bench -- [options]
  --quick          some minutes: one round, small counts
  --only <list>    of: ${PARTS.join(', ')} (parts), ${SERVER_NAMES.join(', ')} (servers)
  --load <list>    of the ingest part: 100x20, 1000x1
  --rounds <n>     rounds of each measurement, 1 to 20
  --data <folder>  where durable servers keep their data (default ./data); choose the disk that you mean
  --json <file>    the whole result as JSON
  --help`;

export class UsageError extends Error {}

/** Throws a {@link UsageError} that says what is wrong; `undefined` when help was asked for. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const { quick, only, load, rounds, data, json, help } = parse(argv);
  if (help) return undefined;
  const words = only?.split(',').map((word) => word.trim()) ?? [];
  const known: readonly string[] = [...PARTS, ...SERVER_NAMES];
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length > 0)
    throw new UsageError(`--only: unknown ${unknown.join(', ')}; known: ${known.join(', ')}.`);
  const servers = SERVER_NAMES.filter((name) => words.includes(name));
  const parts = PARTS.filter((part) => words.includes(part));
  const wanted = (part: (typeof PARTS)[number]): boolean => parts.length === 0 || parts.includes(part);
  const fixedRounds = rounds === undefined ? undefined : Number(rounds);
  if (fixedRounds !== undefined && !(Number.isInteger(fixedRounds) && fixedRounds >= 1 && fixedRounds <= 20))
    throw new UsageError(`--rounds: "${rounds}" is not a whole number from 1 to 20.`);
  const scale = quick ? 0.3 : 2;
  const profiles = [
    { connections: 100, inFlight: 20, warmUp: 100_000 * scale, count: 200_000 * scale },
    { connections: 1000, inFlight: 1, warmUp: 100_000 * scale, count: 200_000 * scale },
  ];
  return {
    servers: servers.length > 0 ? servers : SERVER_NAMES,
    ingest: wanted('ingest'),
    latency: wanted('latency'),
    rounds: fixedRounds ?? (quick ? 1 : 5),
    profiles: load === undefined ? profiles : load.split(',').map((name) => named(profiles, name.trim())),
    latencyRates: [1_000, 5_000],
    latencyRounds: fixedRounds ?? (quick ? 1 : 3),
    latencyMs: quick ? 3_000 : 10_000,
    idle: wanted('idle'),
    connects: wanted('connects'),
    connections: quick ? 2_000 : 10_000,
    connectsPerSecond: 1_000,
    flood: wanted('flood'),
    floodMs: quick ? 10_000 : 60_000,
    engine: wanted('engine'),
    enginePoints: quick ? 100_000 : 1_000_000,
    history: wanted('history'),
    historyDays: quick ? 30 : 365,
    influx: wanted('influx'),
    influxSamples: quick ? 400_000 : 1_000_000,
    influxRate: 20_000,
    dataFolder: data ?? './data',
    jsonFile: json,
  };
}

function named(profiles: readonly IngestProfile[], name: string): IngestProfile {
  const names = new Map(profiles.map((profile) => [`${profile.connections}x${profile.inFlight}`, profile]));
  const found = names.get(name);
  if (found === undefined)
    throw new UsageError(`--load: unknown "${name}"; known: ${[...names.keys()].join(', ')}.`);
  return found;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        load: { type: 'string' },
        rounds: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
