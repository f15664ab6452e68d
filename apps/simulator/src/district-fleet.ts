import { randomUUID } from 'node:crypto';
import { Catalogue, type DemoDistrict, type DemoScenario, loadDemoDistrict } from '@watchfire/catalogue';
import { SystemClock } from './field/clock.js';
import { type Credentials } from './field/credentials.js';
import { Fleet } from './field/fleet.js';
import { FleetLog } from './field/fleet-log.js';
import { MqttLink } from './field/mqtt-link.js';
import { Scheduler } from './field/scheduler.js';

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

  private constructor(
    readonly district: DemoDistrict,
    catalogue: Catalogue,
    setup: FleetSetup,
  ) {
    this.log = new FleetLog(this.scheduler, setup.say);
    this.fleet = new Fleet(district, catalogue, this.scheduler, {
      seed: setup.seed,
      boot: randomUUID(),
      onMissing: (deviceId, reason) => this.log.missing(deviceId, reason),
    });
  }

  /** @throws CatalogueError with everything that is wrong in the files. */
  static async load(setup: FleetSetup): Promise<DistrictFleet> {
    const [district, catalogue] = await Promise.all([
      loadDemoDistrict(setup.districtFolder),
      Catalogue.load(setup.catalogueFolder),
    ]);
    return new DistrictFleet(district, catalogue, setup);
  }

  connect(credentials: Credentials): void {
    const url = credentials.mqttUrl;
    this.fleet.start((deviceId) => {
      const password = credentials.devices[deviceId];
      return password === undefined ? undefined : new MqttLink({ url, deviceId, password });
    }, this.log);
  }

  scenario(key: string): DemoScenario | undefined {
    return this.district.scenarios.find((scenario) => scenario.key === key);
  }
}

export const titleOf = ({ title }: Pick<DemoScenario, 'title'>): string => `${title.zh} / ${title.en}`;
