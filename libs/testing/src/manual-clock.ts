/** A clock that stands still until a test moves it. */
export class ManualClock {
  #nowAt: number;
  #monotonicMs = 0;

  /** @param at epoch ms; the default is a Monday morning in 2026 */
  constructor(at = Date.UTC(2026, 0, 5, 8)) {
    this.#nowAt = at;
  }

  /** Epoch ms. Bound, so that it can be handed over by itself. */
  readonly now = (): number => this.#nowAt;

  /** Ms since the clock was made; moved by `advance` only. */
  readonly monotonicMs = (): number => this.#monotonicMs;

  /** Time passes. */
  advance(ms: number): void {
    if (ms < 0) throw new Error(`time does not pass backwards: ${ms} ms; a changed wall clock is jumpTo`);
    this.#nowAt += ms;
    this.#monotonicMs += ms;
  }

  /** The wall clock is set, forwards or back; no time passes. */
  jumpTo(at: number): void {
    this.#nowAt = at;
  }
}
