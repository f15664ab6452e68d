import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  type DrawnReport,
  HEARTBEAT_MS,
  type SubscribeReply,
  type SubscribeRequest,
} from '@watchfire/contracts';
import { Clock, EngineHost } from '@watchfire/engine';
import { Subscription } from 'rxjs';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { AlarmFeed, type FeedPage } from './alarm-feed.js';
import { type LiveNamespace, LivePage, type LiveSocket } from './live-page.js';
import { LiveReports } from './live-reports.js';
import { Seats } from './seats.js';
import { WatchedReadings } from './watched-readings.js';

/** Live values leave, and slow pages are found, this often. */
const TICK_MS = 250;

/** The engine's output, brought to every live page: alarms by offset, live values, heartbeats. */
@Injectable()
export class LiveRoom implements OnApplicationShutdown {
  readonly #readings: WatchedReadings;
  readonly #running = new Subscription();
  #feed: AlarmFeed | undefined;

  constructor(
    private readonly engine: EngineHost,
    private readonly clock: Clock,
    private readonly seats: Seats,
    private readonly reports: LiveReports,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {
    this.#readings = new WatchedReadings((pointId) => engine.latest(pointId));
  }

  open(namespace: LiveNamespace): void {
    const feed = new AlarmFeed(
      this.engine,
      (enterpriseId, message) => namespace.to(['all', `enterprise:${enterpriseId}`]).emit('alarm', message),
      {
        gap: (page: FeedPage) => this.reports.gap(page as LivePage),
        failed: (error) => this.reports.failed(error, 'a page could not be brought up to date'),
      },
    );
    this.#feed = feed;
    this.seats.describeBy((page) => feed.streamOf(page));
    this.#running.add(
      this.engine.transitions.subscribe((transitions) =>
        this.#guarded(() => {
          feed.publish(transitions);
          if (!feed.anyLive) return;
          const at = this.clock.now();
          for (const { eventId } of transitions) this.engine.markPushed(eventId, at);
          this.reports.pushed += transitions.length;
        }),
      ),
    );
    this.#every(TICK_MS, () => this.#tick(feed));
    this.#every(HEARTBEAT_MS, () => {
      for (const page of this.seats.pages()) this.#heartbeat(feed, page);
    });
  }

  enter(socket: LiveSocket): void {
    const page = new LivePage(socket, this.clock);
    this.seats.take(page);
    this.#heartbeat(this.#opened(), page);
  }

  left(socket: LiveSocket): void {
    const page = this.seats.of(socket);
    if (page === undefined) return;
    page.gone();
    this.seats.leave(page);
    this.#readings.leave(page);
    this.#opened().leave(page);
  }

  subscribe(page: LivePage, request: SubscribeRequest, reply: (answer: SubscribeReply) => void): void {
    this.#opened().subscribe(page, request, reply);
  }

  watch(page: LivePage, points: ReadonlySet<string>): void {
    // The page may have gone while its points were looked up; then nobody would take it out again.
    if (this.seats.of(page.socket) !== page) return;
    this.#readings.watch(page, points);
  }

  drawn(page: LivePage, { offset, frames = [] }: DrawnReport): void {
    const all = [...frames, { offset, ago: 0 }];
    if (all.some((frame) => frame.offset > this.engine.head()))
      throw new Problem('invalid_request', 'offset: not yet given out');
    const now = this.clock.now();
    for (const frame of all) this.engine.markDrawn(frame.offset, page.entry.user.username, now - frame.ago);
  }

  /** Values that a newer one replaced before a page could take them. */
  get readingsReplaced(): number {
    return this.#readings.replaced;
  }

  onApplicationShutdown(): void {
    this.#running.unsubscribe();
  }

  #tick(feed: AlarmFeed): void {
    const now = this.clock.monotonicMs();
    for (const page of [...this.seats.pages()]) {
      const behindMs = page.behindMs(now);
      if (behindMs > this.settings.limits.slowSocketMs) {
        this.reports.cut(page, behindMs);
        page.cut();
      } else if (behindMs > 0) feed.slowDown(page);
      else this.#readings.flush(page);
    }
  }

  /** None for a page that is behind: it must find out by itself that it does not see the present. */
  #heartbeat(feed: AlarmFeed, page: LivePage): void {
    if (page.behindMs(this.clock.monotonicMs()) > 0) return;
    page.send('heartbeat', { offset: feed.positionOf(page), serverTime: this.clock.now() });
  }

  #every(ms: number, act: () => void): void {
    const timer = setInterval(() => this.#guarded(act), ms);
    timer.unref();
    this.#running.add(() => clearInterval(timer));
  }

  /** What goes wrong here must not reach the engine that called us, nor end the process. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.reports.failed(error, 'live pages could not be served');
    }
  }

  #opened(): AlarmFeed {
    if (this.#feed === undefined) throw new Error('a page came in before the room was open');
    return this.#feed;
  }
}
