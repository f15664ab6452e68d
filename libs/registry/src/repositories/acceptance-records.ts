import { type Confirmation } from '@watchfire/contracts';
import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { cursorKey, toPage } from '../page.js';
import { type AcceptanceRow } from '../rows-fire.js';
import { type Paged, type PageRequest } from '../rows.js';
import { type AcceptanceRecordTable } from '../schema.js';

export type NewAcceptance = Omit<AcceptanceRow, 'id' | 'recordedAt' | 'endedAt' | 'superseded'>;

/** What the figures of a unit are made of. */
export interface Finding {
  readonly siteId: string;
  readonly confirmation: Confirmation;
  readonly firstAlarmAt: number;
}

/** What was made of each fire alarm, append-only: triggers of the store refuse every change and removal. */
export class AcceptanceRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** The newest record of an occurrence speaks for it. */
  async append(record: NewAcceptance): Promise<AcceptanceRow> {
    const { alarmId, eventId, siteId, enterpriseId, confirmation, drill, firstAlarmAt, operator, ...body } =
      record;
    const row = await this.db.transaction().execute(async (work) => {
      const last = await work
        .selectFrom('acceptanceRecord')
        .select((is) => is.fn.max('seq').as('seq'))
        .executeTakeFirst();
      const made: Selectable<AcceptanceRecordTable> = {
        seq: (last?.seq ?? 0) + 1,
        ...{ alarmId, eventId, siteId, enterpriseId, confirmation, firstAlarmAt },
        drill: drill ? 1 : 0,
        recordedAt: this.now(),
        recordedBy: operator,
        body: JSON.stringify(body),
      };
      await work.insertInto('acceptanceRecord').values(made).execute();
      return made;
    });
    return toAcceptance(row, false);
  }

  /** The newest first. */
  async list(
    page: PageRequest & {
      readonly alarmId?: string | undefined;
      readonly siteId?: string | undefined;
      readonly enterpriseId?: string | undefined;
    },
  ): Promise<Paged<AcceptanceRow>> {
    const before = cursorKey<number>(page, 'number');
    let matching = this.db.selectFrom('acceptanceRecord');
    for (const key of ['alarmId', 'siteId', 'enterpriseId'] as const) {
      const wanted = page[key];
      if (wanted !== undefined) matching = matching.where(key, '=', wanted);
    }
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (before !== undefined) matching = matching.where('seq', '<', before);
    const rows = await matching
      .selectAll()
      .select((is) =>
        is
          .exists(
            is
              .selectFrom('acceptanceRecord as later')
              .select('later.seq')
              .whereRef('later.alarmId', '=', 'acceptanceRecord.alarmId')
              .whereRef('later.eventId', '=', 'acceptanceRecord.eventId')
              .whereRef('later.seq', '>', 'acceptanceRecord.seq'),
          )
          .as('superseded'),
      )
      .orderBy('seq', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, {
      row: (row) => toAcceptance(row, Boolean(row.superseded)),
      key: (row) => row.seq,
    });
  }

  /** One for each occurrence with `from <= firstAlarmAt < to`, without drills, in order of `firstAlarmAt`. */
  async findings(siteIds: readonly string[], from: number, to: number): Promise<Finding[]> {
    if (siteIds.length === 0) return [];
    return this.db
      .selectFrom('acceptanceRecord')
      .select(['siteId', 'confirmation', 'firstAlarmAt'])
      .where('siteId', 'in', siteIds)
      .where('firstAlarmAt', '>=', from)
      .where('firstAlarmAt', '<', to)
      .where('drill', '=', 0)
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('acceptanceRecord as later')
              .select('later.seq')
              .whereRef('later.alarmId', '=', 'acceptanceRecord.alarmId')
              .whereRef('later.eventId', '=', 'acceptanceRecord.eventId')
              .whereRef('later.seq', '>', 'acceptanceRecord.seq'),
          ),
        ),
      )
      .orderBy('firstAlarmAt')
      .execute();
  }
}

function toAcceptance(row: Selectable<AcceptanceRecordTable>, superseded: boolean): AcceptanceRow {
  const { alarmId, eventId, siteId, enterpriseId, confirmation, firstAlarmAt, recordedAt } = row;
  return {
    ...(JSON.parse(row.body) as Omit<NewAcceptance, 'operator'>),
    ...{ alarmId, eventId, siteId, enterpriseId, confirmation, firstAlarmAt, recordedAt, superseded },
    id: String(row.seq),
    drill: row.drill === 1,
    endedAt: recordedAt,
    operator: row.recordedBy,
  };
}
