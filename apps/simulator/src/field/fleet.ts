import { type Catalogue, type DemoDistrict, type DemoScenario } from '@watchfire/catalogue';
import { Random } from '../random.js';
import { devicesOf, endOfTimeline, timelineOf } from '../scenario/timeline.js';
import { DeviceClient, type DeviceReports } from './device-client.js';
import { type DeviceLink } from './device-link.js';
import { FieldDevice } from './field-device.js';
import { type Scheduler } from './scheduler.js';

export interface FleetOptions {
  readonly seed: string;
  /** Names this start of all devices; another one for each start, or readings would share their numbers. */
  readonly boot: string;
  /** The district or its credentials do not name the device; it stays off and is reported. */
  readonly onMissing: (deviceId: string, reason: string) => void;
}

/** Connecting everybody takes so long for each device: a server that starts is not stormed. */
const STAGGER_MS = 20;
/** How long devices have to say goodbye. */
const GOODBYE_MS = 3_000;

/** All devices of the district in one process. */
export class Fleet {
  readonly #devices = new Map<string, FieldDevice>();

  constructor(
    private readonly district: DemoDistrict,
    private readonly catalogue: Catalogue,
    private readonly scheduler: Scheduler,
    private readonly options: FleetOptions,
  ) {}

  get size(): number {
    return this.#devices.size;
  }

  /** Connects every device for which `linkOf` has a way to the server, one after the other. */
  start(linkOf: (deviceId: string) => DeviceLink | undefined, reports: DeviceReports): void {
    const { seed, boot, onMissing } = this.options;
    const startAt = this.scheduler.now();
    for (const device of this.district.devices) {
      const profile = this.catalogue.profile(device.profile);
      const link = linkOf(device.id);
      if (profile === undefined) onMissing(device.id, `profile ${device.profile} is unknown`);
      if (link === undefined) onMissing(device.id, 'no credential');
      if (profile === undefined || link === undefined) continue;
      const random = new Random(`${seed}/${device.id}/line`);
      const client = new DeviceClient({ deviceId: device.id, boot, random }, link, this.scheduler, reports);
      const fieldDevice = new FieldDevice(device, profile, seed, client, this.scheduler);
      fieldDevice.start(startAt + this.#devices.size * STAGGER_MS);
      this.#devices.set(device.id, fieldDevice);
    }
  }

  /**
   * Plays a scenario from now on; `speed` 2 in half the time.
   *
   * @returns when its last step has been played and its last ramp has arrived, epoch ms.
   */
  play(scenario: DemoScenario, speed = 1): number {
    const steps = timelineOf(scenario, this.scheduler.now(), speed);
    for (const { step, at, durationMs } of steps)
      this.scheduler.at(at, (dueAt) => this.#devices.get(step.device)?.apply(step, dueAt, durationMs));
    return endOfTimeline(steps);
  }

  /** Gives every device of the scenario back to its own behaviour. */
  release(scenario: DemoScenario): void {
    for (const id of devicesOf(scenario)) this.#devices.get(id)?.release(this.scheduler.now());
  }

  async stop(): Promise<void> {
    this.scheduler.stop();
    const goodbyes = Promise.allSettled([...this.#devices.values()].map((device) => device.stop()));
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)));
    await Promise.race([goodbyes, impatient]);
    clearTimeout(timer);
  }
}
