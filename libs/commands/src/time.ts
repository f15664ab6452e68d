/** As the engine's clock: `now` in epoch ms, `monotonicMs` of a clock that only runs forward. */
export interface CommandClock {
  now(): number;
  monotonicMs(): number;
}

/** Calls back after a while; injected, so that a test owns time. */
export abstract class Timers {
  /** The answer cancels it. May fire early: who is called looks at the clock. */
  abstract after(ms: number, act: () => void): () => void;
}

export class SystemTimers extends Timers {
  override after(ms: number, act: () => void): () => void {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  }
}

/**
 * Server time by which commands expire. It never stands before the newest record of the journal, and from there it runs with
 * the monotonic clock: a clock that was set back while the server was down must not give an old command a longer life.
 */
export class ExpiryTime {
  readonly #from: number;
  readonly #at: number;

  constructor(
    private readonly clock: CommandClock,
    journalTime: number,
  ) {
    this.#from = journalTime;
    this.#at = clock.monotonicMs();
  }

  now(): number {
    return Math.max(this.clock.now(), Math.floor(this.#from + this.clock.monotonicMs() - this.#at));
  }
}
