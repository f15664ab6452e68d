import { type ReadingColumns } from '@watchfire/readings';
import type { JournalEntry, JournalPart, JournalRecord } from './record.js';

export interface Receipt {
  readonly offset: number;
  readonly at: number;
}

/**
 * Called with parts in order, without a hole but for what is damaged or deleted; the next ones come when the promise has
 * resolved. Readings that were appended together may come in several parts. Never to be changed: all followers are given the same arrays.
 */
export type Follower = (parts: readonly JournalPart[]) => void | Promise<void>;

export interface Following {
  /** No call of the follower begins after this has resolved. */
  stop(): Promise<void>;
}

export interface JournalStats {
  readonly head: number;
  readonly tail: number;
  /** Records and readings that wait for a commit. */
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly commits: number;
  readonly records: number;
  readonly bytes: number;
  readonly lastCommitMs: number;
}

export interface JournalHealth {
  readonly ok: boolean;
  /** `disk_full`, `io_error`, `closed`, … with the text of the engine behind it. */
  readonly code?: string;
  readonly reason?: string;
}

/** State of a projection, saved with the offset up to which it includes the journal. */
export interface SavedState {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The one ordered record of everything. What `append` has resolved survives kill -9 and loss of power.
 */
export abstract class Journal {
  /** Resolves only when the record is on disk (fsync). Rejects with a `JournalError`; then it is not in the journal. */
  abstract append(record: JournalRecord): Promise<Receipt>;
  /**
   * Resolves when all of them are on disk, with the offset of the first and their one journal time; rejects as `append` does,
   * and then none of them is in the journal. One to 4,096 readings: an empty batch has no offset, so it is `invalid_record` too.
   * The columns must not be changed afterwards: followers are given the same arrays.
   */
  abstract appendReadings(readings: ReadingColumns): Promise<Receipt>;
  /** At most `limit` entries from `offset` on, oldest first, readings as records; empty when there are none yet. */
  abstract read(offset: number, limit: number): Promise<readonly JournalEntry[]>;
  /** Everything from `offset` on, first those on disk, then each as it is committed: nothing twice, nothing missing. */
  abstract follow(offset: number, follower: Follower): Following;
  /** The offset of the newest durable record; 0 when there is none. */
  abstract head(): number;
  /** The oldest offset still held; `head() + 1` when it is empty. */
  abstract tail(): number;
  /** True while the writer is behind by more than a configured bound, in records, bytes or ms: senders must wait (`drained`). */
  abstract saturated(): boolean;
  /** Resolves when the journal is no longer saturated. */
  abstract drained(): Promise<void>;
  /** The position of a projection, or 0. */
  abstract cursor(name: string): Promise<number>;
  abstract saveCursor(name: string, offset: number): Promise<void>;
  abstract loadState(name: string): Promise<SavedState | undefined>;
  /** Replaces the saved state of that name in one transaction. */
  abstract saveState(name: string, state: SavedState): Promise<void>;
  /** Deletes whole commits whose records are all below `belowOffset` and older than `olderThan` (journal time). */
  abstract retain(belowOffset: number, olderThan: number): Promise<number>;
  abstract stats(): JournalStats;
  abstract health(): JournalHealth;
  /** Commits what waits, then closes. */
  abstract close(): Promise<void>;
}
