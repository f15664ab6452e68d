import { type DemoSimulation } from '@watchfire/catalogue';
import { type Random } from '../random.js';
import { DOORS_CLOSING_MS, endOf, type LiftTrip, motionAt, STOREY, travelMs } from './lift-trip.js';
import { HOUR_MS, timeOfDay } from './local-day.js';
import { type Values, type ValueSource } from './values.js';

type LiftSpec = NonNullable<DemoSimulation['lift']>;

/** GB/T 24476: direction of travel. */
const DIRECTION = { none: 0, up: 1, down: 2 } as const;
/** The unlocking zone reaches so far above and below a landing, m. */
const DOOR_ZONE = 0.2;
const WITH_PASSENGER = 0.8;

/**
 * One car: it waits, takes somebody in, goes, lets them out. Every status of one message fits the others: a moving car
 * has its doors closed, a car with open doors stands at a landing.
 */
export class LiftCar implements ValueSource {
  #landing: number;
  #trip: LiftTrip | undefined;

  constructor(
    private readonly spec: LiftSpec,
    private readonly random: Random,
  ) {
    this.#landing = random.integer(0, spec.floors - 1);
  }

  values(at: number): Values {
    return this.#status(this.#advance(at), at);
  }

  /** The trip that is under way at `at`, or the next one. */
  #advance(at: number): LiftTrip {
    let trip = (this.#trip ??= this.#nextTrip(at));
    while (endOf(trip) <= at) {
      this.#landing = trip.to;
      trip = this.#nextTrip(endOf(trip));
    }
    this.#trip = trip;
    return trip;
  }

  #nextTrip(after: number): LiftTrip {
    const startAt = after + this.random.exponential(HOUR_MS / (this.spec.tripsPerHour * traffic(after)));
    const step = this.random.integer(1, this.spec.floors - 1);
    return {
      startAt,
      from: this.#landing,
      to: (this.#landing + step) % this.spec.floors,
      passenger: this.random.chance(WITH_PASSENGER),
      ratedSpeed: this.spec.speed,
    };
  }

  #status(trip: LiftTrip, at: number): Values {
    const { height, speed } = motionAt(trip, at);
    const closing = at >= trip.startAt && at < trip.startAt + DOORS_CLOSING_MS;
    const arrivedAt = trip.startAt + DOORS_CLOSING_MS + travelMs(trip);
    const running = at >= trip.startAt + DOORS_CLOSING_MS && at < arrivedAt;
    const under = at >= trip.startAt && at < endOf(trip);
    const landing = Math.round(height / STOREY);
    return {
      running,
      direction: running ? (trip.to > trip.from ? DIRECTION.up : DIRECTION.down) : DIRECTION.none,
      inDoorZone: Math.abs(height - landing * STOREY) <= DOOR_ZONE,
      floor: String(landing + 1),
      doorClosed: !(closing || (under && !running)),
      passengerPresent: trip.passenger && under,
      speed: running ? speed : 0,
    };
  }
}

/** Trips against the daily mean: few at night, most on the way to work and home. */
function traffic(at: number): number {
  const hour = timeOfDay(at) / HOUR_MS;
  if (hour < 6) return 0.15;
  if ((hour >= 7 && hour < 9) || (hour >= 17 && hour < 20)) return 2;
  return 1;
}
