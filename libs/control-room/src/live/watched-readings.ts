import { type LiveReading } from '@watchfire/contracts';
import { type LatestValue } from '@watchfire/engine';
import { type LivePage } from './live-page.js';

/** The side of a page that live values need. */
export type WatchingPage = Pick<LivePage, 'pending' | 'watched' | 'idle' | 'send'>;

/**
 * Live values for the pages that watch them. The newest of each point waits for the next tick; under pressure it waits on
 * and is replaced, so a page that is behind loses values between, never alarms [LV8].
 */
export class WatchedReadings<P extends WatchingPage = LivePage> {
  readonly #watchers = new Map<string, Set<P>>();
  #replaced = 0;

  watch(page: P, points: ReadonlySet<string>, latest: (pointId: string) => LatestValue | undefined): void {
    this.leave(page);
    page.watched = points;
    for (const pointId of points) {
      const watchers = this.#watchers.get(pointId) ?? new Set();
      this.#watchers.set(pointId, watchers.add(page));
      const value = latest(pointId);
      if (value !== undefined) page.pending.set(pointId, toReading(value));
    }
  }

  leave(page: P): void {
    for (const pointId of page.watched) {
      const watchers = this.#watchers.get(pointId);
      watchers?.delete(page);
      if (watchers?.size === 0) this.#watchers.delete(pointId);
    }
    page.watched = new Set();
    page.pending.clear();
  }

  publish(readings: readonly LatestValue[]): void {
    if (this.#watchers.size === 0) return;
    for (const reading of readings) {
      for (const { pending } of this.#watchers.get(reading.pointId) ?? []) {
        if (pending.has(reading.pointId)) this.#replaced++;
        pending.set(reading.pointId, toReading(reading));
      }
    }
  }

  flush(page: P): void {
    if (page.pending.size === 0 || !page.idle) return;
    const readings = [...page.pending.values()];
    page.pending.clear();
    page.send('readings', readings);
  }

  /** Values that were never sent because a newer one of the same point came first. */
  get replaced(): number {
    return this.#replaced;
  }
}

function toReading({ pointId, value, quality, ts, receivedAt }: LatestValue): LiveReading {
  return { pointId, value, quality, ts, receivedAt };
}
