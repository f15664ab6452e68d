import { setTimeout as delay } from 'node:timers/promises';
import { JournalError } from './errors.js';
import { type Follower, type Following } from './journal.js';
import { lastOffset } from './journal-parts.js';
import { type JournalPart } from './record.js';
import type { JournalGap } from './store-protocol.js';

/** Records and readings handed to a follower at once, about. */
const CHUNK_RECORDS = 4096;
const READ_RETRY_MS = 1_000;

export interface PartChunk {
  readonly parts: readonly JournalPart[];
  /** Everything below it has been read or is damaged. */
  readonly nextOffset: number;
}

/** What a follower draws from. */
export interface PartSource {
  head(): number;
  tail(): number;
  recent(offset: number, limit: number): readonly JournalPart[] | undefined;
  readChunk(offset: number, limit: number): Promise<PartChunk>;
  /** Resolves when reading can be tried again after a failure. */
  whenOpen(): Promise<void>;
}

export interface FollowingEvents {
  /** Records that were asked for and have been deleted. */
  gap(gap: JournalGap): void;
  /** The follower has taken everything below its `nextOffset`. */
  advanced(): void;
  /** The follower has thrown, or its next records can never be read. It is not called again. */
  failed(error: unknown, offset: number): void;
}

/**
 * Pulls one follower through the journal. It asks for the next offset each time, from memory when it is there and from
 * disk when not, so that there is nothing to hand over between the two and nothing can be missed or seen twice.
 */
export class JournalFollowing implements Following {
  #nextOffset: number;
  #wake: () => void = () => undefined;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(
    offset: number,
    private readonly follower: Follower,
    private readonly source: PartSource,
    private readonly events: FollowingEvents,
  ) {
    this.#nextOffset = Math.max(1, offset);
    this.#ended = this.#run();
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** To be called when there may be something new. */
  wake(): void {
    this.#wake();
  }

  /** Waits for the call under way: a follower that stops itself must not await it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#ended;
  }

  async #run(): Promise<void> {
    // Not before the caller holds the handle with which it can stop.
    await Promise.resolve();
    try {
      while (!this.#stopping.signal.aborted) {
        const chunk = await this.#nextChunk();
        if (this.#stopping.signal.aborted) return;
        if (chunk.parts.length > 0) await this.follower(chunk.parts);
        this.#nextOffset = chunk.nextOffset;
        this.events.advanced();
      }
    } catch (error) {
      this.#stopping.abort();
      this.events.failed(error, this.#nextOffset);
    }
  }

  async #nextChunk(): Promise<PartChunk> {
    const offset = this.#nextOffset;
    if (offset < this.source.tail()) {
      const tail = this.source.tail();
      this.events.gap({ fromOffset: offset, toOffset: tail - 1, reason: 'deleted by retention' });
      return { parts: [], nextOffset: tail };
    }
    if (offset > this.source.head()) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      return { parts: [], nextOffset: offset };
    }
    const recent = this.source.recent(offset, CHUNK_RECORDS);
    const last = recent?.at(-1);
    if (recent !== undefined && last !== undefined)
      return { parts: recent, nextOffset: lastOffset(last) + 1 };
    try {
      return await this.source.readChunk(offset, CHUNK_RECORDS);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code === 'schema_newer') throw error;
      await this.#pause();
      return { parts: [], nextOffset: offset };
    }
  }

  /** A disk that cannot be read now may be readable again; what is behind the follower waits there. */
  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([this.source.whenOpen(), stopped]);
    await delay(READ_RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
