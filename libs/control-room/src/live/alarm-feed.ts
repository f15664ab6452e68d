import { type AlarmView, type Transition } from '@watchfire/alarm';
import { type ServerToClientEvents, type SubscribeReply, type SubscribeRequest } from '@watchfire/contracts';
import { type Visibility } from '../access/visibility.js';
import { compareForOperator, toAlarm, toAlarmEvent } from '../views/alarm-view.js';

/** How much is read back, and sent, before a page is asked whether it keeps up. */
const CHUNK = 100;

/** What the feed asks of the engine: state and stream belong to one instant whenever our code runs. */
export interface TransitionSource {
  alarms(): readonly AlarmView[];
  head(): number;
  transitionsAfter(seq: number, limit: number): Promise<readonly Transition[] | undefined>;
}

/** What the feed asks of a live page. */
export interface FeedPage {
  readonly visibility: Visibility;
  send<E extends keyof ServerToClientEvents>(event: E, ...message: Parameters<ServerToClientEvents[E]>): void;
  /** Begin or stop to get what `Broadcast` sends to the pages of this visibility. */
  listen(live: boolean): void;
  /** Resolves when there is room to send more, at the earliest in the next turn; false when the page has gone. */
  ready(): Promise<boolean>;
}

export type AlarmMessage = Parameters<ServerToClientEvents['alarm']>[0];
/** Sends one transition to every listening page that may see this enterprise; encoded once for all of them. */
export type Broadcast = (enterpriseId: string, message: AlarmMessage) => void;

export interface FeedReports {
  readonly gap?: (page: FeedPage) => void;
  readonly failed?: (error: unknown) => void;
}

interface Subscription {
  readonly page: FeedPage;
  readonly wants: (alarm: AlarmView) => boolean;
  readonly filtered: boolean;
  stream: 'catching-up' | 'live';
  /** Everything up to here was sent or is not for this page; true of a live page up to the head. */
  position: number;
  over: boolean;
}

/**
 * Alarms for live pages. A page is a position in the engine's stream and nothing more: what it has not been sent yet is read
 * back from the engine, so no page has a queue, and a slow one costs nothing. Only a page that is at the head listens to the
 * broadcast [LV3].
 */
export class AlarmFeed {
  readonly #subscriptions = new Map<FeedPage, Subscription>();
  readonly #filteredLive = new Set<Subscription>();

  constructor(
    private readonly source: TransitionSource,
    private readonly broadcast: Broadcast,
    private readonly reports: FeedReports = {},
  ) {}

  /**
   * Replay from an offset, or the state with the stream from that instant. A second subscription replaces the first.
   */
  subscribe(page: FeedPage, request: SubscribeRequest, reply: (answer: SubscribeReply) => void): void {
    this.leave(page);
    const head = this.source.head();
    const subscription: Subscription = {
      page,
      wants: selection(page.visibility, request.filter),
      filtered: request.filter !== undefined,
      stream: 'catching-up',
      position: request.offset ?? head,
      over: false,
    };
    this.#subscriptions.set(page, subscription);
    if (request.offset === undefined) {
      const state = this.source.alarms().filter(subscription.wants).sort(compareForOperator);
      reply({ ok: true, offset: head, mode: 'refresh' });
      this.#run(subscription, this.#refresh(subscription, state));
      return;
    }
    // The answer goes before the first event, and before a `gap` too: a page counts itself complete at the answer.
    reply({ ok: true, offset: head, mode: 'replay' });
    // An offset that we have never given out: the page knows another past than ours.
    if (request.offset > head) this.#gap(subscription, head + 1, request.offset);
    else this.#run(subscription, this.#catchUp(subscription));
  }

  /** Call with every batch, in the turn in which the engine has applied it. */
  publish(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const message = toMessage(transition);
      this.broadcast(transition.alarm.enterpriseId, message);
      for (const { page, wants } of this.#filteredLive) {
        if (wants(transition.alarm)) page.send('alarm', message);
      }
    }
  }

  /** Stops the broadcast to a page that does not keep up; it is sent the rest, by and by, when it does. */
  slowDown(page: FeedPage): void {
    const subscription = this.#subscriptions.get(page);
    if (subscription?.stream !== 'live') return;
    subscription.position = this.source.head();
    this.#stopListening(subscription);
    subscription.stream = 'catching-up';
    this.#run(
      subscription,
      page.ready().then((ready) => (ready ? this.#catchUp(subscription) : undefined)),
    );
  }

  leave(page: FeedPage): void {
    const subscription = this.#subscriptions.get(page);
    if (subscription === undefined) return;
    subscription.over = true;
    this.#stopListening(subscription);
    this.#subscriptions.delete(page);
  }

  streamOf(page: FeedPage): 'idle' | 'catching-up' | 'live' {
    return this.#subscriptions.get(page)?.stream ?? 'idle';
  }

  /** What the page may believe to have: the offset of its heartbeat [LV6]. */
  positionOf(page: FeedPage): number {
    const subscription = this.#subscriptions.get(page);
    return subscription?.stream === 'catching-up' ? subscription.position : this.source.head();
  }

  get anyLive(): boolean {
    for (const { stream } of this.#subscriptions.values()) if (stream === 'live') return true;
    return false;
  }

  async #refresh(subscription: Subscription, state: readonly AlarmView[]): Promise<void> {
    const { page, position: offset } = subscription;
    page.send('refresh:start', { offset });
    for (let sent = 0; sent < state.length; sent += CHUNK) {
      if (sent > 0 && !(await page.ready())) return;
      if (subscription.over) return;
      for (const alarm of state.slice(sent, sent + CHUNK)) page.send('refresh:alarm', toAlarm(alarm));
    }
    page.send('refresh:end', { offset, count: state.length });
    await this.#catchUp(subscription);
  }

  async #catchUp(subscription: Subscription): Promise<void> {
    const { page } = subscription;
    while (!subscription.over) {
      // Between this question and the room nothing is awaited: no transition can fall between.
      if (subscription.position >= this.source.head()) {
        this.#goLive(subscription);
        return;
      }
      const missed = await this.source.transitionsAfter(subscription.position, CHUNK);
      if (subscription.over) return;
      if (missed?.[0]?.seq !== subscription.position + 1) {
        this.#gap(subscription, subscription.position + 1, this.source.head());
        return;
      }
      for (const transition of missed) {
        if (subscription.wants(transition.alarm)) page.send('alarm', toMessage(transition));
        subscription.position = transition.seq;
      }
      if (!(await page.ready())) return;
    }
  }

  #goLive(subscription: Subscription): void {
    subscription.stream = 'live';
    if (subscription.filtered) this.#filteredLive.add(subscription);
    else subscription.page.listen(true);
  }

  #stopListening(subscription: Subscription): void {
    this.#filteredLive.delete(subscription);
    if (subscription.stream === 'live' && !subscription.filtered) subscription.page.listen(false);
  }

  /** The stream of this page ends here: only a refresh makes it whole again, and the page asks for that. */
  #gap(subscription: Subscription, from: number, to: number): void {
    this.leave(subscription.page);
    this.reports.gap?.(subscription.page);
    subscription.page.send('gap', { from, to });
  }

  #run(subscription: Subscription, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.reports.failed?.(error);
      if (!subscription.over) this.#gap(subscription, subscription.position + 1, this.source.head());
    });
  }
}

function toMessage(transition: Transition): AlarmMessage {
  return { offset: transition.seq, event: toAlarmEvent(transition), alarm: toAlarm(transition.alarm) };
}

function selection(
  visibility: Visibility,
  filter: SubscribeRequest['filter'],
): (alarm: AlarmView) => boolean {
  const sites = filter?.siteIds === undefined ? undefined : new Set(filter.siteIds);
  const classes = filter?.classes === undefined ? undefined : new Set(filter.classes);
  return (alarm) =>
    visibility.allows(alarm.enterpriseId) &&
    (sites === undefined || sites.has(alarm.siteId)) &&
    (classes === undefined || classes.has(alarm.class));
}
