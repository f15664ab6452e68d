import { type AnnunciationEvent } from './annunciation-table.js';
import { rebuildWatch } from './configuration.js';
import { type Evaluator } from './evaluator.js';
import { type Lane } from './lane.js';
import { type Command, type Outcome } from './model.js';
import { overlaid, unshelved, type Deed, type Overlay } from './overlay.js';
import { type Overlays } from './overlays.js';
import { policyOf } from './policy.js';
import { type Change, type TransitionRecorder } from './recorder.js';
import { type DeviceState, type Watch } from './watch.js';

export type Refused = NonNullable<Outcome['refused']>;
type Ask<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

/** Who asks, why, and when: journal time, epoch ms. */
export interface Asking {
  readonly actor: string;
  readonly comment: string | null;
  readonly now: number;
}

/** What people ask of alarms and of the rules behind them: who may ask is decided elsewhere, what the rule allows is decided here. */
export class Acts {
  constructor(
    private readonly devices: ReadonlyMap<string, DeviceState>,
    private readonly lanes: ReadonlyMap<string, Lane>,
    private readonly parts: {
      readonly recorder: TransitionRecorder;
      readonly overlays: Overlays;
      readonly evaluator: Evaluator;
    },
  ) {}

  take(command: Command, asking: Asking): Refused | undefined {
    const watch = 'alarmId' in command ? this.parts.recorder.find(command.alarmId) : this.ruleOf(command);
    if (watch === undefined) return this.unknown(command);
    const refused = refusalOf(command, watch, asking);
    if (refused !== undefined) return refused;
    this.parts.recorder.actAs(asking.actor, asking.comment);
    const change = changeOf(command, watch, asking);
    const cause = { eventAt: asking.now, receivedAt: asking.now };
    const step = this.parts.recorder.move(watch, eventOf(command), cause, change);
    if (step.kind === 'refused') return { code: step.code, message: step.message };
    if (command.kind === 'disable' || command.kind === 'enable') this.rebuild(watch);
    return undefined;
  }

  private ruleOf({
    deviceId,
    ruleKey,
  }: {
    readonly deviceId: string;
    readonly ruleKey: string;
  }): Watch | undefined {
    return this.devices.get(deviceId)?.watches.find(({ rule }) => rule.key === ruleKey);
  }

  private unknown(command: Command): Refused {
    if ('alarmId' in command) {
      const message = `There is no open alarm ${command.alarmId}; it may have ended.`;
      return { code: 'alarm_unknown', message };
    }
    if (!this.devices.has(command.deviceId)) {
      return { code: 'device_unknown', message: `There is no device ${command.deviceId}.` };
    }
    return { code: 'rule_unknown', message: `The device has no rule ${command.ruleKey}.` };
  }

  /** A rule that is enabled is judged at once, by the last good value (row 29). */
  private rebuild(watch: Watch): void {
    const { overlays, evaluator } = this.parts;
    const lane = this.lanes.get(watch.device.configuration.siteId);
    if (lane === undefined) return;
    const next = rebuildWatch(lane, watch);
    overlays.release(watch);
    overlays.adopt(next);
    evaluator.present(next);
  }
}

function eventOf(command: Command): AnnunciationEvent {
  switch (command.kind) {
    case 'acknowledge':
      return 'ACK';
    case 'withdraw-acknowledgement':
      return 'WITHDRAW_ACK';
    case 'confirm':
      return 'CONFIRM';
    case 'reset':
      return 'RESET';
    case 'comment':
      return 'COMMENT';
    case 'silence':
      return 'SILENCE';
    case 'shelve':
      return command.mode === 'oneShot' ? 'SHELVE_ONE_SHOT' : 'SHELVE_TIMED';
    case 'unshelve':
      return 'UNSHELVE';
    case 'out-of-service':
      return 'REMOVE_FROM_SERVICE';
    case 'in-service':
      return 'PLACE_IN_SERVICE';
    case 'disable':
      return 'DISABLE';
    case 'enable':
      return 'ENABLE';
  }
}

function changeOf(command: Command, watch: Watch, { actor, comment, now }: Asking): Change {
  const eventId = 'eventId' in command ? command.eventId : undefined;
  const approvedBy = ('approvedBy' in command ? command.approvedBy : undefined) ?? null;
  const deed: Deed = { by: actor, at: now, reason: comment ?? '', approvedBy };
  const over = (change: Partial<Overlay>): Change => ({ eventId, overlay: overlaid(watch.overlay, change) });
  switch (command.kind) {
    case 'silence':
      return { eventId, silencedUntil: now + policyOf(watch.rule).silenceSeconds * 1000 };
    case 'shelve':
      return over({ shelving: { ...deed, kind: command.mode, until: now + command.seconds * 1000 } });
    case 'unshelve':
      return { eventId, overlay: unshelved(watch.overlay) };
    case 'out-of-service': {
      const { compensatingMeasure, seconds } = command;
      return over({ outOfService: { ...deed, compensatingMeasure, until: now + seconds * 1000 } });
    }
    case 'in-service':
      return over({ outOfService: null });
    case 'disable':
      return over({ disabled: deed });
    case 'enable':
      return over({ disabled: null });
    default:
      return { eventId };
  }
}

/** What the rule does not allow, whatever the state. */
function refusalOf(command: Command, { rule }: Watch, asking: Asking): Refused | undefined {
  const policy = policyOf(rule);
  switch (command.kind) {
    case 'acknowledge':
      return policy.commentMandatory && isBlank(asking.comment)
        ? { code: 'comment_required', message: 'An acknowledgement of this alarm must say what was found.' }
        : undefined;
    case 'shelve':
      if (!policy.shelvable) {
        return { code: 'shelving_not_allowed', message: 'Alarms of this rule are not shelved.' };
      }
      if (command.mode === 'oneShot' && !policy.oneShot) {
        return { code: 'shelving_not_allowed', message: 'Alarms of this rule are shelved for a time only.' };
      }
      return (
        withoutReason(asking) ??
        badTime(command, policy.maxShelveSeconds, 'shelving_time_out_of_range') ??
        unapproved(command, policy.people, asking)
      );
    case 'out-of-service':
      if (isBlank(command.compensatingMeasure)) {
        return { code: 'reason_required', message: 'Say what watches over the place meanwhile.' };
      }
      return (
        withoutReason(asking) ??
        badTime(command, policy.maxOutOfServiceSeconds, 'service_time_out_of_range') ??
        unapproved(command, policy.people, asking)
      );
    case 'disable':
      return withoutReason(asking) ?? unapproved(command, policy.people, asking);
    default:
      return undefined;
  }
}

function withoutReason({ comment }: Asking): Refused | undefined {
  return isBlank(comment) ? { code: 'reason_required', message: 'Say why.' } : undefined;
}

function badTime(
  { seconds }: Ask<'shelve' | 'out-of-service'>,
  max: number,
  code: 'shelving_time_out_of_range' | 'service_time_out_of_range',
): Refused | undefined {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= max) return undefined;
  return { code, message: `The time must be from 1 to ${max} s.` };
}

function unapproved(
  { approvedBy }: Ask<'shelve' | 'out-of-service' | 'disable'>,
  people: number,
  { actor }: Asking,
): Refused | undefined {
  if (people < 2 || (approvedBy !== undefined && approvedBy !== actor)) return undefined;
  return { code: 'approval_required', message: 'A second person must agree to this.' };
}

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}
