import { type Database } from '../database.js';
import { RegistryError } from '../errors.js';
import { type GridCellRow } from '../rows.js';

const PARENT_LEVEL = { district: null, street: 'district', community: 'street' } as const;
const LEVELS = ['district', 'street', 'community'] as const;

/** Cells of social governance: district, street, community. */
export class GridRepository {
  constructor(private readonly db: Database) {}

  /** Adds the cells or renames them, all or none. A cell may come before its parent; the parent must exist in the end. */
  async upsert(cells: readonly GridCellRow[]): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      for (const level of LEVELS) {
        for (const cell of cells) {
          if (cell.level !== level) continue;
          const parent =
            cell.parentCode === null
              ? undefined
              : await work
                  .selectFrom('grid')
                  .select('level')
                  .where('code', '=', cell.parentCode)
                  .executeTakeFirst();
          if ((parent?.level ?? null) !== PARENT_LEVEL[level]) {
            throw new RegistryError(
              'invalid',
              `grid cell ${cell.code}: parent ${cell.parentCode ?? 'none'} is not ${PARENT_LEVEL[level] ?? 'absent'}`,
            );
          }
          await work
            .insertInto('grid')
            .values(cell)
            .onConflict((on) =>
              on
                .column('code')
                .doUpdateSet({ name: cell.name, level: cell.level, parentCode: cell.parentCode }),
            )
            .execute();
        }
      }
    });
  }

  /** Ordered by code. */
  async all(): Promise<GridCellRow[]> {
    return this.db.selectFrom('grid').selectAll().orderBy('code').execute();
  }
}
