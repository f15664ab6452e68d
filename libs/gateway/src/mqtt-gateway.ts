import { type Server as HttpServer } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Journal } from '@watchfire/journal';
import { type Aedes, type PublishPacket } from 'aedes';
import { type AdmissionRefusal } from './admission.js';
import { connectForBroker, createBroker } from './broker.js';
import { type ConnectRequest } from './connect-packet.js';
import { ConnectionRecords } from './connection-records.js';
import { count, type GatewayCounters } from './counters.js';
import { DeviceRates } from './device-rates.js';
import { type DeviceDirectory } from './directory.js';
import { Doors, type DoorKeeper } from './doors.js';
import { Entrance, SERVER_UNAVAILABLE } from './entrance.js';
import { GuardedConnection, type ConnectionOwner } from './guarded-connection.js';
import { type Intake } from './intake.js';
import { KeepaliveWatch } from './keepalive-watch.js';
import { type GatewayLimits } from './limits.js';
import { Publishing } from './publishing.js';
import { RefusalLog, type GatewayLog } from './refusal-log.js';
import { Sessions, type Session } from './session.js';
import { SignIn, type VerifyCredential } from './sign-in.js';
import { TimeLimitError, WorkInProgress, withinTime } from './time-limit.js';
import { isForDevice, isOwnFilter } from './topics.js';

export interface GatewayClock {
  /** Epoch ms. */
  now(): number;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
}

export interface GatewayDependencies {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly intake: Intake;
  readonly verifyCredential: VerifyCredential;
  readonly clock: GatewayClock;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly log: GatewayLog;
}

/** How much of a packet that broke a limit is kept. */
const KEPT_HEAD_BYTES = 1_024;
/** The broker writes PUBACK in the callback of the hook, PUBREC some turns of the loop later. */
const TURNS_TO_ACKNOWLEDGE = 5;

/** MQTT for devices: who may connect, what becomes of their messages, and a record of every coming and going. */
export class MqttGateway implements ConnectionOwner, DoorKeeper {
  readonly limits: GatewayLimits;
  private readonly counters: GatewayCounters;
  private readonly sessions = new Sessions();
  private readonly open = new Set<GuardedConnection>();
  private readonly inProgress = new WorkInProgress();
  private readonly doors: Doors;
  private readonly entrance: Entrance;
  private readonly publishing: Publishing;
  private readonly refusals: RefusalLog;
  private readonly records: ConnectionRecords;
  private readonly keepalives: KeepaliveWatch;
  private stopping: Promise<void> | undefined;
  private broker!: Aedes;

  private constructor(private readonly deps: GatewayDependencies) {
    const { clock, counters, directory, intake, journal, limits } = deps;
    const { inProgress, sessions } = this;
    const monotonicMs = (): number => clock.monotonicMs();
    const now = (): number => clock.now();
    const rates = new DeviceRates(limits, monotonicMs);
    const signIn = new SignIn(directory, sessions, deps.verifyCredential, limits);
    const refusals = new RefusalLog(deps.log, monotonicMs);
    const records = new ConnectionRecords(journal, sessions, inProgress, refusals, counters);
    const handOver = (connection: GuardedConnection, clientId: string): void => {
      connection.admit(connectForBroker(clientId));
      this.broker.handle(connection);
    };
    this.limits = limits;
    this.counters = counters;
    this.refusals = refusals;
    this.records = records;
    this.publishing = new Publishing(intake, rates, now, limits, counters);
    const entered = { signIn, sessions, rates, records, intake, refusals, counters, limits, now, handOver };
    this.entrance = new Entrance(entered);
    this.doors = new Doors(this);
    this.keepalives = new KeepaliveWatch(sessions, monotonicMs);
  }

  static async create(deps: GatewayDependencies): Promise<MqttGateway> {
    const gateway = new MqttGateway(deps);
    const decisions = {
      publish: gateway.publish.bind(gateway),
      subscribe: gateway.mayHear.bind(gateway),
      forward: gateway.forward.bind(gateway),
      failed: gateway.failed.bind(gateway),
    };
    const broker = await createBroker(decisions, deps.limits);
    gateway.broker = broker;
    gateway.publishing.announce = (topic, payload) => {
      const packet = { cmd: 'publish' as const, topic, payload, qos: 0 as const, retain: false, dup: false };
      broker.publish(packet, (error) => {
        if (error) gateway.failed('announce', error);
      });
    };
    return gateway;
  }

  /** Listens for TCP; answers the port, which the system chooses for 0. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    return this.doors.listen(port, host);
  }

  /** Takes MQTT over WebSocket at `path` of a server that listens elsewhere. */
  attach(server: HttpServer, path = '/mqtt'): void {
    this.doors.attach(server, path);
  }

  /** Cuts every connection of the device, for example after its credential was changed. */
  disconnectDevice(deviceId: string, reason: string): void {
    for (const session of [...this.sessions.of(deviceId)]) session.connection.cut(reason);
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
    this.doors.close();
    for (const connection of [...this.open]) connection.halt();
    await withinTime(this.inProgress.idle(), stopTimeoutMs).catch(() => {
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
    await new Promise<void>((resolve) => this.broker.close(resolve));
  }

  arrived(stream: Duplex, address: string): void {
    this.counters.connectionsAccepted++;
    this.open.add(new GuardedConnection(stream, address, this));
    this.counters.connections = this.open.size;
  }

  turnedAway(reason: AdmissionRefusal, address: string): void {
    this.refusals.note(this.counters.connectionsRefused, reason, { address });
  }

  monotonicMs(): number {
    return this.deps.clock.monotonicMs();
  }

  backpressure(): Promise<void> | undefined {
    return this.deps.journal.saturated() ? this.deps.journal.drained() : undefined;
  }

  connectArrived(connection: GuardedConnection, request: ConnectRequest): void {
    const work = this.entrance.admit(connection, request).catch((error: unknown) => {
      this.failed('sign-in', error);
      connection.refuse('internal_error', SERVER_UNAVAILABLE);
    });
    this.inProgress.track(work);
  }

  violated(connection: GuardedConnection, reason: string, head: Uint8Array): void {
    const { session, address } = connection;
    this.refusals.note(this.counters.connectionsRefused, reason, { address, deviceId: session?.deviceId });
    if (session === undefined || head.length === 0) return;
    const { deviceId } = session;
    const payload = head.slice(0, KEPT_HEAD_BYTES);
    const text =
      'the connection was closed at this packet; the payload is its beginning, fixed header included';
    const message = { deviceId, topic: '', payload, receivedAt: this.deps.clock.now() };
    this.records.keep(this.deps.intake.refuse(message, { code: reason, message: text }), deviceId);
  }

  ended(connection: GuardedConnection, reason: string): void {
    if (!this.open.delete(connection)) return;
    this.counters.connections = this.open.size;
    this.doors.leave(connection.address);
    count(this.counters.connectionsClosed, reason);
    const { session } = connection;
    if (session === undefined) return;
    this.sessions.remove(session);
    const { will, deviceId } = session;
    // Before the record of the end, as the last thing the device said. A server that stops says nothing about devices.
    if (will !== undefined && reason !== 'disconnect' && reason !== 'server_stop') {
      this.records.keep(this.publishing.takeIn(deviceId, will.topic, will.payload), deviceId);
    }
    this.records.keep(this.records.append(session, reason), deviceId);
  }

  failed(where: string, error: unknown): void {
    this.refusals.note(this.counters.internalErrors, where, { err: error }, 'error');
  }

  private async publish(session: Session, packet: PublishPacket): Promise<void> {
    const work = this.publishing.publish(session, packet);
    this.inProgress.track(work);
    try {
      await work;
    } catch (error) {
      const late = error instanceof TimeLimitError;
      if (late) this.counters.hookTimeouts++;
      this.records.failed(error, session.deviceId);
      // Not acknowledged, and the client is told at once that it has to send again.
      session.connection.cut(late ? 'hook_timeout' : 'journal_unavailable');
      throw error;
    } finally {
      session.connection.settle();
    }
  }

  private mayHear(session: Session, filter: string): boolean {
    const refusal = this.filterRefusal(session, filter);
    if (refusal === undefined) {
      session.filters.add(filter);
      return true;
    }
    const { deviceId } = session;
    this.refusals.note(this.counters.subscriptionsRefused, refusal.code, { deviceId });
    const at = this.deps.clock.now();
    this.publishing.answer(deviceId, { ...refusal, topic: filter.slice(0, 256), at, payload: '' });
    return false;
  }

  private filterRefusal(
    { deviceId, filters }: Session,
    filter: string,
  ): { code: string; message: string } | undefined {
    const { maxFiltersPerClient } = this.limits;
    if (!isOwnFilter(filter, deviceId)) {
      const message = 'a device subscribes to its own errors and commands only';
      return { code: 'subscription_forbidden', message };
    }
    if (filters.size < maxFiltersPerClient || filters.has(filter)) return undefined;
    return { code: 'too_many_filters', message: `at most ${maxFiltersPerClient} filters a connection` };
  }

  private forward(session: Session, topic: string): boolean {
    const { connection, deviceId } = session;
    if (!isForDevice(topic, deviceId)) return false;
    if (connection.writableLength > this.limits.maxOutboundBytes) {
      connection.cut('slow_consumer');
      return false;
    }
    return connection.isOpen;
  }
}
