import { type Database, type Now } from '../database.js';
import { cursorKey, toPage } from '../page.js';
import { type AuditRow, type Paged, type PageRequest } from '../rows.js';

export interface NewAuditEntry {
  /** The user name, or `system`. */
  readonly actor: string;
  /** Noun and verb: `alarm-acknowledged`, `device-created`. */
  readonly action: string;
  readonly subject: string;
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  readonly address?: string | null | undefined;
}

/** Who did what, append-only: triggers of the store refuse every change and removal. */
export class AuditRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  async append(entry: NewAuditEntry): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      // Counted in the transaction, not by the store, so that the numbers are dense and a removed entry shows.
      const last = await work
        .selectFrom('audit')
        .select((is) => is.fn.max('seq').as('seq'))
        .executeTakeFirst();
      await work
        .insertInto('audit')
        .values({
          seq: (last?.seq ?? 0) + 1,
          at: this.now(),
          actor: entry.actor,
          action: entry.action,
          subject: entry.subject,
          detail: JSON.stringify(entry.detail ?? {}),
          address: entry.address ?? null,
        })
        .execute();
    });
  }

  /** Newest first. */
  async list(
    page: PageRequest & { readonly actor?: string | undefined; readonly action?: string | undefined },
  ): Promise<Paged<AuditRow>> {
    const before = cursorKey<number>(page, 'number');
    let matching = this.db.selectFrom('audit');
    if (page.actor !== undefined) matching = matching.where('actor', '=', page.actor);
    if (page.action !== undefined) matching = matching.where('action', '=', page.action);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (before !== undefined) matching = matching.where('seq', '<', before);
    const rows = await matching
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, {
      row: (row): AuditRow => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }),
      key: (row) => row.seq,
    });
  }
}
