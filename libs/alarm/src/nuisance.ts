import { type Transition } from './model.js';

/** What counts as a nuisance: alarms that nobody can act on. */
export interface NuisanceLimits {
  /** Chattering: the same alarm was announced so often … */
  readonly chatteringCount: number;
  /** … within so many ms. */
  readonly chatteringWithinMs: number;
  /** Fleeting: it went back in less than so many ms, before anybody could act. */
  readonly fleetingMs: number;
}

/**
 * Chattering as Hexagon and Ignition restate ISA-18.2: three times in a minute. Fleeting: 30 s, default; the standard
 * leaves the time open.
 */
export const NUISANCE_LIMITS: NuisanceLimits = {
  chatteringCount: 3,
  chatteringWithinMs: 60_000,
  fleetingMs: 30_000,
};

/** A new occurrence that an operator was told of: raised, came back, or rose to another level. */
export function isAnnounced({ eventId, alarm }: Pick<Transition, 'eventId' | 'alarm'>): boolean {
  return alarm.eventId === eventId;
}

export interface NuisanceFigures {
  readonly announced: number;
  /** Announcements that belong to a run of chattering. */
  readonly chattering: number;
  /** Runs of chattering: another one begins when the alarm was quiet in between. */
  readonly chatteringRuns: number;
  /** Times that it became active and went back within the limit. */
  readonly fleeting: number;
}

/**
 * Counts the nuisance of one alarm, that is of one rule of one device, from its transitions in their order. Times are journal
 * times, for it is the operator's time that chattering takes. Of constant size.
 */
export class NuisanceFold {
  private announced = 0;
  private chattering = 0;
  private chatteringRuns = 0;
  private fleeting = 0;
  /** The newest announcements, oldest first, at most `chatteringCount`, and whether each is counted as chattering. */
  private readonly recent: { readonly at: number; counted: boolean }[] = [];
  /** When the present occurrence began; undefined while it is not active. */
  private since: number | undefined;

  constructor(private readonly limits: NuisanceLimits = NUISANCE_LIMITS) {}

  get figures(): NuisanceFigures {
    const { announced, chattering, chatteringRuns, fleeting } = this;
    return { announced, chattering, chatteringRuns, fleeting };
  }

  add(transition: Pick<Transition, 'eventId' | 'alarm' | 'at'>): void {
    const { alarm, at } = transition;
    if (isAnnounced(transition)) this.announce(at);
    if (alarm.active) this.since ??= at;
    else this.goBack(at);
  }

  private announce(at: number): void {
    const { recent, limits } = this;
    this.announced += 1;
    recent.push({ at, counted: false });
    if (recent.length > limits.chatteringCount) recent.shift();
    if (recent.length < limits.chatteringCount) return;
    if (at - (recent[0]?.at ?? at) > limits.chatteringWithinMs) return;
    if (!recent.some(({ counted }) => counted)) this.chatteringRuns += 1;
    for (const one of recent) {
      if (!one.counted) this.chattering += 1;
      one.counted = true;
    }
  }

  private goBack(at: number): void {
    if (this.since !== undefined && at - this.since < this.limits.fleetingMs) this.fleeting += 1;
    this.since = undefined;
  }
}
