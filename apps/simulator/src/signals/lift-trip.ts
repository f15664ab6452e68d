/** Metres from one landing to the next. */
export const STOREY = 3;
/** m/s², up and down. */
const ACCELERATION = 1;
/** Doors closing before, and standing open after a trip, ms. */
export const DOORS_CLOSING_MS = 3_000;
export const DOORS_OPEN_MS = 6_000;

export interface LiftTrip {
  /** Doors begin to close. */
  readonly startAt: number;
  /** Landings, from 0. */
  readonly from: number;
  readonly to: number;
  readonly passenger: boolean;
  /** Rated speed, m/s. */
  readonly ratedSpeed: number;
}

export interface CarMotion {
  /** Metres above the lowest landing. */
  readonly height: number;
  /** m/s, never negative. */
  readonly speed: number;
}

/** The peak speed of a trip: the rated one, or what a short way allows. */
function peakSpeed(trip: LiftTrip): number {
  return Math.min(trip.ratedSpeed, Math.sqrt(ACCELERATION * distanceOf(trip)));
}

const distanceOf = (trip: LiftTrip): number => Math.abs(trip.to - trip.from) * STOREY;

export function travelMs(trip: LiftTrip): number {
  const peak = peakSpeed(trip);
  return 1000 * (distanceOf(trip) / peak + peak / ACCELERATION);
}

/** When the doors have closed again and the car waits. */
export function endOf(trip: LiftTrip): number {
  return trip.startAt + DOORS_CLOSING_MS + travelMs(trip) + DOORS_OPEN_MS;
}

/** Trapezoid of speed: up at the acceleration, along at the peak, down again. */
export function motionAt(trip: LiftTrip, at: number): CarMotion {
  const total = travelMs(trip) / 1000;
  const time = Math.min(total, Math.max(0, (at - trip.startAt - DOORS_CLOSING_MS) / 1000));
  const peak = peakSpeed(trip);
  const ramp = peak / ACCELERATION;
  const left = total - time;
  const edge = Math.min(time, left);
  const speed = Math.min(peak, ACCELERATION * edge);
  const onEdge = (seconds: number): number => (ACCELERATION * seconds * seconds) / 2;
  const travelled =
    time <= ramp
      ? onEdge(time)
      : left <= ramp
        ? distanceOf(trip) - onEdge(left)
        : onEdge(ramp) + peak * (time - ramp);
  const direction = Math.sign(trip.to - trip.from);
  return { height: trip.from * STOREY + direction * travelled, speed };
}
