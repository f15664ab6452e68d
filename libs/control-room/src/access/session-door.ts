import { Injectable } from '@nestjs/common';
import { Registry, type SessionRow, type UserRow } from '@watchfire/registry';
import { Subject } from 'rxjs';
import { Clock } from '@watchfire/engine';
import { Visibility } from './visibility.js';

export interface Entry {
  readonly user: UserRow;
  readonly session: SessionRow;
  readonly visibility: Visibility;
}

export type SessionEnding = { readonly reason: string } & (
  { readonly sessionId: string } | { readonly userId: string }
);

/** Who may come in, asked by HTTP and by sockets; and the news that somebody no longer may. */
@Injectable()
export class SessionDoor {
  /** Sessions that ended here; what another process ended is found by asking `enter` again. */
  readonly endings = new Subject<SessionEnding>();

  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** `undefined`: no such session, expired, or its user disabled. */
  async enter(token: string): Promise<Entry | undefined> {
    const found = await this.registry.sessions.find(token);
    if (found === undefined || found.user.disabled) return undefined;
    if (found.session.expiresAt <= this.clock.now()) return undefined;
    return { ...found, visibility: Visibility.of(found.user) };
  }

  async endSession(token: string, sessionId: string, reason: string): Promise<void> {
    await this.registry.sessions.revoke(token);
    this.endings.next({ sessionId, reason });
  }

  async endAllOf(userId: string, reason: string): Promise<void> {
    await this.registry.sessions.revokeUser(userId);
    this.endings.next({ userId, reason });
  }
}
