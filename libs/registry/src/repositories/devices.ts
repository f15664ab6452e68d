import { sql, type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { type DeviceContext, type DeviceRow, type Paged, type PageRequest } from '../rows.js';
import { type DeviceTable } from '../schema.js';

export interface NewDevice {
  readonly id?: string | undefined;
  readonly siteId: string;
  readonly profile: string;
  readonly name: string;
  readonly address?: string | null | undefined;
  /** Default `standard`. */
  readonly dialect?: string | undefined;
  readonly credentialHash: string | null;
}

export interface DeviceFilter {
  readonly siteId?: string | undefined;
  readonly enterpriseId?: string | undefined;
  /** Part of a device id or of a device, site or enterprise name; the case of ASCII letters does not matter. */
  readonly q?: string | undefined;
}

export class DeviceRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `not_found` for an unknown site, `conflict` where the id or the address is taken. */
  async create(device: NewDevice): Promise<DeviceRow> {
    const row = {
      id: device.id ?? newId('dev'),
      siteId: device.siteId,
      profile: device.profile,
      name: device.name,
      address: device.address ?? null,
      dialect: device.dialect ?? 'standard',
      credentialHash: device.credentialHash,
      disabled: 0 as const,
      createdAt: this.now(),
    };
    await this.db.insertInto('device').values(row).execute();
    return toDevice(row);
  }

  async find(id: string): Promise<DeviceRow | undefined> {
    const row = await this.db.selectFrom('device').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toDevice(row);
  }

  async context(id: string): Promise<DeviceContext | undefined> {
    const row = await this.contexts().where('device.id', '=', id).executeTakeFirst();
    return row && toContext(row);
  }

  /** Every device, disabled ones too, by id. */
  async all(): Promise<DeviceContext[]> {
    const rows = await this.contexts().orderBy('device.id').execute();
    return rows.map(toContext);
  }

  /** By id. */
  async list(page: PageRequest & DeviceFilter): Promise<Paged<DeviceContext>> {
    const after = cursorKey<string>(page, 'string');
    let matching = this.contexts();
    if (page.siteId !== undefined) matching = matching.where('site.id', '=', page.siteId);
    if (page.enterpriseId !== undefined) matching = matching.where('enterprise.id', '=', page.enterpriseId);
    if (page.q !== undefined && page.q.trim() !== '') {
      const pattern = `%${page.q.trim().replace(/[\\%_]/g, '\\$&')}%`;
      matching = matching.where((is) =>
        is.or(
          (['device.id', 'device.name', 'site.name', 'enterprise.name'] as const).map(
            (column) => sql<boolean>`lower(${is.ref(column)}) like lower(${pattern}) escape '\\'`,
          ),
        ),
      );
    }
    const { total } = await matching
      .clearSelect()
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) matching = matching.where('device.id', '>', after);
    const rows = await matching
      .orderBy('device.id')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: toContext, key: (row) => row.id });
  }

  /** @throws RegistryError `not_found`. */
  async setCredential(id: string, credentialHash: string | null): Promise<void> {
    const done = await this.db
      .updateTable('device')
      .set({ credentialHash })
      .where('id', '=', id)
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `device ${id}`);
  }

  /** @throws RegistryError `not_found`. */
  async setDisabled(id: string, disabled: boolean): Promise<void> {
    const done = await this.db
      .updateTable('device')
      .set({ disabled: disabled ? 1 : 0 })
      .where('id', '=', id)
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `device ${id}`);
  }

  private contexts() {
    return this.db
      .selectFrom('device')
      .innerJoin('site', 'site.id', 'device.siteId')
      .innerJoin('enterprise', 'enterprise.id', 'site.enterpriseId')
      .selectAll('device')
      .select([
        'site.name as siteName',
        'site.kind as siteKind',
        'site.gridCode as gridCode',
        'site.longitude as longitude',
        'site.latitude as latitude',
        'site.createdAt as siteCreatedAt',
        'enterprise.id as enterpriseId',
        'enterprise.name as enterpriseName',
        'enterprise.createdAt as enterpriseCreatedAt',
      ]);
  }
}

type ContextRow = Awaited<ReturnType<ReturnType<DeviceRepository['contexts']>['execute']>>[number];

function toDevice(row: Selectable<DeviceTable>): DeviceRow {
  return {
    id: row.id,
    siteId: row.siteId,
    profile: row.profile,
    name: row.name,
    address: row.address,
    dialect: row.dialect,
    credentialHash: row.credentialHash,
    disabled: row.disabled === 1,
    createdAt: row.createdAt,
  };
}

function toContext(row: ContextRow): DeviceContext {
  return {
    device: toDevice(row),
    site: {
      id: row.siteId,
      enterpriseId: row.enterpriseId,
      name: row.siteName,
      kind: row.siteKind,
      gridCode: row.gridCode,
      longitude: row.longitude,
      latitude: row.latitude,
      createdAt: row.siteCreatedAt,
    },
    enterprise: { id: row.enterpriseId, name: row.enterpriseName, createdAt: row.enterpriseCreatedAt },
  };
}
