import { type Database, type Now } from '../database.js';
import { type IdempotencyRow } from '../rows.js';

export type IdempotencyStart =
  'new' | 'running' | 'mismatch' | { readonly status: number; readonly body: string };

/** Answers to requests that carried an idempotency key, so that a repeated request is answered and not done again. */
export class IdempotencyRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  async find(actor: string, key: string): Promise<IdempotencyRow | undefined> {
    return this.db
      .selectFrom('idempotency')
      .select(['requestHash', 'status', 'body'])
      .where('actor', '=', actor)
      .where('key', '=', key)
      .executeTakeFirst();
  }

  /**
   * Claims the key. `new`: do the work, then `complete` or `abandon`. `running`: an equal request is at work. `mismatch`: the
   * key was used for another request. Otherwise the answer that was given.
   */
  async begin(actor: string, key: string, requestHash: string): Promise<IdempotencyStart> {
    return this.db.transaction().execute(async (work) => {
      const found = await work
        .selectFrom('idempotency')
        .select(['requestHash', 'status', 'body'])
        .where('actor', '=', actor)
        .where('key', '=', key)
        .executeTakeFirst();
      if (found === undefined) {
        await work
          .insertInto('idempotency')
          .values({ actor, key, requestHash, status: null, body: null, createdAt: this.now() })
          .execute();
        return 'new';
      }
      if (found.requestHash !== requestHash) return 'mismatch';
      if (found.status === null) return 'running';
      return { status: found.status, body: found.body ?? '' };
    });
  }

  async complete(actor: string, key: string, status: number, body: string): Promise<void> {
    await this.db
      .updateTable('idempotency')
      .set({ status, body })
      .where('actor', '=', actor)
      .where('key', '=', key)
      .execute();
  }

  /** Frees a key whose work failed; an answer that was given stays. */
  async abandon(actor: string, key: string): Promise<void> {
    await this.db
      .deleteFrom('idempotency')
      .where('actor', '=', actor)
      .where('key', '=', key)
      .where('status', 'is', null)
      .execute();
  }

  /**
   * Frees every key whose work never ended: at start, nothing can be running. The work may have been done before the
   * process ended, and a repeated request then does it again: rather twice than never.
   */
  async abandonAll(): Promise<void> {
    await this.db.deleteFrom('idempotency').where('status', 'is', null).execute();
  }

  /** Forgets keys created before `olderThan` (epoch ms); answers how many. */
  async trim(olderThan: number): Promise<number> {
    const done = await this.db
      .deleteFrom('idempotency')
      .where('createdAt', '<', olderThan)
      .executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}
