import { type Follower, type Following } from './journal.js';
import { JournalFollowing, type PartSource } from './journal-following.js';
import { type RecentCommit, RecentParts } from './recent-parts.js';
import type { JournalGap } from './store-protocol.js';

export interface FollowersEvents {
  gap(gap: JournalGap): void;
  /** A follower has thrown and is not called again. */
  failed(error: unknown, offset: number): void;
}

/** Those who follow one journal, and what they have not all seen yet. */
export class Followers {
  readonly #recent = new RecentParts();
  readonly #followings = new Set<JournalFollowing>();
  readonly #source: PartSource;

  constructor(
    source: Omit<PartSource, 'recent'>,
    private readonly events: FollowersEvents,
  ) {
    this.#source = { ...source, recent: (from, limit) => this.#recent.from(from, limit) };
  }

  get none(): boolean {
    return this.#followings.size === 0;
  }

  follow(offset: number, follower: Follower): Following {
    const following = new JournalFollowing(offset, follower, this.#source, {
      gap: (gap) => this.events.gap(gap),
      advanced: () => this.#release(),
      failed: (error, at) => {
        this.#forget(following);
        this.events.failed(error, at);
      },
    });
    this.#followings.add(following);
    return {
      stop: async () => {
        this.#forget(following);
        await following.stop();
      },
    };
  }

  committed(commit: RecentCommit): void {
    this.#recent.add(commit);
    this.wake();
  }

  /** There may be something new on disk. */
  wake(): void {
    for (const following of this.#followings) following.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#followings].map((following) => following.stop()));
    this.#followings.clear();
  }

  #forget(following: JournalFollowing): void {
    this.#followings.delete(following);
    this.#release();
  }

  #release(): void {
    let slowest = Infinity;
    for (const { nextOffset } of this.#followings) slowest = Math.min(slowest, nextOffset);
    this.#recent.releaseBelow(slowest);
  }
}
