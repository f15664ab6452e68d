import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { timeKey, timeKeyOf, toPage } from '../page.js';
import {
  type ClaimRow,
  type DeviceCredentialRow,
  type DeviceRow,
  type Paged,
  type PageRequest,
} from '../rows.js';
import { type ClaimTable } from '../schema.js';
import { type DeviceCredentialRepository, type NewCredential } from './device-credentials.js';
import { insertDevice, type NewDevice } from './devices.js';

export interface NewClaim {
  /** SHA-256 of the code, base64url. A code that nobody chose needs no slow hash, and is found by this one. */
  readonly codeHash: string;
  readonly siteId: string;
  readonly profile: string;
  readonly dialect: string;
  readonly name: string | null;
  readonly expiresAt: number;
  readonly by: string;
}

export interface Redemption {
  readonly device: DeviceRow;
  readonly credential: DeviceCredentialRow;
}

/** Codes with which devices register themselves, each once. */
export class ClaimRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
    private readonly credentials: DeviceCredentialRepository,
  ) {}

  /** All or none. @throws RegistryError `not_found` for an unknown site. */
  async create(claims: readonly NewClaim[]): Promise<ClaimRow[]> {
    const rows = claims.map(({ by, ...claim }) => ({
      ...claim,
      id: newId('clm'),
      createdAt: this.now(),
      createdBy: by,
      cancelledAt: null,
      redeemedAt: null,
      asked: null,
      deviceId: null,
      credentialId: null,
    }));
    await this.db.transaction().execute(async (work) => {
      for (const row of rows) await work.insertInto('claim').values(row).execute();
    });
    return rows.map(toClaim);
  }

  async findByCode(codeHash: string): Promise<ClaimRow | undefined> {
    const row = await this.db
      .selectFrom('claim')
      .selectAll()
      .where('codeHash', '=', codeHash)
      .executeTakeFirst();
    return row && toClaim(row);
  }

  /** Newest first. */
  async list(page: PageRequest): Promise<Paged<ClaimRow>> {
    const after = timeKey(page);
    let matching = this.db.selectFrom('claim');
    const { total } = await matching
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (after !== undefined) {
      matching = matching.where((is) =>
        is.or([
          is('createdAt', '<', after.at),
          is.and([is('createdAt', '=', after.at), is('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await matching
      .selectAll()
      .orderBy('createdAt', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const key = ({ createdAt, id }: { createdAt: number; id: string }) => timeKeyOf({ at: createdAt, id });
    return toPage(rows, page.limit, total, { row: toClaim, key });
  }

  /**
   * The device, its credential and the end of the code, together or not at all.
   *
   * @throws RegistryError `conflict` where the code is used or cancelled, or the device id is taken.
   */
  async redeem(id: string, asked: string, device: NewDevice, credential: NewCredential): Promise<Redemption> {
    return this.db.transaction().execute(async (work) => {
      const now = this.now();
      const made = await insertDevice(work, device, now);
      const issued = await this.credentials.insert(work, made.id, credential);
      const done = await work
        .updateTable('claim')
        .set({ redeemedAt: now, asked, deviceId: made.id, credentialId: issued.id })
        .where('id', '=', id)
        .where('redeemedAt', 'is', null)
        .where('cancelledAt', 'is', null)
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n)
        throw new RegistryError('conflict', `claim ${id} was used or cancelled`);
      return { device: made, credential: issued };
    });
  }

  /** The answer was lost: another credential in the place of the first, which nobody has. */
  async reissue(id: string, deviceId: string, credential: NewCredential): Promise<DeviceCredentialRow> {
    const issued = await this.credentials.create(deviceId, credential, {
      by: credential.by,
      reason: 'the answer was lost: issued again',
      endsAt: this.now(),
    });
    await this.db.updateTable('claim').set({ credentialId: issued.id }).where('id', '=', id).execute();
    return issued;
  }

  /** @throws RegistryError `not_found`; `conflict` where the code was used. */
  async cancel(id: string): Promise<ClaimRow> {
    await this.db
      .updateTable('claim')
      .set({ cancelledAt: this.now() })
      .where('id', '=', id)
      .where('redeemedAt', 'is', null)
      .where('cancelledAt', 'is', null)
      .execute();
    const row = await this.db.selectFrom('claim').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new RegistryError('not_found', `claim ${id}`);
    if (row.redeemedAt !== null) throw new RegistryError('conflict', `claim ${id} was used`);
    return toClaim(row);
  }

  /** Forgets codes that have ended, unused, before `olderThan` (epoch ms); answers how many. */
  async trim(olderThan: number): Promise<number> {
    const done = await this.db
      .deleteFrom('claim')
      .where('redeemedAt', 'is', null)
      .where('expiresAt', '<', olderThan)
      .executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}

/** Never the hash of the code. */
function toClaim(row: Omit<Selectable<ClaimTable>, 'codeHash'>): ClaimRow {
  return {
    id: row.id,
    siteId: row.siteId,
    profile: row.profile,
    dialect: row.dialect,
    name: row.name,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    expiresAt: row.expiresAt,
    cancelledAt: row.cancelledAt,
    redeemedAt: row.redeemedAt,
    asked: row.asked,
    deviceId: row.deviceId,
    credentialId: row.credentialId,
  };
}
