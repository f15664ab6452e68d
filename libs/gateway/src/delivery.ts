import {
  dialectOfTopic,
  hostState,
  jetLinks,
  type CommandMessage,
  type Dialect,
  type Downlink,
} from '@watchfire/protocol';
import { type ErrorMessage } from '@watchfire/contracts';
import { generate } from 'mqtt-packet';
import { type BrokerSide } from './broker-side.js';
import { type GatewayCounters } from './counters.js';
import { type DeviceDirectory } from './directory.js';
import { type GatewayLimits } from './limits.js';
import { type RefusalLog } from './refusal-log.js';
import { type Line, type Session, type Sessions } from './session.js';

/** What those who send commands want to know, and tell. */
export interface DeviceListening {
  /** A device listens for commands from now on. */
  readonly onListening?: (deviceId: string) => void;
  /** Commands that were sent to the device and not answered yet. */
  readonly awaited?: (deviceId: string) => readonly string[];
  /** A command to which the dialect knows no reply has been written to the device. */
  readonly onDelivered?: (deviceId: string, commandId: string) => void;
}

export interface DeliveryDependencies extends DeviceListening {
  readonly sessions: Sessions;
  /** Connections that the broker knows. */
  readonly brokerSides: ReadonlyMap<Line, BrokerSide>;
  readonly directory: DeviceDirectory;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly refusals: RefusalLog;
  /** Epoch ms. */
  readonly now: () => number;
  /** Tells the device on its `errors` topic. */
  readonly answer: (session: Session, answer: ErrorMessage) => void;
  readonly failed: (where: string, error: unknown) => void;
}

const SERVER_MESSAGE = { cmd: 'publish' as const, qos: 0 as const, retain: false, dup: false };
const HOST_STATE = 'spBv1.0/STATE/';
/** As the host that edge nodes of Sparkplug may wait for. */
export const HOST_ID = 'watchfire';

/** What devices hear: what they may subscribe to, and how a message of the server comes to them. */
export class Delivery {
  private readonly startedAt: number;

  constructor(private readonly deps: DeliveryDependencies) {
    this.startedAt = deps.now();
  }

  /** Whether a connection of the device, or of the gateway that it is behind, has subscribed to commands. */
  listens(deviceId: string): boolean {
    const { speakerId } = this.deps.directory.wayTo(deviceId);
    for (const { listeningIn } of this.deps.sessions.of(speakerId)) if (listeningIn.size > 0) return true;
    return false;
  }

  /**
   * Hands a command to a connection of the device that listens for it: `absent` when there is none now. At most once: what a
   * connection loses on its last metres is not sent again. Resolves when the broker has written it.
   */
  async send(
    deviceId: string,
    command: CommandMessage,
  ): Promise<'sent' | 'absent' | { readonly refused: string }> {
    let refused: { readonly refused: string } | undefined;
    const { speakerId, child } = this.deps.directory.wayTo(deviceId);
    for (const session of this.deps.sessions.of(speakerId)) {
      for (const dialect of session.listeningIn) {
        const downlink = session.speaker.in(dialect).command(command, child);
        if ('refused' in downlink) {
          // What may be asked again later waits, as for a device that is not there.
          if (!downlink.notYet) refused = downlink;
        } else if (this.deliver(session, downlink, 1)) {
          // The broker writes in the next turn of the loop.
          await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
          if (downlink.unanswered) {
            this.told('delivered', () => this.deps.onDelivered?.(deviceId, command.commandId));
          }
          return 'sent';
        }
      }
    }
    return refused ?? 'absent';
  }

  /**
   * Gives a message to one connection, where it has subscribed to it: never to whoever else may hear that topic, since the topics
   * of some dialects are the same for all devices.
   */
  deliver(session: Session, downlink: Downlink, qos: 0 | 1): boolean {
    try {
      return this.write(session, downlink, qos);
    } catch (error) {
      this.deps.failed('deliver', error);
      return false;
    }
  }

  mayHear(session: Session, filter: string, qos: number): boolean {
    const dialect = dialectOfTopic(filter);
    const refusal = this.filterRefusal(session, filter, dialect);
    if (refusal === undefined) {
      session.listen(filter, qos, dialect as Dialect);
      return true;
    }
    const { deviceId } = session;
    this.deps.refusals.note(this.deps.counters.subscriptionsRefused, refusal.code, { deviceId });
    const at = this.deps.now();
    this.deps.answer(session, { ...refusal, topic: filter.slice(0, 256), at, payload: '' });
    return false;
  }

  /** The device can hear now: what its dialect asks of one that it knows nothing of, and commands that wait. */
  subscribed(session: Session): void {
    this.told('subscribed', () => this.welcome(session));
    this.told('listening', () => this.deps.onListening?.(session.deviceId));
    for (const child of this.deps.directory.behind(session.deviceId)) {
      this.told('listening', () => this.deps.onListening?.(child));
    }
  }

  forward(session: Session, topic: string): boolean {
    const { connection, speaker } = session;
    const dialect = dialectOfTopic(topic);
    if (dialect === undefined || !speaker.in(dialect).isForDevice(topic)) return false;
    return connection.isOpen;
  }

  /** Tells others of the server something: an exception of theirs is no concern of the device. */
  told(where: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.deps.failed(where, error);
    }
  }

  private write(session: Session, { topic, payload }: Downlink, qos: 0 | 1): boolean {
    const granted = session.grantedQos(topic);
    const side = this.deps.brokerSides.get(session.connection);
    const client = side?.client;
    if (granted === undefined || client === undefined || client.closed) {
      return this.deliverUnasked(session, topic, payload);
    }
    const unread = (side?.writableLength ?? 0) + session.connection.writableLength;
    if (unread > this.deps.limits.maxOutboundBytes) {
      session.connection.cut('slow_consumer');
      return false;
    }
    const granting = Math.min(qos, granted) as 0 | 1;
    const packet = { ...SERVER_MESSAGE, topic, payload: Buffer.from(payload), qos: granting };
    client.publish(packet, (error) => {
      if (error) this.deps.failed('deliver', error);
    });
    return true;
  }

  /** Clients of JetLinks are written to without having subscribed: its server is no broker. */
  private deliverUnasked({ connection, speaker }: Session, topic: string, payload: Uint8Array): boolean {
    if (speaker.device.dialect !== 'jetlinks' || !jetLinks.isTopic(topic) || !connection.isOpen) return false;
    connection.write(generate({ ...SERVER_MESSAGE, topic, payload: Buffer.from(payload) }));
    return true;
  }

  private filterRefusal(
    { speaker, filters }: Session,
    filter: string,
    dialect: Dialect | undefined,
  ): { code: string; message: string } | undefined {
    const { maxFiltersPerClient } = this.deps.limits;
    if (dialect === undefined || !speaker.in(dialect).mayHear(filter)) {
      const message = 'a device subscribes to its own errors and commands only';
      return { code: 'subscription_forbidden', message };
    }
    if (filters.size < maxFiltersPerClient || filters.has(filter)) return undefined;
    return { code: 'too_many_filters', message: `at most ${maxFiltersPerClient} filters a connection` };
  }

  private welcome(session: Session): void {
    const receivedAt = this.deps.now();
    for (const filter of session.filters.keys()) this.tellHostState(session, filter);
    for (const dialect of session.listeningIn) {
      const greeting = session.greet(dialect, receivedAt);
      if (greeting !== undefined) this.deliver(session, greeting, 0);
      // A reply that was on its way when an earlier connection broke is still one.
      const conversation = session.speaker.in(dialect);
      for (const id of this.deps.awaited?.(session.deviceId) ?? []) conversation.awaitReply?.(id);
    }
  }

  /** What a broker would have retained: that the host which an edge node of Sparkplug waits for is here. */
  private tellHostState(session: Session, filter: string): void {
    if (!filter.startsWith(HOST_STATE)) return;
    const host = filter.slice(HOST_STATE.length);
    this.deliver(session, hostState(/[#+]/.test(host) ? HOST_ID : host, true, this.startedAt), 1);
  }
}
