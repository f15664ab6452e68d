import { type AlarmView, type NuisanceLimits, type Transition } from './model.js';

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

/** Another place while the alarm stands: news however soon it comes, where it is not the same one once more. [AL148] */
export function isAnotherPlace(
  before: AlarmView | null | undefined,
  { type, alarm }: Pick<Transition, 'alarm'> & Partial<Pick<Transition, 'type'>>,
): boolean {
  return type === 'reoccurred' && before?.active === true && before.message !== alarm.message;
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

/** An announcement, and whether it belongs to a run of chattering. */
export interface Heard {
  readonly at: number;
  readonly inRun: boolean;
}

/** Whether one alarm chatters, from its announcements in order of time. Of constant size. */
export class ChatterRun {
  constructor(
    private readonly limits: Pick<NuisanceLimits, 'chatteringCount' | 'chatteringWithinMs'>,
    /** The newest announcements, oldest first, at most `chatteringCount`. */
    public recent: readonly Heard[] = [],
    /** Announcements of the newest run. */
    public count = 0,
  ) {}

  /** How many announcements the run has by now to which the newest one belongs; 0 where it belongs to none. */
  get length(): number {
    return this.recent.at(-1)?.inRun === true ? this.count : 0;
  }

  /** One more; answers how many of the announcements are found to belong to a run by it, and whether another run began. */
  announce(at: number): { readonly more: number; readonly begins: boolean } {
    const { chatteringCount, chatteringWithinMs } = this.limits;
    const recent = [...this.recent, { at, inRun: false }].slice(-chatteringCount);
    this.recent = recent;
    const isRun = recent.length === chatteringCount && at - (recent[0]?.at ?? at) <= chatteringWithinMs;
    if (!isRun) return { more: 0, begins: false };
    const begins = !recent.some(({ inRun }) => inRun);
    const more = recent.filter(({ inRun }) => !inRun).length;
    this.count = begins ? more : this.count + more;
    this.recent = recent.map((one) => ({ at: one.at, inRun: true }));
    return { more, begins };
  }
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
  private readonly run: ChatterRun;
  /** When it became active; undefined while it is not. */
  private since: number | undefined;
  private last: AlarmView | undefined;

  constructor(private readonly limits: NuisanceLimits = NUISANCE_LIMITS) {
    this.run = new ChatterRun(limits);
  }

  get figures(): NuisanceFigures {
    const { announced, chattering, chatteringRuns, fleeting } = this;
    return { announced, chattering, chatteringRuns, fleeting };
  }

  add(transition: Pick<Transition, 'eventId' | 'alarm' | 'at'> & Partial<Pick<Transition, 'type'>>): void {
    const { alarm, at } = transition;
    if (isAnnounced(transition)) this.announce(at, isAnotherPlace(this.last, transition));
    this.last = alarm;
    if (alarm.active) this.since ??= at;
    else this.goBack(at);
  }

  private announce(at: number, isAnother: boolean): void {
    this.announced += 1;
    if (isAnother) return;
    const { more, begins } = this.run.announce(at);
    this.chattering += more;
    if (begins) this.chatteringRuns += 1;
  }

  private goBack(at: number): void {
    if (this.since !== undefined && at - this.since < this.limits.fleetingMs) this.fleeting += 1;
    this.since = undefined;
  }
}
