import { type Selectable } from 'kysely';
import { type Database, type Work } from '../database.js';
import { newId } from '../ids.js';
import { timeKey, timeKeyOf, toPage } from '../page.js';
import { type Paged, type PageRequest, type QuarantineRow } from '../rows.js';
import { type QuarantineTable } from '../schema.js';

/** Something unregistered spoke. */
export interface Sighting {
  /** Of its journal record: a projection may deliver it twice, and it counts once. */
  readonly offset: number;
  readonly gatewayId: string | null;
  readonly wireName: string;
  readonly address: string | null;
  readonly at: number;
  readonly sample: Uint8Array;
}

export interface QuarantineLimits {
  readonly rows: number;
  readonly rowsPerGateway: number;
}

export const QUARANTINE_LIMITS: QuarantineLimits = { rows: 10_000, rowsPerGateway: 200 };

const SAMPLE_BYTES = 256;
const NAME_LENGTH = 128;

/**
 * Who spoke and is not registered. A gateway that invents names pushes out its own oldest only, and of all rows the one that
 * was silent the longest goes first.
 */
export class QuarantineRepository {
  constructor(
    private readonly db: Database,
    private readonly limits: QuarantineLimits = QUARANTINE_LIMITS,
  ) {}

  /** All or none; what is registered by now is passed over. */
  async sawUnknown(sightings: readonly Sighting[]): Promise<void> {
    if (sightings.length === 0) return;
    await this.db.transaction().execute(async (work) => {
      for (const sighting of sightings) {
        if (!(await isRegistered(work, sighting))) await this.note(work, sighting);
      }
    });
  }

  /** Seen last, first. */
  async list(page: PageRequest & { readonly gatewayId?: string | undefined }): Promise<Paged<QuarantineRow>> {
    const after = timeKey(page);
    let matching = this.db.selectFrom('quarantine');
    if (page.gatewayId !== undefined) matching = matching.where('gatewayId', '=', page.gatewayId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) {
      matching = matching.where((is) =>
        is.or([
          is('lastSeenAt', '<', after.at),
          is.and([is('lastSeenAt', '=', after.at), is('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await matching
      .selectAll()
      .orderBy('lastSeenAt', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const key = ({ lastSeenAt, id }: QuarantineRow) => timeKeyOf({ at: lastSeenAt, id });
    return toPage(rows.map(toQuarantine), page.limit, total, { row: (row) => row, key });
  }

  async find(id: string): Promise<QuarantineRow | undefined> {
    const row = await this.db.selectFrom('quarantine').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toQuarantine(row);
  }

  private async note(work: Work, sighting: Sighting): Promise<void> {
    const { offset, address, at } = sighting;
    const gatewayId = sighting.gatewayId ?? '';
    const wireName = sighting.wireName.slice(0, NAME_LENGTH);
    const sample = sighting.sample.slice(0, SAMPLE_BYTES);
    const known = await work
      .selectFrom('quarantine')
      .select(['id', 'lastOffset', 'count'])
      .where('gatewayId', '=', gatewayId)
      .where('wireName', '=', wireName)
      .executeTakeFirst();
    if (known !== undefined) {
      if (offset <= known.lastOffset) return;
      const seen = { address, lastSeenAt: at, lastOffset: offset, count: known.count + 1, sample };
      await work.updateTable('quarantine').set(seen).where('id', '=', known.id).execute();
      return;
    }
    await makeRoom(work, this.limits.rowsPerGateway, gatewayId);
    await makeRoom(work, this.limits.rows);
    const seen = { firstSeenAt: at, lastSeenAt: at, lastOffset: offset, count: 1, sample };
    const row = { id: newId('qua'), gatewayId, wireName, address, ...seen };
    await work.insertInto('quarantine').values(row).execute();
  }
}

async function isRegistered(work: Work, { gatewayId, wireName }: Sighting): Promise<boolean> {
  const devices = work.selectFrom('device').select('id');
  const found = await (
    gatewayId === null
      ? devices.where('address', '=', wireName)
      : devices
          .where('gatewayId', '=', gatewayId)
          .where((is) => is.or([is('wireName', '=', wireName), is('id', '=', wireName)]))
  )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Leaves at most `rows - 1`, of one gateway or of all. */
async function makeRoom(work: Work, rows: number, gatewayId?: string): Promise<void> {
  let those = work.selectFrom('quarantine');
  if (gatewayId !== undefined) those = those.where('gatewayId', '=', gatewayId);
  const oldest = await those
    .select('id')
    .orderBy('lastSeenAt', 'desc')
    .orderBy('id', 'desc')
    .offset(rows - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldest !== undefined) await work.deleteFrom('quarantine').where('id', '=', oldest.id).execute();
}

function toQuarantine(row: Selectable<QuarantineTable>): QuarantineRow {
  return {
    id: row.id,
    gatewayId: row.gatewayId === '' ? null : row.gatewayId,
    wireName: row.wireName,
    address: row.address,
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
    count: row.count,
    sample: row.sample,
  };
}
