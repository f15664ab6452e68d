import { type FireContact, type FireUnitKind } from '@watchfire/contracts';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { cursorKey, toPage } from '../page.js';
import { type FireUnitRow, type FireUnitSummaryRow } from '../rows-fire.js';
import { type Paged, type PageRequest } from '../rows.js';

export interface FireUnitFilter {
  readonly enterpriseId?: string | undefined;
  readonly siteId?: string | undefined;
  readonly kind?: FireUnitKind | undefined;
}

/** Sites under fire supervision. A unit is its site: it has no id of its own, and belongs to whom the site belongs. */
export class FireUnitRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** Makes the site a fire unit, or changes what is said of it. @throws RegistryError `not_found` for an unknown site. */
  async put(unit: Omit<FireUnitRow, 'createdAt'>): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      const site = await work
        .selectFrom('site')
        .select('id')
        .where('id', '=', unit.siteId)
        .executeTakeFirst();
      if (site === undefined) throw new RegistryError('not_found', `site ${unit.siteId}`);
      const { siteId, ...changing } = unit;
      await work
        .insertInto('fireUnit')
        .values({ siteId, ...changing, createdAt: this.now() })
        .onConflict((on) => on.column('siteId').doUpdateSet(changing))
        .execute();
    });
  }

  async find(siteId: string): Promise<FireUnitRow | undefined> {
    return this.db.selectFrom('fireUnit').selectAll().where('siteId', '=', siteId).executeTakeFirst();
  }

  /** By site id. */
  async list(page: PageRequest & FireUnitFilter): Promise<Paged<FireUnitSummaryRow>> {
    const after = cursorKey<string>(page, 'string');
    let matching = this.db
      .selectFrom('fireUnit')
      .innerJoin('site', 'site.id', 'fireUnit.siteId')
      .innerJoin('enterprise', 'enterprise.id', 'site.enterpriseId');
    if (page.enterpriseId !== undefined)
      matching = matching.where('site.enterpriseId', '=', page.enterpriseId);
    if (page.siteId !== undefined) matching = matching.where('fireUnit.siteId', '=', page.siteId);
    if (page.kind !== undefined) matching = matching.where('fireUnit.kind', '=', page.kind);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) matching = matching.where('fireUnit.siteId', '>', after);
    const rows = await matching
      .select((is) => {
        const components = is
          .selectFrom('fireComponent')
          .innerJoin('device', 'device.id', 'fireComponent.deviceId')
          .whereRef('device.siteId', '=', 'fireUnit.siteId')
          .select((of) => of.fn.countAll<number>().as('count'));
        return [
          'fireUnit.siteId',
          'fireUnit.kind',
          'fireUnit.address',
          'site.name',
          'site.gridCode',
          'site.enterpriseId',
          'enterprise.name as enterpriseName',
          components.as('components'),
          components.where('fireComponent.x', 'is', null).as('unplaced'),
        ];
      })
      .orderBy('fireUnit.siteId')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, {
      row: (row) => ({ ...row, components: row.components ?? 0, unplaced: row.unplaced ?? 0 }),
      key: (row) => row.siteId,
    });
  }

  /** In the order in which they are called. */
  async contacts(siteId: string): Promise<FireContact[]> {
    return this.db
      .selectFrom('fireContact')
      .select(['duty', 'name', 'phone'])
      .where('siteId', '=', siteId)
      .orderBy('position')
      .execute();
  }

  /** All of them in the place of those before. @throws RegistryError `not_found` where the site is no fire unit. */
  async replaceContacts(siteId: string, contacts: readonly FireContact[]): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      const unit = await work
        .selectFrom('fireUnit')
        .select('siteId')
        .where('siteId', '=', siteId)
        .executeTakeFirst();
      if (unit === undefined) throw new RegistryError('not_found', `fire unit ${siteId}`);
      await work.deleteFrom('fireContact').where('siteId', '=', siteId).execute();
      for (const [position, contact] of contacts.entries()) {
        await work
          .insertInto('fireContact')
          .values({ siteId, position, ...contact })
          .execute();
      }
    });
  }
}
