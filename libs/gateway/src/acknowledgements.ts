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

const FIRST_RUNS = 256;

/** Publishes that are decided together: by connection in runs, in the order in which they came. */
class Batch<P extends Publisher> {
  runs = 0;
  readonly publishers: (P | undefined)[] = [];
  /** Their connections: so many publishers later, looking one up again costs as much as its answer. */
  readonly connections: (Acknowledged | undefined)[] = [];
  /** Publishes of a run, those at QoS 0 included. */
  publishes = new Uint32Array(FIRST_RUNS);
  /** Where the packets of a run end. */
  ends = new Uint32Array(FIRST_RUNS);
  /** PUBACKs and PUBRECs, one behind the other. */
  packets: Buffer = Buffer.allocUnsafe(512);
  bytes = 0;
  work: Promise<unknown>[] = [];
  state: 'open' | 'waiting' | 'done' | Error = 'open';
  dueAt = 0;

  add(publisher: P, packetId: number, qos: number): void {
    const last = this.runs - 1;
    if (last < 0 || this.publishers[last] !== publisher) this.begin(publisher);
    else this.publishes[last]!++;
    if (qos !== 0) this.answer(qos === 1 ? PUBACK : PUBREC, packetId);
  }

  private begin(publisher: P): void {
    const run = this.runs++;
    if (run === this.ends.length) {
      this.publishes = twiceAsLong(this.publishes);
      this.ends = twiceAsLong(this.ends);
    }
    this.publishers[run] = publisher;
    this.connections[run] = publisher.connection;
    this.publishes[run] = 1;
    this.ends[run] = this.bytes;
  }

  private answer(type: number, packetId: number): void {
    if (this.bytes === this.packets.length) {
      const larger = Buffer.allocUnsafe(this.packets.length * 4);
      larger.set(this.packets);
      this.packets = larger;
    }
    const { packets, bytes } = this;
    packets[bytes] = type;
    packets[bytes + 1] = 2;
    packets[bytes + 2] = packetId >> 8;
    packets[bytes + 3] = packetId & 0xff;
    this.bytes += 4;
    this.ends[this.runs - 1] = this.bytes;
  }

  /** Of no use any more, to be filled again. `lent`: its packets are still to be sent. */
  clear(lent: boolean): void {
    this.publishers.fill(undefined, 0, this.runs);
    this.connections.fill(undefined, 0, this.runs);
    if (lent) this.packets = Buffer.allocUnsafe(512);
    this.runs = 0;
    this.bytes = 0;
    this.work = [];
    this.state = 'open';
  }
}

function twiceAsLong(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(array.length * 2);
  longer.set(array);
  return longer;
}

/** Batches that are kept for the next: one is filled while a few wait for the disk. */
const MAX_SPARE = 4;

/**
 * Answers publishes when what came of them is on disk, and never before: all that were collected together with one buffer a
 * connection, and always in the order in which they came [MQTT-4.6.0-2].
 */
export class Acknowledgements<P extends Publisher> {
  private open = new Batch<P>();
  private readonly spare: Batch<P>[] = [];
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
    return this.open.runs === 0;
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
    this.open = this.spare.pop() ?? new Batch<P>();
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
      if (batch.state === 'done') this.recycle(batch, answer(batch));
      else this.refuse(batch, batch.state as Error);
    }
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private recycle(batch: Batch<P>, lent: boolean): void {
    if (this.spare.length === MAX_SPARE) return;
    batch.clear(lent);
    this.spare.push(batch);
  }

  /** One that failed is not filled again: its work may still end, when it is another batch's no more. */
  private refuse({ publishers, runs }: Batch<P>, error: Error): void {
    for (const publisher of new Set(publishers.slice(0, runs))) this.failed(publisher!, error);
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

/**
 * A view of a batch costs as much as an answer: where that is a single PUBACK, as with most devices, one that is there is taken.
 * True when views were needed: its packets may still be on their way.
 */
function answer(batch: Batch<Publisher>): boolean {
  const { packets, ends, connections, publishes, runs } = batch;
  let from = 0;
  let lent = false;
  for (let run = 0; run < runs; run++) {
    const connection = connections[run]!;
    const to = ends[run]!;
    if (to - from === 4 && packets[from] === PUBACK) {
      connection.write(puback(packets[from + 2]! * 256 + packets[from + 3]!));
    } else if (to > from) {
      connection.write(packets.subarray(from, to));
      lent = true;
    }
    from = to;
    connection.settle(publishes[run]!);
  }
  return lent;
}

function puback(packetId: number): Buffer {
  return (pubacks[packetId] ??= Buffer.from([PUBACK, 2, packetId >> 8, packetId & 0xff]));
}
