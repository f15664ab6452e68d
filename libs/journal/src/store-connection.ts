import { setTimeout as delay } from 'node:timers/promises';
import { type CommitThread } from './commit-thread.js';
import { JournalError, type JournalErrorCode } from './errors.js';
import type { OpenedStore, StoreOperation, StoreOperations } from './store-protocol.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

const WRITES: ReadonlySet<StoreOperation> = new Set(['commit', 'saveCursor', 'saveState', 'retain']);

export interface ConnectionEvents {
  /** From now on nothing is accepted. Also called again when an attempt to reopen has failed. */
  lost(failure: JournalError): void;
  reopened(store: OpenedStore): void;
}

export interface ConnectionOptions {
  readonly directory: string;
  readonly now: () => number;
  readonly start: () => CommitThread;
}

/**
 * The one connection to the journal's file. When the thread is lost or the disk fails, the thread is replaced and the
 * file is opened anew, which settles its log with fsyncs: a failed fsync is never repeated as if nothing had happened
 * (the kernel may have dropped the pages and call the next one a success).
 */
export class StoreConnection {
  #thread: CommitThread | undefined;
  #failure: JournalError | undefined;
  #open: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  private constructor(
    private readonly options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {}

  static async open(
    options: ConnectionOptions,
    events: ConnectionEvents,
  ): Promise<{ readonly connection: StoreConnection; readonly store: OpenedStore }> {
    const connection = new StoreConnection(options, events);
    return { connection, store: await connection.#start() };
  }

  /** A write that fails other than for want of space ends the connection: what is on disk must be looked at anew. */
  async call<K extends StoreOperation>(
    operation: K,
    input: StoreOperations[K]['input'],
    transfer?: readonly ArrayBuffer[],
  ): Promise<StoreOperations[K]['output']> {
    const thread = this.#thread;
    if (thread === undefined) throw this.#failure ?? closed();
    try {
      return await thread.call(operation, input, transfer);
    } catch (error) {
      const failure = asJournalError(error, 'io_error');
      if (WRITES.has(operation) && failure.code !== 'disk_full') this.#fail(thread, failure);
      throw failure;
    }
  }

  /** Why nothing is accepted at present. */
  failure(): JournalError | undefined {
    return this.#failure;
  }

  /** Resolves when the file is open again, or never will be. */
  whenOpen(): Promise<void> {
    return this.#open;
  }

  /** Closes the file after everything that was asked before. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#open;
    const thread = this.#thread;
    this.#thread = undefined;
    this.#failure = closed();
    try {
      await thread?.call('close', undefined);
    } finally {
      await thread?.stop();
    }
  }

  async #start(): Promise<OpenedStore> {
    const thread = this.options.start();
    try {
      const store = await thread.call('open', { directory: this.options.directory, at: this.options.now() });
      this.#thread = thread;
      this.#failure = undefined;
      void thread.lost.then((failure) => this.#fail(thread, failure));
      return store;
    } catch (error) {
      await thread.stop();
      throw error;
    }
  }

  /** Gives the file up and opens it anew, at once and then ever more slowly, until it can be written. */
  #fail(thread: CommitThread, failure: JournalError): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#lose(failure);
    this.#open = this.#reopen(thread);
  }

  async #reopen(old: CommitThread): Promise<void> {
    await old.stop();
    for (let waitMs = FIRST_RETRY_MS; !this.#closing.signal.aborted;) {
      try {
        this.events.reopened(await this.#start());
        return;
      } catch (error) {
        this.#lose(asJournalError(error, 'io_error'));
        await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  #lose(failure: JournalError): void {
    this.#failure = failure;
    this.events.lost(failure);
  }
}

export function asJournalError(error: unknown, code: JournalErrorCode): JournalError {
  if (error instanceof JournalError) return error;
  return new JournalError(code, error instanceof Error ? error.message : String(error), { cause: error });
}

function closed(): JournalError {
  return new JournalError('closed', 'the journal is closed');
}
