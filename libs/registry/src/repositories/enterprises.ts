import { type Database, type Now } from '../database.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type EnterpriseRow, type Paged, type PageRequest } from '../rows.js';

export interface NewEnterprise {
  readonly id?: string | undefined;
  readonly name: string;
}

export class EnterpriseRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `conflict` where the id is taken. */
  async create(enterprise: NewEnterprise): Promise<EnterpriseRow> {
    const row: EnterpriseRow = {
      id: enterprise.id ?? newId('ent'),
      name: enterprise.name,
      createdAt: this.now(),
    };
    await this.db.insertInto('enterprise').values(row).execute();
    return row;
  }

  async find(id: string): Promise<EnterpriseRow | undefined> {
    return this.db.selectFrom('enterprise').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** By id; `enterpriseId` narrows to the one that a caller may see. */
  async list(
    page: PageRequest & { readonly enterpriseId?: string | undefined },
  ): Promise<Paged<EnterpriseRow>> {
    const after = cursorKey<string>(page, 'string');
    let matching = this.db.selectFrom('enterprise');
    if (page.enterpriseId !== undefined) matching = matching.where('id', '=', page.enterpriseId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) matching = matching.where('id', '>', after);
    const rows = await matching
      .selectAll()
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: (row): EnterpriseRow => row, key: (row) => row.id });
  }
}
