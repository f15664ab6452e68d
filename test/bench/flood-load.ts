import { setTimeout as sleep } from 'node:timers/promises';
import { AlarmProbes, type ProbePlan, type ProbeResult } from './alarm-probes.js';
import { type Acknowledged } from './ingest-load.js';
import { type Credential } from './mqtt-frames.js';
import { openSenders, type PacedSender } from './paced-senders.js';
import { residentBytes } from './process-cpu.js';
import { LatencyHistogram } from './statistics.js';
import { calmValue } from './telemetry-frames.js';

export interface FloodPlan extends ProbePlan {
  readonly serverPid: number;
  /** Devices that flood; their values cross no limit. */
  readonly devices: readonly Credential[];
  /** Readings a second that they have to send, together. */
  readonly perSecond: number;
  readonly durationMs: number;
  /** How long the last acknowledgements are waited for. */
  readonly patienceMs: number;
}

export interface FloodResult extends ProbeResult {
  /** Readings a second that the devices had to send, and those that the server let them send. */
  readonly offeredPerSecond: number;
  readonly acknowledgedPerSecond: number;
  /** Readings that were not sent in their millisecond, since the server owed too many acknowledgements. */
  readonly heldBack: number;
  readonly ackP50: number;
  readonly ackP99: number;
  /** Resident memory of the server, bytes. */
  readonly residentStart: number;
  readonly residentMax: number;
  readonly acknowledged: readonly Acknowledged[];
}

const TICK_MS = 1;
const SLOTS = 2_000;
const MEMORY_EVERY_MS = 100;
const WARM_UP_MS = 1_000;

/** What the server has resident, and had at most. */
class Memory {
  readonly start: number;
  max: number;
  #readAt = 0;

  constructor(private readonly pid: number) {
    this.start = residentBytes(pid) ?? Number.NaN;
    this.max = this.start;
  }

  tick(now: number): void {
    if (now < this.#readAt + MEMORY_EVERY_MS) return;
    this.#readAt = now;
    this.max = Math.max(this.max, residentBytes(this.pid) ?? this.max);
  }
}

/** One device that has readings to send at a steady rate; what it cannot send in time it throws away and counts. */
class FloodingDevice {
  #due = 0;
  #heldBack = 0;

  /** One reading a millisecond of device time, ending before now, so that no clock is ahead however fast they come. */
  constructor(
    private readonly sender: PacedSender,
    private readonly perSecond: number,
    private readonly firstTs: number,
  ) {}

  get heldBack(): number {
    return this.#heldBack;
  }

  get idle(): boolean {
    return this.sender.ring.idle;
  }

  get acknowledged(): Acknowledged {
    const { deviceId, sent, span } = this.sender.ring;
    return { deviceId, messages: sent, ...span };
  }

  tick(elapsedMs: number): void {
    const due = Math.floor((elapsedMs * this.perSecond) / 1000);
    const messages = due - this.#due;
    this.#due = due;
    const sent = this.sender.sendSome(messages, this.firstTs + this.sender.ring.sent);
    this.#heldBack += messages - sent;
  }
}

/**
 * Sends more than the server can take, for a while, with alarms on connections of their own in between; then waits for every
 * acknowledgement that is owed.
 */
export async function runFlood(plan: FloodPlan): Promise<FloodResult> {
  let lost: Error | undefined;
  const { port, boot, perSecond, durationMs } = plan;
  const latency = new LatencyHistogram();
  const probes = await AlarmProbes.open(plan);
  let senders: readonly PacedSender[] = [];
  try {
    senders = await openSenders(
      { port, boot, slots: SLOTS, milliUnits: calmValue, latency, onLost: (error) => void (lost ??= error) },
      plan.devices,
    );
    const each = perSecond / senders.length;
    const firstTs = Date.now() - Math.ceil((each * durationMs) / 1000);
    const devices = senders.map((sender) => new FloodingDevice(sender, each, firstTs));
    const memory = new Memory(plan.serverPid);
    const startedAt = performance.now() + WARM_UP_MS;
    probes.measureFrom(startedAt);
    const tick = async (flooding: boolean): Promise<number> => {
      const now = performance.now();
      const elapsed = now - startedAt;
      if (flooding && elapsed > 0) for (const device of devices) device.tick(elapsed);
      probes.tick(elapsed + WARM_UP_MS);
      memory.tick(now);
      await sleep(TICK_MS);
      if (lost !== undefined) throw lost;
      return performance.now() - startedAt;
    };
    let elapsed = 0;
    while (elapsed < durationMs) elapsed = await tick(true);
    const acknowledgedPerSecond = (latency.count * 1000) / elapsed;
    while (devices.some((device) => !device.idle)) {
      if ((await tick(false)) > durationMs + plan.patienceMs)
        throw new Error(`Not everything was acknowledged within ${plan.patienceMs / 1000} s of the end.`);
    }
    const result = await probes.finish();
    return {
      ...result,
      offeredPerSecond: perSecond,
      acknowledgedPerSecond,
      heldBack: devices.reduce((sum, device) => sum + device.heldBack, 0),
      ackP50: latency.quantile(0.5),
      ackP99: latency.quantile(0.99),
      residentStart: memory.start,
      residentMax: memory.max,
      acknowledged: devices.map((device) => device.acknowledged),
    };
  } finally {
    for (const sender of senders) sender.close();
    probes.close();
  }
}
