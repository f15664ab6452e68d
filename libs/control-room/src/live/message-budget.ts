/** Messages that a page may send at once, and how many a second it earns back. A person and a busy list need far less. */
const MOST = 100;
const PER_SECOND = 20;

/** Bounds what one page may ask of the server. */
export class MessageBudget {
  #left = MOST;
  #at: number;

  /** `now`: milliseconds of a clock that only runs forward. */
  constructor(private readonly now: () => number) {
    this.#at = now();
  }

  /** False when the page has asked for too much; then nothing is taken. */
  take(cost: number): boolean {
    const now = this.now();
    this.#left = Math.min(MOST, this.#left + ((now - this.#at) / 1_000) * PER_SECOND);
    this.#at = now;
    if (this.#left < cost) return false;
    this.#left -= cost;
    return true;
  }
}
