/** Where no rule says otherwise. */
export const DEFAULT_CLOCK_WINDOW_MS = 300_000;

/**
 * What is known of the clock of a device. Receive time less device time is how far the clock is behind plus the time that the
 * message was under way, so the smallest of many is the best estimate. It is kept for two windows, the present one and the
 * one before: what one message says is forgotten after two.
 */
export class DeviceClock {
  windowMs = DEFAULT_CLOCK_WINDOW_MS;
  /** Journal time at which the present window began, with a message; -Infinity before the first. */
  since = -Infinity;
  /** The smallest delay of the present window, ms; NaN before the first message. */
  least = NaN;
  /** The smallest delay of the window before; NaN where there was none. */
  leastBefore = NaN;

  /** How far the clock is behind, at most, in ms; negative when it is ahead. NaN when nothing is known. */
  get skew(): number {
    return this.hasFullWindow ? Math.min(this.least, this.leastBefore) : this.least;
  }

  /** Whether messages were seen for a whole window: before, all of them may have been long under way. */
  get hasFullWindow(): boolean {
    return !Number.isNaN(this.leastBefore);
  }

  /** Whether another delay changes nothing: the cheap question, asked with every message. */
  ignores(delay: number, now: number): boolean {
    return delay >= this.least && now < this.since + this.windowMs;
  }

  /** Takes a delay that is not ignored; true when a window has been closed by it. */
  observe(delay: number, now: number): boolean {
    const closes = this.since !== -Infinity && now >= this.since + this.windowMs;
    if (closes) this.leastBefore = this.least;
    if (closes || this.since === -Infinity) {
      this.since = now;
      this.least = delay;
    } else if (delay < this.least) {
      this.least = delay;
    }
    return closes;
  }
}
