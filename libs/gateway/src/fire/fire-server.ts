import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type CommandMessage, type CommandRefusal, type StreamItem } from '@watchfire/protocol';
import { Admission } from '../admission.js';
import { type ClientCertificate, ownerOfCertificate } from '../certificates.js';
import { count } from '../counters.js';
import { gatewayLimits } from '../limits.js';
import { RefusalLog } from '../refusal-log.js';
import { withinTime, WorkInProgress } from '../time-limit.js';
import { TlsDoor, type TlsOptions } from '../tls-door.js';
import { AllowedSources, plainAddress } from './allowed-sources.js';
import { FireConnection } from './fire-connection.js';
import { FireDatagrams } from './fire-datagrams.js';
import { FireDesk, type FireDeskDependencies } from './fire-desk.js';
import { type FireLine } from './fire-links.js';

const LOOK_EVERY_MS = 1_000;

/** The door for user information transmission devices: GB/T 26875.3 over TCP, TLS and UDP. The device begins, the centre listens. */
export class FireServer {
  private readonly desk: FireDesk;
  private readonly admission: Admission;
  private readonly sources: AllowedSources;
  private readonly refusals: RefusalLog;
  private readonly connections = new Set<FireConnection>();
  private readonly work = new WorkInProgress();
  private readonly servers: Server[] = [];
  private readonly tlsDoors: TlsDoor[] = [];
  private readonly datagrams: FireDatagrams[] = [];
  private readonly commands: ReadonlySet<number>;
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private isStopped = false;

  constructor(private readonly deps: FireDeskDependencies) {
    const { options, clock, log } = deps;
    const monotonicMs = (): number => clock.monotonicMs();
    this.desk = new FireDesk(deps);
    this.commands = this.desk.commands;
    this.admission = new Admission({ ...gatewayLimits, ...options }, monotonicMs);
    this.sources = new AllowedSources(options.allowFrom);
    this.refusals = new RefusalLog(log, monotonicMs);
  }

  /** Answers the port, which the system chooses for 0. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    return this.serve(port, host, (socket, peer) => this.welcome(socket, peer));
  }

  /**
   * The same over TLS. The files are read anew when they change.
   *
   * @throws TlsFilesError where one of them cannot be used.
   */
  async listenTls(port: number, host: string, options: TlsOptions): Promise<number> {
    const door = await TlsDoor.open(options, {
      handshakeMs: this.deps.options.firstPacketMs,
      secured: (socket, peer, certificate) => this.secured(socket, peer, certificate),
      failed: (peer, reason) => {
        this.admission.leave(peer);
        if (!this.isStopped) this.turnedAway(reason, peer);
      },
      reloaded: (error) => {
        if (error === undefined) return;
        count(this.deps.counters.internalErrors, 'tls_files');
        this.deps.log.error({ err: error }, 'certificate files of the door for fire-control rooms');
      },
    });
    try {
      const listening = await this.serve(port, host, (socket, peer) => door.shake(socket, peer));
      this.tlsDoors.push(door);
      return listening;
    } catch (error) {
      door.close();
      throw error;
    }
  }

  /** The same over UDP, where source addresses can be forged. */
  async listenUdp(port: number, host: string): Promise<number> {
    const { clock, counters, log, options } = this.deps;
    const datagrams = new FireDatagrams({
      options,
      counters,
      log,
      commands: this.commands,
      sources: this.sources,
      monotonicMs: () => clock.monotonicMs(),
      take: (line, item) => this.take(line, item),
      leads: (line) => this.desk.links.on(line).size > 0,
      silenceLimitMs: (line) => this.desk.silenceLimitMs(line),
      ended: (line, reason) => this.work.track(this.desk.leave(line, reason)),
    });
    const listening = await datagrams.listen(port, host);
    this.datagrams.push(datagrams);
    this.startLooking();
    return listening;
  }

  /** Looks at once whether the certificate files have changed, as is done every ten seconds. */
  async reloadCertificates(): Promise<void> {
    await Promise.all(this.tlsDoors.map((door) => door.reloadIfChanged()));
  }

  /** Whether there is a connection that leads to the device. */
  listens(deviceId: string): boolean {
    return this.desk.orders.listens(deviceId);
  }

  /** Hands a command to the device, which may be sent it again until it answers or the command expires. */
  send(deviceId: string, command: CommandMessage): Promise<'sent' | 'absent' | CommandRefusal> {
    return Promise.resolve(this.desk.orders.send(deviceId, command));
  }

  /** What is under way is finished and answered; then every connection is closed. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    for (const door of this.tlsDoors) door.close();
    for (const server of this.servers) server.close();
    for (const each of [...this.connections, ...this.datagrams]) each.stopReading();
    const { stopTimeoutMs } = this.deps.options;
    await withinTime(this.work.idle(), stopTimeoutMs).catch(() => undefined);
    const closing = [...this.connections, ...this.datagrams].map((each) => each.finish('server_stop'));
    await withinTime(Promise.all(closing), stopTimeoutMs).catch(() => undefined);
    await withinTime(this.work.idle(), stopTimeoutMs).catch(() => undefined);
    this.desk.stop();
  }

  private serve(
    port: number,
    host: string,
    welcome: (socket: Socket, peer: string) => void,
  ): Promise<number> {
    // Paused, so that whoever has to wait for his turn cannot fill our memory meanwhile.
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
      this.arrived(socket, welcome),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', () => count(this.deps.counters.internalErrors, 'listener'));
        this.servers.push(server);
        this.startLooking();
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  private startLooking(): void {
    this.lookedAt = this.deps.clock.monotonicMs();
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  private arrived(socket: Socket, welcome: (socket: Socket, peer: string) => void): void {
    const peer = plainAddress(socket.remoteAddress ?? 'unknown');
    socket.on('error', () => undefined);
    const admitted = this.admit(peer);
    if (typeof admitted === 'string') {
      this.turnedAway(admitted, peer);
      socket.destroy();
    } else if (admitted === 0) welcome(socket, peer);
    else {
      setTimeout(() => {
        if (!this.isStopped && !socket.destroyed) return welcome(socket, peer);
        this.admission.leave(peer);
        socket.destroy();
      }, admitted);
    }
  }

  private admit(peer: string): number | string {
    if (this.isStopped) return 'server_stop';
    return this.sources.allow(peer) ? this.admission.enter(peer) : 'source_not_allowed';
  }

  private secured(socket: Socket, peer: string, certificate: ClientCertificate | undefined): void {
    const { directory, clock, counters } = this.deps;
    counters.tlsHandshakes++;
    const owner = certificate && ownerOfCertificate(certificate, directory, clock.now());
    const refused = owner !== undefined && 'refused' in owner ? owner.refused : undefined;
    if (refused === undefined && !this.isStopped) {
      counters.tlsConnections++;
      socket.once('close', () => counters.tlsConnections--);
      return this.welcome(socket, peer, certificate);
    }
    this.admission.leave(peer);
    if (refused !== undefined) this.turnedAway(refused, peer);
    socket.destroy();
  }

  private turnedAway(reason: string, peer: string): void {
    this.refusals.note(this.deps.counters.connectionsRefused, reason, { peer });
  }

  private welcome(socket: Socket, peer: string, certificate?: ClientCertificate): void {
    const { clock, counters, options } = this.deps;
    const owner = {
      options,
      commands: this.commands,
      monotonicMs: () => clock.monotonicMs(),
      take: (line: FireLine, item: StreamItem) => this.take(line, item),
      silenceLimitMs: (line: FireLine) => this.desk.silenceLimitMs(line),
      failed: (error: unknown) => {
        count(counters.internalErrors, 'fire_connection');
        this.deps.log.error({ err: error, peer }, 'a connection of a fire-control room failed');
      },
      ended: (line: FireLine, reason: string) => {
        this.connections.delete(connection);
        counters.connections--;
        count(counters.connectionsClosed, reason);
        this.admission.leave(peer);
        this.work.track(this.desk.leave(line, reason));
      },
    };
    const connection: FireConnection = new FireConnection(socket, peer, owner, certificate);
    counters.connections++;
    this.connections.add(connection);
    connection.start();
  }

  private take(line: FireLine, item: StreamItem): Promise<void> | undefined {
    if (item.kind === 'garbage') {
      this.deps.counters.garbageBytes += item.skipped;
      return undefined;
    }
    const taken = this.desk.take(line, item);
    this.work.track(taken);
    return taken;
  }

  /** Bytes of frames that have begun and are not whole. */
  get pendingBytes(): number {
    return [...this.connections].reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
  }

  /** Looks after silence and frames that do not go on, as is done every second. */
  look(): void {
    const now = this.deps.clock.monotonicMs();
    const paused = now - this.lookedAt > 2 * LOOK_EVERY_MS;
    this.lookedAt = now;
    // After a pause of the whole process what devices sent meanwhile is still unread.
    if (paused) return;
    for (const each of [...this.connections, ...this.datagrams]) each.look(now);
    this.desk.look(now);
  }
}
