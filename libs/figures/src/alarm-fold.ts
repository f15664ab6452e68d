import {
  isAnnounced,
  NuisanceFold,
  type AlarmView,
  type NuisanceFigures,
  type Transition,
} from '@watchfire/alarm';
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
  /** When the occurrence that nobody has acknowledged yet was announced; undefined when there is none that counts. */
  readonly waitingSince: number | undefined;
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
   * An alarm that was open just before the range. `announcedAt`: when its present occurrence was announced; it is asked for only
   * where that is not acknowledged.
   */
  begin(alarm: AlarmView, announcedAt: number | undefined): void {
    const waitingSince = alarm.acked || isApart(alarm) ? undefined : announcedAt;
    this.open.set(alarm.id, { alarm, waitingSince });
    if (waitingSince !== undefined) this.count(alarm, 'unacknowledgedAtBegin');
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
    if (isAnnounced(transition)) {
      if (isApart(alarm)) this.apart[alarm.drill ? 'drill' : 'test'] += 1;
      else this.announce(transition);
    }
    this.watchNuisance(transition);
    if (before?.alarm.active === true && !alarm.active) this.endActive(before.alarm, at);
    const waitingSince = this.waiting(transition, before?.waitingSince);
    if (alarm.state === 'NORM') this.open.delete(alarm.id);
    else this.open.set(alarm.id, { alarm, waitingSince });
  }

  /** The figures of the whole range; nothing may be added afterwards. */
  figures(): AlarmFigures {
    const { from, to } = this.range;
    for (const { alarm, waitingSince } of this.open.values()) {
      if (waitingSince !== undefined) this.count(alarm, 'unacknowledgedAtEnd');
      if (alarm.active && this.endActive(alarm, to)) this.count(alarm, 'standingAtEnd');
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

  private announce(transition: Transition): void {
    const { alarm } = transition;
    this.ruleOf(alarm).announced += 1;
    this.total.announce(transition);
    this.groupOf(alarm)?.announce(transition);
  }

  /** What becomes of the occurrence that waited for somebody; answers since when one waits now. [KP8] */
  private waiting(transition: Transition, since: number | undefined): number | undefined {
    const { alarm, at, type, actor } = transition;
    const announced = isAnnounced(transition);
    if (since !== undefined) {
      if (type === 'acknowledged') this.acknowledged(alarm, actor, at - since);
      else if (announced) this.count(alarm, 'superseded');
      else if (type === 'removed') this.count(alarm, 'removed');
      else if (alarm.acked) this.count(alarm, 'settled');
    }
    if (alarm.acked || alarm.state === 'NORM' || isApart(alarm)) return undefined;
    return announced ? at : since;
  }

  private acknowledged(alarm: AlarmView, actor: string, afterMs: number): void {
    this.total.acknowledge(afterMs);
    const group = this.grouping === 'seat' ? this.group(actor, actor) : this.groupOf(alarm);
    group?.acknowledge(afterMs);
  }

  /** Whether it was standing: active for longer than the limit. */
  private endActive(alarm: AlarmView, at: number): boolean {
    const stood = !isApart(alarm) && at - alarm.raisedAt > this.limits.standingMs;
    if (stood) this.count(alarm, 'standing');
    return stood;
  }

  private watchNuisance(transition: Transition): void {
    const { alarm, at } = transition;
    const rule = this.ruleOf(alarm);
    const apart = isApart(alarm);
    // Of a drill only how long it lasts is followed: it may become real.
    rule.nuisance.add(apart ? { eventId: '', alarm, at } : transition);
    const now = rule.nuisance.figures;
    if (!apart) {
      const more = (figure: 'chattering' | 'chatteringRuns' | 'fleeting'): number =>
        now[figure] - rule.seen[figure];
      rule.last = alarm;
      rule.chattering += more('chattering');
      rule.fleeting += more('fleeting');
      for (const figure of ['chattering', 'chatteringRuns', 'fleeting'] as const) {
        if (more(figure) > 0) this.count(alarm, figure, more(figure));
      }
    }
    rule.seen = now;
  }

  private count(alarm: AlarmView, counter: Counter, count = 1): void {
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

/** Drills and tests are kept out of every figure and counted apart. [KP2] */
function isApart({ drill, class: signalClass }: AlarmView): boolean {
  return drill || signalClass === 'test';
}
