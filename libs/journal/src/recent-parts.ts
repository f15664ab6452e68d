import { partsWithin } from './journal-parts.js';
import { type JournalPart } from './record.js';

/** Readings of one batch count once: what they weigh is in the bytes. */
const MAX_PARTS = 16_384;
const MAX_BYTES = 8 * 1024 * 1024;

export interface RecentCommit {
  readonly firstOffset: number;
  /** The first offset behind it. */
  readonly nextOffset: number;
  readonly parts: readonly JournalPart[];
  /** About what they hold in memory. */
  readonly bytes: number;
}

/**
 * The newest commits as the objects that were appended, for followers that keep up. One store for all of them, bounded:
 * who is further behind reads from disk.
 */
export class RecentParts {
  readonly #commits: RecentCommit[] = [];
  #parts = 0;
  #bytes = 0;

  add(commit: RecentCommit): void {
    this.#commits.push(commit);
    this.#parts += commit.parts.length;
    this.#bytes += commit.bytes;
    while (this.#commits.length > 1 && (this.#parts > MAX_PARTS || this.#bytes > MAX_BYTES)) this.#drop();
  }

  /** Parts from exactly `offset` on, without a hole and of at most about `limit` offsets; undefined when they are not here. */
  from(offset: number, limit: number): readonly JournalPart[] | undefined {
    const index = this.#commits.findLastIndex((commit) => commit.firstOffset <= offset);
    const first = this.#commits[index];
    if (first === undefined || first.nextOffset <= offset) return undefined;
    const whole = first.firstOffset === offset;
    const parts = [...(whole ? first.parts : partsWithin(first.parts, offset, Infinity))];
    let next = first.nextOffset;
    for (let i = index + 1; i < this.#commits.length; i += 1) {
      const more = this.#commits[i]!;
      // A commit of which nobody knew whether it was stored is on disk only.
      if (more.firstOffset !== next || more.nextOffset - offset > limit) break;
      for (const part of more.parts) parts.push(part);
      next = more.nextOffset;
    }
    return parts;
  }

  /** Lets go of what every follower has seen. */
  releaseBelow(offset: number): void {
    while (this.#commits[0] !== undefined && this.#commits[0].nextOffset <= offset) this.#drop();
  }

  #drop(): void {
    const oldest = this.#commits.shift();
    this.#parts -= oldest?.parts.length ?? 0;
    this.#bytes -= oldest?.bytes ?? 0;
  }
}
