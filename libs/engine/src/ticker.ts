import { type Clock } from './clock.js';

/** A deadline that is found so late means that this process stood still, not that devices fell silent. */
const FROZEN_MS = 5_000;
/** What the sockets have buffered meanwhile is read first, before silence is judged. */
const GRACE_MS = 2_000;
const RETRY_MS = 1_000;
const BETWEEN_TICKS_MS = 10;
/** setTimeout takes 31 bits. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Appends a tick when the engine's next deadline is due, so that time passes without readings too.
 * `tick` resolves when the engine has applied it.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tick: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #deadline: number | undefined;
  #ticking = false;
  #stopped = false;

  constructor(clock: Clock, tick: () => Promise<void>) {
    this.#clock = clock;
    this.#tick = tick;
  }

  schedule(deadline: number | undefined): void {
    if (deadline === this.#deadline && this.#timer !== undefined) return;
    this.#deadline = deadline;
    if (!this.#ticking) this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(atLeastMs = 0, graceGiven = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#deadline === undefined || this.#stopped) return;
    const waitMs = Math.max(atLeastMs, this.#deadline - this.#clock.now());
    this.#timer = setTimeout(() => this.#due(graceGiven), Math.min(waitMs, LONGEST_WAIT_MS));
  }

  #due(graceGiven: boolean): void {
    this.#timer = undefined;
    const lateMs = this.#clock.now() - (this.#deadline ?? Infinity);
    if (lateMs < 0) {
      this.#arm();
      return;
    }
    if (lateMs > FROZEN_MS && !graceGiven) {
      this.#arm(GRACE_MS, true);
      return;
    }
    this.#ticking = true;
    this.#tick().then(
      () => this.#done(BETWEEN_TICKS_MS),
      () => this.#done(RETRY_MS),
    );
  }

  #done(atLeastMs: number): void {
    this.#ticking = false;
    this.#arm(atLeastMs);
  }
}
