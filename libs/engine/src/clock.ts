/** Time as an input, so that tests own it. */
export abstract class Clock {
  /** Epoch milliseconds; never falls, and does not follow a jump of the wall clock at once. */
  abstract now(): number;
  /** Milliseconds of a clock that only runs forward; for intervals. */
  abstract monotonicMs(): number;
}

/** How fast the clock approaches a wall clock that differs: NTP drift is followed, a jump of hours is not taken over. */
const SLEW_MS_PER_SECOND = 5;

/**
 * The wall clock at start, carried on by the monotonic clock and slewed towards the wall clock.
 * A jump of the wall clock (operator, NTP step, virtual machine resumed) must change no order and set off no deadline.
 */
export class SystemClock extends Clock {
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  #anchorWall: number;
  #anchorMonotonic: number;

  constructor(wall: () => number = Date.now, monotonic: () => number = () => performance.now()) {
    super();
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#anchorWall = wall();
    this.#anchorMonotonic = monotonic();
  }

  override now(): number {
    const monotonic = this.#monotonic();
    const elapsed = monotonic - this.#anchorMonotonic;
    if (elapsed >= 1_000) {
      const carried = this.#anchorWall + elapsed;
      const most = (elapsed / 1_000) * SLEW_MS_PER_SECOND;
      this.#anchorWall = carried + Math.max(-most, Math.min(most, this.#wall() - carried));
      this.#anchorMonotonic = monotonic;
      return Math.floor(this.#anchorWall);
    }
    return Math.floor(this.#anchorWall + elapsed);
  }

  override monotonicMs(): number {
    return this.#monotonic();
  }

  /** How far the wall clock is ahead of this clock, in ms: a signal of the server's own health. */
  offsetMs(): number {
    return this.#wall() - this.now();
  }
}
