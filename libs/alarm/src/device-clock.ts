import {
  CLOCK_LEAST,
  CLOCK_LEAST_BEFORE,
  CLOCK_SINCE,
  CLOCK_WINDOW,
  CLOCK_WINDOW_END,
  type Rows,
} from './rows.js';

/** Where no rule says otherwise. */
export const DEFAULT_CLOCK_WINDOW_MS = 300_000;

/**
 * What is known of the clock of a device. Receive time less device time is how far the clock is behind plus the time that the
 * message was under way, so the smallest of many is the best estimate. It is kept for two windows, the present one and the
 * one before: what one message says is forgotten after two. `Rows.ignoresDelay` is the cheap question, asked with every message.
 */
export class DeviceClock {
  constructor(
    private readonly rows: Rows,
    private readonly row: number,
  ) {}

  /** Nothing is known yet. */
  begin(): void {
    this.rows.set(this.row, CLOCK_WINDOW, DEFAULT_CLOCK_WINDOW_MS);
    this.forget();
  }

  /** It was set: it is measured anew. */
  forget(): void {
    this.restore(-Infinity, NaN, NaN);
  }

  restore(since: number, least: number, leastBefore: number): void {
    this.rows.set(this.row, CLOCK_SINCE, since);
    this.rows.set(this.row, CLOCK_LEAST, least);
    this.rows.set(this.row, CLOCK_LEAST_BEFORE, leastBefore);
    this.windowMs = this.rows.get(this.row, CLOCK_WINDOW);
  }

  set windowMs(windowMs: number) {
    this.rows.set(this.row, CLOCK_WINDOW, windowMs);
    this.rows.set(this.row, CLOCK_WINDOW_END, this.since + windowMs);
  }

  /** Journal time at which the present window began, with a message; -Infinity before the first. */
  get since(): number {
    return this.rows.get(this.row, CLOCK_SINCE);
  }

  /** The smallest delay of the present window, ms; NaN before the first message. */
  get least(): number {
    return this.rows.get(this.row, CLOCK_LEAST);
  }

  /** The smallest delay of the window before; NaN where there was none. */
  get leastBefore(): number {
    return this.rows.get(this.row, CLOCK_LEAST_BEFORE);
  }

  /** How far the clock is behind, at most, in ms; negative when it is ahead. NaN when nothing is known. */
  get skew(): number {
    return this.hasFullWindow ? Math.min(this.least, this.leastBefore) : this.least;
  }

  /** Whether messages were seen for a whole window: before, all of them may have been long under way. */
  get hasFullWindow(): boolean {
    return !Number.isNaN(this.leastBefore);
  }

  /** Takes a delay that is not ignored; true when a window has been closed by it. */
  observe(delay: number, now: number): boolean {
    const isFirst = this.since === -Infinity;
    const closes = !isFirst && now >= this.rows.get(this.row, CLOCK_WINDOW_END);
    if (isFirst || closes) this.restore(now, delay, closes ? this.least : NaN);
    else if (delay < this.least) this.rows.set(this.row, CLOCK_LEAST, delay);
    return closes;
  }
}
