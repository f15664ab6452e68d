import { setTimeout as sleep } from 'node:timers/promises';
import { type AlarmReceiver, type AlarmSource, listenForAlarms } from './alarm-receiver.js';
import { type Credential } from './mqtt-frames.js';
import { openSenders, type PacedSender, Pacer } from './paced-senders.js';
import { LatencyHistogram } from './statistics.js';

export interface ProbePlan {
  readonly port: number;
  /** Devices of which every reading crosses the limit, up and down in turn, each on a connection of its own. */
  readonly probes: readonly Credential[];
  /** Crossings a second of all of them. */
  readonly crossings: number;
  readonly boot: string;
  /** Where the crossings come out again. */
  readonly alarms: AlarmSource;
}

export interface ProbeResult {
  /** PUBLISH of a crossing to its event at the receiver, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly received: number;
  /** Crossings whose event never came within the time that was waited. */
  readonly missing: number;
}

const TICK_MS = 1;
const SLOTS = 256;
/** How long the last events are waited for. */
const PATIENCE_MS = 5_000;

/** Crosses 25 %LEL with each message: 30.000 and 12.000 in turn, with a little in the last digits. */
const crossingValue = (n: number): number => (n % 2 === 0 ? 30_000 : 12_000) + (n % 1000);

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
 * Takes the time of every crossing from just before its PUBLISH is written until its event is with the receiver; sender and
 * receiver are one process, so one monotonic clock.
 */
export class AlarmProbes {
  readonly acknowledgement = new LatencyHistogram();
  readonly #outstanding = new Outstanding(() => this.#measureFrom);
  #measureFrom = Number.POSITIVE_INFINITY;
  #lost: Error | undefined;
  #senders: readonly PacedSender[] = [];
  #pacer = new Pacer([], 0, () => undefined);
  #receiver: AlarmReceiver | undefined;

  private constructor() {}

  static async open(plan: ProbePlan): Promise<AlarmProbes> {
    const probes = new AlarmProbes();
    const outstanding = probes.#outstanding;
    probes.#receiver = await listenForAlarms(plan.alarms, (deviceId) => outstanding.received(deviceId));
    const senders = {
      port: plan.port,
      boot: plan.boot,
      slots: SLOTS,
      milliUnits: crossingValue,
      latency: probes.acknowledgement,
      onLost: (error: Error) => void (probes.#lost ??= error),
    };
    try {
      probes.#senders = await openSenders(senders, plan.probes);
    } catch (error) {
      probes.close();
      throw error;
    }
    const onSent = ({ ring }: PacedSender): void => outstanding.sent(ring.deviceId);
    probes.#pacer = new Pacer(probes.#senders, plan.crossings, onSent);
    return probes;
  }

  get sent(): number {
    return this.#pacer.sent;
  }

  /** What is sent from this moment of `performance.now()` counts. */
  measureFrom(moment: number): void {
    this.#measureFrom = moment;
  }

  /** Throws when a connection of a probe was lost. */
  tick(elapsedMs: number): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#pacer.tick(elapsedMs);
  }

  /** Waits for the last events, with every probe back below the limit: the next run begins as this one did. */
  async finish(): Promise<ProbeResult> {
    const outstanding = this.#outstanding;
    for (const sender of this.#senders) {
      if (sender.ring.sent % 2 === 1 && sender.send(Date.now())) outstanding.sent(sender.ring.deviceId);
    }
    const until = performance.now() + PATIENCE_MS;
    while (outstanding.waiting > 0 && performance.now() < until && this.#lost === undefined)
      await sleep(TICK_MS);
    if (this.#lost !== undefined) throw this.#lost;
    return {
      p50: outstanding.times.quantile(0.5),
      p99: outstanding.times.quantile(0.99),
      max: outstanding.max,
      received: outstanding.times.count,
      missing: outstanding.waiting,
    };
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
    this.#receiver?.close();
  }
}
