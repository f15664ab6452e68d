import { type Selectable } from 'kysely';
import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type FireComponentRow } from '../rows-fire.js';
import { type Paged, type PageRequest } from '../rows.js';
import { type FireComponentTable } from '../schema.js';

/** By what a component is known on the wire; its type is an attribute. */
export type ComponentKey = Pick<FireComponentRow, 'deviceId' | 'systemType' | 'systemAddress' | 'address'>;

/** A device said something of a component: of one that is not known yet, too. */
export interface ComponentSighting extends ComponentKey {
  /** As the profile of the device prints the address. */
  readonly addressText: string;
  /** `null`: it did not say. */
  readonly componentType: number | null;
  readonly description: string | null;
  /** Names of the status bits that are set; `null`: it said nothing of its state. */
  readonly states: readonly string[] | null;
  /** The point whose alarms are those of the component, where there is one. */
  readonly pointId?: string | undefined;
  readonly at: number;
  /** Of its journal record: a projection may deliver it twice, and an older one changes nothing. */
  readonly offset: number;
}

export type ComponentChange = Partial<
  Pick<FireComponentRow, 'label' | 'componentType' | 'pointId' | 'floorId' | 'zoneId' | 'x' | 'y'>
>;
export type NewComponent = ComponentKey & Pick<FireComponentRow, 'addressText'> & ComponentChange;

/** A device that invents addresses fills no disk. */
export const MOST_COMPONENTS_PER_DEVICE = 20_000;

const DESCRIPTION_LENGTH = 200;

/** Detectors, modules, pumps and valves of fire systems: entered, imported, or found on the wire. */
export class FireComponentRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
    private readonly mostPerDevice = MOST_COMPONENTS_PER_DEVICE,
  ) {}

  /**
   * Takes what devices said: new components appear in no place, known ones keep theirs and the name that people gave
   * them. All or none. Returns how many were refused because their device has too many.
   */
  async discovered(sightings: readonly ComponentSighting[]): Promise<number> {
    if (sightings.length === 0) return 0;
    let refused = 0;
    await this.db.transaction().execute(async (work) => {
      const room = new Room(work, this.mostPerDevice);
      for (const sighting of sightings) if (!(await this.#note(work, sighting, room))) refused += 1;
    });
    return refused;
  }

  /** All or none; what is there is changed. @throws RegistryError `not_found` or `invalid`. */
  async import(components: readonly NewComponent[]): Promise<{ created: number; changed: number }> {
    const counts = { created: 0, changed: 0 };
    await this.db.transaction().execute(async (work) => {
      const room = new Room(work, this.mostPerDevice);
      for (const one of components) {
        const known = await findByKey(work, one);
        if (known !== undefined) {
          await this.#change(work, known.id, changeOf(one));
          counts.changed += 1;
          continue;
        }
        await this.#insert(work, one, room);
        counts.created += 1;
      }
    });
    return counts;
  }

  /** @throws RegistryError `conflict` where there is such a component; `not_found` for its device; `invalid`. */
  async create(component: NewComponent): Promise<FireComponentRow> {
    return this.db.transaction().execute(async (work) => {
      if ((await findByKey(work, component)) !== undefined) {
        throw new RegistryError('conflict', `there is a component ${component.addressText} already`);
      }
      return toComponent(await this.#insert(work, component, new Room(work, this.mostPerDevice)));
    });
  }

  async find(id: string): Promise<FireComponentRow | undefined> {
    const row = await this.db.selectFrom('fireComponent').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toComponent(row);
  }

  /** Of the devices of a site, by id. */
  async list(page: PageRequest & { readonly siteId: string }): Promise<Paged<FireComponentRow>> {
    const after = cursorKey<string>(page, 'string');
    let matching = this.db
      .selectFrom('fireComponent')
      .innerJoin('device', 'device.id', 'fireComponent.deviceId')
      .where('device.siteId', '=', page.siteId);
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) matching = matching.where('fireComponent.id', '>', after);
    const rows = await matching
      .selectAll('fireComponent')
      .orderBy('fireComponent.id')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: toComponent, key: (row) => row.id });
  }

  /** @throws RegistryError `not_found`; `invalid` where it cannot be in such a place. */
  async change(id: string, change: ComponentChange): Promise<void> {
    await this.db.transaction().execute((work) => this.#change(work, id, change));
  }

  /** It comes back, in no place, when its device speaks of it again. @throws RegistryError `not_found`. */
  async remove(id: string): Promise<void> {
    const done = await this.db.deleteFrom('fireComponent').where('id', '=', id).executeTakeFirst();
    if (done.numDeletedRows === 0n) throw new RegistryError('not_found', `component ${id}`);
  }

  async #note(work: Work, sighting: ComponentSighting, room: Room): Promise<boolean> {
    const { addressText, componentType, states, pointId, at, offset } = sighting;
    const description = sighting.description?.slice(0, DESCRIPTION_LENGTH) ?? null;
    const known = await findByKey(work, sighting);
    if (known !== undefined && offset <= known.lastOffset) return true;
    const said = {
      addressText,
      lastOffset: offset,
      ...(componentType === null ? {} : { componentType }),
      ...(description === null ? {} : { description }),
      ...(pointId === undefined ? {} : { pointId }),
      ...(states === null
        ? {}
        : {
            states: JSON.stringify(states),
            statesAt: at,
            fireAt: states.includes('fire') ? (known?.fireAt ?? at) : null,
          }),
    };
    if (known !== undefined) {
      await work.updateTable('fireComponent').set(said).where('id', '=', known.id).execute();
      return true;
    }
    if (!(await room.take(sighting.deviceId))) return false;
    await work
      .insertInto('fireComponent')
      .values({ ...emptyRow(sighting, this.now()), ...said })
      .execute();
    return true;
  }

  async #insert(work: Work, component: NewComponent, room: Room): Promise<Selectable<FireComponentTable>> {
    const device = await work
      .selectFrom('device')
      .select('id')
      .where('id', '=', component.deviceId)
      .executeTakeFirst();
    if (device === undefined) throw new RegistryError('not_found', `device ${component.deviceId}`);
    if (!(await room.take(component.deviceId))) {
      throw new RegistryError('invalid', `a device has at most ${this.mostPerDevice} components`);
    }
    const row = { ...emptyRow(component, this.now()), ...changeOf(component) };
    await requirePlaces(work, row);
    await work.insertInto('fireComponent').values(row).execute();
    return row;
  }

  async #change(work: Work, id: string, change: ComponentChange): Promise<void> {
    const before = await work.selectFrom('fireComponent').selectAll().where('id', '=', id).executeTakeFirst();
    if (before === undefined) throw new RegistryError('not_found', `component ${id}`);
    const row = { ...before, ...change };
    await requirePlaces(work, row);
    const { label, componentType, pointId, floorId, zoneId, x, y } = row;
    await work
      .updateTable('fireComponent')
      .set({ label, componentType, pointId, floorId, zoneId, x, y })
      .where('id', '=', id)
      .execute();
  }
}

/** How many more components a device may have, counted once for a whole transaction. */
class Room {
  private readonly left = new Map<string, number>();

  constructor(
    private readonly work: Work,
    private readonly most: number,
  ) {}

  /** Whether there is room for one more, which is then taken. */
  async take(deviceId: string): Promise<boolean> {
    const left = this.left.get(deviceId) ?? this.most - (await this.count(deviceId));
    this.left.set(deviceId, left - 1);
    return left > 0;
  }

  private async count(deviceId: string): Promise<number> {
    const { count } = await this.work
      .selectFrom('fireComponent')
      .select((is) => is.fn.countAll<number>().as('count'))
      .where('deviceId', '=', deviceId)
      .executeTakeFirstOrThrow();
    return count;
  }
}

function findByKey(
  work: Work,
  { deviceId, systemType, systemAddress, address }: ComponentKey,
): Promise<Selectable<FireComponentTable> | undefined> {
  return work
    .selectFrom('fireComponent')
    .selectAll()
    .where('deviceId', '=', deviceId)
    .where('systemType', '=', systemType)
    .where('systemAddress', '=', systemAddress)
    .where('address', '=', address)
    .executeTakeFirst();
}

/** A position is on the plan of a floor; floor and zone are of the site of the device. */
async function requirePlaces(work: Work, row: Selectable<FireComponentTable>): Promise<void> {
  if ((row.x === null) !== (row.y === null)) throw new RegistryError('invalid', 'x and y belong together');
  if (row.x !== null && row.floorId === null)
    throw new RegistryError('invalid', 'a position is on the plan of a floor');
  for (const [id, kind] of [
    [row.floorId, 'floor'],
    [row.zoneId, 'zone'],
  ] as const) {
    if (id === null) continue;
    const place = await work
      .selectFrom('firePlace')
      .innerJoin('device', 'device.siteId', 'firePlace.siteId')
      .select('firePlace.id')
      .where('firePlace.id', '=', id)
      .where('firePlace.kind', '=', kind)
      .where('device.id', '=', row.deviceId)
      .executeTakeFirst();
    if (place === undefined) throw new RegistryError('invalid', `there is no ${kind} ${id} in the unit`);
  }
}

/** What was given: an absent key changes nothing. */
function changeOf(given: ComponentChange): ComponentChange {
  const { label, componentType, pointId, floorId, zoneId, x, y } = given;
  const all = { label, componentType, pointId, floorId, zoneId, x, y };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function emptyRow(
  key: ComponentKey & Pick<FireComponentRow, 'addressText'>,
  createdAt: number,
): Selectable<FireComponentTable> {
  const { deviceId, systemType, systemAddress, address, addressText } = key;
  return {
    id: newId('cmp'),
    ...{ deviceId, systemType, systemAddress, address, addressText, createdAt },
    ...{ componentType: null, description: null, label: null, pointId: null },
    ...{ floorId: null, zoneId: null, x: null, y: null },
    ...{ states: null, statesAt: null, fireAt: null, lastOffset: -1 },
  };
}

function toComponent({ lastOffset, states, ...row }: Selectable<FireComponentTable>): FireComponentRow {
  void lastOffset;
  return { ...row, states: states === null ? null : (JSON.parse(states) as string[]) };
}
