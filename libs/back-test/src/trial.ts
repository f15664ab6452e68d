import {
  AlarmEngine,
  type AlarmView,
  type Command,
  type DeviceConfiguration,
  type EngineInput,
  type Transition,
} from '@watchfire/alarm';

/** Who acknowledges at once in a trial. */
const IDEAL_OPERATOR = 'back-test';
/** Acts after which an alarm without its condition is gone: acknowledge, confirm, reset. More than that does not help. */
const MOST_ACTS = 4;

/**
 * One version of the rule at work on one device: the alarm engine as it is in the server. Deadlines fire at their times, as a tick of
 * the server makes them. What is announced is acknowledged and confirmed at once, and reset as soon as that is possible, so that every
 * occurrence is an alarm of its own.
 */
export class Trial {
  private readonly engine = AlarmEngine.create();
  private transitions: readonly Transition[] = [];

  constructor(configuration: DeviceConfiguration, at: number) {
    this.step(at, { kind: 'configure', device: configuration });
  }

  /** The alarm of the rule; undefined while it is NORM. */
  get alarm(): AlarmView | undefined {
    const [alarm] = this.engine.alarms();
    return alarm;
  }

  /** Whether a deadline may be due by then; costs nothing to ask. */
  mayBeDue(at: number): boolean {
    return (this.engine.noDeadlineBefore() ?? Infinity) <= at;
  }

  /** Infinity where nothing is pending. */
  get nextDeadline(): number {
    return this.engine.nextDeadline() ?? Infinity;
  }

  /** Applies one input and answers what happened, acts of the operator included. */
  take(at: number, input: EngineInput): readonly Transition[] {
    this.transitions = [];
    this.step(at, input);
    return this.transitions;
  }

  private step(at: number, input: EngineInput): void {
    this.record(at, input);
    if (this.transitions.length === 0) return;
    for (let acts = 0; acts < MOST_ACTS; acts += 1) {
      const command = actOn(this.alarm);
      if (command === undefined) return;
      const before = this.engine.seq;
      this.record(at, { kind: 'command', command, actor: IDEAL_OPERATOR, comment: IDEAL_OPERATOR });
      if (this.engine.seq === before) return;
    }
  }

  private record(at: number, input: EngineInput): void {
    const { transitions } = this.engine.apply({ offset: this.engine.offset + 1, at, input });
    if (transitions.length > 0) this.transitions = [...this.transitions, ...transitions];
  }
}

function actOn(alarm: AlarmView | undefined): Command | undefined {
  if (alarm === undefined) return undefined;
  const { id: alarmId, eventId, acked, confirmed, active } = alarm;
  if (!acked) return { kind: 'acknowledge', alarmId, eventId };
  if (!confirmed) return { kind: 'confirm', alarmId, eventId };
  return active ? undefined : { kind: 'reset', alarmId, eventId };
}
