import { type Due, type QueueEntry } from './deadlines.js';
import { type PointValue, type SampleQuality } from './model.js';

/** A sample that waits for its turn. Times are epoch ms. */
export interface HeldSample {
  readonly ts: number;
  readonly receivedAt: number;
  readonly value: PointValue;
  readonly quality: SampleQuality;
}

/** Beyond it the oldest is applied before its time: a device may not fill the memory. default */
const MAX_HELD = 1_000;
const MAX_WINDOW_MS = 600_000;

/**
 * Samples of one point that are applied in the order of their device times, each when it is older than the window: the order in which
 * they came then makes no difference, as long as each comes within the window. [AL86]
 */
export class Reorder<P> implements Due {
  queued: QueueEntry | undefined;
  readonly orderIndex = 0;
  private window = 0;
  private samples: readonly HeldSample[] = [];

  constructor(
    readonly point: P,
    readonly orderKey: string,
  ) {}

  get deadline(): number {
    const [first] = this.samples;
    return first === undefined ? Infinity : first.ts + this.window;
  }

  /** Oldest first; among those of the same time in an order that does not depend on which came first. */
  get held(): readonly HeldSample[] {
    return this.samples;
  }

  set windowMs(windowMs: number) {
    this.window = Math.min(MAX_WINDOW_MS, Math.max(0, windowMs));
  }

  /** Nothing is held, and nothing will be. */
  get isIdle(): boolean {
    return this.window === 0 && this.samples.length === 0;
  }

  /** Whether a sample of this device time waits; otherwise its turn has come. */
  holds(ts: number, now: number): boolean {
    return this.window > 0 && ts + this.window > now;
  }

  add(sample: HeldSample): void {
    if (this.samples.some((one) => compare(one, sample) === 0)) return;
    const after = this.samples.findIndex((one) => compare(one, sample) > 0);
    this.samples = after < 0 ? [...this.samples, sample] : this.samples.toSpliced(after, 0, sample);
  }

  /** The oldest one, when it is due at `at`, or there are too many. */
  take(at: number): HeldSample | undefined {
    const [first, ...rest] = this.samples;
    if (first === undefined || (this.deadline > at && this.samples.length <= MAX_HELD)) return undefined;
    this.samples = rest;
    return first;
  }

  stop(): void {
    this.samples = [];
  }
}

function compare(a: HeldSample, b: HeldSample): number {
  return (
    a.ts - b.ts || byText(a.quality, b.quality) || byText(JSON.stringify(a.value), JSON.stringify(b.value))
  );
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
