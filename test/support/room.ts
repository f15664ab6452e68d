import {
  type Alarm,
  type AlarmEvent,
  type ClientToServerEvents,
  CONTROL_ROOM_NAMESPACE,
  type ServerToClientEvents,
  type SubscribeReply,
} from '@watchfire/contracts';
import { io, type Socket } from 'socket.io-client';
import { eventually } from './eventually.js';

export interface SeenEvent {
  readonly offset: number;
  readonly event: Omit<AlarmEvent, 'alarm'>;
  readonly alarm: Alarm;
  /** Monotonic milliseconds at which this client had it. */
  readonly at: number;
}

const FRAME_MS = 16;

/** A control-room page without its picture: everything it was sent, in order. */
export class Room {
  readonly events: SeenEvent[] = [];
  readonly refreshed = new Map<string, Alarm>();
  readonly gaps: { from: number; to: number }[] = [];
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  /** Says what it has drawn, once a frame of the screen, as a page does. */
  draws = false;
  #frame: NodeJS.Timeout | undefined;
  #offset: number | undefined;

  constructor(serverUrl: string, token: string) {
    this.#socket = io(`${serverUrl}${CONTROL_ROOM_NAMESPACE}`, {
      auth: { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    this.#socket.on('refresh:start', () => this.refreshed.clear());
    this.#socket.on('refresh:alarm', (alarm) => this.refreshed.set(alarm.id, alarm));
    this.#socket.on('refresh:end', ({ offset }) => (this.#offset = offset));
    this.#socket.on('gap', (gap) => this.gaps.push(gap));
    this.#socket.on('alarm', (message) => {
      this.events.push({ ...message, at: performance.now() });
      this.#offset = message.offset;
      this.#drawSoon();
    });
  }

  static async open(serverUrl: string, token: string, offset?: number): Promise<Room> {
    const room = new Room(serverUrl, token);
    const reply = await room.subscribe(offset);
    if (!reply.ok) throw new Error(`subscribe: ${reply.message}`);
    return room;
  }

  /** The offset up to which this page has everything. */
  get offset(): number | undefined {
    return this.#offset;
  }

  async subscribe(offset?: number): Promise<SubscribeReply> {
    const request = offset === undefined ? {} : { offset };
    return (await this.#socket.timeout(10_000).emitWithAck('subscribe', request)) as SubscribeReply;
  }

  /** The first event that satisfies, among those seen and those to come. */
  async event(satisfied: (seen: SeenEvent) => boolean, what: string): Promise<SeenEvent> {
    const found = await eventually(
      () => this.events.find(satisfied),
      (seen) => seen !== undefined,
      `${what}; seen: ${JSON.stringify(this.events.map(({ event, alarm }) => [event.type, alarm.rule, alarm.state]))}`,
    );
    if (found === undefined) throw new Error(what);
    return found;
  }

  #drawSoon(): void {
    if (!this.draws) return;
    this.#frame ??= setTimeout(() => {
      this.#frame = undefined;
      this.#socket.emit('drawn', { offset: this.#offset ?? 0 });
    }, FRAME_MS);
  }

  close(): void {
    clearTimeout(this.#frame);
    this.#socket.disconnect();
  }
}
