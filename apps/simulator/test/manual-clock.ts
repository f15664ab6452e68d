import { Clock } from '../src/field/clock.js';

/** Time that passes when the test says so. */
export class ManualClock extends Clock {
  #now: number;
  #waiting: { at: number; wake: () => void }[] = [];

  constructor(now = Date.UTC(2026, 4, 4, 1, 0, 0)) {
    super();
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, wake: () => void): () => void {
    const entry = { at: this.#now + delayMs, wake };
    this.#waiting.push(entry);
    return () => void (this.#waiting = this.#waiting.filter((other) => other !== entry));
  }

  /** Lets time pass; everything that was to wake within it wakes at its time. */
  pass(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = until;
  }

  /** The machine slept, or its clock was set: timers know nothing of it. */
  jump(byMs: number): void {
    this.#now += byMs;
    for (const entry of this.#waiting) entry.at += byMs;
  }
}
