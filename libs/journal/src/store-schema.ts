import { type DatabaseSyncInstance } from '@photostructure/sqlite';
import { JournalError } from './errors.js';

export const SCHEMA_VERSION = 1;
/**
 * Pages of the write-ahead log above which SQLite moves it into the file; 4 MiB, as SQLite does unless told otherwise. Commits
 * wait meanwhile: 2,000 pages took up to 16 ms where 1,000 take 8.
 */
export const CHECKPOINT_PAGES = 1000;
/** "WFJ1" in the header of the file, so that neither we nor `file(1)` take another database for a journal. */
const APPLICATION_ID = 0x57464a31;

const TABLES = `
  CREATE TABLE commits (
    first_offset INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE cursors (name TEXT PRIMARY KEY, offset INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE states (
    name TEXT PRIMARY KEY,
    offset INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  -- One row: where the journal stands when all its commits have been deleted.
  CREATE TABLE position (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    head INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    opened_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO position VALUES (1, 0, 0, 0);
`;

/**
 * Takes the file for this process, makes every commit an fsync, and creates the tables in an empty file.
 *
 * WAL with `synchronous=FULL` is one fsync a commit; the rollback modes need two or three. `locking_mode=EXCLUSIVE` before
 * the first access holds the lock until the connection closes or its process dies, and needs no shared memory file.
 *
 * @throws JournalError `not_a_journal` or `schema_newer`, before anything in the file was changed.
 */
export function prepareDatabase(database: DatabaseSyncInstance, file: string): void {
  database.exec(`
    PRAGMA busy_timeout = 0;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
  `);
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number };
  if (tables.n > 0) identify(database, file);
  else database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const mode = pragma(database, 'journal_mode = WAL');
  if (mode !== 'wal')
    throw new JournalError('unwritable', `${file}: no write-ahead log, but ${String(mode)}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = 67108864;`);
  if (tables.n > 0) return;
  database.exec(`BEGIN IMMEDIATE; ${TABLES}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function identify(database: DatabaseSyncInstance, file: string): void {
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new JournalError('not_a_journal', `${file} is a database, but not a journal`);
  }
  const version = Number(pragma(database, 'user_version'));
  if (version > SCHEMA_VERSION) {
    throw new JournalError(
      'schema_newer',
      `${file} was written by a newer version: schema ${version}, this program knows ${SCHEMA_VERSION}`,
    );
  }
}

/**
 * Moves the write-ahead log into the database with fsyncs and empties it. Without this a commit that an earlier process
 * wrote but did not sync would be read now and could vanish at a loss of power; and after a failed fsync nothing may be
 * appended behind frames that are perhaps not on disk.
 */
export function settleLog(database: DatabaseSyncInstance): void {
  const result = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (result.busy !== 0) throw new JournalError('io_error', 'write-ahead log cannot be settled');
}

function pragma(database: DatabaseSyncInstance, text: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${text}`).get() as Record<string, unknown>)[0];
}
