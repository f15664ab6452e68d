import { setTimeout as sleep } from 'node:timers/promises';
import { AlarmProbes, type ProbePlan, type ProbeResult } from './alarm-probes.js';
import { type Credential } from './mqtt-frames.js';
import { RawClient } from './raw-client.js';
import { LatencyHistogram } from './statistics.js';

export interface ConnectPlan extends ProbePlan {
  /** One sign-in each; they stay connected until the end. */
  readonly connections: readonly Credential[];
  /** Addresses to come from, in turn. */
  readonly addresses: readonly string[];
  /** Connections begun a second, whether or not the server keeps up. */
  readonly perSecond: number;
}

export interface ConnectResult extends ProbeResult {
  readonly offeredPerSecond: number;
  /** CONNACK 0 a second, from the first connection begun to the last CONNACK. */
  readonly acceptedPerSecond: number;
  readonly accepted: number;
  /** Connections that were turned away or never answered. */
  readonly refused: number;
  readonly firstRefusal: string | null;
  /** From the beginning of the connection to CONNACK, ms. */
  readonly signInP50: number;
  readonly signInP99: number;
}

const TICK_MS = 1;
/** Alarms alone before the first connection, so that the way of an alarm is warm. */
const WARM_UP_MS = 1_000;

/** Begins connections at a steady rate, as a district does that has its power back, while alarms go on. */
export async function runConnects(plan: ConnectPlan): Promise<ConnectResult> {
  const { connections, addresses, perSecond, port } = plan;
  const probes = await AlarmProbes.open(plan);
  const clients: RawClient[] = [];
  const attempts: Promise<void>[] = [];
  const times = new LatencyHistogram();
  let firstRefusal: string | null = null;
  let lastAcceptedAt = 0;
  const refused = (error: Error): void => void (firstRefusal ??= error.message);
  const begin = async (credential: Credential, index: number): Promise<void> => {
    const from = performance.now();
    const localAddress = addresses[index % addresses.length] ?? '127.0.0.1';
    try {
      clients.push(
        await RawClient.open({ port, credential, localAddress, onData: () => undefined, onLost: refused }),
      );
      lastAcceptedAt = performance.now();
      times.record(lastAcceptedAt - from);
    } catch (error) {
      refused(error as Error);
    }
  };
  try {
    const startedAt = performance.now() + WARM_UP_MS;
    probes.measureFrom(startedAt);
    let lastBegunAt = startedAt;
    while (attempts.length < connections.length) {
      const now = performance.now();
      const due = Math.min(connections.length, Math.floor(((now - startedAt) * perSecond) / 1000));
      while (attempts.length < due) {
        const index = attempts.length;
        attempts.push(begin(connections[index] as Credential, index));
        lastBegunAt = now;
      }
      probes.tick(now - startedAt + WARM_UP_MS);
      await sleep(TICK_MS);
    }
    let waiting = true;
    const all = Promise.all(attempts).then(() => void (waiting = false));
    while (waiting) {
      probes.tick(performance.now() - startedAt + WARM_UP_MS);
      await sleep(TICK_MS);
    }
    await all;
    const result = await probes.finish();
    return {
      ...result,
      offeredPerSecond: (connections.length * 1000) / (lastBegunAt - startedAt),
      acceptedPerSecond: (clients.length * 1000) / (lastAcceptedAt - startedAt),
      accepted: clients.length,
      refused: connections.length - clients.length,
      firstRefusal,
      signInP50: times.quantile(0.5),
      signInP99: times.quantile(0.99),
    };
  } finally {
    for (const client of clients) client.leave();
    probes.close();
  }
}
