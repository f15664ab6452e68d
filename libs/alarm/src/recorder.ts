import { annunciate, NORMAL, stateOf, type AnnunciationEvent, type Step } from './annunciation.js';
import { type AlarmView, type PointValue, type Transition } from './model.js';
import { decidedStep, qualityOf, type Watch } from './watch.js';

/** Where an event of an alarm comes from. */
export interface Cause {
  /** Event time, epoch ms: when it became so, in device time where the device has a clock. */
  readonly eventAt: number;
  /** When the message behind it was received; equals `eventAt` where time itself is behind it. */
  readonly receivedAt: number;
}

const NONE: readonly Transition[] = [];

/** Drives the state machine of each alarm, numbers what comes out, and keeps the alarms that are not normal. */
export class TransitionRecorder {
  private transitions: Transition[] | undefined;
  private offset = 0;
  private at = 0;
  private actor = 'system';
  private comment: string | null = null;
  private readonly retained = new Map<string, Watch>();

  constructor(private lastSeq: number) {}

  get seq(): number {
    return this.lastSeq;
  }

  /** Begins a record of the journal; what follows is born in it. */
  begin(offset: number, at: number): void {
    this.offset = offset;
    this.at = at;
    this.actor = 'system';
    this.comment = null;
    this.transitions = undefined;
  }

  /** Says who acts, and why, in the rest of the record. */
  actAs(actor: string, comment: string | null): void {
    this.actor = actor;
    this.comment = comment;
  }

  /** Whether the record has caused a transition so far. */
  get hasAny(): boolean {
    return this.transitions !== undefined;
  }

  taken(): readonly Transition[] {
    return this.transitions ?? NONE;
  }

  /** Puts back an alarm from a snapshot. */
  retain(watch: Watch): void {
    if (watch.alarm !== null) this.retained.set(watch.alarm.id, watch);
  }

  find(alarmId: string): Watch | undefined {
    return this.retained.get(alarmId);
  }

  *alarms(): Iterable<AlarmView> {
    for (const watch of this.retained.values()) {
      if (watch.alarm !== null) yield watch.alarm;
    }
  }

  /** One event for the alarm of one rule; a command may name the occurrence that it means. */
  move(watch: Watch, event: AnnunciationEvent, cause: Cause, eventId?: string): Step {
    const before = watch.alarm;
    const step = annunciate(before ?? NORMAL, event, {
      latching: watch.rule.latching,
      currentEvent: eventId === undefined || eventId === before?.eventId,
    });
    if (step.kind !== 'moved') return step;
    const index = this.transitions?.length ?? 0;
    const bornAs = `${this.offset}-${index}`;
    const id = before?.id ?? `A${bornAs}`;
    const alarm = this.view(watch, event, step, { id, bornAs, cause });
    watch.alarm = alarm.state === 'NORM' ? null : alarm;
    if (watch.alarm === null) this.retained.delete(id);
    else this.retained.set(id, watch);
    this.lastSeq += 1;
    (this.transitions ??= []).push({
      seq: this.lastSeq,
      eventId: bornAs,
      alarmId: id,
      type: step.type,
      at: this.at,
      actor: this.actor,
      comment: this.comment,
      alarm,
    });
    return step;
  }

  private view(
    watch: Watch,
    event: AnnunciationEvent,
    step: Step & { kind: 'moved' },
    { id, bornAs, cause }: { id: string; bornAs: string; cause: Cause },
  ): AlarmView {
    const before = watch.alarm;
    const { configuration } = watch.device;
    const { variables, announces } = step;
    const isOn = event === 'CONDITION_ON';
    const decides = isOn || event === 'LEVEL_UP' || event === 'LEVEL_DOWN';
    const present = decides ? watch.steps[decidedStep(watch)] : undefined;
    const value = valueOf(watch);
    const live = !variables.active ? 0 : (present?.severity ?? before?.liveSeverity ?? 0);
    const message =
      present === undefined ? undefined : watch.kind.messageOf(watch, watch.rule.condition, present, value);
    const becameAcked = event === 'ACK';
    return {
      id,
      eventId: announces ? bornAs : (before?.eventId ?? bornAs),
      pointId: before === null ? (watch.points[0]?.point.pointId ?? null) : before.pointId,
      deviceId: configuration.deviceId,
      siteId: configuration.siteId,
      enterpriseId: configuration.enterpriseId,
      gridCode: configuration.gridCode,
      deviceName: configuration.deviceName,
      siteName: configuration.siteName,
      enterpriseName: configuration.enterpriseName,
      class: before === null || decides ? watch.rule.class : before.class,
      rule: watch.rule.key,
      ruleVersion: decides ? watch.rule.version : (before?.ruleVersion ?? watch.rule.version),
      level: present === undefined ? (before?.level ?? null) : present.level,
      severity: shownSeverity(before, live, variables.acked),
      liveSeverity: live,
      state: stateOf(variables),
      active: variables.active,
      acked: variables.acked,
      latched: variables.latched,
      quality: qualityOf(watch),
      value: decides || event === 'CONDITION_OFF' ? (value ?? null) : (before?.value ?? null),
      limit: present === undefined ? (before?.limit ?? null) : (present.limit?.limit ?? null),
      unit: before === null || decides ? (watch.points[0]?.point.unit ?? null) : before.unit,
      raisedAt: isOn || before === null ? cause.eventAt : before.raisedAt,
      receivedAt: isOn || before === null ? cause.receivedAt : before.receivedAt,
      clearedAt: clearedAt(before, event, variables.active, cause),
      ackedAt: becameAcked ? this.at : announces ? null : (before?.ackedAt ?? null),
      ackedBy: becameAcked ? this.actor : announces ? null : (before?.ackedBy ?? null),
      message: message?.zh ?? before?.message ?? '',
      messageEn: message?.en ?? before?.messageEn ?? '',
      // What began as real stays real, even when it comes back in the middle of a drill.
      drill: before === null ? configuration.drill : before.drill && (!announces || configuration.drill),
    };
  }
}

function valueOf(watch: Watch): PointValue | undefined {
  return watch.points[0]?.value;
}

/** The highest until somebody has acknowledged it; from then on what the condition says. [AL12] */
function shownSeverity(before: AlarmView | null, live: number, acked: boolean): number {
  if (live === 0) return before?.severity ?? 0;
  if (before === null || acked || before.acked) return live;
  return Math.max(before.severity, live);
}

function clearedAt(
  before: AlarmView | null,
  event: AnnunciationEvent,
  active: boolean,
  cause: Cause,
): number | null {
  if (active) return null;
  return event === 'CONDITION_OFF' || before?.active === true ? cause.eventAt : (before?.clearedAt ?? null);
}
