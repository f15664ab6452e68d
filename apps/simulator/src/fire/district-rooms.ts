import { type DemoFireRoom, type DemoFireUnit, type FireDialect } from '@watchfire/catalogue';
import { addressOfText, type Deviation, STANDARD } from '@watchfire/protocol';
import { type Scheduler } from '../field/scheduler.js';
import { Random } from '../random.js';
import { FirePanel, type PanelComponent } from './fire-panel.js';
import { FireRoom } from './fire-room.js';
import { RoomConnection } from './room-connection.js';
import { type FireAddress } from './room-lines.js';

export interface RoomWorld {
  readonly units: readonly DemoFireUnit[];
  readonly dialects: ReadonlyMap<string, FireDialect>;
}

/** Until somebody in the room answers a duty check. */
const DUTY_ANSWER_MS = 20_000;

interface DistrictRoom {
  readonly given: DemoFireRoom;
  readonly deviation: Deviation;
  readonly room: FireRoom;
  readonly random: Random;
}

/** The fire-control rooms of the district, with the components that its fire units have behind them. */
export class DistrictRooms {
  private readonly rooms: readonly DistrictRoom[];
  private connections: readonly RoomConnection[] = [];

  constructor(
    world: RoomWorld,
    seed: string,
    private readonly scheduler: Scheduler,
  ) {
    this.rooms = world.units.flatMap((unit) =>
      unit.rooms.map((given): DistrictRoom => {
        const deviation = world.dialects.get(given.dialect)?.deviation ?? STANDARD;
        const random = new Random(`${seed}/${given.id}`);
        const panel = new FirePanel(componentsOf(unit, given), deviation);
        const own = { address: Number(given.address), deviation, panel, scheduler, random };
        return { given, deviation, random, room: new FireRoom({ ...own, dutyAnswerMs: DUTY_ANSWER_MS }) };
      }),
    );
  }

  get size(): number {
    return this.rooms.length;
  }

  connect(at: FireAddress): void {
    this.connections = this.rooms.map(
      ({ room, random }) => new RoomConnection(room, at, this.scheduler, random, () => undefined),
    );
    for (const { room } of this.rooms) room.tell();
    for (const connection of this.connections) connection.start();
  }

  /** Plays what happens in rooms while the scenario is played; answers when that ends, epoch ms. */
  play(scenario: string, speed: number): number {
    const begun = this.scheduler.now();
    let end = begun;
    for (const { given, room } of this.rooms) {
      for (const { at, address, conditions } of stepsOf(given, scenario)) {
        const due = begun + (at * 1_000) / speed;
        end = Math.max(end, due);
        this.scheduler.at(due, () => {
          const component = address === undefined ? undefined : componentAt(room, address);
          if (component === undefined) room.reset();
          else room.happens(component, conditions);
        });
      }
    }
    return end;
  }

  /** Resets the panels that still say something. */
  release(scenario: string): void {
    for (const { given, room } of this.rooms) {
      const isLeft = room.options.panel.disturbed().length > 0;
      if (isLeft && stepsOf(given, scenario).length > 0) room.reset();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.stop()));
  }
}

function stepsOf({ plays }: DemoFireRoom, scenario: string): DemoFireRoom['plays'][number]['steps'] {
  return plays.filter((play) => play.scenario === scenario).flatMap(({ steps }) => steps);
}

/** Addresses of the demo are written as the standard splits them. */
function componentsOf({ buildings }: DemoFireUnit, { id }: DemoFireRoom): PanelComponent[] {
  const all = buildings.flatMap(({ floors }) => floors.flatMap(({ components }) => components));
  return all
    .filter(({ device }) => device === id)
    .map(({ systemType, address, type, label }) => {
      const componentAddress = addressOfText(address, STANDARD.address);
      if (componentAddress === undefined) throw new Error(`${id}: ${address} is no address`);
      return { systemType, systemAddress: 1, componentType: type, componentAddress, description: label };
    });
}

function componentAt(room: FireRoom, address: string): PanelComponent | undefined {
  const wanted = addressOfText(address, STANDARD.address);
  return room.options.panel.components.find(({ componentAddress }) => componentAddress === wanted);
}
