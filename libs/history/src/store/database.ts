import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { HistoryError } from '../history-error.js';
import { sqliteError } from './sqlite-errors.js';

export type Database = DatabaseSyncInstance;

export const HISTORY_FILE = 'history.db';

/** 'WFHI': tells the file from other SQLite databases. */
const APPLICATION_ID = 0x57464849;
const PAGE_BYTES = 4096;

/** Each entry lifts the schema by one version; none is ever changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     point_id TEXT NOT NULL UNIQUE,
     device_id TEXT NOT NULL
   ) STRICT;
   CREATE TABLE block (
     id INTEGER PRIMARY KEY,
     series INTEGER NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     count INTEGER NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE INDEX block_by_series ON block (series, first, last, count);
   CREATE INDEX block_by_age ON block (first);
   CREATE TABLE damaged_block (
     id INTEGER PRIMARY KEY,
     point_id TEXT NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     count INTEGER NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE TABLE alarm_event (
     seq INTEGER PRIMARY KEY,
     event_id TEXT NOT NULL,
     alarm_id TEXT NOT NULL,
     type TEXT NOT NULL,
     at INTEGER NOT NULL,
     actor TEXT NOT NULL,
     comment TEXT,
     alarm TEXT NOT NULL
   ) STRICT;
   CREATE INDEX alarm_event_by_alarm ON alarm_event (alarm_id, seq);
   CREATE INDEX alarm_event_by_age ON alarm_event (at);
   CREATE TABLE alarm (
     id TEXT PRIMARY KEY,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     state TEXT NOT NULL,
     class TEXT NOT NULL,
     site_id TEXT NOT NULL,
     enterprise_id TEXT NOT NULL,
     device_id TEXT NOT NULL,
     raised_at INTEGER NOT NULL,
     view TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX alarm_by_time ON alarm (raised_at, id);
   CREATE INDEX alarm_by_site ON alarm (site_id, raised_at, id);
   CREATE INDEX alarm_by_enterprise ON alarm (enterprise_id, raised_at, id);
   CREATE INDEX alarm_by_device ON alarm (device_id, raised_at, id);
   CREATE INDEX alarm_by_class ON alarm (class, raised_at, id);
   CREATE INDEX alarm_by_age ON alarm (at);
   CREATE TABLE progress (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     journal_offset INTEGER NOT NULL
   ) STRICT;
   INSERT INTO progress (id, journal_offset) VALUES (1, 0);`,
  // Few of many: which alarms are open now.
  `CREATE INDEX alarm_present ON alarm (id) WHERE state <> 'NORM';`,
  // The days of blocks that are there are due at once; they are rolled up in the background.
  `CREATE TABLE roll_up (
     id INTEGER PRIMARY KEY,
     series INTEGER NOT NULL,
     tier INTEGER NOT NULL,
     day INTEGER NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX roll_up_by_series ON roll_up (series, tier, day);
   CREATE INDEX roll_up_by_age ON roll_up (tier, day);
   CREATE TABLE roll_up_due (
     day INTEGER NOT NULL,
     series INTEGER NOT NULL,
     PRIMARY KEY (day, series)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX roll_up_due_by_series ON roll_up_due (series, day);
   ALTER TABLE progress ADD COLUMN samples_from INTEGER NOT NULL DEFAULT 0;
   WITH RECURSIVE days (series, day, last) AS (
     SELECT series, first - first % 86400000, last FROM block
     UNION
     SELECT series, day + 86400000, last FROM days WHERE day + 86400000 <= last
   )
   INSERT INTO roll_up_due (day, series) SELECT day, series FROM days WHERE true ON CONFLICT DO NOTHING;`,
];

export interface DatabaseLimits {
  /** The file grows no further; writes then fail with `disk_full`. Unbounded when left out. */
  readonly maxFileBytes?: number;
}

/**
 * Opens, or creates, the file of the embedded history and takes it for this process alone. Commits do not wait for the disk
 * (`synchronous = NORMAL`); `durably` does.
 */
export function openDatabase(directory: string, limits: DatabaseLimits): Database {
  const file = join(directory, HISTORY_FILE);
  let database: Database | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(file);
    // Page size and vacuum mode can only be chosen before the first page is written.
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL;`);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;');
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;');
    migrate(database, file);
    if (limits.maxFileBytes !== undefined) {
      database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(limits.maxFileBytes / PAGE_BYTES))}`);
    }
    return database;
  } catch (error) {
    database?.close();
    throw sqliteError(error, file);
  }
}

function migrate(database: Database, file: string): void {
  const version = pragma(database, 'user_version');
  const application = pragma(database, 'application_id');
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0)) {
    throw new HistoryError('damaged', `${file} is not a history of this program`, false);
  }
  if (version > MIGRATIONS.length) {
    throw new HistoryError(
      'schema_newer',
      `${file} has schema ${version}, this program knows up to ${MIGRATIONS.length}: it was written by a newer version`,
      false,
    );
  }
  // Also taken where there is nothing to migrate: it is the write that takes the lock.
  transaction(database, () => {
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

export function pragma(database: Database, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number> | undefined;
  return Object.values(row ?? {})[0] ?? 0;
}

/** All of it or nothing. */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk or a failed write has already rolled back; a second time is an error of its own.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** A transaction that is on disk when it returns, and with it everything that was committed before. */
export function durably<T>(database: Database, work: () => T): T {
  database.exec('PRAGMA synchronous = FULL');
  try {
    return transaction(database, work);
  } finally {
    database.exec('PRAGMA synchronous = NORMAL');
  }
}
