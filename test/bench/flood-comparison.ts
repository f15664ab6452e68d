import { setTimeout as sleep } from 'node:timers/promises';
import { type FloodResult } from './flood-load.js';
import { type Generator } from './generator.js';
import { compareIngest } from './ingest-comparison.js';
import { residentBytes } from './process-cpu.js';
import { type ServerName, type ServerUnderTest, type Verification } from './servers/server-under-test.js';

export interface FloodFigures {
  readonly server: ServerName;
  /** Readings a second that this server acknowledged when nobody hurried it. */
  readonly sustainable: number;
  readonly result: Omit<FloodResult, 'acknowledged'> | null;
  readonly acknowledged: number;
  /** Resident memory of the server when everything is stored and it had a rest, bytes. */
  readonly residentEnd: number | null;
  /** Counters of what the server refused, closed or made wait that have risen, by name. */
  readonly refused: Readonly<Record<string, number>>;
  readonly verification: Verification | null;
  readonly errors: readonly string[];
}

export interface FloodComparison {
  readonly servers: readonly ServerUnderTest[];
  readonly generator: Generator;
  readonly durationMs: number;
  /** What the ingest part of this run has found; a server that is not in it is measured first. */
  readonly sustainable: ReadonlyMap<ServerName, number>;
  readonly progress: (line: string) => void;
}

const DEVICES = 100;
const TIMES_SUSTAINABLE = 2;
const PROBE_DEVICES = 20;
const CROSSINGS = 20;
const PATIENCE_MS = 60_000;
const STORED_WITHIN_MS = 300_000;
const REST_MS = 10_000;
/** The ingest profile of 100 × 20, shortened. */
const TRIAL = { connections: DEVICES, inFlight: 20, warmUp: 50_000, count: 100_000 };
const TRIAL_ROUNDS = 3;

/** Twice as many readings as each server can take, and whether alarms get through meanwhile. */
export async function compareFlood(comparison: FloodComparison): Promise<FloodFigures[]> {
  const figures: FloodFigures[] = [];
  for (const server of comparison.servers) {
    const sustainable = await sustainableOf(server, comparison);
    figures.push(await flood(server, sustainable, comparison));
  }
  return figures;
}

async function sustainableOf(server: ServerUnderTest, comparison: FloodComparison): Promise<number> {
  const known = comparison.sustainable.get(server.name);
  if (known !== undefined) return known;
  const { generator } = comparison;
  const common = { servers: [server], generator, rounds: TRIAL_ROUNDS, progress: () => undefined };
  const [measured] = await compareIngest(TRIAL, common);
  // The best: a server that is still warming up would be flooded with too little.
  return Math.max(0, ...(measured?.rounds ?? []).map((round) => round.acksPerSecond));
}

async function flood(
  server: ServerUnderTest,
  sustainable: number,
  { generator, durationMs, progress }: FloodComparison,
): Promise<FloodFigures> {
  const label = `  ${server.name.padEnd(10)}`;
  const nothing = { result: null, acknowledged: 0, residentEnd: null, refused: {}, verification: null };
  const named = { server: server.name, sustainable };
  try {
    if (sustainable === 0) throw new Error('The trial before the flood failed.');
    if (server.alarmsOf === undefined) throw new Error('This server has no way to an operator.');
    const probes = await server.devices('probe', PROBE_DEVICES);
    const before = await server.refusals?.();
    const { acknowledged, ...result } = await generator.flood({
      port: server.mqttPort,
      serverPid: server.pid,
      devices: await server.devices('flood', DEVICES),
      perSecond: sustainable * TIMES_SUSTAINABLE,
      durationMs,
      patienceMs: PATIENCE_MS,
      probes,
      crossings: CROSSINGS,
      boot: 'flood',
      alarms: await server.alarmsOf(probes),
    });
    const verification = (await server.verify?.(acknowledged, STORED_WITHIN_MS)) ?? null;
    await sleep(REST_MS);
    const residentEnd = residentBytes(server.pid) ?? null;
    const refused = risen(before, await server.refusals?.());
    const lost = verification === null ? '' : `, lost ${verification.lost}`;
    progress(`${label} alarm p99 ${result.p99.toFixed(0)} ms, missing ${result.missing}${lost}`);
    const total = acknowledged.reduce((sum, { messages }) => sum + messages, 0);
    return { ...named, result, acknowledged: total, residentEnd, refused, verification, errors: [] };
  } catch (error) {
    const { message } = error as Error;
    progress(`${label} failed: ${message}`);
    return { ...named, ...nothing, errors: [message] };
  }
}

function risen(
  before: ReadonlyMap<string, number> | undefined,
  after: ReadonlyMap<string, number> | undefined,
): Record<string, number> {
  return Object.fromEntries(
    [...(after ?? [])]
      .map(([name, value]) => [name, value - (before?.get(name) ?? 0)] as const)
      .filter(([, value]) => value > 0),
  );
}
