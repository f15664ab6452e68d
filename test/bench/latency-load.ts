import { setTimeout as sleep } from 'node:timers/promises';
import { AlarmProbes, type ProbePlan, type ProbeResult } from './alarm-probes.js';
import { type Credential } from './mqtt-frames.js';
import { openSenders, Pacer, type PacedSender } from './paced-senders.js';
import { calmValue } from './telemetry-frames.js';

export interface LatencyPlan extends ProbePlan {
  /** Devices that only make the load; their values cross no limit. */
  readonly background: readonly Credential[];
  /** Readings a second in all, those of the probes included. */
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LatencyResult extends ProbeResult {
  /** Readings a second that were really sent; below the plan when the server held the sender back. */
  readonly sentPerSecond: number;
  /** Of all readings, ms. */
  readonly ackP50: number;
  readonly ackP99: number;
}

const TICK_MS = 1;
const SLOTS = 256;

/** Publishes at the planned rate and takes the time of every crossing. */
export async function runLatency(plan: LatencyPlan): Promise<LatencyResult> {
  let lost: Error | undefined;
  const probes = await AlarmProbes.open(plan);
  let senders: readonly PacedSender[] = [];
  try {
    const latency = probes.acknowledgement;
    const onLost = (error: Error): void => void (lost ??= error);
    const { port, boot, background } = plan;
    senders = await openSenders(
      { port, boot, slots: SLOTS, milliUnits: calmValue, latency, onLost },
      background,
    );
    const pacer = new Pacer(senders, plan.rate - plan.crossings, () => undefined);
    const startedAt = performance.now();
    probes.measureFrom(startedAt + plan.warmUpMs);
    const elapsed = (): number => performance.now() - startedAt;
    while (elapsed() < plan.warmUpMs + plan.measureMs && lost === undefined) {
      pacer.tick(elapsed());
      probes.tick(elapsed());
      await sleep(TICK_MS);
    }
    const sentPerSecond = ((pacer.sent + probes.sent) * 1000) / elapsed();
    const result = await probes.finish();
    if (lost !== undefined) throw lost;
    return { ...result, sentPerSecond, ackP50: latency.quantile(0.5), ackP99: latency.quantile(0.99) };
  } finally {
    for (const sender of senders) sender.close();
    probes.close();
  }
}
