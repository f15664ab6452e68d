import { sql, type Selectable } from 'kysely';
import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import {
  type DeviceContext,
  type DeviceMember,
  type DeviceRow,
  type Paged,
  type PageRequest,
} from '../rows.js';
import { type DeviceTable } from '../schema.js';
import { type DeviceCredentialRepository, type NewCredential } from './device-credentials.js';

export interface NewDevice {
  readonly id?: string | undefined;
  readonly siteId: string;
  readonly profile: string;
  readonly name: string;
  readonly address?: string | null | undefined;
  /** Default `standard`. */
  readonly dialect?: string | undefined;
  readonly gatewayId?: string | null | undefined;
  readonly wireName?: string | null | undefined;
  readonly keys?: Readonly<Record<string, string>> | undefined;
  readonly members?: readonly DeviceMember[] | undefined;
}

export type DeviceChange = Partial<Pick<DeviceRow, 'name' | 'gatewayId' | 'wireName' | 'keys' | 'members'>>;

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
    private readonly credentials: DeviceCredentialRepository,
  ) {}

  /**
   * With its first credential, or neither of them. Whoever was in quarantine under this name is so no longer.
   *
   * @throws RegistryError `not_found` for an unknown site or gateway; `conflict` where the id, the address, the name behind the
   * gateway or what the credential is found by is taken.
   */
  async create(device: NewDevice, credential?: NewCredential): Promise<DeviceRow> {
    return this.db.transaction().execute(async (work) => {
      const row = await insertDevice(work, device, this.now());
      if (credential !== undefined) await this.credentials.insert(work, row.id, credential);
      return row;
    });
  }

  /** @throws RegistryError `not_found` for the device or its gateway, `conflict` where the name behind the gateway is taken. */
  async change(id: string, { keys, members, ...columns }: DeviceChange): Promise<void> {
    const change = {
      ...columns,
      ...(keys === undefined ? {} : { keys: storedKeys(keys) }),
      ...(members === undefined ? {} : { members: storedMembers(members) }),
    };
    await this.db.transaction().execute(async (work) => {
      if (Object.keys(change).length > 0) {
        await work.updateTable('device').set(change).where('id', '=', id).execute();
      }
      const device = await work
        .selectFrom('device')
        .select(['gatewayId', 'wireName'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (device === undefined) throw new RegistryError('not_found', `device ${id}`);
      if (device.gatewayId !== null) await leaveQuarantine(work, device.gatewayId, [id, device.wireName]);
    });
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

  /** By id, disabled ones too. */
  async ofSite(siteId: string): Promise<DeviceContext[]> {
    const rows = await this.contexts().where('site.id', '=', siteId).orderBy('device.id').execute();
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

  /** Whether there is a device behind this one. */
  async isGateway(id: string): Promise<boolean> {
    const child = await this.db
      .selectFrom('device')
      .select('id')
      .where('gatewayId', '=', id)
      .limit(1)
      .executeTakeFirst();
    return child !== undefined;
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

/** Part of a larger change: see `DeviceRepository.create`. */
export async function insertDevice(work: Work, device: NewDevice, now: number): Promise<DeviceRow> {
  const row: Selectable<DeviceTable> = {
    id: device.id ?? newId('dev'),
    siteId: device.siteId,
    profile: device.profile,
    name: device.name,
    address: device.address ?? null,
    dialect: device.dialect ?? 'standard',
    disabled: 0,
    createdAt: now,
    gatewayId: device.gatewayId ?? null,
    wireName: device.wireName ?? null,
    keys: storedKeys(device.keys ?? {}),
    members: storedMembers(device.members ?? []),
  };
  await work.insertInto('device').values(row).execute();
  if (row.gatewayId !== null) await leaveQuarantine(work, row.gatewayId, [row.id, row.wireName]);
  else if (row.address !== null) await leaveQuarantine(work, '', [row.address]);
  return toDevice(row);
}

async function leaveQuarantine(work: Work, gatewayId: string, names: (string | null)[]): Promise<void> {
  await work
    .deleteFrom('quarantine')
    .where('gatewayId', '=', gatewayId)
    .where(
      'wireName',
      'in',
      names.flatMap((name) => name ?? []),
    )
    .execute();
}

function storedKeys(keys: Readonly<Record<string, string>>): string | null {
  return Object.keys(keys).length === 0 ? null : JSON.stringify(keys);
}

function storedMembers(members: readonly DeviceMember[]): string | null {
  return members.length === 0 ? null : JSON.stringify(members);
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
    disabled: row.disabled === 1,
    createdAt: row.createdAt,
    gatewayId: row.gatewayId,
    wireName: row.wireName,
    keys: row.keys === null ? {} : (JSON.parse(row.keys) as Record<string, string>),
    members: row.members === null ? [] : (JSON.parse(row.members) as DeviceMember[]),
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
