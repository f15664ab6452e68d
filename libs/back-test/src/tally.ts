import { type AlarmView, isAnnounced, NuisanceFold, type Transition } from '@watchfire/alarm';
import { BackTestError } from './errors.js';
import { type RuleFigures } from './model.js';

/** What is announced again because it lasts, or because somebody took something back, is no other alarm. */
const OCCURRENCES: ReadonlySet<string> = new Set(['raised', 'reoccurred', 'level-changed']);
const TEN_MINUTES_MS = 600_000;

interface Period {
  readonly from: number;
  readonly to: number;
}

/** What one version of the rule did on all devices. */
export class Tally {
  private raised = 0;
  private chattering = 0;
  private chatteringRuns = 0;
  private fleeting = 0;
  private standingMs = 0;
  private longestMs = 0;
  private activeAtStart = 0;
  private activeAtEnd = 0;
  private readonly announcedAt: number[] = [];
  private readonly levels = new Map<string, number>();

  constructor(
    readonly period: Period,
    private readonly mostAnnouncements: number,
  ) {}

  device(): DeviceTally {
    return new DeviceTally(this);
  }

  announce(at: number, level: string): void {
    if (this.announcedAt.length === this.mostAnnouncements) {
      throw new BackTestError(
        'back_test_too_large',
        `The rule would have announced more than ${this.mostAnnouncements} alarms: choose fewer devices or a shorter period.`,
      );
    }
    this.announcedAt.push(at);
    this.levels.set(level, (this.levels.get(level) ?? 0) + 1);
  }

  raise(): void {
    this.raised += 1;
  }

  /** The alarm was active so long, as far as that lies in the period. */
  stand(since: number, until: number): void {
    const { from, to } = this.period;
    const ms = Math.min(until, to) - Math.max(since, from);
    if (ms <= 0) return;
    this.standingMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
  }

  finish(nuisance: NuisanceFold, atStart: boolean, atEnd: boolean): void {
    const { chattering, chatteringRuns, fleeting } = nuisance.figures;
    this.chattering += chattering;
    this.chatteringRuns += chatteringRuns;
    this.fleeting += fleeting;
    if (atStart) this.activeAtStart += 1;
    if (atEnd) this.activeAtEnd += 1;
  }

  figures(): RuleFigures {
    const times = Float64Array.from(this.announcedAt).sort();
    const { raised, chattering, chatteringRuns, fleeting, standingMs, longestMs } = this;
    const { activeAtStart, activeAtEnd } = this;
    const [most, mostAt] = busiest(times);
    return {
      raised,
      announced: times.length,
      chattering,
      chatteringRuns,
      fleeting,
      standingMs,
      longestMs,
      activeAtStart,
      activeAtEnd,
      mostInTenMinutes: most,
      mostInTenMinutesAt: mostAt,
      firstAt: times[0] ?? null,
      lastAt: times.at(-1) ?? null,
      levels: Object.fromEntries([...this.levels].sort()),
    };
  }
}

/** The same of one device, while it is being tested. */
export class DeviceTally {
  private readonly nuisance = new NuisanceFold();
  private since: number | undefined;
  private last: AlarmView | undefined;
  private wasActiveAtStart = false;
  private hasBegun = false;

  constructor(private readonly all: Tally) {}

  /** In the order of their times; those before the period count only for what stands at its begin. */
  add(transition: Transition): void {
    const { at, alarm } = transition;
    if (at >= this.all.period.from) this.begin();
    if (alarm.active && this.since === undefined) {
      this.since = at;
      if (this.hasBegun) this.all.raise();
    }
    if (!alarm.active && this.since !== undefined) {
      this.all.stand(this.since, at);
      this.since = undefined;
    }
    this.last = alarm;
    if (!this.hasBegun) return;
    const isNews = OCCURRENCES.has(transition.type) && isAnnounced(transition);
    this.nuisance.add(isNews ? transition : { eventId: '', at, alarm });
    if (isNews) this.all.announce(at, alarm.level ?? '');
  }

  finish(): void {
    this.begin();
    if (this.since !== undefined) this.all.stand(this.since, this.all.period.to);
    this.all.finish(this.nuisance, this.wasActiveAtStart, this.since !== undefined);
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.wasActiveAtStart = this.since !== undefined;
    // What began before the period is nobody's nuisance in it, however soon it ends.
    if (this.last !== undefined) this.nuisance.add({ eventId: '', at: -Infinity, alarm: this.last });
  }
}

/** Most times within ten minutes, the first bound included and the last not, and when that began. */
function busiest(times: Float64Array): readonly [number, number | null] {
  let most = 0;
  let mostAt: number | null = null;
  let first = 0;
  for (let last = 0; last < times.length; last += 1) {
    while (times[last]! - times[first]! >= TEN_MINUTES_MS) first += 1;
    if (last - first + 1 > most) {
      most = last - first + 1;
      mostAt = times[first]!;
    }
  }
  return [most, mostAt];
}
