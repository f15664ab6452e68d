import { type CredentialKind } from '@watchfire/contracts';
import { type Selectable } from 'kysely';
import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { type DeviceCredentialRow } from '../rows.js';
import { type DeviceCredentialTable } from '../schema.js';
import { type SecretBox } from '../secret-box.js';

export interface NewCredential {
  readonly id?: string | undefined;
  readonly kind: CredentialKind;
  readonly label?: string | undefined;
  readonly lookup?: string | null | undefined;
  readonly secret?: string | null | undefined;
  readonly by: string;
}

export interface Revocation {
  readonly by: string;
  readonly reason: string;
}

export interface CredentialUse {
  readonly id: string;
  readonly at: number;
  readonly address: string;
}

/** How devices sign in. A revoked credential stays, for the record and so that its certificate is never taken again. */
export class DeviceCredentialRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
    private readonly box: SecretBox,
  ) {}

  /**
   * `replaces`: ends the other credentials of the device that are in force, at `endsAt`; those that end before it are left.
   *
   * @throws RegistryError `not_found` for an unknown device, `conflict` where what it is found by is taken.
   */
  async create(
    deviceId: string,
    credential: NewCredential,
    replaces?: Revocation & { readonly endsAt: number },
  ): Promise<DeviceCredentialRow> {
    return this.db.transaction().execute(async (work) => {
      if (replaces !== undefined) {
        const { by, reason, endsAt } = replaces;
        const present = work
          .updateTable('deviceCredential')
          .where('deviceId', '=', deviceId)
          .where('revokedAt', 'is', null);
        if (endsAt <= this.now()) {
          await present.set({ revokedAt: this.now(), revokedBy: by, revokeReason: reason }).execute();
        } else {
          await present
            .set({ expiresAt: endsAt })
            .where((is) => is.or([is('expiresAt', 'is', null), is('expiresAt', '>', endsAt)]))
            .execute();
        }
      }
      return this.insert(work, deviceId, credential);
    });
  }

  /** Part of a larger change. */
  async insert(work: Work, deviceId: string, credential: NewCredential): Promise<DeviceCredentialRow> {
    const id = credential.id ?? newId('cred');
    const { kind, secret = null } = credential;
    const row: Selectable<DeviceCredentialTable> = {
      id,
      deviceId,
      kind,
      label: credential.label ?? '',
      lookup: credential.lookup ?? null,
      secret: secret !== null && kind === 'signed' ? this.box.seal(secret, id) : secret,
      createdAt: this.now(),
      createdBy: credential.by,
      expiresAt: null,
      revokedAt: null,
      revokedBy: null,
      revokeReason: null,
      lastUsedAt: null,
      lastUsedFrom: null,
    };
    await work.insertInto('deviceCredential').values(row).execute();
    return this.toCredential(row);
  }

  /** Of one device, revoked ones too, oldest first. */
  async forDevice(deviceId: string): Promise<DeviceCredentialRow[]> {
    const rows = await this.db
      .selectFrom('deviceCredential')
      .selectAll()
      .where('deviceId', '=', deviceId)
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map((row) => this.toCredential(row));
  }

  /** What sign-in needs: all that are not revoked, and revoked certificates. */
  async all(): Promise<DeviceCredentialRow[]> {
    const rows = await this.db
      .selectFrom('deviceCredential')
      .selectAll()
      .where((is) => is.or([is('revokedAt', 'is', null), is('kind', '=', 'certificate')]))
      .orderBy('deviceId')
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map((row) => this.toCredential(row));
  }

  /**
   * A second revocation changes nothing of the first.
   *
   * @throws RegistryError `not_found` where the device has no such credential.
   */
  async revoke(deviceId: string, id: string, { by, reason }: Revocation): Promise<DeviceCredentialRow> {
    await this.db
      .updateTable('deviceCredential')
      .set({ revokedAt: this.now(), revokedBy: by, revokeReason: reason })
      .where('deviceId', '=', deviceId)
      .where('id', '=', id)
      .where('revokedAt', 'is', null)
      .execute();
    const row = await this.db
      .selectFrom('deviceCredential')
      .selectAll()
      .where('deviceId', '=', deviceId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new RegistryError('not_found', `credential ${id} of device ${deviceId}`);
    return this.toCredential(row);
  }

  /** Revokes those whose overlap has ended; answers whose they were. */
  async revokeExpired(): Promise<string[]> {
    return this.db.transaction().execute(async (work) => {
      const now = this.now();
      const ended = await work
        .selectFrom('deviceCredential')
        .select(['id', 'deviceId'])
        .where('revokedAt', 'is', null)
        .where('expiresAt', '<=', now)
        .execute();
      for (const { id } of ended) {
        await work
          .updateTable('deviceCredential')
          .set({ revokedAt: now, revokedBy: 'system', revokeReason: 'the overlap has ended' })
          .where('id', '=', id)
          .execute();
      }
      return [...new Set(ended.map(({ deviceId }) => deviceId))];
    });
  }

  /** All or none. */
  async used(uses: readonly CredentialUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.db.transaction().execute(async (work) => {
      for (const { id, at, address } of uses) {
        await work
          .updateTable('deviceCredential')
          .set({ lastUsedAt: at, lastUsedFrom: address })
          .where('id', '=', id)
          .execute();
      }
    });
  }

  private toCredential(row: Selectable<DeviceCredentialTable>): DeviceCredentialRow {
    const { id, kind, secret } = row;
    return {
      ...row,
      kind: kind as CredentialKind,
      secret: kind === 'signed' && secret !== null ? (this.box.open(secret, id) ?? null) : secret,
    };
  }
}
