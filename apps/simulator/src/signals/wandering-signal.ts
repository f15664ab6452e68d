import { type DemoSignal } from '@watchfire/catalogue';
import { type Random } from '../random.js';
import { DAY_MS, HOUR_MS, timeOfDay } from './local-day.js';

/** What follows the sun is highest in the middle of the afternoon. */
const WARMEST_MS = 15 * HOUR_MS;
/** An instrument wanders off and comes back within about this time. */
const DRIFT_TIME_MS = HOUR_MS / 2;

/**
 * A number as an instrument gives it: base, rhythm (of the day, where that is its period), slow drift that always comes
 * back (Ornstein–Uhlenbeck), and noise.
 */
export class WanderingSignal {
  readonly #phase: number;
  #drift = 0;
  #driftAt: number | undefined;

  constructor(
    private readonly spec: DemoSignal,
    private readonly random: Random,
  ) {
    this.#phase = random.next();
  }

  at(at: number): number {
    return this.spec.base + this.spec.amplitude * this.#rhythm(at) + this.#drifted(at) + this.noise();
  }

  /** Noise alone: also a value that a scenario dictates is seen through the instrument. */
  noise(): number {
    return this.spec.noise * this.random.normal();
  }

  #rhythm(at: number): number {
    const periodMs = this.spec.periodSeconds * 1000;
    if (periodMs === DAY_MS) return Math.cos((2 * Math.PI * (timeOfDay(at) - WARMEST_MS)) / DAY_MS);
    return Math.sin(2 * Math.PI * (at / periodMs + this.#phase));
  }

  #drifted(at: number): number {
    const passed = Math.max(0, at - (this.#driftAt ?? at));
    const kept = Math.exp(-passed / DRIFT_TIME_MS);
    this.#drift = this.#drift * kept + this.spec.noise * Math.sqrt(1 - kept * kept) * this.random.normal();
    this.#driftAt = at;
    return this.#drift;
  }
}
