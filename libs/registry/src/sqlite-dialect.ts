import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import { RegistryError } from './errors.js';
import { type SqlThread } from './sql-thread.js';
import { Turns } from './turns.js';
import { type SqlValue } from './worker-messages.js';

/** Kysely over the storage thread. One connection: a transaction has it alone, everybody else waits in order. */
export class SqliteThreadDialect implements Dialect {
  constructor(private readonly thread: SqlThread) {}

  createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  createDriver(): Driver {
    return new ThreadDriver(this.thread);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class TransactionalAdapter extends SqliteAdapter {
  /** SQLite rolls DDL back like anything else: a migration that fails, or is killed, leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ThreadDriver implements Driver {
  private readonly turns = new Turns(1);
  private readonly connection: ThreadConnection;
  private leave: (() => void) | undefined;

  constructor(private readonly thread: SqlThread) {
    this.connection = new ThreadConnection(thread);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.leave = await this.turns.enter();
    return this.connection;
  }

  releaseConnection(): Promise<void> {
    const leave = this.leave;
    this.leave = undefined;
    leave?.();
    return Promise.resolve();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // The write lock at once: a transaction that reads first and writes later could otherwise be refused half-way.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    await this.thread.close();
  }
}

class ThreadConnection implements DatabaseConnection {
  constructor(private readonly thread: SqlThread) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.thread.run(sql, parameters.map(toSqlValue));
    const rows = result.rows as R[];
    return result.changes === null ? { rows } : { rows, numAffectedRows: BigInt(result.changes) };
  }

  // eslint-disable-next-line require-yield -- the port asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw await Promise.resolve(
      new RegistryError('invalid', 'the registry reads in pages and streams nothing'),
    );
  }
}

function toSqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'number' || typeof value === 'bigint') return value;
  // Text ends at U+0000 in the C interface of SQLite, and PostgreSQL refuses it: what follows must not be lost, and one bad
  // dead letter must not hold up all that come after it.
  if (typeof value === 'string') return value.replaceAll('\u0000', '\uFFFD');
  if (value instanceof Uint8Array) return value;
  throw new RegistryError('invalid', `a value of type ${typeof value} cannot be stored`);
}
