import {
  type AlarmView,
  type CoveredRule,
  type FloodRecord,
  type FloodSource,
  type FloodSummary,
  type StoredAlarm,
  type Transition,
  wholeAlarm,
} from '@watchfire/alarm';
import {
  type Alarm,
  type AlarmClass,
  type AlarmEvent,
  type AlarmFlood,
  ALARM_CLASSES,
  type CoveredRuleView,
  type FloodSourceView,
  type FloodView,
  PRIORITIES,
  type Priority,
  priorityOf,
} from '@watchfire/contracts';

/** An alarm of this engine, or as an older version wrote it into the history, as clients see it. */
export function toAlarm(stored: StoredAlarm): Alarm {
  const view = wholeAlarm(stored);
  return {
    id: view.id,
    eventId: view.eventId,
    pointId: view.pointId,
    deviceId: view.deviceId,
    siteId: view.siteId,
    enterpriseId: view.enterpriseId,
    gridCode: view.gridCode,
    deviceName: view.deviceName,
    siteName: view.siteName,
    enterpriseName: view.enterpriseName,
    // The engine only carries the class; the catalogue has checked that it is one of these.
    class: view.class as AlarmClass,
    rule: view.rule,
    ruleVersion: view.ruleVersion,
    level: view.level,
    severity: view.severity,
    liveSeverity: view.liveSeverity,
    priority: priorityOf(view.severity),
    state: view.state,
    active: view.active,
    acked: view.acked,
    latched: view.latched,
    retain: view.retain,
    confirmed: view.confirmed,
    silencedUntil: view.silencedUntil,
    reAlarmCount: view.reAlarmCount,
    reAlarmAt: view.reAlarmAt,
    restatedAt: view.restatedAt,
    firstInGroup: view.firstInGroup,
    chattering: view.chattering ?? 0,
    fleeting: view.fleeting ?? false,
    flood: view.flood === undefined ? null : toFlood(view.flood),
    shelving: view.shelving,
    shelvedUntil: view.shelvedUntil,
    suppressed: view.suppressed,
    suppressionReasons: view.suppressionReasons,
    outOfService: view.outOfService,
    outOfServiceUntil: view.outOfServiceUntil,
    olderOccurrences: view.olderOccurrences,
    quality: view.quality,
    value: view.value,
    limit: view.limit,
    unit: view.unit,
    calculated: view.calculated === true,
    raisedAt: view.raisedAt,
    receivedAt: view.receivedAt,
    clearedAt: view.clearedAt,
    ackedAt: view.ackedAt,
    ackedBy: view.ackedBy,
    message: view.message,
    messageEn: view.messageEn,
    drill: view.drill,
  };
}

export function toFlood({ bySeverity, ...summary }: FloodSummary): AlarmFlood {
  return {
    ...summary,
    byPriority: countByPriority(bySeverity),
    top: summary.top.map((source) => ({ ...ofSource(source), announced: source.announced })),
    firstOut: { ...summary.firstOut, ...ofSource(summary.firstOut) },
  };
}

/** The bands of severity of the engine, in the four colours. */
export function countByPriority(
  bySeverity: Readonly<Record<number, number>>,
): Readonly<Record<Priority, number>> {
  const counts = Object.fromEntries(PRIORITIES.map((name) => [name, 0])) as Record<Priority, number>;
  for (const [severity, count] of Object.entries(bySeverity)) counts[priorityOf(Number(severity))] += count;
  return counts;
}

function ofSource({
  deviceId,
  deviceName,
  siteId,
  siteName,
  rule,
  class: signalClass,
  message,
  messageEn,
}: Omit<FloodSource, 'announced'>): Omit<FloodSourceView, 'announced'> {
  const named = { deviceId, deviceName, siteId, siteName, rule };
  return { ...named, class: signalClass as AlarmClass, message, messageEn };
}

export function toFloodView({ siteId, siteName, alarmId, flood }: FloodRecord): FloodView {
  return { siteId, siteName, alarmId, flood: toFlood(flood) };
}

/** Older versions did not say what was announced: it was every new occurrence. */
type StoredTransition = Omit<Transition, 'alarm' | 'annunciation'> &
  Partial<Pick<Transition, 'annunciation'>> & { readonly alarm: StoredAlarm };

export function toAlarmEvent(transition: StoredTransition): Omit<AlarmEvent, 'alarm'> {
  return {
    offset: transition.seq,
    eventId: transition.eventId,
    alarmId: transition.alarmId,
    type: transition.type,
    at: transition.at,
    actor: transition.actor,
    comment: transition.comment,
    annunciation:
      transition.annunciation ?? (transition.alarm.eventId === transition.eventId ? 'own' : 'none'),
  };
}

export function toCoveredRule(rule: CoveredRule): CoveredRuleView {
  const { device, alarm } = rule;
  return {
    deviceId: device.deviceId,
    deviceName: device.deviceName,
    siteId: device.siteId,
    siteName: device.siteName,
    enterpriseId: device.enterpriseId,
    rule: rule.key,
    class: rule.class as AlarmClass,
    title: rule.title.zh,
    titleEn: rule.title.en,
    alarmId: alarm?.id ?? null,
    active: alarm?.active ?? false,
    acked: alarm?.acked ?? true,
    shelving: rule.shelving,
    suppressionReasons: rule.suppressionReasons,
    outOfService: rule.outOfService,
    disabled: rule.disabled,
  };
}

const CLASS_RANK: ReadonlyMap<string, number> = new Map(ALARM_CLASSES.map((name, rank) => [name, rank]));

/** What the order looks at. */
type Ranked = Pick<AlarmView, 'acked' | 'class' | 'severity' | 'raisedAt' | 'id'>;

const classRank = (alarm: Ranked): number => CLASS_RANK.get(alarm.class) ?? ALARM_CLASSES.length;

/**
 * The order of an operator's list: unacknowledged above acknowledged, class before severity, then the newest first
 * (alarm management §7.3); the id only makes it total.
 */
export function compareForOperator(a: Ranked, b: Ranked): number {
  return (
    Number(a.acked) - Number(b.acked) ||
    classRank(a) - classRank(b) ||
    b.severity - a.severity ||
    b.raisedAt - a.raisedAt ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}
