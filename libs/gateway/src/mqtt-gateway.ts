import { randomUUID } from 'node:crypto';
import { type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type Duplex } from 'node:stream';
import { type Journal } from '@watchfire/journal';
import { type Aedes } from 'aedes';
import { Admission } from './admission.js';
import { connectForBroker, createBroker } from './broker.js';
import { connack, type ConnectRequest } from './connect-packet.js';
import { count, type GatewayCounters } from './counters.js';
import { DeviceRates } from './device-rates.js';
import { type DeviceDirectory } from './directory.js';
import { GuardedConnection, type ConnectionOwner } from './guarded-connection.js';
import { type Intake } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { Publishing } from './publishing.js';
import { RefusalLog, type GatewayLog } from './refusal-log.js';
import { Session, Sessions } from './session.js';
import { SignIn, type VerifyCredential } from './sign-in.js';
import { TimeLimitError, WorkInProgress, delay, withinTime } from './time-limit.js';
import { isForDevice, isOwnFilter } from './topics.js';
import { WebSocketDoor } from './web-socket-door.js';

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

const SERVER_UNAVAILABLE = connack(3);
const SWEEP_MS = 1_000;

/** MQTT for devices: who may connect, what becomes of their messages, and a record of every coming and going. */
export class MqttGateway implements ConnectionOwner {
  readonly limits: GatewayLimits;
  private readonly counters: GatewayCounters;
  private readonly sessions = new Sessions();
  private readonly open = new Set<GuardedConnection>();
  private readonly admission: Admission;
  private readonly rates: DeviceRates;
  private readonly signIn: SignIn;
  private readonly publishing: Publishing;
  private readonly refusals: RefusalLog;
  private readonly inProgress = new WorkInProgress();
  private readonly servers: Server[] = [];
  private readonly webSockets: WebSocketDoor;
  private readonly sweeper: NodeJS.Timeout;
  private sweptAt: number;
  private stopping: Promise<void> | undefined;
  private broker!: Aedes;

  private constructor(private readonly deps: GatewayDependencies) {
    const { limits, counters, clock } = deps;
    const monotonicMs = (): number => clock.monotonicMs();
    this.limits = limits;
    this.counters = counters;
    this.admission = new Admission(limits, monotonicMs);
    this.rates = new DeviceRates(limits, monotonicMs);
    this.refusals = new RefusalLog(deps.log, monotonicMs);
    this.signIn = new SignIn(deps.directory, this.sessions, deps.verifyCredential, limits);
    this.publishing = new Publishing(deps.intake, this.rates, () => clock.now(), limits, counters);
    this.webSockets = new WebSocketDoor((stream, address) => this.accept(stream, address), limits);
    this.sweptAt = clock.monotonicMs();
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
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
    const server = createServer({ noDelay: true }, (socket) =>
      this.accept(socket, socket.remoteAddress ?? 'unknown'),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.failed('listener', error));
        this.servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes MQTT over WebSocket at `path` of a server that listens elsewhere. */
  attach(server: HttpServer, path = '/mqtt'): void {
    this.webSockets.attach(server, path);
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

  /** No new connection, nothing more read; what is in flight is committed and acknowledged, then all is closed. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    const { stopTimeoutMs } = this.limits;
    clearInterval(this.sweeper);
    this.webSockets.close();
    for (const server of this.servers) server.close();
    for (const connection of [...this.open]) connection.halt();
    await withinTime(this.inProgress.idle(), stopTimeoutMs).catch(() => {
      this.deps.log.error(
        {},
        'stopped with readings that the journal has not taken; they were not acknowledged',
      );
    });
    // The broker writes PUBACK in the callback of the hook, PUBREC some turns of the loop later.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    for (const connection of [...this.open]) connection.finish('server_stop');
    const giveUp = setTimeout(() => {
      for (const connection of [...this.open]) connection.cut('server_stop');
    }, stopTimeoutMs);
    await Promise.all([...this.open].map((connection) => this.closing(connection)));
    clearTimeout(giveUp);
    await withinTime(this.inProgress.idle(), stopTimeoutMs).catch(() => undefined);
    await new Promise<void>((resolve) => this.broker.close(resolve));
  }

  private closing(connection: GuardedConnection): Promise<void> {
    return new Promise((resolve) => {
      if (connection.closed) resolve();
      else connection.once('close', () => resolve());
      // The other side has everything that we wrote; it need not agree to the end.
      connection.once('finish', () => connection.destroy());
    });
  }

  private accept(stream: Duplex, remoteAddress: string): void {
    const address = remoteAddress.replace(/^::ffff:/, '');
    stream.on('error', () => undefined);
    if (this.stopping !== undefined) {
      stream.destroy();
      return;
    }
    const admitted = this.admission.enter(address);
    if (typeof admitted === 'string') {
      this.refusals.note(this.counters.connectionsRefused, admitted, { address });
      stream.destroy();
      return;
    }
    const begin = (): void => {
      if (stream.destroyed || this.stopping !== undefined) {
        this.admission.leave(address);
        stream.destroy();
        return;
      }
      this.counters.connectionsAccepted++;
      this.open.add(new GuardedConnection(stream, address, this));
      this.counters.connections = this.open.size;
    };
    if (admitted === 0) begin();
    else setTimeout(begin, admitted);
  }

  monotonicMs(): number {
    return this.deps.clock.monotonicMs();
  }

  backpressure(): Promise<void> | undefined {
    return this.deps.journal.saturated() ? this.deps.journal.drained() : undefined;
  }

  connectArrived(connection: GuardedConnection, request: ConnectRequest): void {
    const work = this.admit(connection, request).catch((error: unknown) => {
      this.failed('sign-in', error);
      connection.refuse('internal_error', SERVER_UNAVAILABLE);
    });
    this.inProgress.track(work);
  }

  private async admit(connection: GuardedConnection, request: ConnectRequest): Promise<void> {
    let verdict = this.signIn.decide(request);
    if (verdict.ok) {
      const waitMs = this.rates.signInWait(verdict.device.deviceId);
      if (waitMs === undefined) {
        return this.turnAway(connection, 'sign_ins_per_device', SERVER_UNAVAILABLE, verdict.device.deviceId);
      }
      if (waitMs > 0) {
        await delay(waitMs);
        verdict = this.signIn.decide(request);
      }
    }
    if (connection.destroyed) return;
    if (!verdict.ok) {
      if (verdict.reason === 'will_forbidden') await this.keepForbiddenWill(verdict.deviceId, request);
      return this.turnAway(connection, verdict.reason, verdict.connack, verdict.deviceId);
    }
    await this.begin(connection, verdict.device.deviceId, request);
  }

  private async begin(
    connection: GuardedConnection,
    deviceId: string,
    request: ConnectRequest,
  ): Promise<void> {
    const { maxKeepaliveSeconds } = this.limits;
    const keepaliveSeconds = Math.min(request.keepaliveSeconds || maxKeepaliveSeconds, maxKeepaliveSeconds);
    const clientId = request.clientId === '' ? `auto-${randomUUID()}` : request.clientId;
    // [MQTT-3.1.2-24]: one and a half times the keep-alive.
    const session = new Session(connection, deviceId, clientId, keepaliveSeconds * 1_500, request.will);
    const holder = this.sessions.holderOf(clientId);
    connection.session = session;
    this.sessions.add(session);
    // The new connection is recorded before the end of the one that it takes over: the device is never seen offline.
    const recorded = this.deps.journal.append(this.connectionRecord(session, 'connect'));
    holder?.connection.cut('taken_over');
    try {
      await withinTime(recorded, this.limits.hookTimeoutMs);
    } catch (error) {
      this.noteJournalFailure(error, deviceId);
      connection.refuse('journal_unavailable', SERVER_UNAVAILABLE);
      return;
    }
    if (connection.destroyed) return;
    connection.admit(connectForBroker(clientId));
    this.broker.handle(connection);
  }

  private turnAway(
    connection: GuardedConnection,
    reason: string,
    answer: Uint8Array,
    deviceId: string | undefined,
  ): void {
    const { address } = connection;
    this.refusals.note(this.counters.connectionsRefused, reason, { address, deviceId });
    connection.refuse(reason, answer);
  }

  private async keepForbiddenWill(deviceId: string | undefined, { will }: ConnectRequest): Promise<void> {
    if (deviceId === undefined || will === undefined) return;
    const message = { deviceId, topic: will.topic, payload: will.payload, receivedAt: this.deps.clock.now() };
    const text = 'a last will may be on the own telemetry or events, QoS 0 or 1, not retained';
    const kept = this.deps.intake.refuse(message, { code: 'will_forbidden', message: text });
    await withinTime(kept, this.limits.hookTimeoutMs).catch((error: unknown) =>
      this.noteJournalFailure(error, deviceId),
    );
  }

  violated(connection: GuardedConnection, reason: string, head: Uint8Array): void {
    const { session, address } = connection;
    this.refusals.note(this.counters.connectionsRefused, reason, { address, deviceId: session?.deviceId });
    if (session === undefined || head.length === 0) return;
    const { deviceId } = session;
    const message = {
      deviceId,
      topic: '',
      payload: head.slice(0, 1_024),
      receivedAt: this.deps.clock.now(),
    };
    const text =
      'the connection was closed at this packet; the payload is its beginning, fixed header included';
    this.record(this.deps.intake.refuse(message, { code: reason, message: text }), deviceId);
  }

  closed(connection: GuardedConnection, reason: string): void {
    if (!this.open.delete(connection)) return;
    this.counters.connections = this.open.size;
    this.admission.leave(connection.address);
    count(this.counters.connectionsClosed, reason);
    const { session } = connection;
    if (session === undefined) return;
    this.sessions.remove(session);
    const { will, deviceId } = session;
    // Before the record of the end, as the last thing the device said. A server that stops says nothing about devices.
    if (will !== undefined && reason !== 'disconnect' && reason !== 'server_stop') {
      this.record(this.publishing.takeIn(deviceId, will.topic, will.payload), deviceId);
    }
    this.record(this.deps.journal.append(this.connectionRecord(session, reason)), deviceId);
  }

  /** `connected` is the state of the device afterwards: it is connected while one connection is left. */
  private connectionRecord(session: Session, reason: string) {
    return {
      kind: 'connection' as const,
      deviceId: session.deviceId,
      connected: this.sessions.of(session.deviceId).size > 0,
      reason,
      clientId: session.clientId,
      address: session.connection.address,
    };
  }

  private async publish(session: Session, packet: Parameters<Publishing['publish']>[1]): Promise<void> {
    const work = this.publishing.publish(session, packet);
    this.inProgress.track(work);
    try {
      await work;
    } catch (error) {
      if (error instanceof TimeLimitError) this.counters.hookTimeouts++;
      this.noteJournalFailure(error, session.deviceId);
      // Not acknowledged, and the client is told at once that it has to send again.
      session.connection.cut(error instanceof TimeLimitError ? 'hook_timeout' : 'journal_unavailable');
      throw error;
    } finally {
      session.connection.settle();
    }
  }

  private mayHear(session: Session, filter: string): boolean {
    const { deviceId } = session;
    const code = !isOwnFilter(filter, deviceId)
      ? 'subscription_forbidden'
      : session.filters.size >= this.limits.maxFiltersPerClient && !session.filters.has(filter)
        ? 'too_many_filters'
        : undefined;
    if (code === undefined) {
      session.filters.add(filter);
      return true;
    }
    this.refusals.note(this.counters.subscriptionsRefused, code, { deviceId });
    const message =
      code === 'too_many_filters'
        ? `at most ${this.limits.maxFiltersPerClient} filters a connection`
        : 'a device subscribes to its own errors and commands only';
    const at = this.deps.clock.now();
    this.publishing.answer(deviceId, { code, message, topic: filter.slice(0, 256), at, payload: '' });
    return false;
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

  /**
   * Keep-alive. After a pause of the whole process (a frozen machine, a long collection) what clients sent meanwhile is
   * still unread, and nobody is judged before it has been read.
   */
  private sweep(): void {
    const now = this.monotonicMs();
    const paused = now - this.sweptAt > 2 * SWEEP_MS;
    this.sweptAt = now;
    if (paused) return;
    for (const session of [...this.sessions.all()]) {
      const { connection, silenceLimitMs } = session;
      if (connection.isHeldBack) connection.lastByteAt = now;
      else if (now - connection.lastByteAt > silenceLimitMs) connection.cut('keepalive_timeout');
    }
  }

  private record(work: Promise<unknown>, deviceId: string): void {
    this.inProgress.track(work);
    work.catch((error: unknown) => this.noteJournalFailure(error, deviceId));
  }

  private noteJournalFailure(error: unknown, deviceId: string): void {
    const code = error instanceof TimeLimitError ? 'timeout' : codeOf(error);
    this.refusals.note(this.counters.journalFailures, code, { deviceId, err: error }, 'error');
  }

  private failed(where: string, error: unknown): void {
    this.refusals.note(this.counters.internalErrors, where, { err: error }, 'error');
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
