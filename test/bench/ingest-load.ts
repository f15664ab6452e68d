import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from './process-cpu.js';
import { type Credential } from './mqtt-frames.js';
import { PublishRing } from './publish-ring.js';
import { openAll, RawClient } from './raw-client.js';
import { LatencyHistogram } from './statistics.js';
import { calmValue } from './telemetry-frames.js';

export interface IngestPlan {
  readonly port: number;
  /** The server, whose CPU time is read at both ends of the window. */
  readonly serverPid: number;
  readonly devices: readonly Credential[];
  readonly inFlight: number;
  /** Messages before the window opens. */
  readonly warmUp: number;
  /** Messages acknowledged within the window. */
  readonly count: number;
  readonly boot: string;
  /** No device time before this: two runs of one device never share a time. */
  readonly notBeforeTs: number;
  /** A run that takes longer is given up. */
  readonly timeoutMs: number;
}

/** What one device was promised: every one of these must be in history. */
export interface Acknowledged {
  readonly deviceId: string;
  readonly messages: number;
  readonly fromTs: number;
  readonly toTs: number;
}

export interface IngestResult {
  readonly elapsedMs: number;
  /** CPU time of the server when the window opened, and used while it was open; µs. */
  readonly serverCpuAtOpen: number | null;
  readonly serverCpuMicros: number | null;
  readonly generatorCpuMicros: number | null;
  /** PUBLISH to PUBACK, ms, over the whole run. */
  readonly ackP50: number;
  readonly ackP99: number;
  /** Also what came before and after the window. */
  readonly acknowledged: readonly Acknowledged[];
}

interface Mark {
  readonly at: number;
  readonly serverCpu: number | undefined;
  readonly ownCpu: number | undefined;
}

/** The part of a run that is measured: full load from its first to its last message. */
class Window {
  #acknowledged = 0;
  #opened: Mark | undefined;
  #closed: Mark | undefined;

  constructor(private readonly plan: IngestPlan) {}

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  acknowledged(messages: number): void {
    this.#acknowledged += messages;
    if (this.#acknowledged >= this.plan.warmUp) this.#opened ??= this.#mark();
    if (this.#acknowledged >= this.plan.warmUp + this.plan.count) this.#closed ??= this.#mark();
  }

  measured(): Omit<IngestResult, 'ackP50' | 'ackP99' | 'acknowledged'> {
    const from = this.#opened;
    const to = this.#closed;
    if (from === undefined || to === undefined) throw new Error('The window was never closed.');
    return {
      elapsedMs: to.at - from.at,
      serverCpuAtOpen: from.serverCpu ?? null,
      serverCpuMicros: difference(from.serverCpu, to.serverCpu),
      generatorCpuMicros: difference(from.ownCpu, to.ownCpu),
    };
  }

  #mark(): Mark {
    return {
      at: performance.now(),
      serverCpu: cpuMicros(this.plan.serverPid),
      ownCpu: cpuMicros(process.pid),
    };
  }
}

function difference(from: number | undefined, to: number | undefined): number | null {
  return from === undefined || to === undefined ? null : to - from;
}

/** The first device time of a run: one message a millisecond, ending about now, so that no clock is ahead. */
async function firstTsOf(plan: IngestPlan): Promise<number> {
  const each = Math.ceil((plan.warmUp + plan.count) / plan.devices.length) + plan.inFlight;
  const early = plan.notBeforeTs + each - Date.now();
  if (early > 0) await sleep(early);
  return Date.now() - each;
}

/**
 * Keeps `inFlight` messages of each device under way until the window is full, then waits for the last PUBACK. Throws
 * when a connection is refused or lost, an acknowledgement is not the one that is due, or time is up.
 */
export async function runIngest(plan: IngestPlan): Promise<IngestResult> {
  const firstTs = await firstTsOf(plan);
  const latency = new LatencyHistogram();
  const window = new Window(plan);
  const clients: RawClient[] = [];
  const rings = plan.devices.map(
    ({ clientId }) =>
      new PublishRing({
        deviceId: clientId,
        boot: plan.boot,
        slots: plan.inFlight,
        milliUnits: calmValue,
        latency,
      }),
  );
  const work = new Promise<void>((resolve, reject) => {
    const fill = (ring: PublishRing, client: RawClient): void => {
      if (!window.closed) ring.publish(client.socket, ring.free, firstTs + ring.sent);
    };
    const receive = (ring: PublishRing, client: RawClient, chunk: Buffer): void => {
      try {
        window.acknowledged(ring.receive(chunk));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      fill(ring, client);
      if (window.closed && ring.idle && rings.every((other) => other.idle)) resolve();
    };
    const open = async (credential: Credential, index: number): Promise<void> => {
      const ring = rings[index] as PublishRing;
      const onData = (chunk: Buffer): void => receive(ring, clients[index] as RawClient, chunk);
      clients[index] = await RawClient.open({ port: plan.port, credential, onData, onLost: reject });
    };
    const start = (): void => rings.forEach((ring, index) => fill(ring, clients[index] as RawClient));
    openAll(plan.devices, open)
      .then(start)
      .catch((error: unknown) => reject(error as Error));
  });
  const timer = new AbortController();
  try {
    const late = sleep(plan.timeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`Not done within ${plan.timeoutMs / 1000} s.`);
    });
    await Promise.race([work, late]);
    return {
      ...window.measured(),
      ackP50: latency.quantile(0.5),
      ackP99: latency.quantile(0.99),
      acknowledged: rings.map((ring) => ({ deviceId: ring.deviceId, messages: ring.sent, ...ring.span })),
    };
  } finally {
    timer.abort();
    for (const client of clients) client.close();
  }
}
