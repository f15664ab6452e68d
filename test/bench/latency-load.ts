import { setTimeout as sleep } from 'node:timers/promises';
import { type AlarmSource, listenForAlarms } from './alarm-receiver.js';
import { type Credential } from './mqtt-frames.js';
import { PublishRing } from './publish-ring.js';
import { openAll, RawClient } from './raw-client.js';
import { LatencyHistogram } from './statistics.js';

export interface LatencyPlan {
  readonly port: number;
  /** Devices that only make the load; their values cross no limit. */
  readonly background: readonly Credential[];
  /** Devices of which every reading crosses the limit, up and down in turn. */
  readonly probes: readonly Credential[];
  /** Readings a second in all, and how many of them are of the probes. */
  readonly rate: number;
  readonly crossings: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly boot: string;
  /** Where the crossings come out again. */
  readonly alarms: AlarmSource;
}

export interface LatencyResult {
  /** PUBLISH of a crossing to its event at the receiver, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly received: number;
  /** Crossings whose event never came within the time that was waited. */
  readonly missing: number;
  /** Readings a second that were really sent; below the plan when the server held the sender back. */
  readonly sentPerSecond: number;
  readonly ackP50: number;
  readonly ackP99: number;
}

const TICK_MS = 1;
const SLOTS = 256;
/** How long the last events are waited for. */
const PATIENCE_MS = 5_000;

/** Crosses 25 %LEL with each message: 30.000 and 12.000 in turn, with a little in the last digits. */
const crossingValue = (n: number): number => (n % 2 === 0 ? 30_000 : 12_000) + (n % 1000);
const calmValue = (n: number): number => 10_000 + ((n * 7919) % 10_000);

/** A device and its connection, with times that rise by at least a millisecond. */
class Sender {
  constructor(
    readonly ring: PublishRing,
    private readonly client: RawClient,
  ) {}

  /** False when the server owes so many acknowledgements that no slot is free. */
  send(now: number): boolean {
    if (this.ring.free === 0) return false;
    this.ring.publish(this.client.socket, 1, Math.max(now, this.ring.span.toTs + 1));
    return true;
  }

  close(): void {
    this.client.close();
  }
}

/** Sends a steady number a second, each from the next sender in turn. */
class Pacer {
  #sent = 0;
  #next = 0;

  constructor(
    private readonly senders: readonly Sender[],
    private readonly perSecond: number,
    private readonly onSent: (sender: Sender) => void,
  ) {}

  get sent(): number {
    return this.#sent;
  }

  tick(elapsedMs: number): void {
    const due = Math.floor((elapsedMs * this.perSecond) / 1000);
    const now = Date.now();
    for (let tries = due - this.#sent; tries > 0; tries--) {
      const sender = this.senders[this.#next++ % this.senders.length] as Sender;
      if (!sender.send(now)) continue;
      this.#sent++;
      this.onSent(sender);
    }
  }
}

async function openSenders(
  plan: LatencyPlan,
  devices: readonly Credential[],
  options: { milliUnits: (n: number) => number; latency: LatencyHistogram; onLost: (error: Error) => void },
): Promise<Sender[]> {
  const senders: Sender[] = [];
  await openAll(devices, async (credential, index) => {
    const { milliUnits, latency, onLost } = options;
    const ring = new PublishRing({
      deviceId: credential.clientId,
      boot: plan.boot,
      slots: SLOTS,
      milliUnits,
      latency,
    });
    const onData = (chunk: Buffer): void => {
      try {
        ring.receive(chunk);
      } catch (error) {
        onLost(error as Error);
      }
    };
    senders[index] = new Sender(ring, await RawClient.open({ port: plan.port, credential, onData, onLost }));
  });
  return senders;
}

/** Times of crossings that have not come back yet, per device in the order in which they were sent. */
class Outstanding {
  readonly times = new LatencyHistogram();
  readonly #sentAt = new Map<string, number[]>();
  #waiting = 0;
  #max = 0;

  constructor(private readonly measureFrom: () => number) {}

  get waiting(): number {
    return this.#waiting;
  }

  get max(): number {
    return this.#max;
  }

  sent(deviceId: string): void {
    const queue = this.#sentAt.get(deviceId) ?? [];
    queue.push(performance.now());
    this.#sentAt.set(deviceId, queue);
    this.#waiting++;
  }

  received(deviceId: string): void {
    const now = performance.now();
    const sentAt = this.#sentAt.get(deviceId)?.shift();
    if (sentAt === undefined) return;
    this.#waiting--;
    if (sentAt < this.measureFrom()) return;
    this.times.record(now - sentAt);
    this.#max = Math.max(this.#max, now - sentAt);
  }
}

/**
 * Publishes at the planned rate and takes the time of every crossing from just before its PUBLISH is written until its
 * event is with the receiver; sender and receiver are one process, so one monotonic clock.
 */
export async function runLatency(plan: LatencyPlan): Promise<LatencyResult> {
  let lost: Error | undefined;
  const onLost = (error: Error): void => void (lost ??= error);
  const acknowledgement = new LatencyHistogram();
  let startedAt = Number.POSITIVE_INFINITY;
  const outstanding = new Outstanding(() => startedAt + plan.warmUpMs);
  const receiver = await listenForAlarms(plan.alarms, (deviceId) => outstanding.received(deviceId));
  const senders: Sender[] = [];
  try {
    const common = { latency: acknowledgement, onLost };
    const background = await openSenders(plan, plan.background, { ...common, milliUnits: calmValue });
    senders.push(...background);
    const probes = await openSenders(plan, plan.probes, { ...common, milliUnits: crossingValue });
    senders.push(...probes);
    const pacers = [
      new Pacer(background, plan.rate - plan.crossings, () => undefined),
      new Pacer(probes, plan.crossings, (sender) => outstanding.sent(sender.ring.deviceId)),
    ];
    startedAt = performance.now();
    const elapsed = (): number => performance.now() - startedAt;
    while (elapsed() < plan.warmUpMs + plan.measureMs && lost === undefined) {
      for (const pacer of pacers) pacer.tick(elapsed());
      await sleep(TICK_MS);
    }
    const sentMs = elapsed();
    for (const probe of probes) {
      // Back below the limit: the next run begins as this one did.
      if (probe.ring.sent % 2 === 1 && probe.send(Date.now())) outstanding.sent(probe.ring.deviceId);
    }
    while (outstanding.waiting > 0 && elapsed() < sentMs + PATIENCE_MS && lost === undefined)
      await sleep(TICK_MS);
    if (lost !== undefined) throw lost;
    return {
      p50: outstanding.times.quantile(0.5),
      p99: outstanding.times.quantile(0.99),
      max: outstanding.max,
      received: outstanding.times.count,
      missing: outstanding.waiting,
      sentPerSecond: pacers.reduce((sum, pacer) => sum + pacer.sent, 0) / (sentMs / 1000),
      ackP50: acknowledgement.quantile(0.5),
      ackP99: acknowledgement.quantile(0.99),
    };
  } finally {
    for (const sender of senders) sender.close();
    receiver.close();
  }
}
