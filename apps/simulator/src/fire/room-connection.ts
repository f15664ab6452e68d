import { connect, type Socket } from 'node:net';
import { type ScheduledTask, type Scheduler } from '../field/scheduler.js';
import { type Random } from '../random.js';
import { type FireRoom } from './fire-room.js';

export interface FireAddress {
  readonly host: string;
  readonly port: number;
}

const AGAIN_FROM_MS = 500;
const AGAIN_TO_MS = 2_500;

/** Keeps a room connected over TCP, whatever becomes of the connection, until it is stopped. */
export class RoomConnection {
  private socket: Socket | undefined;
  private again: ScheduledTask | undefined;
  private isStopped = false;

  constructor(
    private readonly room: FireRoom,
    private readonly at: FireAddress,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private readonly changed: (connected: boolean) => void,
  ) {}

  start(): void {
    if (this.isStopped) return;
    const socket = connect({ ...this.at, noDelay: true });
    this.socket = socket;
    socket.on('connect', () => {
      this.room.connected({
        send: (bytes) => void (socket.writable && socket.write(bytes)),
        drop: () => socket.destroy(),
      });
      this.changed(true);
    });
    socket.on('data', (chunk) => this.room.receive(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.lost());
  }

  stop(): Promise<void> {
    this.isStopped = true;
    this.again?.cancel();
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.destroySoon();
    });
  }

  private lost(): void {
    this.room.disconnected();
    this.changed(false);
    if (this.isStopped) return;
    // Not all at the same moment.
    const inMs = this.random.between(AGAIN_FROM_MS, AGAIN_TO_MS);
    this.again = this.scheduler.at(this.scheduler.now() + inMs, () => this.start());
  }
}
