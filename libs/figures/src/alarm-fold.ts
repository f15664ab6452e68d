import {
  announcementOf,
  isApart,
  isCovered,
  NuisanceFold,
  type AlarmView,
  type Announcement,
  type NuisanceFigures,
  type Transition,
} from '@watchfire/alarm';
import { activeSince, waitingIn } from './announcement.js';
import {
  FIGURE_LIMITS,
  type AlarmFigures,
  type FigureGrouping,
  type FigureLimits,
  type Offender,
} from './model.js';
import { ScopeTally, type Counter } from './scope-tally.js';

/** Journal time, epoch ms: `from <= at < to`. */
export interface FigureRange {
  readonly from: number;
  readonly to: number;
}

/** What is known of an alarm that is not over. */
interface OpenAlarm {
  readonly alarm: AlarmView;
  /** Of an active one: since when, as its first view of the range says; another place begins no other time. */
  readonly since: number;
  /** When each occurrence that nobody has acknowledged yet was announced, by its event id; of those that count. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** Of one rule of one device. */
interface RuleTally {
  readonly nuisance: NuisanceFold;
  /** What the fold had said when it was last looked at. */
  seen: NuisanceFigures;
  announced: number;
  chattering: number;
  fleeting: number;
  last: AlarmView;
}

const TOP = 10;
const NONE: ReadonlyMap<string, number> = new Map();

/**
 * The figures of a range: first the alarms that were open at its begin (`begin`), then its transitions in their order (`add`). One
 * that was counted already changes nothing, so that a page that is read twice does no harm [KP3].
 */
export class AlarmFold {
  private readonly total: ScopeTally;
  private readonly groups = new Map<string, ScopeTally>();
  private readonly open = new Map<string, OpenAlarm>();
  private readonly rules = new Map<string, RuleTally>();
  private readonly apart = { drill: 0, test: 0 };
  private lastSeq = 0;
  private transitions = 0;

  constructor(
    private readonly range: FigureRange,
    private readonly grouping: FigureGrouping | undefined = undefined,
    private readonly limits: FigureLimits = FIGURE_LIMITS,
  ) {
    this.total = new ScopeTally(range.from, limits, '');
  }

  /**
   * An alarm that was open just before the range. `announcedAt`: when each of its occurrences was announced, by event id; only those
   * count that nobody has acknowledged (`waitingIn`), and were announced at all.
   */
  begin(alarm: AlarmView, announcedAt: ReadonlyMap<string, number>): void {
    const waiting = new Map<string, number>();
    for (const eventId of isApart(alarm) ? [] : waitingIn(alarm)) {
      const at = announcedAt.get(eventId);
      if (at !== undefined) waiting.set(eventId, at);
    }
    this.open.set(alarm.id, { alarm, since: activeSince(alarm), waiting });
    this.count(alarm, 'unacknowledgedAtBegin', waiting.size);
    if (alarm.active) {
      // It was there before: whenever it goes back now, it was not fleeting.
      this.ruleOf(alarm).nuisance.add({ eventId: '', alarm, at: -Infinity });
    }
  }

  add(transition: Transition): void {
    const { seq, at, alarm } = transition;
    if (seq <= this.lastSeq || at < this.range.from || at >= this.range.to) return;
    this.lastSeq = seq;
    this.transitions += 1;
    const before = this.open.get(alarm.id);
    const announcement = announcementOf(transition);
    if (!isApart(alarm)) this.announce(transition, announcement);
    else if (announcement === 'new') this.apart[alarm.drill ? 'drill' : 'test'] += 1;
    this.watchNuisance(transition, announcement);
    if (before?.alarm.active === true && !alarm.active) this.endActive(before, at);
    const waiting = this.waiting(transition, announcement, before?.waiting ?? NONE);
    const since = before?.alarm.active === true ? before.since : activeSince(alarm);
    if (alarm.active || waiting.size > 0) this.open.set(alarm.id, { alarm, since, waiting });
    else this.open.delete(alarm.id);
  }

  /** The figures of the whole range; nothing may be added afterwards. */
  figures(): AlarmFigures {
    const { from, to } = this.range;
    for (const one of this.open.values()) {
      const { alarm, waiting } = one;
      this.count(alarm, 'unacknowledgedAtEnd', waiting.size);
      if (alarm.active && this.endActive(one, to)) this.count(alarm, 'standingAtEnd');
    }
    const top = this.top();
    return {
      from,
      to,
      total: this.total.tally(to),
      groups: [...this.groups]
        .map(([key, scope]) => ({ key, name: scope.name, tally: scope.tally(to) }))
        .sort((a, b) => b.tally.announced - a.tally.announced || (a.key < b.key ? -1 : 1)),
      top,
      topAnnounced: top.reduce((sum, { announced }) => sum + announced, 0),
      floods: this.total.floods(to),
      load: this.total.over(to),
      apart: { ...this.apart },
      transitions: this.transitions,
    };
  }

  private announce(transition: Transition, announcement: Announcement): void {
    const { alarm } = transition;
    if (announcement === 'again') this.count(alarm, 'reannounced');
    if (announcement === 'covered') this.count(alarm, 'covered');
    if (announcement !== 'new') return;
    this.ruleOf(alarm).announced += 1;
    this.total.announce(transition);
    this.groupOf(alarm)?.announce(transition);
  }

  /** What becomes of the occurrences that waited for somebody; answers which wait now. [KP8] */
  private waiting(
    transition: Transition,
    announcement: Announcement,
    before: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, number> {
    const { alarm, at } = transition;
    const waits = new Set(waitingIn(alarm));
    const after = new Map<string, number>();
    for (const [eventId, since] of before) {
      if (waits.has(eventId)) after.set(eventId, since);
      else this.end(transition, announcement, since);
    }
    if (isApart(alarm)) return NONE;
    if (announcement === 'new') {
      if (after.has(alarm.eventId)) this.count(alarm, 'superseded');
      after.set(alarm.eventId, at);
    } else if (announcement === 'again' && !after.has(alarm.eventId)) {
      this.count(alarm, 'reopened');
      after.set(alarm.eventId, at);
    }
    return after;
  }

  private end({ alarm, type, actor, at }: Transition, announcement: Announcement, since: number): void {
    if (type === 'acknowledged' || type === 'branch-acknowledged')
      this.acknowledged(alarm, actor, at - since);
    else if (type === 'removed' || type === 'disabled') this.count(alarm, 'removed');
    else this.count(alarm, announcement === 'none' ? 'settled' : 'superseded');
  }

  private acknowledged(alarm: AlarmView, actor: string, afterMs: number): void {
    this.total.acknowledge(afterMs);
    const group = this.grouping === 'seat' ? this.group(actor, actor) : this.groupOf(alarm);
    group?.acknowledge(afterMs);
  }

  /** Whether it was standing: active for longer than the limit. */
  private endActive({ alarm, since }: OpenAlarm, at: number): boolean {
    const stood = !isApart(alarm) && !isCovered(alarm) && at - since > this.limits.standingMs;
    if (stood) this.count(alarm, 'standing');
    return stood;
  }

  private watchNuisance(transition: Transition, announcement: Announcement): void {
    const { alarm, at, type } = transition;
    const rule = this.ruleOf(alarm);
    const unheard = isApart(alarm) || isCovered(alarm);
    // Of what nobody hears only how long it lasts is followed: it may become real, or come back from under its cover.
    const eventId = announcement === 'new' && !unheard ? alarm.eventId : '';
    rule.nuisance.add({ type, eventId, alarm, at });
    const now = rule.nuisance.figures;
    if (!unheard) {
      const more = (figure: 'chattering' | 'chatteringRuns' | 'fleeting'): number =>
        now[figure] - rule.seen[figure];
      rule.last = alarm;
      rule.chattering += more('chattering');
      rule.fleeting += more('fleeting');
      for (const figure of ['chattering', 'chatteringRuns', 'fleeting'] as const) {
        this.count(alarm, figure, more(figure));
      }
    }
    rule.seen = now;
  }

  private count(alarm: AlarmView, counter: Counter, count = 1): void {
    if (count === 0) return;
    this.total.add(counter, count);
    this.groupOf(alarm)?.add(counter, count);
  }

  private ruleOf(alarm: AlarmView): RuleTally {
    const key = `${alarm.deviceId} ${alarm.rule}`;
    let rule = this.rules.get(key);
    if (rule === undefined) {
      const nuisance = new NuisanceFold(this.limits);
      rule = { nuisance, seen: nuisance.figures, announced: 0, chattering: 0, fleeting: 0, last: alarm };
      this.rules.set(key, rule);
    }
    return rule;
  }

  /** An alarm belongs to no seat: who acknowledges it, that one answers for it. */
  private groupOf(alarm: AlarmView): ScopeTally | undefined {
    switch (this.grouping) {
      case 'site':
        return this.group(alarm.siteId, alarm.siteName);
      case 'class':
        return this.group(alarm.class, alarm.class);
      case 'rule':
        return this.group(alarm.rule, alarm.rule);
      case 'seat':
      case undefined:
        return undefined;
    }
  }

  private group(key: string, name: string): ScopeTally {
    let group = this.groups.get(key);
    if (group === undefined) {
      group = new ScopeTally(this.range.from, this.limits, name);
      this.groups.set(key, group);
    }
    group.name = name;
    return group;
  }

  private top(): readonly Offender[] {
    return [...this.rules.values()]
      .filter(({ announced }) => announced > 0)
      .sort((a, b) => b.announced - a.announced || (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, TOP)
      .map(({ announced, chattering, fleeting, last }) => ({
        deviceId: last.deviceId,
        deviceName: last.deviceName,
        siteId: last.siteId,
        siteName: last.siteName,
        rule: last.rule,
        class: last.class,
        announced,
        chattering,
        fleeting,
        message: last.message,
        messageEn: last.messageEn,
      }));
  }
}

function keyOf({ last }: RuleTally): string {
  return `${last.deviceId} ${last.rule}`;
}
