import { type Role } from '@watchfire/contracts';
import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { RegistryError } from '../errors.js';
import { newId } from '../ids.js';
import { cursorKey, toPage } from '../page.js';
import { checkPassword, hashPassword } from '../password.js';
import { type Paged, type PageRequest, type UserRow } from '../rows.js';
import { type UserTable } from '../schema.js';

export interface NewUser {
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly password: string;
  /** For the role `enterprise`, and only for it: whose data the person may see. */
  readonly enterpriseId?: string | null | undefined;
}

export class UserRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
    private readonly hash = hashPassword,
  ) {}

  /** @throws RegistryError `conflict` where the name is taken, `not_found` for an unknown enterprise, `invalid`. */
  async create(user: NewUser): Promise<UserRow> {
    const enterpriseId = user.enterpriseId ?? null;
    if ((user.role === 'enterprise') !== (enterpriseId !== null)) {
      throw new RegistryError('invalid', 'the role enterprise, and no other, belongs to an enterprise');
    }
    const row = {
      id: newId('usr'),
      username: user.username,
      displayName: user.displayName,
      role: user.role,
      enterpriseId,
      passwordHash: await this.hash(user.password),
      disabled: 0 as const,
      createdAt: this.now(),
    };
    await this.db.insertInto('user').values(row).execute();
    return toUser(row);
  }

  async findByUsername(username: string): Promise<UserRow | undefined> {
    const row = await this.db
      .selectFrom('user')
      .selectAll()
      .where('username', '=', username)
      .executeTakeFirst();
    return row && toUser(row);
  }

  async find(id: string): Promise<UserRow | undefined> {
    const row = await this.db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  /** By user name. */
  async list(page: PageRequest): Promise<Paged<UserRow>> {
    const after = cursorKey<string>(page, 'string');
    const total = await this.count();
    let matching = this.db.selectFrom('user');
    if (after !== undefined) matching = matching.where('username', '>', after);
    const rows = await matching
      .selectAll()
      .orderBy('username')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page.limit, total, { row: toUser, key: (row) => row.username });
  }

  /**
   * Ends every session of the user: who took the old password must not keep what it opened.
   *
   * @throws RegistryError `not_found`.
   */
  async setPassword(id: string, password: string): Promise<void> {
    const passwordHash = await this.hash(password);
    await this.db.transaction().execute(async (work) => {
      const done = await work
        .updateTable('user')
        .set({ passwordHash })
        .where('id', '=', id)
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `user ${id}`);
      await work.deleteFrom('session').where('userId', '=', id).execute();
    });
  }

  /**
   * Disabling ends every session of the user.
   *
   * @throws RegistryError `not_found`.
   */
  async setDisabled(id: string, disabled: boolean): Promise<void> {
    await this.db.transaction().execute(async (work) => {
      const done = await work
        .updateTable('user')
        .set({ disabled: disabled ? 1 : 0 })
        .where('id', '=', id)
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) throw new RegistryError('not_found', `user ${id}`);
      if (disabled) await work.deleteFrom('session').where('userId', '=', id).execute();
    });
  }

  async count(): Promise<number> {
    const { total } = await this.db
      .selectFrom('user')
      .select((is) => is.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return total;
  }

  /** The user whose password this is; takes the same work for a wrong password, an unknown and a disabled user. */
  async verify(username: string, password: string): Promise<UserRow | undefined> {
    const user = await this.findByUsername(username);
    const check = await checkPassword(password, user?.passwordHash);
    if (user === undefined || user.disabled || check === 'wrong') return undefined;
    if (check === 'right-but-weakly-hashed') {
      const passwordHash = await this.hash(password);
      // Only over the hash that was checked: a password changed in the meantime stays.
      await this.db
        .updateTable('user')
        .set({ passwordHash })
        .where('id', '=', user.id)
        .where('passwordHash', '=', user.passwordHash)
        .execute();
    }
    return user;
  }
}

export function toUser(row: Selectable<UserTable>): UserRow {
  return {
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    role: row.role as Role,
    enterpriseId: row.enterpriseId,
    passwordHash: row.passwordHash,
    disabled: row.disabled === 1,
    createdAt: row.createdAt,
  };
}
