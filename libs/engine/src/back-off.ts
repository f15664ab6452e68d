const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/**
 * Waiting times of one who tries again for ever: any time below a bound that doubles ("full jitter"), so that servers that were cut
 * off together do not come back together.
 */
export class BackOff {
  #bound = FIRST_MS;

  /** @param random at least 0, below 1 */
  constructor(private readonly random: () => number) {}

  /** `askedFor`: what the other side asked to be given, ms; it is never given less. */
  next(askedFor = 0): number {
    const wait = Math.floor(this.random() * this.#bound);
    this.#bound = Math.min(this.#bound * 2, LONGEST_MS);
    return askedFor + wait;
  }

  reset(): void {
    this.#bound = FIRST_MS;
  }
}
