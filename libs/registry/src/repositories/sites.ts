import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type Paged, type PageRequest, type SiteRow } from '../rows.js';

export interface NewSite {
  readonly id?: string | undefined;
  readonly enterpriseId: string;
  readonly name: string;
  readonly kind?: string | null | undefined;
  readonly gridCode?: string | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly latitude?: number | null | undefined;
}

export interface SiteFilter {
  readonly enterpriseId?: string | undefined;
  readonly siteId?: string | undefined;
}

export class SiteRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `not_found` for an unknown enterprise or grid cell, `conflict` where the id is taken. */
  async create(site: NewSite): Promise<SiteRow> {
    const row: SiteRow = {
      id: site.id ?? newId('site'),
      enterpriseId: site.enterpriseId,
      name: site.name,
      kind: site.kind ?? null,
      gridCode: site.gridCode ?? null,
      longitude: site.longitude ?? null,
      latitude: site.latitude ?? null,
      createdAt: this.now(),
    };
    if ((row.longitude === null) !== (row.latitude === null)) {
      throw new RegistryError('invalid', 'longitude and latitude belong together');
    }
    await this.db.transaction().execute(async (work) => {
      await requireParents(work, row);
      await work.insertInto('site').values(row).execute();
    });
    return row;
  }

  async find(id: string): Promise<SiteRow | undefined> {
    return this.db.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** By id. */
  async list(page: PageRequest & SiteFilter): Promise<Paged<SiteRow>> {
    const after = cursorKey<string>(page, 'string');
    let matching = this.db.selectFrom('site');
    if (page.enterpriseId !== undefined) matching = matching.where('enterpriseId', '=', page.enterpriseId);
    if (page.siteId !== undefined) matching = matching.where('id', '=', page.siteId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) matching = matching.where('id', '>', after);
    const rows = await matching
      .selectAll()
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: (row): SiteRow => row, key: (row) => row.id });
  }
}

/** The foreign keys would refuse as well, but could not say which of the two is missing. */
async function requireParents(work: Work, row: SiteRow): Promise<void> {
  const enterprise = await work
    .selectFrom('enterprise')
    .select('id')
    .where('id', '=', row.enterpriseId)
    .executeTakeFirst();
  if (enterprise === undefined) throw new RegistryError('not_found', `enterprise ${row.enterpriseId}`);
  if (row.gridCode === null) return;
  const cell = await work
    .selectFrom('grid')
    .select('code')
    .where('code', '=', row.gridCode)
    .executeTakeFirst();
  if (cell === undefined) throw new RegistryError('not_found', `grid cell ${row.gridCode}`);
}
