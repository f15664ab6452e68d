import { type ScheduledTask, type Scheduler } from '../field/scheduler.js';
import { type Random } from '../random.js';
import { type FireRoom } from './fire-room.js';
import { type EndLine, type FireAddress, openLine } from './room-lines.js';

const AGAIN_FROM_MS = 500;
const AGAIN_TO_MS = 2_500;

/** Keeps a room connected, whatever becomes of the connection, until it is stopped. */
export class RoomConnection {
  private end: EndLine | undefined;
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
    const events = {
      up: (line: Parameters<FireRoom['connected']>[0]) => {
        this.room.connected(line);
        this.changed(true);
      },
      heard: (bytes: Uint8Array) => this.room.receive(bytes),
      down: () => this.lost(),
    };
    this.end = openLine(this.at, events, this.random);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.again?.cancel();
    await this.end?.();
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
