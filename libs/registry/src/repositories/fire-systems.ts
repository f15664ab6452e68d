import { type Database, type Work } from '../database.js';

export interface FireSystemRow {
  readonly deviceId: string;
  readonly systemType: number;
  readonly systemAddress: number;
  /** Names of the status bits that it said were set. */
  readonly states: readonly string[];
  /** Epoch ms of their receipt. */
  readonly statesAt: number;
}

/** A device told the state of one of its systems. */
export interface SystemSighting extends FireSystemRow {
  /** Of its journal record: a projection may deliver it twice, and an older one changes nothing. */
  readonly offset: number;
}

/** A device that invents systems fills no disk. */
export const MOST_SYSTEMS_PER_DEVICE = 256;

/** The last state of each system of fire-control rooms, as a projection of the journal. */
export class FireSystemRepository {
  constructor(
    private readonly db: Database,
    private readonly mostPerDevice = MOST_SYSTEMS_PER_DEVICE,
  ) {}

  /** All or none; what a device has too many of is passed over. */
  async told(sightings: readonly SystemSighting[]): Promise<void> {
    if (sightings.length === 0) return;
    await this.db.transaction().execute(async (work) => {
      for (const sighting of sightings) await this.#note(work, sighting);
    });
  }

  /** Of the devices of a site. */
  async ofSite(siteId: string): Promise<FireSystemRow[]> {
    const rows = await this.db
      .selectFrom('fireSystem')
      .innerJoin('device', 'device.id', 'fireSystem.deviceId')
      .where('device.siteId', '=', siteId)
      .selectAll('fireSystem')
      .orderBy('fireSystem.deviceId')
      .orderBy('systemType')
      .orderBy('systemAddress')
      .execute();
    return rows.map(({ lastOffset, states, ...row }) => {
      void lastOffset;
      return { ...row, states: JSON.parse(states) as string[] };
    });
  }

  async #note(work: Work, { offset, states, ...sighting }: SystemSighting): Promise<void> {
    const { deviceId, systemType, systemAddress, statesAt } = sighting;
    const own = await work
      .selectFrom('fireSystem')
      .select(['systemType', 'systemAddress', 'lastOffset'])
      .where('deviceId', '=', deviceId)
      .execute();
    const known = own.find((row) => row.systemType === systemType && row.systemAddress === systemAddress);
    if (known === undefined ? own.length >= this.mostPerDevice : offset <= known.lastOffset) return;
    const said = { states: JSON.stringify(states), statesAt, lastOffset: offset };
    await work
      .insertInto('fireSystem')
      .values({ deviceId, systemType, systemAddress, ...said })
      .onConflict((on) => on.columns(['deviceId', 'systemType', 'systemAddress']).doUpdateSet(said))
      .execute();
  }
}
