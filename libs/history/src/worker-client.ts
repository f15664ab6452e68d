import { Worker } from 'node:worker_threads';
import { HistoryError } from './history-error.js';
import {
  type WorkerCall,
  type WorkerCalls,
  type WorkerFailure,
  type WorkerMessage,
  type WorkerSettings,
} from './worker-protocol.js';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Asks the thread of the embedded history and hands back its answers, in the order of the questions. */
export class WorkerClient {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private ended: HistoryError | undefined;

  private constructor(private readonly worker: Worker) {}

  /** Resolves when the file is open; rejects with a `HistoryError` that names it. */
  static start(
    entry: URL,
    settings: WorkerSettings,
    onDamage: (message: string) => void,
  ): Promise<WorkerClient> {
    const worker = new Worker(entry, { workerData: settings, name: 'history' });
    const client = new WorkerClient(worker);
    return new Promise((resolve, reject) => {
      client.waiting.set(0, { resolve, reject });
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'damaged') onDamage(message.message);
        else if (message.kind === 'opened') client.settle(0, client, message.failure);
        else client.settle(message.id, message.get, message.failure);
      });
      worker.on('error', (error) => client.end(`the history thread failed: ${error.message}`, error));
      worker.on('exit', () => client.end('the history is closed'));
    });
  }

  /** The memory of `transfer` belongs to the thread from then on. */
  ask<Call extends WorkerCall>(
    call: Call,
    give: WorkerCalls[Call]['give'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<WorkerCalls[Call]['get']> {
    if (this.ended) return Promise.reject(this.ended);
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, give }, transfer);
    });
  }

  /** Resolves when the thread has ended: only then has SQLite let go of the file. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    try {
      await this.ask('close', null);
    } finally {
      if (this.ended === undefined) await ended;
    }
  }

  private settle(id: number, value: unknown, failure: WorkerFailure | undefined): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (failure) waiting?.reject(new HistoryError(failure.code, failure.message, failure.retryable));
    else waiting?.resolve(value as never);
  }

  private end(reason: string, cause?: unknown): void {
    this.ended ??= new HistoryError('closed', reason, false, { cause });
    for (const waiting of this.waiting.values()) waiting.reject(this.ended);
    this.waiting.clear();
  }
}
