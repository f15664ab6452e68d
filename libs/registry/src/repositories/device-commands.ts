import { type CommandReply } from '@watchfire/contracts';
import { type Selectable, type SelectQueryBuilder } from 'kysely';
import { type Database } from '../database.js';
import { cursorKey, toPage } from '../page.js';
import { type DeviceCommandRow, type Paged, type PageRequest } from '../rows.js';
import { type DeviceCommandTable, type RegistrySchema } from '../schema.js';

/** `from <= createdAt < to`, epoch ms. */
export interface DutyCheckFilter {
  readonly from: number;
  readonly to: number;
  readonly enterpriseId?: string | undefined;
}

/** A command with where its device is. */
export interface PlacedCommandRow {
  readonly siteId: string;
  readonly deviceName: string;
  readonly command: DeviceCommandRow;
}

type Commands = SelectQueryBuilder<RegistrySchema, 'deviceCommand', object>;

/** Commands for devices, as a projection of the journal: rows carry their revision, so that it may deliver them twice. */
export class DeviceCommandRepository {
  constructor(private readonly db: Database) {}

  /** All or none; a row that is there with the same or a higher revision stays as it is. */
  async put(rows: readonly DeviceCommandRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.db.transaction().execute(async (work) => {
      for (const { params, reply, ...row } of rows) {
        const { state, sentAt, endedAt, cancelledBy, message, revision } = row;
        const changing = {
          state,
          sentAt,
          endedAt,
          cancelledBy,
          message,
          revision,
          reply: reply === null ? null : JSON.stringify(reply),
        };
        await work
          .insertInto('deviceCommand')
          .values({ ...row, ...changing, params: JSON.stringify(params) })
          .onConflict((on) =>
            on.column('id').doUpdateSet(changing).where('deviceCommand.revision', '<', revision),
          )
          .execute();
      }
    });
  }

  async find(id: string): Promise<DeviceCommandRow | undefined> {
    const row = await this.db.selectFrom('deviceCommand').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toCommand(row);
  }

  /** Commands that still wait for their device or its answer, oldest first. */
  async open(): Promise<DeviceCommandRow[]> {
    const rows = await this.db
      .selectFrom('deviceCommand')
      .selectAll()
      .where('state', 'in', ['accepted', 'sent'])
      .orderBy('offset')
      .execute();
    return rows.map(toCommand);
  }

  /** Duty checks accepted after the record at `after` of which nothing is noted yet, oldest first. */
  async unsettledDutyChecks(after: number): Promise<DeviceCommandRow[]> {
    const rows = await this.db
      .selectFrom('deviceCommand')
      .selectAll()
      .where('command', '=', 'duty_check')
      .where('offset', '>', after)
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('dutyNote')
              .select('dutyNote.checkId')
              .whereRef('dutyNote.checkId', '=', 'deviceCommand.id')
              .where('dutyNote.what', '=', 'closed'),
          ),
        ),
      )
      .orderBy('offset')
      .execute();
    return rows.map(toCommand);
  }

  /** Duty checks accepted from `from` on and before `to`, of one enterprise or of all, oldest first. */
  async dutyChecks({ from, to, enterpriseId }: DutyCheckFilter): Promise<PlacedCommandRow[]> {
    let matching = this.db
      .selectFrom('deviceCommand')
      .innerJoin('device', 'device.id', 'deviceCommand.deviceId')
      .innerJoin('site', 'site.id', 'device.siteId')
      .where('deviceCommand.command', '=', 'duty_check')
      .where('deviceCommand.createdAt', '>=', from)
      .where('deviceCommand.createdAt', '<', to);
    if (enterpriseId !== undefined) matching = matching.where('site.enterpriseId', '=', enterpriseId);
    const rows = await matching
      .selectAll('deviceCommand')
      .select(['device.siteId', 'device.name as deviceName'])
      .orderBy('deviceCommand.offset')
      .execute();
    return rows.map(({ siteId, deviceName, ...row }) => ({ siteId, deviceName, command: toCommand(row) }));
  }

  /** One kind of command of all devices of a site, newest first. */
  async ofSite(
    page: PageRequest & { readonly siteId: string; readonly command: string },
  ): Promise<Paged<DeviceCommandRow>> {
    const matching = this.db
      .selectFrom('deviceCommand')
      .where('command', '=', page.command)
      .where('deviceId', 'in', (from) =>
        from.selectFrom('device').select('device.id').where('device.siteId', '=', page.siteId),
      );
    return pageOf(matching, page);
  }

  /** Newest first. */
  async list(page: PageRequest & { readonly deviceId: string }): Promise<Paged<DeviceCommandRow>> {
    return pageOf(this.db.selectFrom('deviceCommand').where('deviceId', '=', page.deviceId), page);
  }
}

async function pageOf(commands: Commands, page: PageRequest): Promise<Paged<DeviceCommandRow>> {
  const before = cursorKey<number>(page, 'number');
  const { total } = await commands
    .select((is) => is.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const matching = before === undefined ? commands : commands.where('offset', '<', before);
  const rows = await matching
    .selectAll()
    .orderBy('offset', 'desc')
    .limit(page.limit + 1)
    .execute();
  return toPage(rows, page.limit, total, { row: toCommand, key: (row) => row.offset });
}

function toCommand(row: Selectable<DeviceCommandTable>): DeviceCommandRow {
  return {
    ...row,
    params: JSON.parse(row.params) as Record<string, unknown>,
    reply: row.reply === null ? null : (JSON.parse(row.reply) as CommandReply),
  };
}
