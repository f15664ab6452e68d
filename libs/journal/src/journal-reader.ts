import { decodeCommit } from './commit-payload.js';
import { JournalError } from './errors.js';
import { type PartChunk } from './journal-following.js';
import { entriesOf, partsWithin } from './journal-parts.js';
import type { JournalEntry, JournalPart } from './record.js';
import { type StoreConnection } from './store-connection.js';
import type { JournalGap } from './store-protocol.js';

/** Read at once, so that a commit never waits long behind a reader. */
const READ_BYTES = 1024 * 1024;
const MAX_GAPS = 1000;

/** Reads parts from disk and remembers what could not be read. */
export class JournalReader {
  readonly #damaged: JournalGap[] = [];

  constructor(
    private readonly connection: StoreConnection,
    public tail: number,
    private readonly onDamage: (gap: JournalGap) => void,
  ) {}

  get damaged(): readonly JournalGap[] {
    return this.#damaged;
  }

  /** False when this damage is known. */
  note(gap: JournalGap): boolean {
    const known = ({ fromOffset, toOffset }: JournalGap): boolean =>
      fromOffset <= gap.fromOffset && toOffset >= gap.toOffset;
    if (this.#damaged.some(known)) return false;
    if (this.#damaged.length === MAX_GAPS) this.#damaged.shift();
    this.#damaged.push(gap);
    return true;
  }

  async read(offset: number, limit: number, head: number): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let next = Math.max(offset, this.tail);
    while (entries.length < limit && next <= head) {
      const chunk = await this.chunk(next, head, limit - entries.length);
      for (const part of chunk.parts) {
        for (const entry of entriesOf(part)) {
          if (entries.length === limit) return entries;
          entries.push(entry);
        }
      }
      next = chunk.nextOffset;
    }
    return entries;
  }

  /** Some parts from `offset` on, at least one unless they are damaged; `limit` is rounded up to whole commits. */
  async chunk(offset: number, head: number, limit: number): Promise<PartChunk> {
    const { commits, damaged, nextOffset } = await this.connection.call('read', {
      fromOffset: offset,
      toOffset: head,
      maxRecords: limit,
      maxBytes: READ_BYTES,
    });
    for (const gap of damaged) this.onDamage(gap);
    const parts: JournalPart[] = [];
    for (const commit of commits) {
      try {
        for (const part of partsWithin(decodeCommit(commit), offset, head)) parts.push(part);
      } catch (error) {
        if (error instanceof JournalError && error.code === 'schema_newer') throw error;
        const reason = `cannot be decoded: ${String(error)}`;
        this.onDamage({
          fromOffset: commit.firstOffset,
          toOffset: commit.firstOffset + commit.count - 1,
          reason,
        });
      }
    }
    return { parts, nextOffset };
  }
}
