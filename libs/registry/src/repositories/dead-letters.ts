import { type Database } from '../database.js';
import { RegistryError } from '../errors.js';
import { cursorKey, toPage } from '../page.js';
import { type DeadLetterRow, type Paged, type PageRequest } from '../rows.js';

/** What could not be used, by the offset of its journal record, so that a projection may deliver it twice. */
export class DeadLetterRepository {
  constructor(private readonly db: Database) {}

  /** All or none; a letter that is there already stays as it is. */
  async append(rows: readonly DeadLetterRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.db.transaction().execute(async (work) => {
      for (const row of rows) {
        await work
          .insertInto('deadLetter')
          .values(row)
          .onConflict((on) => on.column('id').doNothing())
          .execute();
      }
    });
  }

  /** Newest first. */
  async list(page: PageRequest & { readonly deviceId?: string | undefined }): Promise<Paged<DeadLetterRow>> {
    const before = cursorKey<number>(page, 'number');
    let matching = this.db.selectFrom('deadLetter');
    if (page.deviceId !== undefined) matching = matching.where('deviceId', '=', page.deviceId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (before !== undefined) matching = matching.where('id', '<', before);
    const rows = await matching
      .selectAll()
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: (row): DeadLetterRow => row, key: (row) => row.id });
  }

  async find(id: number): Promise<DeadLetterRow | undefined> {
    return this.db.selectFrom('deadLetter').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** @throws RegistryError `not_found`. */
  async markReplayed(id: number, at: number): Promise<void> {
    const done = await this.db
      .updateTable('deadLetter')
      .set({ replayedAt: at })
      .where('id', '=', id)
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `dead letter ${id}`);
  }

  /** Keeps the newest `keep`; answers how many went. */
  async trim(keep: number): Promise<number> {
    const oldestGone = await this.db
      .selectFrom('deadLetter')
      .select('id')
      .orderBy('id', 'desc')
      .offset(keep)
      .limit(1)
      .executeTakeFirst();
    if (oldestGone === undefined) return 0;
    const done = await this.db.deleteFrom('deadLetter').where('id', '<=', oldestGone.id).executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}
