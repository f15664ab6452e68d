import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ClientToServerEvents,
  type CommandView,
  type SeatView,
  type ServerToClientEvents,
} from '@watchfire/contracts';
import { type Clock } from '@watchfire/engine';
import { type Namespace, type Socket } from 'socket.io';
import { type Entry } from '../access/session-door.js';
import { type Visibility } from '../access/visibility.js';
import { type FeedPage } from './alarm-feed.js';
import { MessageBudget } from './message-budget.js';
import { congested, cut, waiting } from './pressure.js';

/** What the handshake found out; nothing in it comes from a later message. */
export interface LiveSocketData {
  readonly entry: Entry;
  readonly token: string;
  readonly address: string | null;
}
type NoEvents = Record<string, never>;
export type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, LiveSocketData>;
export type LiveNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, NoEvents, LiveSocketData>;

/** One live page: its connection, how far it keeps up, what it watches, and the seat that it is. */
export class LivePage implements FeedPage {
  readonly connectedAt: number;
  readonly budget: MessageBudget;
  /** By point: the revision of the value that the page has. */
  readonly sent = new Map<string, number>();
  /** Commands whose newest state has not been sent yet. */
  readonly commands = new Map<string, CommandView>();
  watched: ReadonlySet<string> = new Set();
  readonly #clock: Clock;
  #audioArmedAt: number | null = null;
  #waiter: ((ready: boolean) => void) | undefined;
  #gone = false;
  #congestedSince: number | undefined;

  constructor(
    readonly socket: LiveSocket,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.connectedAt = clock.now();
    this.budget = new MessageBudget(() => clock.monotonicMs());
    socket.conn.on('drain', () => this.#relieved());
  }

  get entry(): Entry {
    return this.socket.data.entry;
  }

  get visibility(): Visibility {
    return this.entry.visibility;
  }

  send<E extends keyof ServerToClientEvents>(
    event: E,
    ...message: Parameters<ServerToClientEvents[E]>
  ): void {
    this.socket.emit(event, ...message);
  }

  listen(live: boolean): void {
    // The in-memory adapter joins and leaves in this turn; there is nothing to wait for.
    if (live) void this.socket.join(this.visibility.room);
    else void this.socket.leave(this.visibility.room);
  }

  async ready(): Promise<boolean> {
    await nextTurn();
    if (this.#gone || !congested(this.socket)) return !this.#gone;
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  /** True while nothing waits to be read: the only time at which live values are worth sending. */
  get idle(): boolean {
    return waiting(this.socket).packets === 0;
  }

  /** How long the page has been behind, ms of the monotonic clock; 0 when it keeps up. Asked at each tick. */
  behindMs(now: number): number {
    if (!congested(this.socket)) {
      this.#congestedSince = undefined;
      return 0;
    }
    this.#congestedSince ??= now;
    return Math.max(1, now - this.#congestedSince);
  }

  armAudio(armed: boolean): void {
    this.#audioArmedAt = armed ? this.#clock.now() : null;
  }

  end(reason: string): void {
    this.send('session:ended', { reason });
    this.socket.disconnect(true);
  }

  cut(): void {
    cut(this.socket);
  }

  gone(): void {
    this.#gone = true;
    this.#waiter?.(false);
    this.#waiter = undefined;
  }

  seat(stream: SeatView['stream']): SeatView {
    const { user } = this.entry;
    return {
      id: this.socket.id,
      username: user.username,
      displayName: user.displayName,
      role: user.role,
      address: this.socket.data.address,
      connectedAt: this.connectedAt,
      stream,
      audioArmed: this.#audioArmedAt !== null,
      audioArmedAt: this.#audioArmedAt,
    };
  }

  #relieved(): void {
    if (this.#waiter === undefined || congested(this.socket)) return;
    const resolve = this.#waiter;
    this.#waiter = undefined;
    resolve(true);
  }
}
