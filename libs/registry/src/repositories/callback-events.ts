import { type Database, type Now } from '../database.js';

export interface CallbackEventLimits {
  /** A report that comes again later than this is a new one. Platforms give up after minutes, some after a day. */
  readonly keptMs: number;
  /** Of all integrations; the oldest go first. */
  readonly rows: number;
}

export const CALLBACK_EVENT_LIMITS: CallbackEventLimits = { keptMs: 7 * 86_400_000, rows: 2_000_000 };

/** Bound parameters of one statement; SQLite takes 32,766. */
const MOST_IDS = 500;

/** Event ids of reports that platforms have pushed and that are on disk. */
export class CallbackEventRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
    private readonly limits: CallbackEventLimits = CALLBACK_EVENT_LIMITS,
  ) {}

  /** Which of these have come before. */
  async known(integration: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const since = this.now() - this.limits.keptMs;
    const found = new Set<string>();
    for (let at = 0; at < eventIds.length; at += MOST_IDS) {
      const rows = await this.db
        .selectFrom('callbackEvent')
        .select('eventId')
        .where('integration', '=', integration)
        .where('eventId', 'in', eventIds.slice(at, at + MOST_IDS))
        .where('at', '>=', since)
        .execute();
      for (const { eventId } of rows) found.add(eventId);
    }
    return found;
  }

  /** All or none. */
  async record(integration: string, eventIds: readonly string[]): Promise<void> {
    const at = this.now();
    await this.db.transaction().execute(async (work) => {
      for (let from = 0; from < eventIds.length; from += MOST_IDS) {
        const rows = eventIds.slice(from, from + MOST_IDS).map((eventId) => ({ integration, eventId, at }));
        await work
          .insertInto('callbackEvent')
          .values(rows)
          .onConflict((on) => on.columns(['integration', 'eventId']).doUpdateSet({ at }))
          .execute();
      }
    });
  }

  /** Forgets what is too old, and the oldest of what is too many; answers how many went. */
  async trim(): Promise<number> {
    const { keptMs, rows } = this.limits;
    const oldestGone = await this.db
      .selectFrom('callbackEvent')
      .select('at')
      .orderBy('at', 'desc')
      .offset(rows)
      .limit(1)
      .executeTakeFirst();
    const before = Math.max(this.now() - keptMs, oldestGone === undefined ? -Infinity : oldestGone.at + 1);
    const done = await this.db.deleteFrom('callbackEvent').where('at', '<', before).executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}
