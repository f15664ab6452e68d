import { type LiveReading } from '@watchfire/contracts';
import { type LatestValue } from '@watchfire/engine';
import { type LivePage } from './live-page.js';

/** The side of a page that live values need. */
export type WatchingPage = Pick<LivePage, 'sent' | 'watched' | 'idle' | 'send'>;

/**
 * Live values for the pages that watch them: at each tick a page is sent what has changed since its last one. A page that is
 * behind loses values between, never alarms [LV8]; and a value that nobody watches costs nothing.
 */
export class WatchedReadings {
  #replaced = 0;

  constructor(private readonly latest: (pointId: string) => LatestValue | undefined) {}

  watch(page: WatchingPage, points: ReadonlySet<string>): void {
    page.watched = points;
    page.sent.clear();
  }

  leave(page: WatchingPage): void {
    this.watch(page, new Set());
  }

  flush(page: WatchingPage): void {
    if (page.watched.size === 0 || !page.idle) return;
    const readings: LiveReading[] = [];
    for (const pointId of page.watched) {
      const value = this.latest(pointId);
      const sent = page.sent.get(pointId);
      if (value === undefined || value.revision === sent) continue;
      if (sent !== undefined && value.revision > sent) this.#replaced += value.revision - sent - 1;
      page.sent.set(pointId, value.revision);
      readings.push(toReading(value));
    }
    if (readings.length > 0) page.send('readings', readings);
  }

  /** Values that were never sent because a newer one of the same point came first. */
  get replaced(): number {
    return this.#replaced;
  }
}

function toReading({ pointId, value, quality, ts, receivedAt }: LatestValue): LiveReading {
  return { pointId, value, quality, ts, receivedAt };
}
