import { Worker } from 'node:worker_threads';
import { JournalError, withUnknownOutcome } from './errors.js';
import { ExitGate } from './exit-gate.js';
import { journalWorkerEntry } from './journal-worker-entry.js';
import type { StoreOperation, StoreOperations, StoreReply, StoreRequest } from './store-protocol.js';

/** The writer thread as the main thread sees it. */
export interface CommitThread {
  /** Rejects with the `JournalError` of the operation, or with `worker_lost` when the thread ends first. */
  call<K extends StoreOperation>(
    operation: K,
    input: StoreOperations[K]['input'],
    transfer?: readonly ArrayBuffer[],
  ): Promise<StoreOperations[K]['output']>;
  /** Resolves when the thread has ended, for whatever reason. */
  readonly lost: Promise<JournalError>;
  /**
   * Ends the thread after what it was asked for before. Its connection to the file, and with it the lock, is gone when this
   * resolves; a disk that hangs makes it hang, since nobody else may write then.
   */
  stop(): Promise<void>;
}

interface Call {
  resolve(output: unknown): void;
  reject(error: JournalError): void;
}

/** A commit that takes longer than this at the end of the process is cut off. */
const EXIT_WAIT_MS = 5_000;

export function startCommitThread(): CommitThread {
  return new WorkerCommitThread();
}

class WorkerCommitThread implements CommitThread {
  readonly #gate = new ExitGate();
  readonly #worker = new Worker(journalWorkerEntry, { name: 'journal', workerData: this.#gate.memory });
  readonly #calls = new Map<number, Call>();
  readonly lost: Promise<JournalError>;
  #lastId = 0;
  #ended: JournalError | undefined;

  constructor() {
    const atExit = (): void => this.#gate.close(EXIT_WAIT_MS);
    process.once('exit', atExit);
    this.#worker.on('message', (reply: StoreReply) => this.#settle(reply));
    let cause: unknown;
    this.#worker.on('error', (error) => (cause = error));
    this.lost = new Promise((resolve) => {
      this.#worker.on('exit', (exitCode) => {
        process.off('exit', atExit);
        const text = cause instanceof Error ? cause.message : `exit code ${exitCode}`;
        this.#ended = new JournalError('worker_lost', `the journal's writer thread ended: ${text}`, {
          cause,
        });
        for (const call of this.#calls.values()) call.reject(withUnknownOutcome(this.#ended));
        this.#calls.clear();
        resolve(this.#ended);
      });
    });
  }

  call<K extends StoreOperation>(
    operation: K,
    input: StoreOperations[K]['input'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<StoreOperations[K]['output']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve, reject });
      this.#worker.postMessage({ id, operation, input } satisfies StoreRequest, transfer);
    });
  }

  async stop(): Promise<void> {
    // Never `terminate`: it can end the thread inside the binding of SQLite, and that aborts the whole process.
    this.call('close', undefined).catch(() => undefined);
    await this.lost;
  }

  #settle(reply: StoreReply): void {
    const call = this.#calls.get(reply.id);
    this.#calls.delete(reply.id);
    if ('failure' in reply) {
      const { code, message, outcome } = reply.failure;
      call?.reject(new JournalError(code, message, { outcome }));
    } else {
      call?.resolve(reply.output);
    }
  }
}
