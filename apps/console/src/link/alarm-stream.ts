import { type Alarm, type SubscribeReply, type SubscribeRequest } from '@watchfire/contracts';
import { type AlarmMessage, type AlarmSet, type Applied } from '../alarms/alarm-set.js';

export interface StreamPorts {
  subscribe(request: SubscribeRequest, reply: (answer: SubscribeReply) => void): void;
  /** New or risen alarms: they have to be heard. */
  announce(alarms: readonly Alarm[]): void;
  /** The set, or what is known of the stream, has changed. */
  changed(): void;
}

/** A subscription that is not answered, or does not become complete, is asked for again after this. */
export const SUBSCRIBE_PATIENCE_MS = 10_000;
/** Between a gap in the middle of an answer and the next question: a server that cannot keep up is not asked in a loop. */
const GAP_PAUSE_MS = 1_000;

/**
 * Keeps an AlarmSet in step with the server over connections that come and go. It resumes with the offset that it holds;
 * what cannot be resumed is fetched whole. It never works with timers of its own: `tick` is called about once a second.
 */
export class AlarmStream {
  private connected = false;
  private askedAt: number | undefined;
  private request = 0;
  private behind = 0;
  private refusal: { readonly code: string; readonly message: string } | undefined;
  private complete = false;

  constructor(
    private readonly set: AlarmSet,
    private readonly ports: StreamPorts,
  ) {}

  /** True when every event that the server has told is in the set. */
  get synchronised(): boolean {
    return this.connected && this.complete;
  }

  /** Why the server does not let us subscribe; undefined when it does. */
  get problem(): { readonly code: string; readonly message: string } | undefined {
    return this.refusal;
  }

  up(now: number): void {
    this.connected = true;
    this.subscribe(now, this.set.offset);
  }

  down(): void {
    this.connected = false;
    this.complete = false;
    this.askedAt = undefined;
    this.ports.changed();
  }

  refreshStarted(message: { readonly offset: number }): void {
    this.complete = false;
    this.set.refreshStarted(message.offset);
  }

  refreshAlarm(alarm: Alarm): void {
    this.set.refreshAlarm(alarm);
  }

  refreshEnded(message: { readonly offset: number; readonly count: number }, now: number): void {
    const applied = this.set.refreshEnded(message);
    if (applied.kind !== 'gap') this.finish();
    this.follow(applied, now);
  }

  alarm(message: AlarmMessage, now: number): void {
    this.follow(this.set.apply(message), now);
  }

  /** The server has ended the subscription: also one that is still being answered, which is then asked again soon. */
  gap(now: number): void {
    if (this.askedAt !== undefined)
      this.askedAt = Math.min(this.askedAt, now - SUBSCRIBE_PATIENCE_MS + GAP_PAUSE_MS);
    this.refresh(now);
  }

  /** The server names its newest event: a set that stays behind it has lost something without noticing. */
  heartbeat(offset: number, dense: boolean, now: number): void {
    const held = this.set.offset;
    const behind = dense && this.complete && held !== undefined && offset > held;
    this.behind = behind ? this.behind + 1 : 0;
    if (this.behind < 2) return;
    this.behind = 0;
    this.subscribe(now, held);
  }

  tick(now: number): void {
    if (!this.connected || this.askedAt === undefined || now - this.askedAt < SUBSCRIBE_PATIENCE_MS) return;
    this.subscribe(now, undefined);
  }

  private follow(applied: Applied, now: number): void {
    if (applied.kind === 'gap') this.refresh(now);
    if (applied.kind !== 'applied') return;
    if (applied.annunciate.length > 0) this.ports.announce(applied.annunciate);
    this.ports.changed();
  }

  private refresh(now: number): void {
    this.complete = false;
    // One at a time: every event behind a hole finds the same hole.
    if (this.askedAt === undefined) this.subscribe(now, undefined);
    this.ports.changed();
  }

  private subscribe(now: number, offset: number | undefined): void {
    const request = (this.request += 1);
    this.askedAt = now;
    this.complete = false;
    this.ports.changed();
    this.ports.subscribe(offset === undefined ? {} : { offset }, (answer) => {
      if (request !== this.request || !this.connected) return;
      if (!answer.ok) {
        // Asked again by tick, in full: an offset that the server does not know must not lock the page out.
        this.refusal = { code: answer.code, message: answer.message };
        this.ports.changed();
        return;
      }
      this.refusal = undefined;
      if (answer.mode === 'replay' && !this.set.refreshing && this.set.offset !== undefined) this.finish();
      this.ports.changed();
    });
  }

  private finish(): void {
    this.complete = true;
    this.askedAt = undefined;
    this.refusal = undefined;
  }
}
