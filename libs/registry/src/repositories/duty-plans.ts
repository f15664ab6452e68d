import { type DutyPlanBody, type DutyRunState } from '@watchfire/contracts';
import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type Paged, type PageRequest } from '../rows.js';
import { type DutyPlanTable } from '../schema.js';

/** Who is asked for the guard, and when. */
export interface DutyPlanRow extends DutyPlanBody {
  readonly id: string;
  /** Rises with every change. */
  readonly revision: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy: string;
  /** Every moment up to here was asked, or is on record as missed; epoch ms. */
  readonly coveredTo: number;
}

/** A moment of a plan, and what was done. */
export interface DutyRunRow {
  readonly planId: string;
  /** When it was to be; epoch ms. */
  readonly at: number;
  readonly state: DutyRunState;
  readonly recordedAt: number;
  readonly sent: number;
  readonly undelivered: number;
  readonly refused: number;
}

/** Plans for duty checks. Removed ones are kept, with what they did. */
export class DutyPlanRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  async create(plan: DutyPlanBody, by: string): Promise<DutyPlanRow> {
    const { name, enabled, ...body } = plan;
    const now = this.now();
    const row: Selectable<DutyPlanTable> = {
      ...{ id: newId('dpl'), name, enabled: enabled ? 1 : 0, body: JSON.stringify(body), revision: 1 },
      ...{ createdAt: now, changedAt: now, changedBy: by, coveredTo: now, removedAt: null },
    };
    await this.db.insertInto('dutyPlan').values(row).execute();
    return toPlan(row);
  }

  async find(id: string): Promise<DutyPlanRow | undefined> {
    const row = await this.plans().where('id', '=', id).executeTakeFirst();
    return row && toPlan(row);
  }

  async all(): Promise<DutyPlanRow[]> {
    return (await this.plans().orderBy('createdAt').orderBy('id').execute()).map(toPlan);
  }

  /**
   * Moments before the change are those of the plan as it was. @throws RegistryError `not_found`; `conflict` where `revision` is not
   * the present one.
   */
  async change(id: string, revision: number, plan: DutyPlanBody, by: string): Promise<DutyPlanRow> {
    const { name, enabled, ...body } = plan;
    const now = this.now();
    return this.db.transaction().execute(async (work) => {
      const done = await work
        .updateTable('dutyPlan')
        .set({
          ...{ name, enabled: enabled ? 1 : 0, body: JSON.stringify(body) },
          ...{ revision: revision + 1, changedAt: now, changedBy: by, coveredTo: now },
        })
        .where('id', '=', id)
        .where('revision', '=', revision)
        .where('removedAt', 'is', null)
        .executeTakeFirst();
      const row = await work.selectFrom('dutyPlan').selectAll().where('id', '=', id).executeTakeFirst();
      if (row?.removedAt !== null) throw new RegistryError('not_found', `duty plan ${id}`);
      if (done.numUpdatedRows === 0n) throw new RegistryError('conflict', `duty plan ${id} has moved on`);
      return toPlan(row);
    });
  }

  /** @throws RegistryError `not_found`. */
  async remove(id: string): Promise<void> {
    const done = await this.db
      .updateTable('dutyPlan')
      .set({ removedAt: this.now() })
      .where('id', '=', id)
      .where('removedAt', 'is', null)
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `duty plan ${id}`);
  }

  /** What the random moments of a day come from: the first that was kept counts, whatever is offered later. */
  async seed(planId: string, day: number, offered: string): Promise<string> {
    await this.db
      .insertInto('dutyDay')
      .values({ planId, day, seed: offered })
      .onConflict((on) => on.columns(['planId', 'day']).doNothing())
      .execute();
    const kept = await this.db
      .selectFrom('dutyDay')
      .select('seed')
      .where('planId', '=', planId)
      .where('day', '=', day)
      .executeTakeFirstOrThrow();
    return kept.seed;
  }

  async run(planId: string, at: number): Promise<DutyRunRow | undefined> {
    return this.db
      .selectFrom('dutyRun')
      .selectAll()
      .where('planId', '=', planId)
      .where('at', '=', at)
      .executeTakeFirst();
  }

  /** What was done at a moment, in the place of what was known of it. */
  async record(run: Omit<DutyRunRow, 'recordedAt'>): Promise<void> {
    const { planId, at, ...changing } = { ...run, recordedAt: this.now() };
    await this.db
      .insertInto('dutyRun')
      .values({ planId, at, ...changing })
      .onConflict((on) => on.columns(['planId', 'at']).doUpdateSet(changing))
      .execute();
  }

  /** Never goes back: a plan that was changed meanwhile is covered up to its change. */
  async cover(planId: string, to: number): Promise<void> {
    await this.db
      .updateTable('dutyPlan')
      .set({ coveredTo: to })
      .where('id', '=', planId)
      .where('coveredTo', '<', to)
      .execute();
  }

  /** Newest first. */
  async runs(page: PageRequest & { readonly planId: string }): Promise<Paged<DutyRunRow>> {
    const before = cursorKey<number>(page, 'number');
    const all = this.db.selectFrom('dutyRun').where('planId', '=', page.planId);
    const { total } = await all
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    const rows = await (before === undefined ? all : all.where('at', '<', before))
      .selectAll()
      .orderBy('at', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: (row) => row, key: (row) => row.at });
  }

  private plans() {
    return this.db.selectFrom('dutyPlan').selectAll().where('removedAt', 'is', null);
  }
}

function toPlan({ body, enabled, removedAt, ...row }: Selectable<DutyPlanTable>): DutyPlanRow {
  void removedAt;
  return { ...(JSON.parse(body) as Omit<DutyPlanBody, 'name' | 'enabled'>), ...row, enabled: enabled === 1 };
}
