import { type Deadlines, type Due } from './deadlines.js';
import { Floods, isAboutFlood, type FloodsSnapshot } from './floods.js';
import { Marks, type MarkSnapshot, type Making } from './marks.js';
import { type AlarmView, type FloodRecord, type LoadLimits, type Transition } from './model.js';
import { NUISANCE_LIMITS } from './nuisance.js';
import { type Overlays } from './overlays.js';
import { type TransitionRecorder } from './recorder.js';
import { type Storage, type Watch } from './watch.js';

/**
 * A flood: ten announcements in ten minutes, until fewer than five are left (ISA-18.2 and EEMUA 191 as restated by secondary sources;
 * `>= 10` and `> 10` are both found).
 */
export const LOAD_LIMITS: LoadLimits = {
  ...NUISANCE_LIMITS,
  floodBegin: 10,
  floodEnd: 5,
  floodWindowMs: 600_000,
};

export interface LoadSnapshot {
  readonly limits: LoadLimits;
  readonly marks: readonly MarkSnapshot[];
  readonly floods: FloodsSnapshot;
}

/**
 * The load that alarms are for the people who watch them. It begins with the limits, which come with a record of the journal: before
 * it, and in journals of older versions, nothing is found. [AL136]
 */
export class Load {
  private limits: LoadLimits | undefined;
  private readonly marks = new Marks(LOAD_LIMITS);
  private readonly floods: Floods;

  constructor(parts: {
    readonly recorder: TransitionRecorder;
    readonly overlays: Overlays;
    readonly deadlines: Deadlines<Due>;
    readonly storage: Storage;
  }) {
    this.floods = new Floods(parts, LOAD_LIMITS);
    parts.recorder.load = this;
  }

  limit({
    chatteringCount,
    chatteringWithinMs,
    fleetingMs,
    floodBegin,
    floodEnd,
    floodWindowMs,
  }: LoadLimits): void {
    const limits = {
      chatteringCount,
      chatteringWithinMs,
      fleetingMs,
      floodBegin,
      floodEnd,
      floodWindowMs,
    };
    this.limits = limits;
    this.marks.limit(limits);
    this.floods.limit(limits);
  }

  mark(making: Making): AlarmView {
    const { after } = making;
    return this.limits === undefined || isAboutFlood(after) ? after : this.marks.mark(making);
  }

  tell(transition: Transition): void {
    if (this.limits !== undefined) this.floods.tell(transition);
  }

  all(): readonly FloodRecord[] {
    return this.floods.all();
  }

  snapshot(now: number): LoadSnapshot | undefined {
    const { limits } = this;
    if (limits === undefined) return undefined;
    return { limits, marks: this.marks.snapshot(now), floods: this.floods.snapshot(now) };
  }

  /** Returns the rules whose alarm is open. */
  restore({ limits, marks, floods }: LoadSnapshot): readonly Watch[] {
    this.limit(limits);
    this.marks.restore(marks);
    return this.floods.restore(floods);
  }
}
