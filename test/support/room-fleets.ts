import { type FireDialect, loadFireDialects } from '@watchfire/catalogue';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet, type RoomFleetOptions } from '../../apps/simulator/src/fire/room-fleet.js';
import { type Centre } from './centre.js';
import { eventually } from './eventually.js';
import { ADMIN_PASSWORD } from './server-process.js';

type FleetOptions = Pick<RoomFleetOptions, 'seed' | 'firstAddress' | 'units'> & Partial<RoomFleetOptions>;

/** Fire-control rooms over real TCP. */
export class RoomFleets {
  readonly #scheduler = new Scheduler(new SystemClock());
  readonly #fleets: RoomFleet[] = [];

  constructor(
    private readonly centre: Centre,
    private readonly firePort: number,
  ) {}

  /** Registered in fire units of their own, every device profile in turn. */
  async connected(more: FleetOptions): Promise<RoomFleet> {
    const dialects = await loadFireDialects('config/catalogue/fire');
    const fleet = this.#fleet([...dialects.values()], more);
    const { url } = this.centre.server;
    await registerRooms(fleet.rooms, { url, username: 'admin', password: ADMIN_PASSWORD });
    return this.#connect(fleet);
  }

  /** Rooms of one device profile that nobody has registered. */
  async unknown(dialect: string, more: FleetOptions): Promise<RoomFleet> {
    const dialects = await loadFireDialects('config/catalogue/fire');
    return this.#connect(
      this.#fleet(
        [...dialects.values()].filter(({ key }) => key === dialect),
        more,
      ),
    );
  }

  #fleet(dialects: readonly FireDialect[], more: FleetOptions): RoomFleet {
    const deviations = dialects.map(({ deviation }) => deviation);
    const fleet = new RoomFleet({ deviations, scheduler: this.#scheduler, dutyAnswerMs: null, ...more });
    this.#fleets.push(fleet);
    return fleet;
  }

  async #connect(fleet: RoomFleet): Promise<RoomFleet> {
    fleet.connect({ host: '127.0.0.1', port: this.firePort });
    await eventually(
      () => fleet.connected,
      (count) => count === fleet.rooms.length,
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
