import { type ReadingColumns } from '@watchfire/readings';
import { encodeBatch, encodeRecord, type EncodedAppend } from './append-encoding.js';
import { acknowledge, AppendQueue, partsOf, type WaitingAppend } from './append-queue.js';
import { PAYLOAD_VERSION } from './commit-format.js';
import { encodePayload } from './commit-payload.js';
import { startCommitThread, type CommitThread } from './commit-thread.js';
import { JournalError, withUnknownOutcome } from './errors.js';
import { Followers } from './followers.js';
import {
  Journal,
  type Follower,
  type Following,
  type JournalHealth,
  type JournalStats,
  type Receipt,
  type SavedState,
} from './journal.js';
import { JournalReader } from './journal-reader.js';
import { pinFile, type PinnedFile } from './pinned-file.js';
import type { JournalEntry, JournalRecord } from './record.js';
import { asJournalError, StoreConnection } from './store-connection.js';
import type { JournalGap, JournalProgress, OpenedStore } from './store-protocol.js';

/** Commits deleted in one transaction of `retain`. */
const RETAIN_COMMITS = 1024;

export interface SqliteJournalOptions {
  /** Holds `journal.db`; made when it is not there. One process at a time. */
  readonly directory: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Records and readings that wait for the disk above which the journal is saturated; default 50,000. */
  readonly maxWaitingRecords?: number;
  /** The same in bytes; default 32 MiB. */
  readonly maxWaitingBytes?: number;
  /** Ms that the oldest append may wait before the journal is saturated; default 250. */
  readonly maxWaitingMs?: number;
  /** Never set back; default `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Told each change of health: a failure, and that it is over. */
  readonly onFailure?: (health: JournalHealth) => void;
  /** Told of records that a reader asked for and that are damaged or deleted. */
  readonly onGap?: (gap: JournalGap) => void;
  /**
   * A follower has thrown: it is not called again, the others go on. Without this callback the error is uncaught, as that
   * of an event emitter without a listener: a projection that stands still unnoticed is the worse end.
   */
  readonly onFollowerError?: (error: unknown, offset: number) => void;
}

/** The journal on one machine: SQLite in a worker thread, one blob row and one fsync a group commit. */
export class SqliteJournal extends Journal {
  readonly #queue: AppendQueue;
  readonly #followers: Followers;
  readonly #options: SqliteJournalOptions;
  readonly #monotonicMs: () => number;
  readonly #counters = { commits: 0, records: 0, bytes: 0, lastCommitMs: 0 };
  #connection!: StoreConnection;
  #reader!: JournalReader;
  #head = 0;
  #lastAt = 0;
  #opened = 0;
  #health: JournalHealth = { ok: true };
  #committing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: SqliteJournalOptions) {
    super();
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#queue = new AppendQueue({
      maxWaitingRecords: options.maxWaitingRecords ?? 50_000,
      maxWaitingBytes: options.maxWaitingBytes ?? 32 * 1024 * 1024,
      maxWaitingMs: options.maxWaitingMs ?? 250,
      monotonicMs: this.#monotonicMs,
    });
    const source = {
      head: () => this.#head,
      tail: () => this.#reader.tail,
      readChunk: (from: number, limit: number) => this.#reader.chunk(from, this.#head, limit),
      whenOpen: () => this.#connection.whenOpen(),
    };
    this.#followers = new Followers(source, {
      gap: (gap) => options.onGap?.(gap),
      failed: (error, offset) => this.#followerFailed(error, offset),
    });
  }

  /** @throws JournalError as listed at `JournalErrorCode` */
  static async open(
    options: SqliteJournalOptions,
    start: () => CommitThread = startCommitThread,
  ): Promise<SqliteJournal> {
    const journal = new SqliteJournal(options);
    const { connection, store } = await StoreConnection.open(
      { directory: options.directory, now: options.now, start },
      { lost: (failure) => journal.#lost(failure), reopened: (again) => journal.#reopened(again) },
    );
    journal.#connection = connection;
    journal.#reader = new JournalReader(connection, store.tail, (gap) => journal.#damage(gap));
    journal.#adopt(store);
    return journal;
  }

  /** The record must not be changed afterwards: followers are given the same object. */
  append(record: JournalRecord): Promise<Receipt> {
    return this.#take(() => encodeRecord(record));
  }

  appendReadings(readings: ReadingColumns): Promise<Receipt> {
    return this.#take(() => encodeBatch(readings));
  }

  #take(encode: () => EncodedAppend): Promise<Receipt> {
    const failure = this.#closing === undefined ? this.#connection.failure() : closedError();
    if (failure !== undefined) return Promise.reject(failure);
    let append: EncodedAppend;
    try {
      append = encode();
    } catch (error) {
      return Promise.reject(asJournalError(error, 'invalid_record'));
    }
    this.#lastAt = Math.max(this.#lastAt, Math.floor(this.#options.now()));
    const at = this.#lastAt;
    const since = this.#monotonicMs();
    return new Promise((resolve, reject) => {
      this.#queue.add({ append, at, since, resolve, reject });
      // At the end of this turn of the loop, so that what many sockets bring in one turn is one commit.
      this.#committing ??= new Promise((begin) => setImmediate(begin)).then(() => this.#commitAll());
    });
  }

  read(offset: number, limit: number): Promise<readonly JournalEntry[]> {
    return this.#reader.read(offset, limit, this.#head);
  }

  follow(offset: number, follower: Follower): Following {
    return this.#followers.follow(offset, follower);
  }

  head(): number {
    return this.#head;
  }

  tail(): number {
    return this.#reader.tail;
  }

  saturated(): boolean {
    return this.#queue.saturated();
  }

  drained(): Promise<void> {
    return this.#queue.drained();
  }

  cursor(name: string): Promise<number> {
    return this.#connection.call('cursor', { name });
  }

  async saveCursor(name: string, offset: number): Promise<void> {
    await this.#connection.call('saveCursor', { name, offset });
  }

  /** All cursors, and these saved states, of one moment. */
  progress(states: readonly string[]): Promise<JournalProgress> {
    return this.#connection.call('progress', { states });
  }

  /** Commits go on, into the log beside the file; that grows until the file is released. */
  pin(): Promise<PinnedFile> {
    return pinFile(this.#connection, () => this.#opened);
  }

  /** A saved state that is damaged counts as none; the damage shows in `health`. */
  async loadState(name: string): Promise<SavedState | undefined> {
    try {
      const state = await this.#connection.call('loadState', { name });
      return state && { offset: state.offset, bytes: state.bytes };
    } catch (error) {
      const failure = asJournalError(error, 'io_error');
      if (failure.code !== 'damaged') throw failure;
      this.#setHealth({ ok: true, code: 'damaged', reason: failure.message });
      return undefined;
    }
  }

  async saveState(name: string, state: SavedState): Promise<void> {
    // A copy of exactly these bytes: the caller keeps its own, and a view would drag its whole buffer along.
    const bytes = new Uint8Array(state.bytes);
    await this.#connection.call('saveState', { name, offset: state.offset, bytes }, [bytes.buffer]);
  }

  /** Resolves with the number of records deleted. */
  async retain(belowOffset: number, olderThan: number): Promise<number> {
    const from = this.#reader.tail;
    for (let more = true; more;) {
      const input = { belowOffset, olderThan, maxCommits: RETAIN_COMMITS };
      const result = await this.#connection.call('retain', input);
      this.#reader.tail = result.tail;
      more = result.more;
    }
    return this.#reader.tail - from;
  }

  /** Counters since the journal was opened. */
  stats(): JournalStats {
    return {
      head: this.head(),
      tail: this.tail(),
      waiting: this.#queue.records,
      waitingBytes: this.#queue.bytes,
      ...this.#counters,
    };
  }

  /** Damage that was stepped over leaves `ok` true, with code `damaged`: restarting would not mend it. */
  health(): JournalHealth {
    return this.#health;
  }

  /** What was found damaged so far, while opening and reading: the newest thousand places. */
  damaged(): readonly JournalGap[] {
    return this.#reader.damaged;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#committing;
    await this.#followers.stop();
    await this.#connection.close();
    this.#health = { ok: false, code: 'closed', reason: closedError().message };
  }

  /** One commit after the other: what arrives during one makes up the next. */
  async #commitAll(): Promise<void> {
    for (let batch = this.#queue.take(); batch.length > 0; batch = this.#queue.take()) {
      await this.#commit(batch);
      this.#queue.release(batch);
    }
    this.#committing = undefined;
  }

  async #commit(batch: readonly WaitingAppend[]): Promise<void> {
    const firstOffset = this.#head + 1;
    let nextOffset = firstOffset;
    let bytes = 0;
    for (const { append } of batch) {
      nextOffset += append.count;
      bytes += append.bytes;
    }
    const payload = encodePayload(batch);
    const payloadBytes = payload.byteLength;
    const header = {
      firstOffset,
      version: PAYLOAD_VERSION,
      count: nextOffset - firstOffset,
      firstAt: batch[0]?.at ?? 0,
      lastAt: batch.at(-1)?.at ?? 0,
    };
    const startedAt = this.#monotonicMs();
    try {
      await this.#connection.call('commit', { ...header, payload }, [payload.buffer]);
    } catch (error) {
      this.#refuse(batch, asJournalError(error, 'io_error'));
      return;
    }
    this.#counters.lastCommitMs = this.#monotonicMs() - startedAt;
    this.#counters.commits += 1;
    this.#counters.records += header.count;
    this.#counters.bytes += payloadBytes;
    this.#head = nextOffset - 1;
    if (!this.#health.ok) this.#setHealth({ ok: true });
    acknowledge(batch, firstOffset);
    if (this.#followers.none) return;
    this.#followers.committed({ firstOffset, nextOffset, parts: partsOf(batch, firstOffset), bytes });
  }

  #refuse(batch: readonly WaitingAppend[], failure: JournalError): void {
    // On a full disk the transaction was rolled back. Otherwise it may have reached the disk, or half of it.
    const told = failure.code === 'disk_full' ? failure : withUnknownOutcome(failure);
    if (failure.code === 'disk_full') this.#setHealth(healthOf(failure));
    for (const { reject } of batch) reject(told);
  }

  #lost(failure: JournalError): void {
    this.#setHealth(healthOf(failure));
    const waiting = this.#queue.takeAll();
    for (const { reject } of waiting) reject(failure);
    this.#queue.release(waiting);
  }

  #reopened(store: OpenedStore): void {
    if (store.head < this.#head) {
      const reason = 'acknowledged, but no longer on disk after a failure';
      this.#damage({ fromOffset: store.head + 1, toOffset: this.#head, reason });
    }
    this.#setHealth({ ok: true });
    this.#adopt(store);
    this.#followers.wake();
  }

  #adopt(store: OpenedStore): void {
    this.#opened += 1;
    this.#head = Math.max(this.#head, store.head);
    this.#lastAt = Math.max(this.#lastAt, store.lastAt);
    for (const gap of store.damaged) this.#damage(gap);
  }

  #damage(gap: JournalGap): void {
    if (!this.#reader.note(gap)) return;
    this.#options.onGap?.(gap);
    const reason = `records ${gap.fromOffset} to ${gap.toOffset}: ${gap.reason}`;
    if (this.#health.ok) this.#setHealth({ ok: true, code: 'damaged', reason });
  }

  #followerFailed(error: unknown, offset: number): void {
    const { onFollowerError } = this.#options;
    if (onFollowerError !== undefined) onFollowerError(error, offset);
    else
      queueMicrotask(() => {
        throw error;
      });
  }

  #setHealth(health: JournalHealth): void {
    const changed = health.ok !== this.#health.ok || health.code !== this.#health.code;
    this.#health = health;
    if (changed) this.#options.onFailure?.(health);
  }
}

function healthOf(failure: JournalError): JournalHealth {
  return { ok: false, code: failure.code, reason: failure.message };
}

function closedError(): JournalError {
  return new JournalError('closed', 'the journal is closed');
}
