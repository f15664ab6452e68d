import { TimeLimitError } from './time-limit.js';

/** A connection, as far as an acknowledgement needs it. */
export interface Acknowledged {
  write(packets: Uint8Array): void;
  settle(publishes: number): void;
}

/** Whoever publishes over it. */
interface Publisher {
  readonly connection: Acknowledged;
}

const PUBACK = 0x40;
const PUBREC = 0x50;

/** Publishes that are decided together: by connection in runs, in the order in which they came. */
class Batch<P extends Publisher> {
  readonly publishers: P[] = [];
  /** Their connections: so many publishers later, looking one up again costs as much as its answer. */
  readonly connections: Acknowledged[] = [];
  /** Publishes of a run, those at QoS 0 included. */
  readonly publishes: number[] = [];
  /** Where the packets of a run end. */
  readonly ends: number[] = [];
  /** PUBACKs and PUBRECs, one behind the other. */
  packets: Buffer = Buffer.allocUnsafe(512);
  bytes = 0;
  readonly work: Promise<unknown>[] = [];
  state: 'open' | 'waiting' | 'done' | Error = 'open';
  dueAt = 0;

  add(publisher: P, packetId: number, qos: number): void {
    const last = this.publishers.length - 1;
    if (last < 0 || this.publishers[last] !== publisher) {
      this.publishers.push(publisher);
      this.connections.push(publisher.connection);
      this.publishes.push(1);
      this.ends.push(this.bytes);
    } else {
      this.publishes[last]!++;
    }
    if (qos === 0) return;
    if (this.bytes === this.packets.length) {
      const larger = Buffer.allocUnsafe(this.packets.length * 4);
      larger.set(this.packets);
      this.packets = larger;
    }
    const { packets, bytes } = this;
    packets[bytes] = qos === 1 ? PUBACK : PUBREC;
    packets[bytes + 1] = 2;
    packets[bytes + 2] = packetId >> 8;
    packets[bytes + 3] = packetId & 0xff;
    this.bytes += 4;
    this.ends[this.ends.length - 1] = this.bytes;
  }
}

/**
 * Answers publishes when what came of them is on disk, and never before: all that were collected together with one buffer a
 * connection, and always in the order in which they came [MQTT-4.6.0-2].
 */
export class Acknowledgements<P extends Publisher> {
  private open = new Batch<P>();
  private readonly waiting: Batch<P>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(
    private readonly limitMs: number,
    private readonly monotonicMs: () => number,
    /** What was added for it is not on disk, or not in time: it must not be acknowledged. */
    private readonly failed: (publisher: P, error: Error) => void,
  ) {}

  get isEmpty(): boolean {
    return this.open.publishers.length === 0;
  }

  /** A publish that is on disk when the work is that `close` will be given. */
  add(publisher: P, packetId: number, qos: number): void {
    this.open.add(publisher, packetId, qos);
  }

  /** What is added from now on waits for this as well. */
  after(work: Promise<unknown>): void {
    // Looked at by `close`; it may fail before.
    work.catch(() => undefined);
    this.open.work.push(work);
  }

  /** Ends the collecting: what was added is answered when this work, and all that was given before, is done. */
  close(work?: Promise<unknown>): void {
    const batch = this.open;
    this.open = new Batch<P>();
    if (work !== undefined) batch.work.push(work);
    batch.state = 'waiting';
    batch.dueAt = this.monotonicMs() + this.limitMs;
    this.waiting.push(batch);
    this.timer ??= setTimeout(() => this.look(), this.limitMs);
    const all = batch.work.length === 1 ? batch.work[0]! : Promise.all(batch.work);
    all.then(
      () => this.settled(batch, 'done'),
      (error: unknown) => this.settled(batch, error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private settled(batch: Batch<P>, state: 'done' | Error): void {
    // One that was late was given up: its connections are cut, whatever becomes of it.
    if (batch.state !== 'waiting') return;
    batch.state = state;
    this.release();
  }

  private release(): void {
    while (this.waiting.length > 0) {
      const batch = this.waiting[0]!;
      if (batch.state === 'waiting') return;
      this.waiting.shift();
      if (batch.state === 'done') answer(batch);
      else this.refuse(batch, batch.state as Error);
    }
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private refuse(batch: Batch<P>, error: Error): void {
    for (const publisher of new Set(batch.publishers)) this.failed(publisher, error);
  }

  private look(): void {
    this.timer = undefined;
    const now = this.monotonicMs();
    for (const batch of this.waiting) {
      if (batch.state === 'waiting' && batch.dueAt <= now) {
        batch.state = new TimeLimitError(`not done within ${this.limitMs} ms`);
      }
    }
    this.release();
    const next = this.waiting[0];
    if (next !== undefined) this.timer = setTimeout(() => this.look(), Math.max(1, next.dueAt - now));
  }
}

/** PUBACKs, by packet id: nothing changes them, so that any connection may be sent the same bytes at any time. */
const pubacks = new Array<Buffer | undefined>(65_536);

/** A view of a batch costs as much as an answer: where that is a single PUBACK, as with most devices, one that is there is taken. */
function packetsOf(packets: Buffer, from: number, to: number): Buffer {
  if (to - from !== 4 || packets[from] !== PUBACK) return packets.subarray(from, to);
  const packetId = packets.readUInt16BE(from + 2);
  return (pubacks[packetId] ??= Buffer.from(packets.subarray(from, to)));
}

function answer(batch: Batch<Publisher>): void {
  let from = 0;
  for (let run = 0; run < batch.connections.length; run++) {
    const connection = batch.connections[run]!;
    const to = batch.ends[run]!;
    if (to > from) connection.write(packetsOf(batch.packets, from, to));
    from = to;
    connection.settle(batch.publishes[run]!);
  }
}
