import { MAX_COMMIT_BYTES, MAX_COMMIT_RECORDS } from './commit-format.js';
import { type JournalError } from './errors.js';
import { type Receipt } from './journal.js';
import { type JournalRecord } from './record.js';

/** A record whose sender waits. */
export interface WaitingAppend {
  readonly record: JournalRecord;
  readonly encoded: string;
  /** Journal time, given when the record was taken. */
  readonly at: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: JournalError) => void;
}

export interface QueueLimits {
  readonly maxWaitingRecords: number;
  /** UTF-16 units of the encoded records, which for JSON of our kind are bytes within a few per cent. */
  readonly maxWaitingBytes: number;
}

/** What waits for its commit, and whether senders should wait with more. */
export class AppendQueue {
  #waiting: WaitingAppend[] = [];
  #records = 0;
  #bytes = 0;
  #drained: (() => void)[] = [];

  constructor(private readonly limits: QueueLimits) {}

  /** Records that are not settled, those of the commit under way included. */
  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(append: WaitingAppend): void {
    this.#waiting.push(append);
    this.#records += 1;
    this.#bytes += append.encoded.length;
  }

  /** The oldest appends, as many as fit in one commit; they count as waiting until they are released. */
  take(): readonly WaitingAppend[] {
    const most = Math.min(this.#waiting.length, MAX_COMMIT_RECORDS);
    let count = 0;
    for (let bytes = 0; count < most && bytes < MAX_COMMIT_BYTES; count += 1) {
      bytes += this.#waiting[count]?.encoded.length ?? 0;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }

  takeAll(): readonly WaitingAppend[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** To be called when appends that were taken are settled. */
  release(appends: readonly WaitingAppend[]): void {
    this.#records -= appends.length;
    for (const { encoded } of appends) this.#bytes -= encoded.length;
    if (this.#drained.length === 0 || this.saturated()) return;
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }

  saturated(): boolean {
    return this.#records >= this.limits.maxWaitingRecords || this.#bytes >= this.limits.maxWaitingBytes;
  }

  drained(): Promise<void> {
    if (!this.saturated()) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }
}
