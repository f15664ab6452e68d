import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type CommandMessage, type CommandRefusal } from '@watchfire/protocol';
import { Admission } from '../admission.js';
import { count } from '../counters.js';
import { gatewayLimits } from '../limits.js';
import { withinTime, WorkInProgress } from '../time-limit.js';
import { FireConnection } from './fire-connection.js';
import { FireDesk, type FireDeskDependencies } from './fire-desk.js';

const LOOK_EVERY_MS = 1_000;

/** The door for user information transmission devices: GB/T 26875.3 over TCP. The device connects, the centre listens. */
export class FireServer {
  private readonly desk: FireDesk;
  private readonly admission: Admission;
  private readonly connections = new Set<FireConnection>();
  private readonly work = new WorkInProgress();
  private readonly servers: Server[] = [];
  private readonly commands: ReadonlySet<number>;
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private isStopped = false;

  constructor(private readonly deps: FireDeskDependencies) {
    const { options, clock } = deps;
    this.desk = new FireDesk(deps);
    this.commands = this.desk.commands;
    this.admission = new Admission({ ...gatewayLimits, ...options }, () => clock.monotonicMs());
  }

  /** Answers the port, which the system chooses for 0. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.arrived(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', () => count(this.deps.counters.internalErrors, 'listener'));
        this.servers.push(server);
        this.lookedAt = this.deps.clock.monotonicMs();
        this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
        resolve((server.address() as AddressInfo).port);
      });
    });
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
    for (const server of this.servers) server.close();
    for (const connection of this.connections) connection.stopReading();
    const { stopTimeoutMs } = this.deps.options;
    await withinTime(this.work.idle(), stopTimeoutMs).catch(() => undefined);
    const closing = [...this.connections].map((connection) => connection.finish('server_stop'));
    await withinTime(Promise.all(closing), stopTimeoutMs).catch(() => undefined);
    await withinTime(this.work.idle(), stopTimeoutMs).catch(() => undefined);
    this.desk.stop();
  }

  private arrived(socket: Socket): void {
    const peer = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
    socket.on('error', () => undefined);
    const admitted = this.isStopped ? 'server_stop' : this.admission.enter(peer);
    if (typeof admitted === 'string') {
      count(this.deps.counters.connectionsRefused, admitted);
      socket.destroy();
    } else if (admitted === 0) this.welcome(socket, peer);
    else setTimeout(() => this.welcome(socket, peer), admitted);
  }

  private welcome(socket: Socket, peer: string): void {
    if (this.isStopped || socket.destroyed) {
      this.admission.leave(peer);
      socket.destroy();
      return;
    }
    const { clock, counters, options } = this.deps;
    const connection = new FireConnection(socket, peer, {
      options,
      commands: this.commands,
      monotonicMs: () => clock.monotonicMs(),
      take: (line, item) => {
        if (item.kind === 'garbage') {
          counters.garbageBytes += item.skipped;
          return undefined;
        }
        const taken = this.desk.take(line, item);
        this.work.track(taken);
        return taken;
      },
      silenceLimitMs: (line) => this.desk.silenceLimitMs(line),
      failed: (error) => {
        count(counters.internalErrors, 'fire_connection');
        this.deps.log.error({ err: error, peer }, 'a connection of a fire-control room failed');
      },
      ended: (line, reason) => {
        this.connections.delete(connection);
        counters.connections--;
        count(counters.connectionsClosed, reason);
        this.admission.leave(peer);
        this.work.track(this.desk.leave(line, reason));
      },
    });
    counters.connections++;
    this.connections.add(connection);
    connection.start();
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
    for (const connection of [...this.connections]) connection.look(now);
    this.desk.look(now);
  }
}
