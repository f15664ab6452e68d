import { viewAfter, type Cause } from './alarm-view.js';
import { type AnnunciationEvent } from './annunciation-table.js';
import { annunciate, coversOf, NORMAL, type Step } from './annunciation.js';
import { type AnnunciationVariables } from './annunciation-variables.js';
import { byBirth } from './birth-order.js';
import { type Making } from './marks.js';
import { type AlarmView, type Annunciation, type Transition } from './model.js';
import { unshelved, type Overlay } from './overlay.js';
import { policyOf } from './policy.js';
import { announceReturn } from './returns.js';
import { type Watch } from './watch.js';

export type { Cause } from './alarm-view.js';

/** What a person or a cover does besides the event. */
export interface Change {
  /** The occurrence that a command means; absent: the present one. */
  readonly eventId?: string | undefined;
  /** What lies over the rule if the event takes effect; absent: as before. */
  readonly overlay?: Overlay | null;
  readonly silencedUntil?: number;
}

/** Who looks at how many alarms there are, and at which of them nobody can act on. */
export interface LoadWatch {
  /** The alarm that is being made, with its marks. */
  mark(making: Making): AlarmView;
  tell(transition: Transition): void;
}

const NONE: readonly Transition[] = [];
const NO_CHANGE: Change = {};
/** Events after which many alarms may be heard again at one time. */
const RETURNS: ReadonlySet<AnnunciationEvent> = new Set(['SHELVE_EXPIRED', 'SERVICE_DUE', 'UNSUPPRESS']);

/** Drives the state machine of each alarm, numbers what comes out, and keeps the alarms that are not over. */
export class TransitionRecorder {
  private transitions: Transition[] | undefined;
  private offset = 0;
  private at = 0;
  private actor = 'system';
  private comment: string | null = null;
  /** Told of every rule whose alarm has changed, with the alarm as it was. */
  onMoved: (watch: Watch, before: AlarmView | null) => void = () => undefined;
  private readonly retained = new Map<string, Watch>();
  private readonly silenced = new Set<Watch>();
  /** Told of every rule whose alarm or overlay has changed, before anything else happens. */
  onChange: (watch: Watch) => void = () => undefined;
  load: LoadWatch | undefined;
  /** Whether the alarm that a rule raises now is the first of its group (first-out). */
  isFirstInGroup: (watch: Watch) => boolean = () => false;

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

  /** What happens in it is of nobody's doing, whoever acts in the record. */
  bySystem(happen: () => void): void {
    const { actor, comment } = this;
    this.actAs('system', null);
    happen();
    this.actAs(actor, comment);
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
    if (watch.alarm === null) return;
    this.retained.set(watch.alarm.id, watch);
    if (watch.alarm.silencedUntil !== null) this.silenced.add(watch);
  }

  /** Another version of the rule has taken over what this one had. */
  release(watch: Watch): void {
    this.silenced.delete(watch);
  }

  find(alarmId: string): Watch | undefined {
    return this.retained.get(alarmId);
  }

  /** Whether this is true of the rule of an open alarm. */
  some(isSo: (watch: Watch) => boolean): boolean {
    for (const watch of this.retained.values()) if (isSo(watch)) return true;
    return false;
  }

  *alarms(): Iterable<AlarmView> {
    for (const watch of this.retained.values()) {
      if (watch.alarm !== null) yield watch.alarm;
    }
  }

  /** Says again what nobody has acknowledged, after the server was away (row 29b). */
  restate(): void {
    for (const watch of [...this.retained.values()]) {
      this.move(watch, 'RESTARTED', { eventAt: this.at, receivedAt: this.at });
    }
  }

  /**
   * One event for the alarm of one rule. Where no alarm is open only the condition makes one; what else takes effect changes
   * what lies over the rule, and there is nothing to tell.
   */
  move(watch: Watch, event: AnnunciationEvent, cause: Cause, change: Change = NO_CHANGE): Step {
    const before = watch.alarm;
    const policy = policyOf(watch.rule);
    const { eventId, overlay = watch.overlay, silencedUntil = null } = change;
    const step = annunciate(variablesOf(before, watch.overlay), event, {
      latching: watch.rule.latching,
      policy,
      currentEvent: eventId === undefined || eventId === before?.eventId,
      olderEvent: before?.olderOccurrences.some((older) => older.eventId === eventId) ?? false,
      stillSuppressed: (overlay?.suppressionReasons.length ?? 0) > 0,
    });
    if (step.kind !== 'moved') return step;
    watch.overlay = overlay;
    if (before === null && event !== 'CONDITION_ON') {
      this.onChange(watch);
      return step;
    }
    const bornAs = `${this.offset}-${this.transitions?.length ?? 0}`;
    const id = before?.id ?? `A${bornAs}`;
    const { at, actor } = this;
    const firstInGroup = event === 'CONDITION_ON' && this.isFirstInGroup(watch);
    const happening = { event, step, cause, policy, id, bornAs, at, actor, silencedUntil, firstInGroup };
    const after = viewAfter(watch, { ...happening, named: eventId });
    const alarm = this.load?.mark({ before, after, type: step.type, eventId: bornAs, at }) ?? after;
    this.keep(watch, alarm);
    this.tell(step, bornAs, alarm, this.annunciationOf(watch, step, event));
    this.onChange(watch);
    this.onMoved(watch, before);
    if (step.announces) this.soundAgain(watch, alarm.siteId, cause);
    // A one-shot shelving ends with the activation that it was for.
    if (event === 'CONDITION_OFF' && watch.overlay?.shelving?.kind === 'oneShot') {
      this.move(watch, 'ONE_SHOT_OVER', cause, { overlay: unshelved(watch.overlay) });
    }
    return step;
  }

  private keep(watch: Watch, alarm: AlarmView): void {
    watch.alarm = alarm.retain ? alarm : null;
    if (alarm.retain) this.retained.set(alarm.id, watch);
    else this.retained.delete(alarm.id);
    if (alarm.retain && alarm.silencedUntil !== null) this.silenced.add(watch);
    else this.silenced.delete(watch);
  }

  private tell(
    { type }: Extract<Step, { readonly kind: 'moved' }>,
    eventId: string,
    alarm: AlarmView,
    annunciation: Annunciation,
  ): void {
    this.lastSeq += 1;
    const transition: Transition = {
      seq: this.lastSeq,
      eventId,
      alarmId: alarm.id,
      type,
      at: this.at,
      actor: this.actor,
      comment: this.comment,
      annunciation,
      alarm,
    };
    (this.transitions ??= []).push(transition);
    this.load?.tell(transition);
  }

  private annunciationOf(
    { rule, device, alarm }: Watch,
    { announces }: Extract<Step, { readonly kind: 'moved' }>,
    event: AnnunciationEvent,
  ): Annunciation {
    if (!announces || alarm === null) return 'none';
    if (!RETURNS.has(event)) return 'own';
    return announceReturn(device.site, alarm.severity, this.at, policyOf(rule).exempt);
  }

  /** A new alarm makes the horns of its site sound again that were silenced before it came (row 25). */
  private soundAgain(announced: Watch, siteId: string, cause: Cause): void {
    if (this.silenced.size === 0) return;
    const others = [...this.silenced].filter(
      (watch) => watch !== announced && watch.alarm?.siteId === siteId,
    );
    others.sort((a, b) => byBirth(a.alarm?.id ?? '', b.alarm?.id ?? ''));
    for (const watch of others) this.move(watch, 'OTHER_ANNOUNCED', cause);
  }
}

function variablesOf(alarm: AlarmView | null, overlay: Overlay | null): AnnunciationVariables {
  const covers = coversOf(overlay);
  if (alarm === null) return { ...NORMAL, ...covers };
  const { active, acked, confirmed, latched, silencedUntil } = alarm;
  return { active, acked, confirmed, latched, silenced: silencedUntil !== null, ...covers };
}
