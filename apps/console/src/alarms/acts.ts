import { type Alarm } from '@watchfire/contracts';
import { blockOf } from './order.js';

export type ActKind = 'acknowledge' | 'reset' | 'comment';

export interface Act {
  readonly kind: ActKind;
  readonly alarmId: string;
  /** The occurrence that the operator saw when the act was made. */
  readonly eventId: string;
  readonly comment: string | null;
  /** What the operator saw, for a message that says which alarm it was. */
  readonly seen: Alarm;
  /** The same for every attempt of one act, so that an answer that was lost cannot make it happen twice. */
  readonly idempotencyKey: string;
  readonly startedAt: number;
  /** `accepted`: the server has answered, the list has not shown it yet. */
  readonly state: 'pending' | 'accepted' | 'failed';
  readonly failure: ActFailure | null;
}

/** Why an act did not work; `unanswered` means that nobody knows whether it did. */
export interface ActFailure {
  readonly code: string;
  readonly detail: string;
  readonly unanswered: boolean;
}

export type ActAnswer =
  { readonly ok: true; readonly alarm: Alarm | null } | ({ readonly ok: false } & ActFailure);

/** What the acts need from outside. */
export interface ActPorts {
  send(act: Act): Promise<ActAnswer>;
  /** The alarm as the server has it now; undefined when it cannot be had. */
  fetch(alarmId: string): Promise<Alarm | undefined>;
  /** Takes over the answer to a stale act, see AlarmSet.correct. */
  correct(staleEventId: string, alarm: Alarm): void;
  newKey(): string;
  now(): number;
}

/** The server refuses with these when the alarm has moved on since the operator saw it. */
const STALE = new Set(['event_id_unknown', 'already_acknowledged', 'invalid_state']);

/**
 * The acts of this seat that are not over: pending, accepted but not yet in the list, or failed and not yet read. Nothing
 * ends silently: an act is taken away by the list showing its effect, or by the operator dismissing its failure.
 */
export class Acts {
  private readonly acts = new Map<string, Act>();

  constructor(
    private readonly ports: ActPorts,
    private readonly changed: () => void = () => undefined,
  ) {}

  all(): readonly Act[] {
    return [...this.acts.values()];
  }

  of(alarmId: string): readonly Act[] {
    return this.all().filter((act) => act.alarmId === alarmId);
  }

  /** False when the same act is already under way. */
  async perform(kind: ActKind, alarm: Alarm, comment: string | null = null): Promise<boolean> {
    const held = this.acts.get(keyOf(kind, alarm.id));
    if (held !== undefined && held.state !== 'failed' && held.eventId === alarm.eventId) return false;
    // Trying again what nobody answered must carry the same key: the first attempt may well have worked.
    const again =
      held?.failure?.unanswered === true && held.eventId === alarm.eventId && held.comment === comment;
    await this.attempt({
      kind,
      alarmId: alarm.id,
      eventId: alarm.eventId,
      comment,
      seen: alarm,
      idempotencyKey: again ? held.idempotencyKey : this.ports.newKey(),
      startedAt: this.ports.now(),
      state: 'pending',
      failure: null,
    });
    return true;
  }

  async retry(act: Act): Promise<void> {
    await this.attempt({ ...act, startedAt: this.ports.now(), state: 'pending', failure: null });
  }

  dismiss(act: Act): void {
    const key = keyOf(act.kind, act.alarmId);
    if (this.acts.get(key)?.idempotencyKey === act.idempotencyKey) this.acts.delete(key);
    this.changed();
  }

  /** To be called when the list has changed: takes away what the list now shows. */
  settle(get: (alarmId: string) => Alarm | undefined): void {
    for (const [key, act] of this.acts) if (isShown(act, get(act.alarmId))) this.acts.delete(key);
  }

  clear(): void {
    this.acts.clear();
    this.changed();
  }

  private async attempt(act: Act): Promise<void> {
    const key = keyOf(act.kind, act.alarmId);
    this.acts.set(key, act);
    this.changed();
    const answer = await this.ports.send(act);
    const held = this.acts.get(key);
    if (held === undefined || held.idempotencyKey !== act.idempotencyKey) return;
    if (answer.ok) {
      if (act.kind === 'comment') this.acts.delete(key);
      else this.acts.set(key, { ...act, state: 'accepted' });
      this.changed();
      return;
    }
    const { code, detail, unanswered } = answer;
    this.acts.set(key, { ...act, state: 'failed', failure: { code, detail, unanswered } });
    this.changed();
    if (!STALE.has(code)) return;
    const alarm = await this.ports.fetch(act.alarmId);
    if (alarm !== undefined) this.ports.correct(act.eventId, alarm);
    this.changed();
  }
}

const keyOf = (kind: ActKind, alarmId: string): string => `${kind} ${alarmId}`;

/** Whether the list shows that the act has happened. A refused act stays until it was read, whatever the list shows. */
function isShown(act: Act, alarm: Alarm | undefined): boolean {
  if (act.kind === 'comment') return false;
  if (act.state === 'failed' && act.failure?.unanswered !== true) return false;
  if (act.state === 'pending') return false;
  if (alarm === undefined) return true;
  if (act.kind === 'acknowledge') return blockOf(alarm) !== 'unacknowledged' || alarm.eventId !== act.eventId;
  return !alarm.latched || alarm.eventId !== act.eventId;
}
