import { type EncodedAppend } from './append-encoding.js';
import { MAX_COMMIT_BYTES, MAX_COMMIT_RECORDS } from './commit-format.js';
import { type JournalError } from './errors.js';
import { type Receipt } from './journal.js';
import { type JournalPart } from './record.js';

/** A record, or a batch of readings, whose sender waits. */
export interface WaitingAppend {
  readonly append: EncodedAppend;
  /** Journal time, given when it was taken. */
  readonly at: number;
  /** Monotonic ms, when it was taken. */
  readonly since: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: JournalError) => void;
}

export interface QueueLimits {
  readonly maxWaitingRecords: number;
  /** UTF-16 units of the encoded records, which for JSON of our kind are bytes within a few per cent; readings in bytes. */
  readonly maxWaitingBytes: number;
  /** How old the oldest may become before senders should wait. */
  readonly maxWaitingMs: number;
  readonly monotonicMs: () => number;
}

/** What waits for its commit, and whether senders should wait with more. */
export class AppendQueue {
  #waiting: WaitingAppend[] = [];
  #committing: readonly WaitingAppend[] = [];
  #records = 0;
  #bytes = 0;
  #drained: (() => void)[] = [];

  constructor(private readonly limits: QueueLimits) {}

  /** Records and readings that are not settled, those of the commit under way included. */
  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(waiting: WaitingAppend): void {
    this.#waiting.push(waiting);
    this.#records += waiting.append.count;
    this.#bytes += waiting.append.bytes;
  }

  /** The oldest appends, as many as fit in one commit; they count as waiting until they are released. */
  take(): readonly WaitingAppend[] {
    let taken = 0;
    let records = 0;
    for (let bytes = 0; taken < this.#waiting.length && bytes < MAX_COMMIT_BYTES; taken += 1) {
      const { append } = this.#waiting[taken]!;
      records += append.count;
      // A batch is one unit: it goes into one commit as a whole.
      if (records > MAX_COMMIT_RECORDS) break;
      bytes += append.bytes;
    }
    this.#committing = taken === this.#waiting.length ? this.takeAll() : this.#waiting.splice(0, taken);
    return this.#committing;
  }

  takeAll(): readonly WaitingAppend[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** To be called when appends that were taken are settled. */
  release(settled: readonly WaitingAppend[]): void {
    if (settled === this.#committing) this.#committing = [];
    for (const { append } of settled) {
      this.#records -= append.count;
      this.#bytes -= append.bytes;
    }
    if (this.#drained.length === 0 || this.saturated()) return;
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }

  saturated(): boolean {
    const { maxWaitingRecords, maxWaitingBytes, maxWaitingMs, monotonicMs } = this.limits;
    if (this.#records >= maxWaitingRecords || this.#bytes >= maxWaitingBytes) return true;
    const oldest = this.#committing[0] ?? this.#waiting[0];
    return oldest !== undefined && monotonicMs() - oldest.since >= maxWaitingMs;
  }

  drained(): Promise<void> {
    if (!this.saturated()) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }
}

/** Answers the senders of one commit. */
export function acknowledge(batch: readonly WaitingAppend[], firstOffset: number): void {
  let offset = firstOffset;
  for (const { append, at, resolve } of batch) {
    resolve({ offset, at });
    offset += append.count;
  }
}

/** What followers are given: the records and the columns themselves. */
export function partsOf(batch: readonly WaitingAppend[], firstOffset: number): readonly JournalPart[] {
  const parts: JournalPart[] = [];
  let offset = firstOffset;
  for (const { append, at } of batch) {
    if ('record' in append) parts.push({ offset, at, record: append.record });
    else parts.push({ offset, at, readings: append.readings });
    offset += append.count;
  }
  return parts;
}
