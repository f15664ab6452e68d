import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Subscription } from 'rxjs';
import { SessionDoor, type SessionEnding } from '../access/session-door.js';
import { presentedToken } from '../access/token.js';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { type LivePage, type LiveSocket } from './live-page.js';
import { LiveReports } from './live-reports.js';
import { Seats } from './seats.js';

/** A change of rights must act on live pages within 5 s [LV9]. */
const RECHECK_MS = 3_000;

/** Who may open a live page, and for how long. */
@Injectable()
export class LiveDoor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #running = new Subscription();
  #arriving = 0;

  constructor(
    private readonly door: SessionDoor,
    private readonly seats: Seats,
    private readonly reports: LiveReports,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.#running.add(this.door.endings.subscribe((ending) => this.#end(ending)));
    const timer = setInterval(() => void this.recheck(), RECHECK_MS);
    timer.unref();
    this.#running.add(() => clearInterval(timer));
  }

  onApplicationShutdown(): void {
    this.#running.unsubscribe();
  }

  /** The handshake: a token in `auth`, or the cookie. Its origin was checked before, for the connection as a whole. */
  async admit(socket: LiveSocket): Promise<void> {
    const { limits, trustProxy } = this.settings;
    if (this.seats.size + this.#arriving >= limits.sockets) throw new Problem('too_busy');
    this.#arriving++;
    try {
      const { auth, headers, address } = socket.handshake;
      const given: unknown = auth['token'];
      const token = typeof given === 'string' ? given : presentedToken(headers)?.token;
      const entry = token === undefined ? undefined : await this.door.enter(token);
      if (token === undefined || entry === undefined) throw new Problem('unauthenticated');
      if (this.seats.countOf(entry.user.id) >= limits.socketsPerUser) throw new Problem('too_busy');
      const forwarded = trustProxy ? lastForwarded(headers['x-forwarded-for']) : undefined;
      socket.data = { entry, token, address: forwarded ?? address };
    } finally {
      this.#arriving--;
    }
  }

  /** Ends pages whose session ended here. */
  #end(ending: SessionEnding): void {
    for (const page of [...this.seats.pages()]) {
      const { session, user } = page.entry;
      if ('userId' in ending ? user.id === ending.userId : session.id === ending.sessionId) {
        page.end(ending.reason);
      }
    }
  }

  /**
   * Asks for every session again, and ends the pages of those that expired, were ended elsewhere or changed their rights.
   * When the registry cannot answer, the pages stay: alarms must reach the people who are there [R11].
   */
  async recheck(): Promise<void> {
    const byToken = new Map<string, LivePage[]>();
    for (const page of this.seats.pages()) {
      const { token } = page.socket.data;
      byToken.set(token, [...(byToken.get(token) ?? []), page]);
    }
    await Promise.all([...byToken].map(([token, pages]) => this.#recheckOne(token, pages)));
  }

  async #recheckOne(token: string, pages: readonly LivePage[]): Promise<void> {
    try {
      const entry = await this.door.enter(token);
      for (const page of pages) {
        const { user } = page.entry;
        if (entry === undefined) page.end('ended');
        else if (entry.user.role !== user.role || entry.user.enterpriseId !== user.enterpriseId) {
          page.end('rights_changed');
        }
      }
    } catch (error) {
      this.reports.failed(error, 'sessions of live pages could not be checked');
    }
  }
}

function lastForwarded(header: string | string[] | undefined): string | undefined {
  return [header].flat().at(-1)?.split(',').at(-1)?.trim();
}
