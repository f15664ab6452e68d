import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  Catalogue,
  type DemoDistrict,
  type DemoScenario,
  loadDemoDistrict,
  loadDemoFireUnits,
  loadFireDialects,
} from '@watchfire/catalogue';
import { SystemClock } from './field/clock.js';
import { type Credentials } from './field/credentials.js';
import { Fleet } from './field/fleet.js';
import { FleetLog } from './field/fleet-log.js';
import { MqttLink } from './field/mqtt-link.js';
import { Scheduler } from './field/scheduler.js';
import { DistrictRooms, type RoomWorld } from './fire/district-rooms.js';

export interface FleetSetup {
  readonly districtFolder: string;
  readonly catalogueFolder: string;
  readonly seed: string;
  readonly say: (line: string) => void;
}

/** The district of a folder, ready to be connected to a real server. */
export class DistrictFleet {
  readonly scheduler = new Scheduler(new SystemClock());
  readonly log: FleetLog;
  readonly fleet: Fleet;
  readonly rooms: DistrictRooms;

  private constructor(
    readonly district: DemoDistrict,
    catalogue: Catalogue,
    world: RoomWorld,
    setup: FleetSetup,
  ) {
    this.rooms = new DistrictRooms(world, setup.seed, this.scheduler);
    this.log = new FleetLog(this.scheduler, setup.say);
    this.fleet = new Fleet(district, catalogue, this.scheduler, {
      seed: setup.seed,
      boot: randomUUID(),
      onMissing: (deviceId, reason) => this.log.missing(deviceId, reason),
    });
  }

  /** @throws CatalogueError with everything that is wrong in the files. */
  static async load(setup: FleetSetup): Promise<DistrictFleet> {
    const [district, catalogue, units, dialects] = await Promise.all([
      loadDemoDistrict(setup.districtFolder),
      Catalogue.load(setup.catalogueFolder),
      loadDemoFireUnits(setup.districtFolder),
      loadFireDialects(join(setup.catalogueFolder, 'fire')),
    ]);
    return new DistrictFleet(district, catalogue, { units, dialects }, setup);
  }

  connect(credentials: Credentials): void {
    const url = credentials.mqttUrl;
    this.fleet.start((deviceId) => {
      const password = credentials.devices[deviceId];
      return password === undefined ? undefined : new MqttLink({ url, deviceId, password });
    }, this.log);
    const { firePort } = credentials;
    if (typeof firePort === 'number') this.rooms.connect({ host: new URL(url).hostname, port: firePort });
  }

  get size(): number {
    return this.fleet.size + this.rooms.size;
  }

  /** As {@link Fleet.play}, with what happens in fire-control rooms meanwhile. */
  play(scenario: DemoScenario, speed = 1): number {
    return Math.max(this.fleet.play(scenario, speed), this.rooms.play(scenario.key, speed));
  }

  release(scenario: DemoScenario): void {
    this.fleet.release(scenario);
    this.rooms.release(scenario.key);
  }

  async stop(): Promise<void> {
    await this.rooms.stop();
    await this.fleet.stop();
  }

  scenario(key: string): DemoScenario | undefined {
    return this.district.scenarios.find((scenario) => scenario.key === key);
  }
}

export const titleOf = ({ title }: Pick<DemoScenario, 'title'>): string => `${title.zh} / ${title.en}`;
