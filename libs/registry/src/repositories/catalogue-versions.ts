import { type Database, type Now } from '../database.js';
import { type CatalogueVersionRow } from '../rows.js';

/** What the catalogue said of each profile, and since when. */
export class CatalogueVersionRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `conflict` where the profile has that version. */
  async add(version: Omit<CatalogueVersionRow, 'at'>): Promise<CatalogueVersionRow> {
    const row = { ...version, at: this.now() };
    await this.db.insertInto('catalogueVersion').values(row).execute();
    return row;
  }

  /** The newest version of each profile. */
  async newest(): Promise<CatalogueVersionRow[]> {
    return this.db
      .selectFrom('catalogueVersion')
      .selectAll()
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('catalogueVersion as newer')
              .select('newer.version')
              .whereRef('newer.profile', '=', 'catalogueVersion.profile')
              .whereRef('newer.version', '>', 'catalogueVersion.version'),
          ),
        ),
      )
      .orderBy('profile')
      .execute();
  }

  /** Oldest first. */
  async history(profile: string): Promise<CatalogueVersionRow[]> {
    return this.db
      .selectFrom('catalogueVersion')
      .selectAll()
      .where('profile', '=', profile)
      .orderBy('version')
      .execute();
  }
}
