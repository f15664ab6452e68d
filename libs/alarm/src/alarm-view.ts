import { type AnnunciationEvent } from './annunciation-table.js';
import { isRetained, isSuppressedOrShelved, labelOf, type Step } from './annunciation.js';
import { type AnnunciationVariables } from './annunciation-variables.js';
import { type AlarmView, type OlderOccurrence, type StoredAlarm } from './model.js';
import { presentLimit } from './conditions/ladder.js';
import { CLEAR, type Overlay } from './overlay.js';
import { type AnnunciationPolicy } from './policy.js';
import { decidedStep, qualityOf, subjectOf, type AlarmStep, type Present, type Watch } from './watch.js';

/** Where an event of an alarm comes from. */
export interface Cause {
  /** Event time, epoch ms: when it became so, in device time where the device has a clock. */
  readonly eventAt: number;
  /** When the message behind it was received; equals `eventAt` where time itself is behind it. */
  readonly receivedAt: number;
}

/** What the next view of an alarm is made of, besides the rule and its points. */
export interface Happening {
  readonly event: AnnunciationEvent;
  readonly step: Extract<Step, { readonly kind: 'moved' }>;
  readonly cause: Cause;
  readonly policy: AnnunciationPolicy;
  readonly id: string;
  /** The event id of the transition. */
  readonly bornAs: string;
  /** Journal time. */
  readonly at: number;
  readonly actor: string;
  readonly silencedUntil: number | null;
  /** The event id that a command named. */
  readonly named: string | undefined;
  readonly firstInGroup: boolean;
}

/** How many older occurrences an alarm keeps; beyond them it comes back as one of a rule that keeps none. default */
const MAX_OLDER = 20;

/** The alarm of a rule after something happened to it. */
export function viewAfter(watch: Watch, happening: Happening): AlarmView {
  const before = watch.alarm;
  const { configuration } = watch.device;
  const { event, step, cause, id, bornAs, at, actor } = happening;
  const { variables, occurs } = step;
  const isOn = event === 'CONDITION_ON';
  const begins = isOn || event === 'CONDITION_AGAIN';
  const decides = begins || event === 'LEVEL_UP' || event === 'LEVEL_DOWN';
  const present = decides ? watch.steps[decidedStep(watch)] : undefined;
  const { value, unit } = presentOf(watch);
  const live = !variables.active ? 0 : (present?.severity ?? before?.liveSeverity ?? 0);
  const message =
    present === undefined ? undefined : watch.kind.messageOf(watch, watch.rule.condition, present, value);
  const said = watch.flood?.message ?? watch.said;
  const isAckedNow = variables.acked && before?.acked === false && !ENDS.has(event);
  const isUnacked = occurs || !variables.acked;
  const view: AlarmView = {
    id,
    eventId: occurs ? bornAs : (before?.eventId ?? bornAs),
    pointId: before === null ? (subjectOf(watch)?.point.pointId ?? null) : before.pointId,
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
    state: 'NORM',
    active: variables.active,
    acked: variables.acked,
    latched: variables.latched,
    quality: qualityOf(watch),
    value: decides || event === 'CONDITION_OFF' ? (value ?? null) : (before?.value ?? null),
    limit: present === undefined ? (before?.limit ?? null) : (limitOf(watch, present) ?? null),
    unit: before === null || decides ? unit : before.unit,
    ...((before === null || decides ? isCalculated(watch) : before.calculated === true)
      ? { calculated: true as const }
      : {}),
    raisedAt: begins || before === null ? cause.eventAt : before.raisedAt,
    receivedAt: begins || before === null ? cause.receivedAt : before.receivedAt,
    clearedAt: clearedAfter(before, event, variables.active, cause),
    ackedAt: isAckedNow ? at : isUnacked ? null : (before?.ackedAt ?? null),
    ackedBy: isAckedNow ? actor : isUnacked ? null : (before?.ackedBy ?? null),
    message: said?.zh ?? message?.zh ?? before?.message ?? '',
    messageEn: said?.en ?? message?.en ?? before?.messageEn ?? '',
    // What began as real stays real, even when it comes back in the middle of a drill.
    drill: before === null ? configuration.drill : before.drill && (!occurs || configuration.drill),
    ...annunciationAfter(before, happening),
    ...coverOf(watch.overlay, variables),
    olderOccurrences: olderAfter(before, happening),
    ...(watch.flood !== undefined && { flood: watch.flood.summary }),
  };
  return labelled(broughtForward(view, variables, event), variables);
}

/** What the rule, and not a person, ends: nobody acknowledged it thereby. */
const ENDS: ReadonlySet<AnnunciationEvent> = new Set(['REMOVE', 'DISABLE']);

/** An alarm as any version wrote it: what that version did not know is as if it had not been there. */
export function wholeAlarm(stored: StoredAlarm): AlarmView {
  const { olderOccurrences = [], flood, chattering, fleeting, ...alarm } = stored;
  return {
    ...alarm,
    retain: stored.retain ?? stored.state !== 'NORM',
    confirmed: stored.confirmed ?? true,
    silencedUntil: stored.silencedUntil ?? null,
    reAlarmCount: stored.reAlarmCount ?? 0,
    reAlarmAt: stored.reAlarmAt ?? null,
    restatedAt: stored.restatedAt ?? null,
    firstInGroup: stored.firstInGroup ?? false,
    shelving: stored.shelving ?? 'unshelved',
    shelvedUntil: stored.shelvedUntil ?? null,
    suppressed: stored.suppressed ?? false,
    suppressionReasons: stored.suppressionReasons ?? [],
    outOfService: stored.outOfService ?? false,
    outOfServiceUntil: stored.outOfServiceUntil ?? null,
    suppressedOrShelved: stored.suppressedOrShelved ?? false,
    olderOccurrences,
    // In the order in which they were made, so that a snapshot has the same bytes after a restore.
    ...(flood !== undefined && { flood }),
    ...(chattering !== undefined && { chattering }),
    ...(fleeting !== undefined && { fleeting }),
  };
}

type OfAnnunciation = Pick<
  AlarmView,
  'retain' | 'confirmed' | 'silencedUntil' | 'reAlarmCount' | 'reAlarmAt' | 'restatedAt' | 'firstInGroup'
>;

function annunciationAfter(before: AlarmView | null, happening: Happening): OfAnnunciation {
  const { event, step, policy, at } = happening;
  const { variables, occurs, announces } = step;
  const isNews = event === 'CONDITION_ON' || event === 'CONDITION_AGAIN' || event === 'LEVEL_UP';
  const count = before?.reAlarmCount ?? 0;
  const { reAlarmSeconds } = policy;
  const counts = occurs || announces;
  const reAlarmAt = counts ? reAlarmSeconds && at + reAlarmSeconds * 1000 : (before?.reAlarmAt ?? null);
  const restatedAt = occurs || variables.acked ? null : (before?.restatedAt ?? null);
  return {
    retain: false,
    confirmed: variables.confirmed,
    silencedUntil: variables.silenced ? (happening.silencedUntil ?? before?.silencedUntil ?? null) : null,
    reAlarmCount: event === 'REALARM_TIMER' ? count + 1 : isNews ? 0 : count,
    reAlarmAt: variables.active ? reAlarmAt : null,
    restatedAt: event === 'RESTARTED' ? at : restatedAt,
    firstInGroup: event === 'CONDITION_ON' ? happening.firstInGroup : (before?.firstInGroup ?? false),
  };
}

type OfCover = Pick<
  AlarmView,
  | 'shelving'
  | 'shelvedUntil'
  | 'suppressed'
  | 'suppressionReasons'
  | 'outOfService'
  | 'outOfServiceUntil'
  | 'suppressedOrShelved'
>;

function coverOf(overlay: Overlay | null, variables: AnnunciationVariables): OfCover {
  const { shelving, suppressionReasons, outOfService } = overlay ?? CLEAR;
  return {
    shelving: variables.shelving,
    shelvedUntil: shelving?.until ?? null,
    suppressed: variables.suppressedByDesign,
    suppressionReasons,
    outOfService: variables.outOfService,
    outOfServiceUntil: outOfService?.until ?? null,
    suppressedOrShelved: isSuppressedOrShelved(variables),
  };
}

function olderAfter(before: AlarmView | null, happening: Happening): readonly OlderOccurrence[] {
  const { event, step, policy, named, cause } = happening;
  const kept = before?.olderOccurrences ?? [];
  // What another place took the place of is over with all of them.
  const older = event === 'CONDITION_OFF' ? kept.map((one) => cleared(one, cause)) : kept;
  if (ENDS.has(event) || before === null) return [];
  // Who unshelves it by hand knows of all of it.
  if (event === 'UNSHELVE' && step.variables.acked) return [];
  if (step.type === 'branch-acknowledged') return older.filter(({ eventId }) => eventId !== named);
  const comesBack = (event === 'CONDITION_ON' || event === 'CONDITION_AGAIN') && !before.acked;
  if (!comesBack || !policy.strict || older.length >= MAX_OLDER) return older;
  const { eventId, level, severity, value, limit, raisedAt, receivedAt, clearedAt } = before;
  const { message, messageEn } = before;
  const occurrence = { eventId, level, severity, value, limit, raisedAt, receivedAt, clearedAt };
  return [{ ...occurrence, message, messageEn }, ...older];
}

function cleared(occurrence: OlderOccurrence, { eventAt }: Cause): OlderOccurrence {
  return occurrence.clearedAt === null ? { ...occurrence, clearedAt: eventAt } : occurrence;
}

/** When the present occurrence is over and an older one is not, the newest of those takes its place. [AL46] */
function broughtForward(
  view: AlarmView,
  variables: AnnunciationVariables,
  event: AnnunciationEvent,
): AlarmView {
  const [first, ...rest] = view.olderOccurrences;
  if (first === undefined || isRetained(variables) || ENDS.has(event)) return view;
  return { ...view, ...first, acked: false, ackedAt: null, ackedBy: null, olderOccurrences: rest };
}

/** An alarm that is over is NORM, whatever lies over its rule: its list is another one. */
function labelled(view: AlarmView, variables: AnnunciationVariables): AlarmView {
  const present = { ...variables, acked: view.acked };
  const retain = isRetained(present);
  return { ...view, retain, state: retain ? labelOf(present) : 'NORM' };
}

/** Whether what is compared is calculated, and so another quantity than the reading of the point. */
export function isCalculated({ kind, fault }: Watch): boolean {
  return fault === undefined && kind.presentOf !== undefined;
}

/** What stands beside the limit: the value of the point, unless the condition compares something else. */
function presentOf(watch: Watch): Present {
  const { kind, fault, rule } = watch;
  if (fault === undefined && kind.presentOf !== undefined) return kind.presentOf(watch, rule.condition);
  const subject = subjectOf(watch);
  return { value: subject?.value, unit: subject?.point.unit ?? null };
}

function limitOf(watch: Watch, { limit }: AlarmStep): number | undefined {
  return limit === undefined ? undefined : (presentLimit(watch, limit) ?? limit).limit;
}

/** The highest until somebody has acknowledged it; from then on what the condition says. [AL12] */
function shownSeverity(before: AlarmView | null, live: number, acked: boolean): number {
  if (live === 0) return before?.severity ?? 0;
  if (before === null || acked || before.acked) return live;
  return Math.max(before.severity, live);
}

function clearedAfter(
  before: AlarmView | null,
  event: AnnunciationEvent,
  active: boolean,
  cause: Cause,
): number | null {
  if (active) return null;
  return event === 'CONDITION_OFF' || before?.active === true ? cause.eventAt : (before?.clearedAt ?? null);
}
