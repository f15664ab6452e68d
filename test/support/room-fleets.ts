import { loadFireDialects } from '@watchfire/catalogue';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet, type RoomFleetOptions } from '../../apps/simulator/src/fire/room-fleet.js';
import { type Centre } from './centre.js';
import { eventually } from './eventually.js';
import { ADMIN_PASSWORD } from './server-process.js';

/** Registers fire-control rooms, in every shipped device profile, and connects them over real TCP. */
export class RoomFleets {
  readonly #scheduler = new Scheduler(new SystemClock());
  readonly #fleets: RoomFleet[] = [];

  constructor(
    private readonly centre: Centre,
    private readonly firePort: number,
  ) {}

  async connected(
    more: Pick<RoomFleetOptions, 'seed' | 'firstAddress' | 'units'> & Partial<RoomFleetOptions>,
  ): Promise<RoomFleet> {
    const dialects = await loadFireDialects('config/catalogue/fire');
    const fleet = new RoomFleet({
      deviations: [...dialects.values()].map(({ deviation }) => deviation),
      scheduler: this.#scheduler,
      dutyAnswerMs: null,
      ...more,
    });
    this.#fleets.push(fleet);
    const { url } = this.centre.server;
    await registerRooms(fleet.rooms, { url, username: 'admin', password: ADMIN_PASSWORD });
    fleet.connect({ host: '127.0.0.1', port: this.firePort });
    await eventually(
      () => fleet.connected,
      (count) => count === more.units,
      'connections',
    );
    return fleet;
  }

  after(ms: number, work: () => void): void {
    this.#scheduler.at(this.#scheduler.now() + ms, work);
  }

  /** Of those connected last. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#fleets.splice(0).map((fleet) => fleet.stop()));
  }

  async end(): Promise<void> {
    this.#scheduler.stop();
    await this.disconnect();
  }
}
