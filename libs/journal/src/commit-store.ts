import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { MAX_COMMIT_RECORDS, commitChecksum, stateChecksum } from './commit-format.js';
import { CommitRows } from './commit-rows.js';
import { JournalError } from './errors.js';
import { journalErrorOf } from './sqlite-failure.js';
import { makeDurableDirectory, syncDirectory } from './store-files.js';
import type {
  CommitInput,
  JournalProgress,
  OpenedStore,
  ReadInput,
  ReadOutput,
  RetainInput,
  RetainOutput,
  StoredState,
} from './store-protocol.js';
import { CHECKPOINT_PAGES, prepareDatabase, settleLog } from './store-schema.js';

export const JOURNAL_FILE = 'journal.db';

/** Pages given back at most by one call of `retain`, so that commits never wait long behind it. */
const VACUUM_PAGES = 2048;

/** The journal's file: one blob row per group commit. Synchronous, so it lives in the writer thread. */
export class CommitStore {
  readonly #file: string;
  readonly #database: DatabaseSyncInstance;
  readonly #rows: CommitRows;
  readonly #insert: StatementSyncInstance;
  readonly opened: OpenedStore;
  #pinned = false;

  /**
   * Nothing else in this process may open the file: POSIX gives up its locks when any descriptor of it is closed.
   *
   * @param at written to the file, which proves that it can be.
   * @throws JournalError `locked`, `unwritable`, `disk_full`, `io_error`, `not_a_journal`, `schema_newer`, `damaged`
   */
  constructor(directory: string, at: number) {
    this.#file = join(directory, JOURNAL_FILE);
    let database: DatabaseSyncInstance | undefined;
    try {
      makeDurableDirectory(directory);
      database = new DatabaseSync(this.#file);
      prepareDatabase(database, this.#file);
      database.prepare('UPDATE position SET opened_at = ?').run(at);
      settleLog(database);
      syncDirectory(directory);
      this.#rows = new CommitRows(database, this.#file);
      this.#insert = database.prepare('INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)');
      this.#database = database;
      this.opened = this.#position();
    } catch (error) {
      if (database?.isOpen) database.close();
      throw journalErrorOf(error, this.#file);
    }
  }

  /** One row, one transaction, one fsync. */
  commit(input: CommitInput): undefined {
    const { firstOffset, version, count, firstAt, lastAt, payload } = input;
    const checksum = commitChecksum(input, payload);
    this.#guard(() => this.#insert.run(firstOffset, version, count, firstAt, lastAt, checksum, payload));
  }

  read(input: ReadInput): ReadOutput {
    return this.#guard(() => this.#rows.read(input));
  }

  /** Deletes at most `maxCommits` of the oldest commits and gives their pages back to the file system. */
  retain(input: RetainInput): RetainOutput {
    return this.#guard(() => {
      const { head, tail, lastAt } = this.#position();
      const oldest = this.#database
        .prepare('SELECT first_offset AS firstOffset, last_at AS lastAt FROM commits ORDER BY 1 LIMIT ?')
        .all(input.maxCommits + 1) as { firstOffset: number; lastAt: number }[];
      let doomed = 0;
      let newTail = tail;
      for (const [index, commit] of oldest.entries()) {
        const end = oldest[index + 1]?.firstOffset ?? (index < input.maxCommits ? head + 1 : undefined);
        if (end === undefined || end > input.belowOffset || commit.lastAt >= input.olderThan) break;
        doomed = index + 1;
        newTail = end;
      }
      if (doomed === 0) return { deleted: 0, tail, more: false };
      this.#transaction(() => {
        this.#database.prepare('UPDATE position SET head = ?, last_at = ?').run(head, lastAt);
        this.#database.prepare('DELETE FROM commits WHERE first_offset < ?').run(newTail);
      });
      this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      const more = doomed === input.maxCommits;
      if (!more && !this.#pinned) settleLog(this.#database);
      return { deleted: newTail - tail, tail: newTail, more };
    });
  }

  cursor({ name }: { readonly name: string }): number {
    return this.#row<{ offset: number }>('SELECT offset FROM cursors WHERE name = ?', name)?.offset ?? 0;
  }

  saveCursor({ name, offset }: { readonly name: string; readonly offset: number }): undefined {
    this.#guard(() =>
      this.#database.prepare('INSERT OR REPLACE INTO cursors VALUES (?, ?)').run(name, offset),
    );
  }

  loadState({ name }: { readonly name: string }): StoredState | undefined {
    const row = this.#row<StoredState & { readonly crc32: number }>(
      'SELECT name, offset, crc32, bytes FROM states WHERE name = ?',
      name,
    );
    if (row === undefined) return undefined;
    if (stateChecksum(name, row.offset, row.bytes) !== row.crc32) {
      throw new JournalError('damaged', `journal ${this.#file}: saved state ${name} has a wrong checksum`);
    }
    return { name, offset: row.offset, bytes: row.bytes };
  }

  saveState({ name, offset, bytes }: StoredState): undefined {
    const checksum = stateChecksum(name, offset, bytes);
    this.#guard(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)')
        .run(name, offset, checksum, bytes),
    );
  }

  progress({ states }: { readonly states: readonly string[] }): JournalProgress {
    const saved: Record<string, Uint8Array> = {};
    for (const name of states) {
      const state = this.loadState({ name });
      if (state !== undefined) saved[name] = state.bytes;
    }
    return { cursors: this.cursors(), states: saved };
  }

  dropState({ name }: { readonly name: string }): undefined {
    this.#guard(() => this.#database.prepare('DELETE FROM states WHERE name = ?').run(name));
  }

  cursors(): Readonly<Record<string, number>> {
    type Row = { readonly name: string; readonly offset: number };
    const statement = 'SELECT name, offset FROM cursors';
    const rows = this.#guard(() => this.#database.prepare(statement).all() as Row[]);
    return Object.fromEntries(rows.map(({ name, offset }) => [name, offset]));
  }

  /** @throws JournalError `damaged` with what SQLite finds wrong with the pages of the file. */
  check(): undefined {
    const found = this.#row<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check ?? 'no answer';
    if (found !== 'ok') throw new JournalError('damaged', `journal ${this.#file}: ${found}`);
  }

  /**
   * Until `unpin` the file is not written to: it holds everything up to now, and what comes is in the log beside it. One at a
   * time: a second pin would settle the log.
   */
  pin(): string {
    return this.#guard(() => {
      if (this.#pinned) throw new JournalError('locked', `journal ${this.#file} is being copied already`);
      this.#database.exec('PRAGMA wal_autocheckpoint = 0');
      this.#pinned = true;
      try {
        settleLog(this.#database);
      } catch (error) {
        this.unpin();
        throw error;
      }
      return this.#file;
    });
  }

  unpin(): undefined {
    this.#pinned = false;
    this.#database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  }

  close(): undefined {
    this.#guard(() => this.#database.close());
  }

  #position(): OpenedStore {
    const saved = this.#row<{ head: number; lastAt: number }>(
      'SELECT head, last_at AS lastAt FROM position',
    ) ?? { head: 0, lastAt: 0 };
    const newest = this.#rows.newest();
    if (newest === undefined) {
      return { head: saved.head, tail: saved.head + 1, lastAt: saved.lastAt, damaged: [] };
    }
    const { firstOffset, count, lastAt } = newest.commit;
    const tail = this.#rows.keyAbove(0) ?? firstOffset;
    if (newest.intact) return { head: firstOffset + count - 1, tail, lastAt, damaged: [] };
    // How many records it held is not to be believed. An offset is never given twice, so the most it can have been.
    const head = firstOffset + MAX_COMMIT_RECORDS - 1;
    const reason = `checksum mismatch in commit ${firstOffset}, the newest`;
    const before = this.#row<{ lastAt: number }>(
      'SELECT last_at AS lastAt FROM commits WHERE first_offset < ? ORDER BY first_offset DESC LIMIT 1',
      firstOffset,
    );
    return {
      head,
      tail,
      lastAt: before?.lastAt ?? saved.lastAt,
      damaged: [{ fromOffset: firstOffset, toOffset: head, reason }],
    };
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #row<T>(sql: string, ...parameters: (string | number)[]): T | undefined {
    return this.#guard(() => this.#database.prepare(sql).get(...parameters) as T | undefined);
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw journalErrorOf(error, this.#file);
    }
  }
}
