import { type Deviation, type Frame } from '@watchfire/protocol';
import { type Scheduler } from '../field/scheduler.js';
import { Random } from '../random.js';
import { FirePanel, ordinaryComponents } from './fire-panel.js';
import { FireRoom, type ReportedFrame } from './fire-room.js';
import { RoomConnection } from './room-connection.js';
import { type FireAddress } from './room-lines.js';
import { type RoomScenario } from './room-scenarios.js';
import { type WireFaults } from './wire-faults.js';

/** Of the first room; the others follow. */
export const FIRST_ROOM_ADDRESS = 260_000_001;
/** Connections begun a second: below what the server lets in at once. */
const CONNECTS_PER_SECOND = 250;

export interface RoomFleetOptions {
  readonly units: number;
  readonly seed: string;
  /** In turn. */
  readonly deviations: readonly Deviation[];
  readonly scheduler: Scheduler;
  readonly dutyAnswerMs: number | null;
  readonly wire?: WireFaults;
  /** Of the first; the others follow. */
  readonly firstAddress?: number;
  readonly onHeard?: (room: FireRoom, frame: Frame) => void;
  readonly onConfirmed?: (room: FireRoom, report: ReportedFrame) => void;
  readonly onSent?: (room: FireRoom, report: ReportedFrame) => void;
}

/** Many fire-control rooms. The same seed gives the same panels and the same happenings, whatever the number of rooms. */
export class RoomFleet {
  readonly rooms: readonly FireRoom[];
  private connections: RoomConnection[] = [];
  private up = 0;

  constructor(private readonly options: RoomFleetOptions) {
    this.rooms = Array.from({ length: options.units }, (_, index) => this.room(index));
  }

  get connected(): number {
    return this.up;
  }

  get unconfirmed(): number {
    return this.rooms.reduce((sum, { unconfirmed }) => sum + unconfirmed, 0);
  }

  connect(at: FireAddress, onChange: (connected: number) => void = () => undefined): void {
    const { scheduler, seed } = this.options;
    const begun = scheduler.now();
    this.connections = this.rooms.map((room, index) => {
      const random = new Random(`${seed}/room-line/${index}`);
      const changed = (isUp: boolean): void => {
        this.up += isUp ? 1 : this.up > 0 ? -1 : 0;
        onChange(this.up);
      };
      return new RoomConnection(room, at, scheduler, random, changed);
    });
    for (const [index, connection] of this.connections.entries()) {
      scheduler.at(begun + (index * 1_000) / CONNECTS_PER_SECOND, () => connection.start());
    }
  }

  /** Answers when it ends, epoch ms. */
  play(scenario: RoomScenario, speed = 1): number {
    const { scheduler, seed } = this.options;
    const begun = scheduler.now();
    const componentsOf = (room: number): number => this.rooms[room]?.options.panel.components.length ?? 0;
    const steps = scenario.steps(this.rooms.length, componentsOf, new Random(`${seed}/${scenario.key}`));
    for (const { atMs, room: index, component: at, conditions } of steps) {
      scheduler.at(begun + atMs / speed, () => {
        const room = this.rooms[index];
        const component = at === undefined ? undefined : room?.options.panel.components[at];
        if (component === undefined) room?.reset();
        else room?.happens(component, conditions ?? []);
      });
    }
    return begun + (steps.at(-1)?.atMs ?? 0) / speed;
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.stop()));
  }

  private room(index: number): FireRoom {
    const { deviations, seed, scheduler, dutyAnswerMs, wire } = this.options;
    const { onHeard, onConfirmed, onSent, firstAddress = FIRST_ROOM_ADDRESS } = this.options;
    const deviation = deviations[index % deviations.length];
    if (deviation === undefined) throw new Error('no device profile');
    const random = new Random(`${seed}/room/${index}`);
    const room: FireRoom = new FireRoom({
      address: firstAddress + index,
      deviation,
      panel: new FirePanel(ordinaryComponents(deviation, random), deviation),
      scheduler,
      random,
      dutyAnswerMs,
      // Until the centre sets it.
      clockAheadMs: random.integer(-30_000, 30_000),
      ...(wire === undefined ? {} : { wire }),
      onConfirmed: (report) => onConfirmed?.(room, report),
      onHeard: (frame) => onHeard?.(room, frame),
      onSent: (report) => onSent?.(room, report),
    });
    return room;
  }
}
