import { type Will } from './connect-packet.js';

/** The connection of a session, as the rules see it. */
export interface Line {
  readonly address: string;
  /** When bytes last came from the client; monotonic ms. */
  lastByteAt: number;
  /** Nothing is read from this client because of us: it cannot be blamed for silence. */
  readonly isHeldBack: boolean;
  readonly isOpen: boolean;
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  /** A PUBLISH that had gone on is decided. */
  settle(): void;
  /** Closes at once, without an acknowledgement of what is under way. The first reason given is the one recorded. */
  cut(reason: string): void;
}

/** One connection of a device that is signed in. */
export class Session {
  readonly filters = new Set<string>();
  /** QoS 2 packet ids between PUBLISH and PUBREL, each with the work it caused [MQTT-4.3.3-2]. */
  private readonly received = new Map<number, Promise<unknown>>();

  constructor(
    readonly connection: Line,
    readonly deviceId: string,
    readonly clientId: string,
    /** After so much silence the client is held for lost. */
    readonly silenceLimitMs: number,
    readonly will: Will | undefined,
  ) {}

  /** The work of an earlier copy of a QoS 2 publish, if there was one. */
  earlierCopy(packetId: number): Promise<unknown> | undefined {
    return this.received.get(packetId);
  }

  remember(packetId: number, work: Promise<unknown>): void {
    this.received.set(packetId, work);
  }

  /** The client has released the packet id: its next use is a new message. */
  released(packetId: number): void {
    this.received.delete(packetId);
  }
}

/** Who is signed in, by device and by client id. */
export class Sessions {
  private readonly byDevice = new Map<string, Set<Session>>();
  private readonly byClientId = new Map<string, Session>();

  add(session: Session): void {
    const siblings = this.byDevice.get(session.deviceId);
    if (siblings === undefined) this.byDevice.set(session.deviceId, new Set([session]));
    else siblings.add(session);
    this.byClientId.set(session.clientId, session);
  }

  remove(session: Session): void {
    const siblings = this.byDevice.get(session.deviceId);
    siblings?.delete(session);
    if (siblings?.size === 0) this.byDevice.delete(session.deviceId);
    // After a take-over the client id belongs to the newer session.
    if (this.byClientId.get(session.clientId) === session) this.byClientId.delete(session.clientId);
  }

  holderOf(clientId: string): Session | undefined {
    return this.byClientId.get(clientId);
  }

  of(deviceId: string): ReadonlySet<Session> {
    return this.byDevice.get(deviceId) ?? NONE;
  }

  devices(): readonly string[] {
    return [...this.byDevice.keys()];
  }

  *all(): Iterable<Session> {
    for (const sessions of this.byDevice.values()) yield* sessions;
  }
}

const NONE: ReadonlySet<Session> = new Set();
