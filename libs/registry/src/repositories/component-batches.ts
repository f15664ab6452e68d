import { type Selectable } from 'kysely';
import { type Work } from '../database.js';
import { type FireComponentRow } from '../rows-fire.js';
import { type FireComponentTable } from '../schema.js';

/** By what a component is known on the wire; its type is an attribute. */
export type ComponentKey = Pick<FireComponentRow, 'deviceId' | 'systemType' | 'systemAddress' | 'address'>;
export type ComponentRow = Selectable<FireComponentTable>;

/** Rows a statement: each has some twenty parameters, of which SQLite takes 32,766. */
const ROWS = 500;

/** What may change of a component that is there. */
const CHANGING = [
  ...(['addressText', 'componentType', 'description', 'label', 'pointId', 'floorId', 'zoneId'] as const),
  ...(['x', 'y', 'states', 'statesAt', 'fireAt', 'lastOffset'] as const),
];

export function inBatches<T>(all: readonly T[], size = ROWS): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}

const textOf = ({ deviceId, systemType, systemAddress, address }: ComponentKey): string =>
  `${systemType} ${systemAddress} ${address} ${deviceId}`;

/**
 * Rows of components as they are, and as they are to be: read and written many at a time, so that a panel of thousands keeps the
 * registry for as short as can be.
 */
export class ComponentBatch {
  private readonly rows = new Map<string, ComponentRow>();
  private readonly touched = new Set<string>();

  constructor(private readonly work: Work) {}

  async read(keys: readonly ComponentKey[]): Promise<void> {
    const groups = new Map<string, ComponentKey[]>();
    for (const key of keys) {
      const name = textOf({ ...key, address: 0 });
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [key]);
      else group.push(key);
    }
    for (const group of groups.values()) await this.#readSystem(group);
  }

  get(key: ComponentKey): ComponentRow | undefined {
    return this.rows.get(textOf(key));
  }

  put(row: ComponentRow): void {
    this.rows.set(textOf(row), row);
    this.touched.add(textOf(row));
  }

  /** Writes what was put. */
  async write(): Promise<void> {
    const rows = [...this.touched].flatMap((key) => this.rows.get(key) ?? []);
    this.touched.clear();
    for (const some of inBatches(rows)) {
      await this.work
        .insertInto('fireComponent')
        .values(some)
        .onConflict((is) =>
          is
            .columns(['deviceId', 'systemType', 'systemAddress', 'address'])
            .doUpdateSet((row) =>
              Object.fromEntries(CHANGING.map((column) => [column, row.ref(`excluded.${column}`)])),
            ),
        )
        .execute();
    }
  }

  async #readSystem(keys: readonly ComponentKey[]): Promise<void> {
    const [first] = keys;
    if (first === undefined) return;
    for (const some of inBatches(keys)) {
      const rows = await this.work
        .selectFrom('fireComponent')
        .selectAll()
        .where('deviceId', '=', first.deviceId)
        .where('systemType', '=', first.systemType)
        .where('systemAddress', '=', first.systemAddress)
        .where(
          'address',
          'in',
          some.map(({ address }) => address),
        )
        .execute();
      for (const row of rows) this.rows.set(textOf(row), row);
    }
  }
}
