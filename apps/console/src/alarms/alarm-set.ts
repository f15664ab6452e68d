import { type Alarm, type AlarmEvent } from '@watchfire/contracts';
import { blockOf } from './order.js';

/** One message of the `alarm` stream. */
export interface AlarmMessage {
  readonly offset: number;
  readonly event: Omit<AlarmEvent, 'alarm'>;
  readonly alarm: Alarm;
}

/** What a message did to the set, and what the link must do about it. */
export type Applied =
  | { readonly kind: 'applied'; readonly annunciate: readonly Alarm[] }
  /** Already known, or kept until the refresh that is under way has ended. */
  | { readonly kind: 'ignored' }
  /** Something is missing between what is held and what came: ask for a refresh. */
  | { readonly kind: 'gap' };

interface Refresh {
  readonly offset: number;
  readonly alarms: Map<string, Alarm>;
  readonly waiting: AlarmMessage[];
}

/**
 * Every retained alarm, as the server's stream tells it. A refresh replaces the set in one step, so that a connection lost
 * in the middle of one leaves the old set (shown as stale) and never half of a new one. Events are applied strictly in the
 * order of their offsets; while nobody filters the stream the offsets are dense and a hole in them is a loss.
 */
export class AlarmSet {
  private alarms = new Map<string, Alarm>();
  private position: number | undefined;
  private refresh: Refresh | undefined;

  /** `dense` is false for a person who is sent only a part of the stream. */
  constructor(private readonly dense: () => boolean = () => true) {}

  /** The offset of the last event that is in the set; undefined before the first refresh. */
  get offset(): number | undefined {
    return this.position;
  }

  get refreshing(): boolean {
    return this.refresh !== undefined;
  }

  values(): IterableIterator<Alarm> {
    return this.alarms.values();
  }

  get(id: string): Alarm | undefined {
    return this.alarms.get(id);
  }

  get size(): number {
    return this.alarms.size;
  }

  refreshStarted(offset: number): void {
    this.refresh = { offset, alarms: new Map(), waiting: [] };
  }

  refreshAlarm(alarm: Alarm): void {
    this.refresh?.alarms.set(alarm.id, alarm);
  }

  /**
   * Puts the new set in place, with the events that arrived meanwhile. A count that does not fit what was received is a
   * gap, and the old set stays.
   */
  refreshEnded(end: { readonly offset: number; readonly count: number }): Applied {
    const refresh = this.refresh;
    this.refresh = undefined;
    if (refresh === undefined || refresh.alarms.size !== end.count) return { kind: 'gap' };
    const before = this.alarms;
    this.alarms = new Map([...refresh.alarms].filter(([, alarm]) => blockOf(alarm) !== undefined));
    this.position = refresh.offset;
    const annunciate = new Map<string, Alarm>();
    for (const alarm of this.alarms.values()) {
      if (mustAnnounce(before.get(alarm.id), alarm)) annunciate.set(alarm.id, alarm);
    }
    for (const message of refresh.waiting) {
      const applied = this.apply(message);
      if (applied.kind === 'gap') return applied;
      if (applied.kind === 'applied') for (const alarm of applied.annunciate) annunciate.set(alarm.id, alarm);
    }
    this.position = Math.max(this.position, end.offset);
    return { kind: 'applied', annunciate: [...annunciate.values()] };
  }

  apply(message: AlarmMessage): Applied {
    if (this.refresh !== undefined) {
      if (message.offset > this.refresh.offset) this.refresh.waiting.push(message);
      return { kind: 'ignored' };
    }
    if (this.position === undefined) return { kind: 'gap' };
    if (message.offset <= this.position) return { kind: 'ignored' };
    if (this.dense() && message.offset !== this.position + 1) return { kind: 'gap' };
    this.position = message.offset;
    const before = this.alarms.get(message.alarm.id);
    this.put(message.alarm, message.event.type === 'removed');
    const audible = isAudible(message, before);
    return { kind: 'applied', annunciate: audible ? [message.alarm] : [] };
  }

  /**
   * Takes over what the server answered about one alarm after it refused an act for a stale event id. It counts only while
   * the row still shows that stale event: otherwise the stream has moved on and knows better. The stream stays the truth,
   * its next event of this alarm overwrites the row.
   */
  correct(staleEventId: string, alarm: Alarm): void {
    if (this.alarms.get(alarm.id)?.eventId === staleEventId) this.put(alarm, false);
  }

  clear(): void {
    this.alarms.clear();
    this.position = undefined;
    this.refresh = undefined;
  }

  private put(alarm: Alarm, removed: boolean): void {
    if (removed || blockOf(alarm) === undefined) this.alarms.delete(alarm.id);
    else this.alarms.set(alarm.id, alarm);
  }
}

/** What the server announces is heard; what joins the announcement of another has no sound of its own. */
function isAudible({ event, alarm }: AlarmMessage, before: Alarm | undefined): boolean {
  if (event.type === 'removed' || event.annunciation === 'joined') return false;
  return (event.annunciation === 'own' && blockOf(alarm) === 'unacknowledged') || mustAnnounce(before, alarm);
}

/** A new occurrence (its event id says so) or a rise that nobody has acknowledged has to be heard and announced. */
function mustAnnounce(before: Alarm | undefined, after: Alarm): boolean {
  if (blockOf(after) !== 'unacknowledged') return false;
  if (before === undefined || blockOf(before) !== 'unacknowledged') return true;
  const isOther = after.active && after.eventId !== before.eventId;
  return isOther || after.severity > before.severity || (after.active && !before.active);
}
