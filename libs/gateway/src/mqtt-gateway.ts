import { type Server as HttpServer } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Journal } from '@watchfire/journal';
import { jetLinks, type CommandMessage, type Downlink } from '@watchfire/protocol';
import { type Aedes, type PublishPacket } from 'aedes';
import { type AdmissionRefusal } from './admission.js';
import { BrokerSide } from './broker-side.js';
import { connectForBroker, createBroker } from './broker.js';
import { type ClientCertificate } from './certificates.js';
import { type ConnectRequest } from './connect-packet.js';
import { ConnectionRecords } from './connection-records.js';
import { count, type GatewayCounters } from './counters.js';
import { Delivery, type DeviceListening } from './delivery.js';
import { DeviceRates } from './device-rates.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { Doors, type DoorKeeper } from './doors.js';
import { Entrance, SERVER_UNAVAILABLE } from './entrance.js';
import { type Intake } from './intake.js';
import { KeepaliveWatch } from './keepalive-watch.js';
import { type GatewayLimits } from './limits.js';
import { MqttConnection, type ConnectionOwner } from './mqtt-connection.js';
import { type Provision } from './provisioning-desk.js';
import { type PublishFrame } from './publish-frame.js';
import { Publishing } from './publishing.js';
import { RefusalLog, type GatewayLog } from './refusal-log.js';
import { type Repeats } from './repeats.js';
import { Sessions, type Session } from './session.js';
import { SignIn, type VerifyCredential } from './sign-in.js';
import { type TlsOptions } from './tls-door.js';
import { TimeLimitError, WorkInProgress, withinTime } from './time-limit.js';

export interface GatewayClock {
  /** Epoch ms. */
  now(): number;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
}

export interface GatewayDependencies extends DeviceListening {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly intake: Intake;
  readonly repeats: Repeats;
  readonly verifyCredential: VerifyCredential;
  readonly clock: GatewayClock;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly log: GatewayLog;
  /** Publishes are taken in front of the broker, which is the way to be fast; without it they go through it. */
  readonly splitter: boolean;
  /** Registers devices that come without a credential; absent: none may. */
  readonly provision?: Provision;
  /** A device has signed in with this credential. */
  readonly credentialUsed?: (credentialId: string, address: string) => void;
}

/** How much of a packet that broke a limit is kept. */
const KEPT_HEAD_BYTES = 1_024;
/** The broker writes PUBACK in the callback of the hook, PUBREC some turns of the loop later. */
const TURNS_TO_ACKNOWLEDGE = 5;

/** MQTT for devices: who may connect, what becomes of their messages, and a record of every coming and going. */
export class MqttGateway implements ConnectionOwner, DoorKeeper {
  readonly limits: GatewayLimits;
  readonly splits: boolean;
  private readonly counters: GatewayCounters;
  private readonly sessions = new Sessions();
  private readonly open = new Set<MqttConnection>();
  /** Connections that the broker knows: those that have subscribed to something. */
  private readonly brokerSides = new Map<MqttConnection, BrokerSide>();
  private readonly inProgress = new WorkInProgress();
  private readonly doors: Doors;
  private readonly entrance: Entrance;
  private readonly publishing: Publishing;
  private readonly delivery: Delivery;
  private readonly refusals: RefusalLog;
  private readonly records: ConnectionRecords;
  private readonly keepalives: KeepaliveWatch;
  private readonly unlisten: () => void;
  private stopping: Promise<void> | undefined;
  private broker!: Aedes;

  private constructor(private readonly deps: GatewayDependencies) {
    const { clock, counters, directory, intake, journal, limits, repeats } = deps;
    const { inProgress, sessions } = this;
    const monotonicMs = (): number => clock.monotonicMs();
    const now = (): number => clock.now();
    const rates = new DeviceRates(limits, monotonicMs);
    const signIn = new SignIn(directory, sessions, deps.verifyCredential, limits, clock);
    const refusals = new RefusalLog(deps.log, monotonicMs);
    const records = new ConnectionRecords(journal, sessions, inProgress, refusals, counters);
    const failed = (session: Session, error: Error): void => this.notStored(session, error);
    this.limits = limits;
    this.splits = deps.splitter;
    this.counters = counters;
    this.refusals = refusals;
    this.records = records;
    const delivery = new Delivery({
      ...deps,
      sessions,
      brokerSides: this.brokerSides,
      refusals,
      now,
      answer: (session, answer) => this.publishing.answer(session, answer),
      failed: (where, error) => this.failed(where, error),
    });
    this.delivery = delivery;
    const deliver = (session: Session, downlink: Downlink): void =>
      void delivery.deliver(session, downlink, 0);
    const publishing = {
      deliver,
      sessions,
      journal,
      directory,
      intake,
      rates,
      repeats,
      monotonicMs,
      limits,
      counters,
      failed,
    };
    this.publishing = new Publishing({ ...publishing, clock: now });
    const listening = (session: Session): void => {
      session.listeningIn.add(jetLinks);
      delivery.subscribed(session);
    };
    const credentialUsed = (credentialId: string, address: string): void =>
      delivery.told('credential_used', () => deps.credentialUsed?.(credentialId, address));
    this.entrance = new Entrance({
      signIn,
      sessions,
      rates,
      records,
      intake,
      refusals,
      counters,
      limits,
      now,
      credentialUsed,
      listening,
      ...(deps.provision === undefined ? {} : { provision: deps.provision }),
    });
    this.doors = new Doors(this);
    this.keepalives = new KeepaliveWatch(sessions, monotonicMs);
    this.unlisten = directory.onChange((deviceId, device) => this.rightsChanged(deviceId, device));
  }

  static async create(deps: GatewayDependencies): Promise<MqttGateway> {
    const gateway = new MqttGateway(deps);
    const { delivery } = gateway;
    const decisions = {
      publish: gateway.publishThroughBroker.bind(gateway),
      subscribe: delivery.mayHear.bind(delivery),
      subscribed: delivery.subscribed.bind(delivery),
      forward: delivery.forward.bind(delivery),
      failed: gateway.failed.bind(gateway),
    };
    const broker = await createBroker(decisions, deps.limits);
    gateway.broker = broker;
    return gateway;
  }

  /** Listens for TCP; answers the port, which the system chooses for 0. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    return this.doors.listen(port, host);
  }

  /** MQTT over TLS; answers the port. @throws TlsFilesError where a certificate or key cannot be used. */
  listenTls(port: number, host: string, options: TlsOptions): Promise<number> {
    return this.doors.listenTls(port, host, options);
  }

  /** Looks at once whether the certificate files have changed. */
  reloadCertificates(): Promise<void> {
    return this.doors.reloadCertificates();
  }

  /** Takes MQTT over WebSocket at `path` of a server that listens elsewhere. */
  attach(server: HttpServer, path = '/mqtt'): void {
    this.doors.attach(server, path);
  }

  /** Cuts the connections of the device, all or those that were signed in with one credential. */
  disconnectDevice(deviceId: string, reason: string, credentialId?: string): void {
    for (const session of [...this.sessions.of(deviceId)]) {
      if (credentialId === undefined || session.credentialId === credentialId) session.connection.cut(reason);
    }
  }

  /** A right that is gone ends what was opened with it, whoever took it away [IN45]. */
  private rightsChanged(deviceId: string, device: DirectoryDevice | undefined): void {
    for (const session of [...this.sessions.of(deviceId)]) {
      if (device === undefined) session.connection.cut('device_removed');
      else if (device.disabled) session.connection.cut('device_disabled');
      else if (!device.credentials.some(({ id }) => id === session.credentialId)) {
        session.connection.cut('credential_revoked');
      } else if (device.revokedCertificates.some((each) => each === session.fingerprint)) {
        session.connection.cut('certificate_revoked');
      }
    }
  }

  /** Whether a connection of the device, or of the gateway that it is behind, has subscribed to commands. */
  listens(deviceId: string): boolean {
    return this.delivery.listens(deviceId);
  }

  /** Hands a command to a connection of the device that listens for it, at most once. */
  send(deviceId: string, command: CommandMessage): ReturnType<Delivery['send']> {
    return this.delivery.send(deviceId, command);
  }

  /** Devices with at least one connection. */
  connectedDevices(): readonly string[] {
    return this.sessions.devices();
  }

  /** Open connections, signed in or not. */
  connections(): number {
    return this.open.size;
  }

  /** No new connection, nothing more read; what is in flight is committed and acknowledged, then all is closed [IN22]. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    const { stopTimeoutMs } = this.limits;
    this.keepalives.stop();
    this.unlisten();
    this.doors.close();
    for (const connection of [...this.open]) connection.halt();
    this.entrance.stop();
    const decided = Promise.all([this.inProgress.idle(), this.publishing.idle()]);
    await withinTime(decided, stopTimeoutMs).catch(() => {
      this.deps.log.error(
        {},
        'stopped with readings that the journal has not taken; they were not acknowledged',
      );
    });
    for (let turn = 0; turn < TURNS_TO_ACKNOWLEDGE; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const closing = [...this.open].map((connection) => connection.finish('server_stop'));
    const giveUp = setTimeout(() => {
      for (const connection of [...this.open]) connection.cut('server_stop');
    }, stopTimeoutMs);
    await Promise.all(closing);
    clearTimeout(giveUp);
    await withinTime(this.inProgress.idle(), stopTimeoutMs).catch(() => undefined);
    this.publishing.stop();
    await new Promise<void>((resolve) => this.broker.close(resolve));
  }

  arrived(stream: Duplex, address: string, peerCertificate?: ClientCertificate): void {
    this.counters.connectionsAccepted++;
    const connection = new MqttConnection(stream, address, this);
    connection.peerCertificate = peerCertificate;
    this.open.add(connection);
    this.counters.connections = this.open.size;
  }

  turnedAway(reason: AdmissionRefusal, address: string): void {
    this.refusals.note(this.counters.connectionsRefused, reason, { address });
  }

  monotonicMs(): number {
    return this.deps.clock.monotonicMs();
  }

  readingBegins(): number {
    return this.publishing.noteTime();
  }

  backpressure(): Promise<void> | undefined {
    return this.deps.journal.saturated() ? this.deps.journal.drained() : undefined;
  }

  connectArrived(connection: MqttConnection, request: ConnectRequest): void {
    const work = this.entrance.admit(connection, request).catch((error: unknown) => {
      this.failed('sign-in', error);
      connection.refuse('internal_error', SERVER_UNAVAILABLE);
    });
    this.inProgress.track(work);
  }

  publishArrived(connection: MqttConnection, frame: PublishFrame): void {
    const { session, provisioning } = connection;
    provisioning?.publish(frame);
    if (session === undefined) return;
    if (frame.qos === 2 && session.unreleasedCount >= this.limits.maxUnreleased) {
      connection.cut('too_many_unreleased');
      return;
    }
    try {
      this.publishing.arrived(session, frame);
    } catch (error) {
      this.failed('publish', error);
      connection.cut('internal_error');
    }
  }

  released({ session }: MqttConnection, packetId: number): void {
    session?.released(packetId);
  }

  forBroker(connection: MqttConnection, packet: Buffer): boolean {
    const { session } = connection;
    if (session === undefined) return true;
    try {
      let side = this.brokerSides.get(connection);
      if (side === undefined) {
        side = new BrokerSide(connection, connectForBroker(session), this.limits.maxOutboundBytes * 2);
        this.brokerSides.set(connection, side);
        this.broker.handle(side);
      }
      return side.give(packet);
    } catch (error) {
      this.failed('broker', error);
      connection.cut('internal_error');
      return true;
    }
  }

  violated(connection: MqttConnection, reason: string, head: Uint8Array): void {
    const { session, address } = connection;
    this.refusals.note(this.counters.connectionsRefused, reason, { address, deviceId: session?.deviceId });
    if (session === undefined || head.length === 0) return;
    const { deviceId } = session;
    const payload = new Uint8Array(head.subarray(0, KEPT_HEAD_BYTES));
    const text =
      'the connection was closed at this packet; the payload is its beginning, fixed header included';
    const message = { topic: '', payload, receivedAt: this.deps.clock.now() };
    this.publishing.flush();
    const refusal = { code: reason, message: text };
    this.records.keep(() => this.deps.intake.refuse(deviceId, message, refusal), deviceId);
  }

  ended(connection: MqttConnection, reason: string): void {
    if (!this.open.delete(connection)) return;
    this.counters.connections = this.open.size;
    this.doors.leave(connection.address);
    count(this.counters.connectionsClosed, reason);
    this.brokerSides.get(connection)?.destroy();
    this.brokerSides.delete(connection);
    const { session } = connection;
    if (session === undefined) return;
    this.sessions.remove(session);
    const { will, deviceId, speaker } = session;
    // Before the record of the end, as the last thing the device said. A server that stops says nothing about devices.
    if (will !== undefined && reason !== 'disconnect' && reason !== 'server_stop') {
      this.records.keep(() => this.publishing.takeIn(session, will.topic, will.payload), deviceId);
    } else {
      this.publishing.flush();
    }
    this.records.keep(() => this.deps.intake.leave(speaker, 'gateway_gone'), deviceId);
    this.records.keep(() => this.records.append(session, reason), deviceId);
  }

  failed(where: string, error: unknown): void {
    this.refusals.note(this.counters.internalErrors, where, { err: error }, 'error');
  }

  private async publishThroughBroker(session: Session, packet: PublishPacket): Promise<void> {
    const work = this.publishing.publish(session, packet);
    this.inProgress.track(work);
    try {
      await work;
    } catch (error) {
      this.notStored(session, error);
      throw error;
    } finally {
      session.connection.settle(1);
    }
  }

  /** Not acknowledged, and the client is told at once that it has to send again. */
  private notStored(session: Session, error: unknown): void {
    const late = error instanceof TimeLimitError;
    if (late) this.counters.hookTimeouts++;
    this.records.failed(error, session.deviceId);
    session.connection.cut(late ? 'hook_timeout' : 'journal_unavailable');
  }
}
