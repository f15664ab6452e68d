import { type Dialect, type Downlink } from '@watchfire/protocol';
import { type Acknowledged } from './acknowledgements.js';
import { type Will } from './connect-packet.js';
import { type Speaker } from './speaker.js';
import { type TelemetryLane } from './telemetry-lane.js';

/** The connection of a session, as the rules see it. */
export interface Line extends Acknowledged {
  readonly address: string;
  /** When bytes last came from the client; monotonic ms. */
  lastByteAt: number;
  /** Nothing is read from this client because of us: it cannot be blamed for silence. */
  readonly isHeldBack: boolean;
  readonly isOpen: boolean;
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  /** Nothing is read for so long. */
  pause(ms: number): void;
  /** Closes at once, without an acknowledgement of what is under way. The first reason given is the one recorded. */
  cut(reason: string): void;
}

/** One connection of a device that is signed in. */
export class Session {
  /** With the QoS that was granted. */
  readonly filters = new Map<string, number>();
  /** What it was signed in with. */
  credentialId = '';
  /** Of the client certificate that came with it. */
  fingerprint: string | undefined;
  /** Dialects in which the device listens. */
  readonly listeningIn = new Set<Dialect>();
  private readonly greeted = new Set<Dialect>();
  /** QoS 2 packet ids between PUBLISH and PUBREL [MQTT-4.3.3-2], with the work they caused where the broker waits for it. */
  private unreleased: Map<number, Promise<unknown> | undefined> | undefined;
  /** As it was found last. */
  lane: TelemetryLane | undefined;

  constructor(
    readonly connection: Line,
    readonly speaker: Speaker,
    readonly clientId: string,
    /** After so much silence the client is held for lost. */
    readonly silenceLimitMs: number,
    readonly will: Will | undefined,
  ) {}

  get deviceId(): string {
    return this.speaker.deviceId;
  }

  listen(filter: string, qos: number, dialect: Dialect): void {
    this.filters.set(filter, qos);
    this.listeningIn.add(dialect);
  }

  /** The best QoS at which the device has subscribed to the topic; `undefined`: it does not hear it [MQTT-3.3.5-1]. */
  grantedQos(topic: string): number | undefined {
    let best: number | undefined;
    for (const [filter, qos] of this.filters) {
      if (qos > (best ?? -1) && matches(filter, topic)) best = qos;
    }
    return best;
  }

  /** What the dialect says first, once. */
  greet(dialect: Dialect, receivedAt: number): Downlink | undefined {
    if (this.greeted.has(dialect)) return undefined;
    this.greeted.add(dialect);
    return this.speaker.in(dialect).greeting?.(receivedAt);
  }

  isUnreleased(packetId: number): boolean {
    return this.unreleased?.has(packetId) ?? false;
  }

  holdUntilReleased(packetId: number): void {
    (this.unreleased ??= new Map()).set(packetId, undefined);
  }

  get unreleasedCount(): number {
    return this.unreleased?.size ?? 0;
  }

  /** The work of an earlier copy of a QoS 2 publish, if there was one. */
  earlierCopy(packetId: number): Promise<unknown> | undefined {
    return this.unreleased?.get(packetId);
  }

  remember(packetId: number, work: Promise<unknown>): void {
    (this.unreleased ??= new Map()).set(packetId, work);
  }

  /** The client has released the packet id: its next use is a new message. */
  released(packetId: number): void {
    this.unreleased?.delete(packetId);
  }
}

/** Who is signed in, by device. */
export class Sessions {
  private readonly byDevice = new Map<string, Set<Session>>();

  add(session: Session): void {
    const siblings = this.byDevice.get(session.deviceId);
    if (siblings === undefined) this.byDevice.set(session.deviceId, new Set([session]));
    else siblings.add(session);
  }

  remove(session: Session): void {
    const siblings = this.byDevice.get(session.deviceId);
    siblings?.delete(session);
    if (siblings?.size === 0) this.byDevice.delete(session.deviceId);
  }

  /** Client ids are the device's own: another device with the same one neither sees nor disturbs it. */
  holderOf(deviceId: string, clientId: string): Session | undefined {
    for (const session of this.of(deviceId)) if (session.clientId === clientId) return session;
    return undefined;
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

/** MQTT 3.1.1 §4.7, for filters that a device may have: no leading wildcard. */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= levels.length || (wanted[i] !== '+' && wanted[i] !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}
