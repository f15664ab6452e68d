import { type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { commitChecksum, type StoredCommit } from './commit-format.js';
import { journalErrorOf } from './sqlite-failure.js';
import type { JournalGap, ReadInput, ReadOutput } from './store-protocol.js';

type CommitRow = StoredCommit & { readonly crc32: number };

/** Why an offset cannot be read. */
interface Unreadable {
  readonly reason: string;
}

/** Reads commits in order, around what is damaged. */
export class CommitRows {
  readonly #file: string;
  readonly #rowAt: StatementSyncInstance;
  readonly #keyAbove: StatementSyncInstance;

  constructor(database: DatabaseSyncInstance, file: string) {
    this.#file = file;
    this.#rowAt = database.prepare(
      `SELECT first_offset AS firstOffset, version, count, first_at AS firstAt, last_at AS lastAt, crc32, payload
       FROM commits WHERE first_offset <= ? ORDER BY first_offset DESC LIMIT 1`,
    );
    this.#keyAbove = database.prepare(
      'SELECT first_offset AS firstOffset FROM commits WHERE first_offset > ? ORDER BY first_offset LIMIT 1',
    );
  }

  /** The newest commit, and whether it is still what was written. */
  newest(): { readonly commit: StoredCommit; readonly intact: boolean } | undefined {
    const row = this.#rowAt.get(Number.MAX_SAFE_INTEGER) as CommitRow | undefined;
    return row && { commit: row, intact: isIntact(row) };
  }

  /** The lowest first offset above `offset`. */
  keyAbove(offset: number): number | undefined {
    return (this.#keyAbove.get(offset) as { firstOffset: number } | undefined)?.firstOffset;
  }

  read(input: ReadInput): ReadOutput {
    const commits: StoredCommit[] = [];
    const damaged: JournalGap[] = [];
    let next = input.fromOffset;
    let bytes = 0;
    while (next <= input.toOffset && next - input.fromOffset < input.maxRecords && bytes < input.maxBytes) {
      const found = this.#commitAt(next);
      if ('reason' in found) {
        const resume = Math.min(this.#readableAfter(next, input.toOffset), input.toOffset + 1);
        damaged.push({ fromOffset: next, toOffset: resume - 1, reason: found.reason });
        next = resume;
      } else {
        commits.push(found);
        bytes += found.payload.byteLength;
        next = found.firstOffset + found.count;
      }
    }
    return { commits, damaged, nextOffset: next };
  }

  #commitAt(offset: number): StoredCommit | Unreadable {
    let row: CommitRow | undefined;
    try {
      row = this.#rowAt.get(offset) as CommitRow | undefined;
    } catch (error) {
      const failure = journalErrorOf(error, this.#file);
      if (failure.code !== 'damaged' && failure.code !== 'io_error') throw failure;
      return { reason: failure.message };
    }
    if (row === undefined) return { reason: 'missing' };
    if (!isIntact(row)) return { reason: `checksum mismatch in commit ${row.firstOffset}` };
    return offset < row.firstOffset + row.count ? row : { reason: 'missing' };
  }

  /**
   * Where reading can go on behind `offset`. A damaged page of the tree hides the commits on it: steps that double, then
   * halve, find the nearest offset behind it in a logarithm of look-ups.
   */
  #readableAfter(offset: number, head: number): number {
    let probe = offset;
    let failure: unknown;
    for (let step = 1; probe <= head; step *= 2) {
      try {
        return this.#nearest(probe - Math.floor(step / 2), probe) ?? head + 1;
      } catch (error) {
        failure = error;
        probe += step;
      }
    }
    const error = journalErrorOf(failure, this.#file);
    // Nothing behind it can be read either: with a failing disk that is no damage to step over.
    if (error.code === 'io_error') throw error;
    return head + 1;
  }

  /** The key above `readable`, or above the lowest offset between `unreadable` and it from which one can be found. */
  #nearest(unreadable: number, readable: number): number | undefined {
    let found = this.keyAbove(readable);
    let [low, high] = [unreadable, readable];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      try {
        found = this.keyAbove(middle);
        high = middle;
      } catch {
        low = middle;
      }
    }
    return found;
  }
}

function isIntact(row: CommitRow): boolean {
  return commitChecksum(row, row.payload) === row.crc32;
}
