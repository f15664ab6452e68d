import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import {
  type SqlFailure,
  type SqlRequest,
  type WorkerMessage,
  type WorkerOptions,
} from './worker-messages.js';

/** The storage thread: the only one that touches the file, so that an fsync never holds up the event loop. */

const STATEMENTS = 256;

interface Prepared {
  readonly statement: StatementSyncInstance;
  readonly returnsRows: boolean;
}

function open(options: WorkerOptions): DatabaseSyncInstance {
  const db = new DatabaseSync(options.file, { timeout: options.lockTimeoutMs });
  // One process, one connection: an exclusive lock makes a second server on the same folder refuse instead of two writing
  // in turns, and the lock dies with the process, however that ends.
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  db.exec('PRAGMA trusted_schema = OFF');
  // Takes the lock now and not at the first write, and finds a file that is no database.
  db.exec('BEGIN EXCLUSIVE; COMMIT');
  db.enableDefensive(true);
  return db;
}

class Sql {
  private readonly prepared = new Map<string, Prepared>();

  constructor(private readonly db: DatabaseSyncInstance) {}

  run({ id, sql, parameters }: SqlRequest): WorkerMessage {
    try {
      // A full disk makes SQLite roll back by itself; a second rollback must not hide why.
      if (sql === 'rollback' && !this.db.isTransaction) return { id, rows: [], changes: 0 };
      const { statement, returnsRows } = this.prepare(sql);
      if (returnsRows) return { id, rows: statement.all(...parameters), changes: null };
      return { id, rows: [], changes: statement.run(...parameters).changes };
    } catch (error) {
      return { id, error: failure(error) };
    }
  }

  private prepare(sql: string): Prepared {
    const known = this.prepared.get(sql);
    if (known) return known;
    const statement = this.db.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    // Texts come from the query builder and are few; a list of varying length must not make the cache grow for ever.
    if (this.prepared.size >= STATEMENTS) this.prepared.clear();
    this.prepared.set(sql, prepared);
    return prepared;
  }
}

function failure(error: unknown): SqlFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code: unknown = error instanceof Error && 'errcode' in error ? error.errcode : null;
  return { message, resultCode: typeof code === 'number' ? code : null };
}

const port = parentPort;
if (port === null) throw new Error('registry-worker runs as a worker thread');

try {
  const db = open(workerData as WorkerOptions);
  const sql = new Sql(db);
  port.on('message', (message: SqlRequest | 'close') => {
    if (message === 'close') {
      db.close();
      port.close();
    } else {
      port.postMessage(sql.run(message));
    }
  });
  port.postMessage({ ready: true } satisfies WorkerMessage);
} catch (error) {
  port.postMessage({ openFailed: failure(error) } satisfies WorkerMessage);
  port.close();
}
