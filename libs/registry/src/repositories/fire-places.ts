import { type Selectable } from 'kysely';
import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import {
  type FirePlaceChange,
  type FirePlaceKind,
  type FirePlaceRow,
  type NewFirePlace,
  type PlanRow,
} from '../rows-fire.js';
import { type FirePlaceTable } from '../schema.js';

const MOST_PLACES = 2_000;

/** Which kinds of place another may be in. A zone over several floors is in the building. */
const PARENTS: Readonly<Record<FirePlaceKind, readonly (FirePlaceKind | null)[]>> = {
  building: [null],
  floor: ['building'],
  zone: ['floor', 'building'],
};

/** Buildings of fire units, their floors and fire zones, and which plan a floor has. */
export class FirePlaceRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `not_found` for an unknown unit, `invalid` where such a place cannot be there. */
  async create({ id, ...place }: NewFirePlace): Promise<FirePlaceRow> {
    const row = { ...place, id: id ?? newId('plc') };
    await this.db.transaction().execute(async (work) => {
      await requirePlace(work, row);
      await work
        .insertInto('firePlace')
        .values({ ...row, ...storedPlan(null) })
        .execute();
    });
    return { ...row, plan: null };
  }

  async find(id: string): Promise<FirePlaceRow | undefined> {
    const row = await this.db.selectFrom('firePlace').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toPlace(row);
  }

  /** From the lowest level to the highest; buildings and zones by name. */
  async ofUnit(siteId: string): Promise<FirePlaceRow[]> {
    const rows = await this.db
      .selectFrom('firePlace')
      .selectAll()
      .where('siteId', '=', siteId)
      .orderBy('kind')
      .orderBy('level')
      .orderBy('name')
      .orderBy('id')
      .execute();
    return rows.map(toPlace);
  }

  /** @throws RegistryError `not_found`. */
  async change(id: string, change: FirePlaceChange): Promise<void> {
    await this.#update(id, change);
  }

  /** Leaves the image of the plan before to whoever called: others may show it. @throws RegistryError `not_found`. */
  async setPlan(id: string, plan: Omit<PlanRow, 'at'> | null): Promise<void> {
    await this.#update(id, storedPlan(plan && { ...plan, at: this.now() }));
  }

  /** @throws RegistryError `not_found`; `conflict` while something is in it. */
  async remove(id: string): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      const inside = await work
        .selectFrom('firePlace')
        .select('id')
        .where('parentId', '=', id)
        .executeTakeFirst();
      const placed = await work
        .selectFrom('fireComponent')
        .select('id')
        .where((is) => is.or([is('floorId', '=', id), is('zoneId', '=', id)]))
        .executeTakeFirst();
      if (inside !== undefined || placed !== undefined) {
        throw new RegistryError('conflict', 'there are floors, zones or components in it');
      }
      const done = await work.deleteFrom('firePlace').where('id', '=', id).executeTakeFirst();
      if (done.numDeletedRows === 0n) throw new RegistryError('not_found', `place ${id}`);
    });
  }

  /** Whether any floor has this image. */
  async showsPlan(hash: string): Promise<boolean> {
    const row = await this.db
      .selectFrom('firePlace')
      .select('id')
      .where('planHash', '=', hash)
      .executeTakeFirst();
    return row !== undefined;
  }

  async #update(id: string, change: FirePlaceChange | StoredPlan): Promise<void> {
    const done = await this.db.updateTable('firePlace').set(change).where('id', '=', id).executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `place ${id}`);
  }
}

async function requirePlace(work: Work, { siteId, kind, parentId, level }: NewFirePlace): Promise<void> {
  const unit = await work
    .selectFrom('fireUnit')
    .select('siteId')
    .where('siteId', '=', siteId)
    .executeTakeFirst();
  if (unit === undefined) throw new RegistryError('not_found', `fire unit ${siteId}`);
  const parent =
    parentId === null
      ? null
      : await work
          .selectFrom('firePlace')
          .select('kind')
          .where('id', '=', parentId)
          .where('siteId', '=', siteId)
          .executeTakeFirst();
  if (parent === undefined) throw new RegistryError('invalid', `there is no place ${parentId} in the unit`);
  if (!PARENTS[kind].includes(parent === null ? null : parent.kind)) {
    throw new RegistryError('invalid', 'a floor is in a building, a zone on a floor or in a building');
  }
  if ((kind === 'floor') !== (level !== null)) {
    throw new RegistryError('invalid', 'a floor has a level, and nothing else has');
  }
  const { count } = await work
    .selectFrom('firePlace')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('siteId', '=', siteId)
    .executeTakeFirstOrThrow();
  if (count >= MOST_PLACES) throw new RegistryError('invalid', `a unit has at most ${MOST_PLACES} places`);
}

type StoredPlan = Pick<
  Selectable<FirePlaceTable>,
  'planHash' | 'planType' | 'planBytes' | 'planWidth' | 'planHeight' | 'planAt'
>;

function storedPlan(plan: PlanRow | null): StoredPlan {
  return {
    planHash: plan?.hash ?? null,
    planType: plan?.type ?? null,
    planBytes: plan?.bytes ?? null,
    planWidth: plan?.width ?? null,
    planHeight: plan?.height ?? null,
    planAt: plan?.at ?? null,
  };
}

function toPlace(row: Selectable<FirePlaceTable>): FirePlaceRow {
  const { planHash, planType, planBytes, planWidth, planHeight, planAt, ...place } = row;
  const plan =
    planHash === null || planType === null
      ? null
      : {
          hash: planHash,
          type: planType,
          bytes: planBytes ?? 0,
          width: planWidth ?? 0,
          height: planHeight ?? 0,
          at: planAt ?? 0,
        };
  return { ...place, plan };
}
