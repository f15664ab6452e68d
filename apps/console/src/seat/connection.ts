import {
  CONTROL_ROOM_NAMESPACE,
  type ClientToServerEvents,
  type CommandView,
  type DrawnReport,
  type LiveReading,
  type ServerToClientEvents,
  type SubscribeReply,
  type SubscribeRequest,
  type WatchReply,
} from '@watchfire/contracts';
import { io, type Socket } from 'socket.io-client';
import { type AlarmStream } from '../link/alarm-stream.js';

export interface ConnectionEvents {
  stream(): AlarmStream;
  up(): void;
  down(): void;
  heartbeat(message: { readonly offset: number; readonly serverTime: number }): void;
  readings(readings: readonly LiveReading[]): void;
  command(command: CommandView): void;
  ended(reason: string): void;
  /** The server refuses the connection itself, for example because the session is over. */
  refused(message: string): void;
}

/**
 * The socket: what comes in goes to the stream, what goes out is never buffered. Acts of the operator do not pass here: an
 * act that waits in a buffer for a connection would happen when nobody expects it.
 */
export class Connection {
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  private open = true;

  constructor(events: ConnectionEvents) {
    this.socket = io(CONTROL_ROOM_NAMESPACE, {
      transports: ['websocket'],
      withCredentials: true,
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3_000,
      timeout: 5_000,
    });
    const socket = this.socket;
    socket.on('connect', () => events.up());
    socket.on('disconnect', (reason) => {
      events.down();
      // The server has ended it on purpose: socket.io does not try again by itself then.
      if (reason === 'io server disconnect') setTimeout(() => this.open && socket.connect(), 1_000);
    });
    socket.on('connect_error', (error) => {
      // A failing transport is tried again by socket.io; a refusal by the server is not, and says why.
      if (socket.active) return;
      events.refused(error.message);
      setTimeout(() => this.open && socket.connect(), 3_000);
    });
    socket.on('refresh:start', (message) => events.stream().refreshStarted(message));
    socket.on('refresh:alarm', (alarm) => events.stream().refreshAlarm(alarm));
    socket.on('refresh:end', (message) => events.stream().refreshEnded(message, Date.now()));
    socket.on('alarm', (message) => events.stream().alarm(message, Date.now()));
    socket.on('gap', () => events.stream().gap(Date.now()));
    socket.on('heartbeat', (message) => events.heartbeat(message));
    socket.on('readings', (readings) => events.readings(readings));
    socket.on('command', (command) => events.command(command));
    socket.on('session:ended', ({ reason }) => events.ended(reason));
  }

  subscribe(request: SubscribeRequest, reply: (answer: SubscribeReply) => void): void {
    if (this.socket.connected) this.socket.emit('subscribe', request, reply);
  }

  watch(points: readonly string[], reply: (answer: WatchReply) => void): void {
    if (this.socket.connected) this.socket.emit('watch', { points }, reply);
  }

  drawn(report: DrawnReport): void {
    if (this.socket.connected) this.socket.emit('drawn', report);
  }

  audioArmed(armed: boolean): void {
    if (this.socket.connected) this.socket.emit('audio:armed', { armed });
  }

  /** Gives up a transport that says nothing any more and takes a new one. */
  renew(): void {
    if (!this.socket.connected) return;
    this.socket.io.engine.close();
  }

  close(): void {
    this.open = false;
    this.socket.disconnect();
  }
}
