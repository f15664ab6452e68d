import { type EngineInput, type Transition } from '@watchfire/alarm';
import { type BackTestDevice, type Difference } from './model.js';
import { type DeviceTally } from './tally.js';
import { Trial } from './trial.js';

interface Occurrence {
  readonly raisedAt: number;
  readonly level: string | null;
  readonly severity: number;
  readonly value: Difference['value'];
  clearedAt: number | null;
  /** The other version was in alarm too, at some time in it. */
  isShared: boolean;
  /** It began in the period. */
  readonly counts: boolean;
}

/** Both versions of the rule on one device, in step. */
export class Comparison {
  private readonly present: Side;
  private readonly changed: Side;

  constructor(
    private readonly device: BackTestDevice,
    startsAt: number,
    private readonly period: { readonly from: number; readonly to: number },
    tallies: { readonly present: DeviceTally; readonly changed: DeviceTally },
    private readonly differs: (difference: Difference) => void,
  ) {
    this.present = new Side(new Trial(device.present, startsAt), tallies.present, period.from);
    this.changed = new Side(new Trial(device.changed, startsAt), tallies.changed, period.from);
  }

  take(at: number, input: EngineInput): void {
    this.advance(at);
    this.present.take(at, input);
    this.changed.take(at, input);
    this.compare();
  }

  /** Time passes up to the end of the period. */
  finish(): void {
    // A deadline at the very end is of the time after it.
    this.advance(this.period.to - 1);
    this.present.finish();
    this.changed.finish();
    this.compare();
  }

  /** Fires what is due by then in both, in the order of time: only so can be said what was in alarm together. */
  private advance(at: number): void {
    while (this.present.trial.mayBeDue(at) || this.changed.trial.mayBeDue(at)) {
      const due = Math.min(this.present.trial.nextDeadline, this.changed.trial.nextDeadline);
      if (due > at) return;
      this.present.tickWhenDue(due);
      this.changed.tickWhenDue(due);
      this.compare();
    }
  }

  private compare(): void {
    const { present, changed } = this;
    if (present.isQuiet && changed.isQuiet) return;
    if (present.occurrences.length > 0 && changed.occurrences.length > 0) {
      for (const one of [...present.occurrences, ...changed.occurrences]) one.isShared = true;
    }
    for (const one of present.over()) this.tell('present', one);
    for (const one of changed.over()) this.tell('changed', one);
  }

  private tell(only: Difference['only'], occurrence: Occurrence): void {
    const { isShared, counts, ...rest } = occurrence;
    if (isShared || !counts) return;
    const { deviceId, deviceName } = this.device.present;
    this.differs({ only, deviceId, deviceName, ...rest });
  }
}

/** One version, and the alarms that it has had since the last comparison. */
class Side {
  /** The newest is the present one while the alarm is active. */
  occurrences: Occurrence[] = [];
  private isActive = false;
  private hasMoved = false;
  private isFinished = false;

  constructor(
    readonly trial: Trial,
    private readonly tally: DeviceTally,
    private readonly from: number,
  ) {}

  /** Nothing has happened since the last comparison. */
  get isQuiet(): boolean {
    return !this.hasMoved;
  }

  take(at: number, input: EngineInput): void {
    for (const transition of this.trial.take(at, input)) this.note(transition);
  }

  tickWhenDue(at: number): void {
    if (this.trial.nextDeadline <= at) this.take(at, { kind: 'tick' });
  }

  finish(): void {
    this.isFinished = true;
    this.hasMoved = true;
    this.tally.finish();
  }

  /** Takes away what has ended. */
  over(): readonly Occurrence[] {
    this.hasMoved = false;
    const kept = this.isActive && !this.isFinished ? 1 : 0;
    return this.occurrences.splice(0, this.occurrences.length - kept);
  }

  private note(transition: Transition): void {
    this.tally.add(transition);
    this.hasMoved = true;
    const { at, alarm } = transition;
    if (alarm.active && !this.isActive) {
      const { raisedAt, level, severity, value } = alarm;
      const counts = at >= this.from;
      this.occurrences.push({ raisedAt, level, severity, value, clearedAt: null, isShared: false, counts });
    }
    if (!alarm.active && this.isActive) this.occurrences.at(-1)!.clearedAt = alarm.clearedAt ?? at;
    this.isActive = alarm.active;
  }
}
