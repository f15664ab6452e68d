import { setTimeout as sleep } from 'node:timers/promises';
import { type Generator } from './generator.js';
import { type LatencyResult } from './latency-load.js';
import { type ServerName, type ServerUnderTest } from './servers/server-under-test.js';

export interface LatencyFigures {
  readonly server: ServerName;
  /** Readings a second. */
  readonly rate: number;
  readonly rounds: readonly LatencyResult[];
  readonly errors: readonly string[];
}

export interface LatencyComparison {
  readonly servers: readonly ServerUnderTest[];
  readonly generator: Generator;
  readonly rounds: number;
  readonly measureMs: number;
  readonly progress: (line: string) => void;
}

const BACKGROUND_DEVICES = 200;
const PROBE_DEVICES = 50;
/** Readings a second that cross the limit: enough for a p99, few enough to be alarms. */
const CROSSINGS = 100;
const WARM_UP_MS = 1_500;
const PAUSE_MS = 500;

/** The same readings to each server in turn; what differs is what stands between a crossing and the one who must see it. */
export async function compareLatency(
  rate: number,
  { servers, generator, rounds, measureMs, progress }: LatencyComparison,
): Promise<LatencyFigures[]> {
  const figures = servers.map((server) => ({
    server: server.name,
    rate,
    rounds: [] as LatencyResult[],
    errors: [] as string[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const index = (round + turn) % servers.length;
      const server = servers[index] as ServerUnderTest;
      const into = figures[index] as (typeof figures)[number];
      const label = `  round ${round + 1}/${rounds} ${server.name.padEnd(10)}`;
      try {
        const result = await measure(server, generator, {
          rate,
          measureMs,
          boot: `latency-${rate}-${round}`,
        });
        into.rounds.push(result);
        progress(
          `${label} p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(1)} ms, missing ${result.missing}`,
        );
      } catch (error) {
        into.errors.push(`round ${round + 1}: ${(error as Error).message}`);
        progress(`${label} failed: ${(error as Error).message}`);
      }
      await sleep(PAUSE_MS);
    }
  }
  return figures;
}

async function measure(
  server: ServerUnderTest,
  generator: Generator,
  plan: { readonly rate: number; readonly measureMs: number; readonly boot: string },
): Promise<LatencyResult> {
  if (server.alarmsOf === undefined) throw new Error('This server has no way to an operator.');
  const background = await server.devices('load', BACKGROUND_DEVICES);
  const probes = await server.devices('probe', PROBE_DEVICES);
  return generator.latency({
    ...plan,
    port: server.mqttPort,
    background,
    probes,
    crossings: CROSSINGS,
    warmUpMs: WARM_UP_MS,
    alarms: await server.alarmsOf(probes),
  });
}
