import { type JournalEntry } from './record.js';

const MAX_RECORDS = 16_384;
const MAX_BYTES = 8 * 1024 * 1024;

interface RecentCommit {
  readonly entries: readonly JournalEntry[];
  readonly nextOffset: number;
  readonly bytes: number;
}

/**
 * The newest commits as the objects that were appended, for followers that keep up. One store for all of them, bounded:
 * who is further behind reads from disk.
 */
export class RecentEntries {
  readonly #commits: RecentCommit[] = [];
  #records = 0;
  #bytes = 0;

  add(entries: readonly JournalEntry[], bytes: number): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#commits.push({ entries, nextOffset: last.offset + 1, bytes });
    this.#records += entries.length;
    this.#bytes += bytes;
    while (this.#commits.length > 1 && (this.#records > MAX_RECORDS || this.#bytes > MAX_BYTES)) this.#drop();
  }

  /** Entries from exactly `offset` on, at most about `limit`; undefined when they are not (or no longer) here. */
  from(offset: number, limit: number): readonly JournalEntry[] | undefined {
    const index = this.#commits.findIndex((commit) => commit.nextOffset > offset);
    const first = this.#commits[index];
    const start = first?.entries[0]?.offset;
    if (first === undefined || start === undefined || start > offset) return undefined;
    let entries = start === offset ? first.entries : first.entries.slice(offset - start);
    for (let i = index + 1; i < this.#commits.length; i += 1) {
      const more = this.#commits[i]?.entries ?? [];
      if (entries.length + more.length > limit) break;
      entries = entries.concat(more);
    }
    return entries;
  }

  /** Lets go of what every follower has seen. */
  releaseBelow(offset: number): void {
    while (this.#commits[0] !== undefined && this.#commits[0].nextOffset <= offset) this.#drop();
  }

  #drop(): void {
    const oldest = this.#commits.shift();
    this.#records -= oldest?.entries.length ?? 0;
    this.#bytes -= oldest?.bytes ?? 0;
  }
}
