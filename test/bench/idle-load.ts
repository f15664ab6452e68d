import { setTimeout as sleep } from 'node:timers/promises';
import { FrameScanner } from './frame-scanner.js';
import { type Credential, SUBACK, subscribeFrame } from './mqtt-frames.js';
import { cpuMicros, residentBytes } from './process-cpu.js';
import { openAll, RawClient } from './raw-client.js';
import { median } from './statistics.js';
import { commandsFilterOf } from './telemetry-frames.js';

export interface IdlePlan {
  readonly port: number;
  readonly serverPid: number;
  /** One each. The first tenth warms the server up, the next half of the rest signs in, the other half also subscribes. */
  readonly connections: readonly Credential[];
  /** Addresses to come from, in turn. */
  readonly addresses: readonly string[];
  readonly settleMs: number;
}

export interface IdleResult {
  readonly connections: number;
  /** Resident memory of the server, bytes: warm, and with all of them. */
  readonly residentWarm: number;
  readonly residentAll: number;
  /** Bytes that one more connection costs, signed in and silent. */
  readonly perConnection: number;
  /** The same of one that subscribed to its commands. */
  readonly perSubscriber: number;
  /** CPU of the server with all of them connected and nothing to do, as a share of one core. */
  readonly idleCpu: number | null;
}

const READINGS = 7;
const BETWEEN_READINGS_MS = 300;

/** Several readings, since a collector may be at work: the median. */
async function resident(pid: number): Promise<number> {
  const readings: number[] = [];
  for (let i = 0; i < READINGS; i++) {
    const bytes = residentBytes(pid);
    if (bytes === undefined) throw new Error('This system does not tell how much memory a process has.');
    readings.push(bytes);
    await sleep(BETWEEN_READINGS_MS);
  }
  return median(readings);
}

/** Subscribes a client to its own commands; resolves when that was granted. */
class Subscription {
  readonly granted: Promise<void>;
  readonly #scanner: FrameScanner;

  constructor(private readonly filter: string) {
    let grant: () => void = () => undefined;
    let refuse: (reason: Error) => void = () => undefined;
    this.granted = new Promise((resolve, reject) => {
      grant = resolve;
      refuse = reject;
    });
    this.#scanner = new FrameScanner((header, body) => {
      if (header === SUBACK && (body[2] ?? 0x80) < 0x80) grant();
      else refuse(new Error(`${filter}: the subscription was refused.`));
    });
  }

  send(client: RawClient): Promise<void> {
    client.socket.write(subscribeFrame(1, [this.filter]));
    return this.granted;
  }

  receive(chunk: Buffer): void {
    this.#scanner.push(chunk);
  }
}

/** Opens connections that then do nothing, in three groups, and reads after each what the server has grown by. */
export async function runIdle(plan: IdlePlan): Promise<IdleResult> {
  const { connections, addresses, port, serverPid } = plan;
  const clients: RawClient[] = [];
  let lost: Error | undefined;
  const onLost = (error: Error): void => void (lost ??= error);
  const open = async (from: number, to: number, subscribe: boolean): Promise<number> => {
    await openAll(connections.slice(from, to), async (credential, index) => {
      const localAddress = addresses[index % addresses.length] ?? '127.0.0.1';
      const subscription = new Subscription(commandsFilterOf(credential.username));
      const onData = (chunk: Buffer): void => subscription.receive(chunk);
      const client = await RawClient.open({ port, credential, localAddress, onData, onLost });
      clients.push(client);
      if (subscribe) await subscription.send(client);
    });
    await sleep(plan.settleMs);
    return resident(serverPid);
  };
  const count = connections.length;
  const warmTo = Math.round(count * 0.1);
  const silentTo = Math.round(count * 0.55);
  try {
    const warm = await open(0, warmTo, false);
    const silent = await open(warmTo, silentTo, false);
    const all = await open(silentTo, count, true);
    if (lost !== undefined) throw lost;
    return {
      connections: count,
      residentWarm: warm,
      residentAll: all,
      perConnection: (silent - warm) / (silentTo - warmTo),
      perSubscriber: (all - silent) / (count - silentTo),
      idleCpu: await idleCpu(serverPid),
    };
  } finally {
    for (const client of clients) client.leave();
  }
}

const IDLE_CPU_MS = 3_000;

async function idleCpu(pid: number): Promise<number | null> {
  const before = cpuMicros(pid);
  await sleep(IDLE_CPU_MS);
  const after = cpuMicros(pid);
  return before === undefined || after === undefined ? null : (after - before) / (IDLE_CPU_MS * 1000);
}
