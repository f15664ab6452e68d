import { type Random } from '../random.js';
import { HOUR_MS, timeOfDay } from './local-day.js';
import { type Values, type ValueSource } from './values.js';

const FIRST_MS = 9 * HOUR_MS;
const LAST_MS = 17 * HOUR_MS;
const LASTS_MS = 3 * 60_000;

/** A fire panel is tested once in each working day, at an hour of its own, for three minutes. */
export class DailyTest implements ValueSource {
  readonly #beginsAt: number;

  constructor(random: Random) {
    this.#beginsAt = random.between(FIRST_MS, LAST_MS);
  }

  values(at: number): Values {
    const since = timeOfDay(at) - this.#beginsAt;
    return { test: since >= 0 && since < LASTS_MS };
  }
}
