import { Worker } from 'node:worker_threads';
import { RegistryError, type RegistryErrorCode } from './errors.js';
import { registryWorkerEntry } from './registry-worker-entry.js';
import {
  type SqlFailure,
  type SqlReply,
  type SqlValue,
  type WorkerMessage,
  type WorkerOptions,
} from './worker-messages.js';

export interface SqlResult {
  readonly rows: readonly unknown[];
  /** Rows changed; `null` for a statement that answers rows. */
  readonly changes: number | null;
}

interface Waiting {
  resolve(result: SqlResult): void;
  reject(error: Error): void;
}

/** The near side of the storage thread. */
export class SqlThread {
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private closing = false;
  private ended: RegistryError | undefined;
  private readonly exited: Promise<void>;

  private constructor(private readonly worker: Worker) {
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('error', (error) => this.end(error));
    worker.on('exit', () => this.end(undefined));
    worker.on('message', (message: SqlReply) => this.answer(message));
  }

  /** @throws RegistryError `locked` or `storage`. */
  static async open(options: WorkerOptions): Promise<SqlThread> {
    const worker = new Worker(registryWorkerEntry, { workerData: options, name: 'registry' });
    const first = await new Promise<WorkerMessage>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    }).catch((error: unknown) => {
      throw new RegistryError('storage', 'the storage thread of the registry did not start', {
        cause: error,
      });
    });
    if ('openFailed' in first) throw toRegistryError(first.openFailed);
    return new SqlThread(worker);
  }

  /** @throws RegistryError. */
  async run(sql: string, parameters: readonly SqlValue[]): Promise<SqlResult> {
    if (this.ended) throw this.ended;
    if (this.closing) throw new RegistryError('storage', 'the registry is closed');
    const id = this.next;
    this.next += 1;
    return new Promise<SqlResult>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, sql, parameters });
    });
  }

  /** What was asked before is answered first. */
  async close(): Promise<void> {
    if (!this.closing && this.ended === undefined) this.worker.postMessage('close');
    this.closing = true;
    await this.exited;
  }

  private answer(reply: SqlReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(toRegistryError(reply.error));
    else waiting?.resolve(reply);
  }

  private end(cause: unknown): void {
    this.ended ??= new RegistryError('storage', 'the storage thread of the registry has ended', { cause });
    for (const waiting of this.waiting.values()) waiting.reject(this.ended);
    this.waiting.clear();
  }
}

/** Result codes of SQLite (https://sqlite.org/rescode.html): extended for constraints, primary (low byte) for the rest. */
const CONSTRAINTS: ReadonlyMap<number, RegistryErrorCode> = new Map([
  [787, 'not_found'], // SQLITE_CONSTRAINT_FOREIGNKEY
  [1555, 'conflict'], // SQLITE_CONSTRAINT_PRIMARYKEY
  [2067, 'conflict'], // SQLITE_CONSTRAINT_UNIQUE
]);
const PRIMARY: ReadonlyMap<number, RegistryErrorCode> = new Map([
  [5, 'locked'], // SQLITE_BUSY
  [6, 'locked'], // SQLITE_LOCKED
  [18, 'invalid'], // SQLITE_TOOBIG
  [19, 'invalid'], // SQLITE_CONSTRAINT
  [20, 'invalid'], // SQLITE_MISMATCH
]);

function toRegistryError({ message, resultCode }: SqlFailure): RegistryError {
  if (resultCode === 787)
    return new RegistryError('not_found', 'a record that this one refers to does not exist');
  if (resultCode === null) return new RegistryError('invalid', message);
  const code = CONSTRAINTS.get(resultCode) ?? PRIMARY.get(resultCode & 0xff) ?? 'storage';
  if (code === 'locked') return new RegistryError(code, 'another process is using the registry');
  return new RegistryError(code, message);
}
