import { createHash, randomBytes } from 'node:crypto';
import { type Database, type Now } from '../database.js';
import { newId } from '../ids.js';
import { type SessionRow, type UserRow } from '../rows.js';
import { toUser } from './users.js';

const TOKEN_BYTES = 32;

export interface NewSession {
  readonly userId: string;
  readonly address?: string | null | undefined;
  readonly lifetimeMs: number;
}

/** Who is signed in. A token is 256 random bits; only its SHA-256 is stored, so a copied file signs nobody in. */
export class SessionRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `not_found` for an unknown user. */
  async create(request: NewSession): Promise<{ token: string; session: SessionRow }> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const createdAt = this.now();
    const session: SessionRow = {
      id: newId('ses'),
      userId: request.userId,
      createdAt,
      expiresAt: createdAt + request.lifetimeMs,
      address: request.address ?? null,
    };
    await this.db
      .insertInto('session')
      .values({ ...session, tokenHash: hashToken(token) })
      .execute();
    return { token, session };
  }

  /** Undefined for an unknown, expired or revoked token and for a disabled user. */
  async find(token: string): Promise<{ session: SessionRow; user: UserRow } | undefined> {
    const session = await this.db
      .selectFrom('session')
      .select(['id', 'userId', 'createdAt', 'expiresAt', 'address'])
      .where('tokenHash', '=', hashToken(token))
      .where('expiresAt', '>', this.now())
      .executeTakeFirst();
    if (session === undefined) return undefined;
    const user = await this.db
      .selectFrom('user')
      .selectAll()
      .where('id', '=', session.userId)
      .where('disabled', '=', 0)
      .executeTakeFirst();
    return user && { session, user: toUser(user) };
  }

  async revoke(token: string): Promise<void> {
    await this.db.deleteFrom('session').where('tokenHash', '=', hashToken(token)).execute();
  }

  async revokeUser(userId: string): Promise<void> {
    await this.db.deleteFrom('session').where('userId', '=', userId).execute();
  }

  /** Forgets sessions that have expired; answers how many. */
  async trim(): Promise<number> {
    const done = await this.db.deleteFrom('session').where('expiresAt', '<=', this.now()).executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}

/** The whole token is random, so a lookup by its hash gives nothing away by the time that it takes. */
function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}
