import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { timeKey, timeKeyOf, toPage } from '../page.js';
import { type ApprovalRow, type Paged, type PageRequest } from '../rows.js';
import { type ApprovalTable } from '../schema.js';

export interface NewApproval {
  /** What is to be done: whoever asked knows how, by this name. */
  readonly kind: string;
  /** What it is about, for people: an alarm, a rule of a device. */
  readonly subject: string;
  /** Whose it is; `null` where it belongs to no enterprise. */
  readonly enterpriseId: string | null;
  /** What is to be done, exactly; plain JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly by: string;
  /** How long it may be agreed to, ms. */
  readonly lifeMs: number;
}

export interface Decision {
  readonly state: 'approved' | 'rejected';
  readonly by: string;
  readonly comment: string | null;
}

/** What one person has asked for and another must agree to. A request is decided once, in time, and never by who asked. */
export class ApprovalRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  async ask({ body, by, lifeMs, ...request }: NewApproval): Promise<ApprovalRow> {
    const requestedAt = this.now();
    const row = {
      ...request,
      id: newId('apr'),
      body: JSON.stringify(body),
      requestedBy: by,
      requestedAt,
      expiresAt: requestedAt + lifeMs,
      state: 'pending' as const,
      decidedBy: null,
      decidedAt: null,
      comment: null,
    };
    await this.db.insertInto('approval').values(row).execute();
    return this.toRow(row);
  }

  async find(id: string): Promise<ApprovalRow | undefined> {
    const row = await this.db.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
    return row && this.toRow(row);
  }

  /** The newest first; `pending`: only those that may still be decided. */
  async list(
    page: PageRequest & { readonly pending: boolean; readonly enterpriseId?: string | undefined },
  ): Promise<Paged<ApprovalRow>> {
    const after = timeKey(page);
    let matching = this.db.selectFrom('approval');
    if (page.pending) {
      matching = matching.where('state', '=', 'pending').where('expiresAt', '>', this.now());
    }
    if (page.enterpriseId !== undefined) matching = matching.where('enterpriseId', '=', page.enterpriseId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) {
      matching = matching.where((is) =>
        is.or([
          is('requestedAt', '<', after.at),
          is.and([is('requestedAt', '=', after.at), is('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await matching
      .selectAll()
      .orderBy('requestedAt', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const key = ({ requestedAt, id }: { requestedAt: number; id: string }) =>
      timeKeyOf({ at: requestedAt, id });
    return toPage(rows, page.limit, total, { row: (row) => this.toRow(row), key });
  }

  /**
   * Decides it. Two who decide at the same time: one of them does.
   *
   * @throws RegistryError `not_found`; `conflict` when it is decided or expired already; `invalid` when it is their own.
   */
  async decide(id: string, { state, by, comment }: Decision): Promise<ApprovalRow> {
    const decidedAt = this.now();
    const done = await this.db
      .updateTable('approval')
      .set({ state, decidedBy: by, decidedAt, comment })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where('expiresAt', '>', decidedAt)
      .where('requestedBy', '!=', by)
      .executeTakeFirst();
    const row = await this.find(id);
    if (row === undefined) throw new RegistryError('not_found', `there is no request ${id}`);
    if (done.numUpdatedRows > 0n) return row;
    if (row.state !== 'pending') throw new RegistryError('conflict', `the request is ${row.state} already`);
    throw new RegistryError('invalid', 'nobody agrees to their own request');
  }

  /** It was agreed to and could not be done. */
  async failed(id: string, comment: string): Promise<void> {
    await this.db
      .updateTable('approval')
      .set({ state: 'failed', comment })
      .where('id', '=', id)
      .where('state', '=', 'approved')
      .execute();
  }

  private toRow(row: Selectable<ApprovalTable>): ApprovalRow {
    const isOver = row.state === 'pending' && row.expiresAt <= this.now();
    return {
      ...row,
      body: JSON.parse(row.body) as Readonly<Record<string, unknown>>,
      state: isOver ? 'expired' : row.state,
    };
  }
}
