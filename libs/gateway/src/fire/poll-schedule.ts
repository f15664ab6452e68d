import { TokenBucket } from '../token-bucket.js';

export interface PollOptions {
  /** Every device that is there is polled at least so often. */
  readonly pollMs: number;
  /** What a device says of itself after it has connected comes first. */
  readonly settleMs: number;
  /** After it has settled, the poll of a device that has connected comes within this time. */
  readonly pollSpreadMs: number;
  /** Of all devices together; a thousand that connect at once wait for each other. */
  readonly pollsPerSecond: number;
}

interface Entry {
  isThere: boolean;
  dueAt: number;
  polledAt: number;
}

/** Of the period: never the same twice, so that devices that connected together do not stay together. */
const EARLIEST = 0.8;
const LATEST = 0.95;

/** When which device is polled. Pure: time and chance come in. */
export class PollSchedule {
  private readonly entries = new Map<string, Entry>();
  private readonly rate: TokenBucket;

  constructor(
    private readonly options: PollOptions,
    /** From 0 to below 1. */
    private readonly random: () => number,
  ) {
    this.rate = new TokenBucket(options.pollsPerSecond, options.pollsPerSecond, -Infinity);
  }

  /** It is connected, or connected anew: what it did not tell meanwhile is asked for soon, and never later than it was due. */
  arrived(deviceId: string, now: number): void {
    const { settleMs, pollSpreadMs } = this.options;
    const known = this.entries.get(deviceId);
    const polledAt = known?.polledAt ?? -Infinity;
    const soon = now + settleMs + this.random() * pollSpreadMs;
    // One that connects again and again is neither asked each time nor never.
    const dueAt = Math.max(Math.min(known?.dueAt ?? Infinity, soon), polledAt + settleMs);
    this.entries.set(deviceId, { isThere: true, dueAt, polledAt });
  }

  left(deviceId: string): void {
    const entry = this.entries.get(deviceId);
    if (entry !== undefined) entry.isThere = false;
  }

  forget(deviceId: string): void {
    this.entries.delete(deviceId);
  }

  /** Those whose turn it is, the longest overdue first; each is due again within the period. */
  take(now: number): string[] {
    const due = [...this.entries].filter(([, { isThere, dueAt }]) => isThere && dueAt <= now);
    due.sort(([, a], [, b]) => a.dueAt - b.dueAt);
    const taken: string[] = [];
    for (const [deviceId, entry] of due) {
      if (!this.rate.tryTake(now)) break;
      entry.polledAt = now;
      entry.dueAt = now + this.options.pollMs * (EARLIEST + (LATEST - EARLIEST) * this.random());
      taken.push(deviceId);
    }
    return taken;
  }
}
