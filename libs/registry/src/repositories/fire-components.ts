import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type FireComponentRow } from '../rows-fire.js';
import { type Paged, type PageRequest } from '../rows.js';
import { ComponentBatch, type ComponentKey, type ComponentRow, inBatches } from './component-batches.js';

export type { ComponentKey };

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
   * Takes what devices said: new components appear in no place, known ones keep theirs and the name that people gave them. In
   * batches, between which others have their turn; each is taken whole or not at all, and what was taken is passed over when
   * it comes again. Returns how many were refused because their device has too many.
   */
  async discovered(sightings: readonly ComponentSighting[]): Promise<number> {
    let refused = 0;
    for (const some of inBatches(sightings)) {
      refused += await this.db.transaction().execute((work) => this.#noteAll(work, some));
    }
    return refused;
  }

  /** All or none; what is there is changed. @throws RegistryError `not_found` or `invalid`. */
  async import(components: readonly NewComponent[]): Promise<{ created: number; changed: number }> {
    const counts = { created: 0, changed: 0 };
    await this.db.transaction().execute(async (work) => {
      const batch = new ComponentBatch(work);
      const checks = new Checks(work, this.mostPerDevice);
      await batch.read(components);
      for (const one of components) {
        const known = batch.get(one);
        if (known === undefined) await checks.requireRoom(one.deviceId);
        const row = { ...(known ?? emptyRow(one, this.now())), ...changeOf(one) };
        await checks.requirePlaces(row);
        batch.put(row);
        counts[known === undefined ? 'created' : 'changed'] += 1;
      }
      await batch.write();
    });
    return counts;
  }

  /** @throws RegistryError `conflict` where there is such a component; `not_found` for its device; `invalid`. */
  async create(component: NewComponent): Promise<FireComponentRow> {
    return this.db.transaction().execute(async (work) => {
      if ((await findByKey(work, component)) !== undefined) {
        throw new RegistryError('conflict', `there is a component ${component.addressText} already`);
      }
      const checks = new Checks(work, this.mostPerDevice);
      await checks.requireRoom(component.deviceId);
      const row = { ...emptyRow(component, this.now()), ...changeOf(component) };
      await checks.requirePlaces(row);
      await work.insertInto('fireComponent').values(row).execute();
      return toComponent(row);
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

  /** How many were refused. */
  async #noteAll(work: Work, sightings: readonly ComponentSighting[]): Promise<number> {
    const batch = new ComponentBatch(work);
    const checks = new Checks(work, this.mostPerDevice);
    let refused = 0;
    await batch.read(sightings);
    for (const sighting of sightings) {
      const known = batch.get(sighting);
      if (known !== undefined && sighting.offset <= known.lastOffset) continue;
      if (known === undefined && !(await checks.hasRoom(sighting.deviceId))) refused += 1;
      else batch.put({ ...(known ?? emptyRow(sighting, this.now())), ...saidOf(sighting, known) });
    }
    await batch.write();
    return refused;
  }

  async #change(work: Work, id: string, change: ComponentChange): Promise<void> {
    const before = await work.selectFrom('fireComponent').selectAll().where('id', '=', id).executeTakeFirst();
    if (before === undefined) throw new RegistryError('not_found', `component ${id}`);
    const row = { ...before, ...change };
    await new Checks(work, this.mostPerDevice).requirePlaces(row);
    const { label, componentType, pointId, floorId, zoneId, x, y } = row;
    await work
      .updateTable('fireComponent')
      .set({ label, componentType, pointId, floorId, zoneId, x, y })
      .where('id', '=', id)
      .execute();
  }
}

/** What must hold for components of one transaction, each question asked once. */
class Checks {
  private readonly left = new Map<string, number>();
  private readonly places = new Map<string, boolean>();

  constructor(
    private readonly work: Work,
    private readonly most: number,
  ) {}

  /** Whether there is room for one more, which is then taken. */
  async hasRoom(deviceId: string): Promise<boolean> {
    const left = this.left.get(deviceId) ?? this.most - (await this.count(deviceId));
    this.left.set(deviceId, left - 1);
    return left > 0;
  }

  async requireRoom(deviceId: string): Promise<void> {
    if (!this.left.has(deviceId) && !(await this.isDevice(deviceId)))
      throw new RegistryError('not_found', `device ${deviceId}`);
    if (!(await this.hasRoom(deviceId)))
      throw new RegistryError('invalid', `a device has at most ${this.most} components`);
  }

  /** A position is on the plan of a floor; floor and zone are of the site of the device. */
  async requirePlaces(row: ComponentRow): Promise<void> {
    if ((row.x === null) !== (row.y === null)) throw new RegistryError('invalid', 'x and y belong together');
    if (row.x !== null && row.floorId === null)
      throw new RegistryError('invalid', 'a position is on the plan of a floor');
    for (const [id, kind] of [
      [row.floorId, 'floor'],
      [row.zoneId, 'zone'],
    ] as const) {
      if (id !== null && !(await this.isPlace(row.deviceId, id, kind)))
        throw new RegistryError('invalid', `there is no ${kind} ${id} in the unit`);
    }
  }

  private async isPlace(deviceId: string, id: string, kind: 'floor' | 'zone'): Promise<boolean> {
    const key = `${kind} ${id} ${deviceId}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = await this.work
      .selectFrom('firePlace')
      .innerJoin('device', 'device.siteId', 'firePlace.siteId')
      .select('firePlace.id')
      .where('firePlace.id', '=', id)
      .where('firePlace.kind', '=', kind)
      .where('device.id', '=', deviceId)
      .executeTakeFirst();
    this.places.set(key, place !== undefined);
    return place !== undefined;
  }

  private async isDevice(id: string): Promise<boolean> {
    const found = await this.work.selectFrom('device').select('id').where('id', '=', id).executeTakeFirst();
    return found !== undefined;
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

/** What a sighting changes; what a device does not say stays. */
function saidOf(sighting: ComponentSighting, known: ComponentRow | undefined): Partial<ComponentRow> {
  const { addressText, componentType, description, states, pointId, at, offset } = sighting;
  return {
    addressText,
    lastOffset: offset,
    ...(componentType === null ? {} : { componentType }),
    ...(description === null ? {} : { description: description.slice(0, DESCRIPTION_LENGTH) }),
    ...(pointId === undefined ? {} : { pointId }),
    ...(states === null
      ? {}
      : {
          states: JSON.stringify(states),
          statesAt: at,
          fireAt: states.includes('fire') ? (known?.fireAt ?? at) : null,
        }),
  };
}

function findByKey(
  work: Work,
  { deviceId, systemType, systemAddress, address }: ComponentKey,
): Promise<ComponentRow | undefined> {
  return work
    .selectFrom('fireComponent')
    .selectAll()
    .where('deviceId', '=', deviceId)
    .where('systemType', '=', systemType)
    .where('systemAddress', '=', systemAddress)
    .where('address', '=', address)
    .executeTakeFirst();
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
): ComponentRow {
  const { deviceId, systemType, systemAddress, address, addressText } = key;
  return {
    id: newId('cmp'),
    ...{ deviceId, systemType, systemAddress, address, addressText, createdAt },
    ...{ componentType: null, description: null, label: null, pointId: null },
    ...{ floorId: null, zoneId: null, x: null, y: null },
    ...{ states: null, statesAt: null, fireAt: null, lastOffset: -1 },
  };
}

function toComponent({ lastOffset, states, ...row }: ComponentRow): FireComponentRow {
  void lastOffset;
  return { ...row, states: states === null ? null : (JSON.parse(states) as string[]) };
}
