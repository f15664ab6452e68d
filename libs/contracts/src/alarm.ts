/**
 * The annunciation state of an alarm in words of ISA-18.2 (never its letters: E, F and G differ between the editions of
 * 2009 and 2016). SHLVD, DSUPR and OOSRV lie over the others and win in this order: OOSRV, DSUPR, SHLVD.
 */
export const ALARM_STATES = [
  'NORM',
  'UNACK',
  'ACKED',
  'RTNUN',
  'LATUN',
  'LATAK',
  'SHLVD',
  'DSUPR',
  'OOSRV',
] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** Signal classes, highest first: class comes before priority in every order, sound and clock. */
export const ALARM_CLASSES = [
  'fire',
  'entrapment',
  'gas',
  'pre-alarm',
  'process',
  'linkage',
  'supervisory',
  'trouble',
  'shield',
  'guard',
  'link',
  'system',
  'test',
] as const;
export type AlarmClass = (typeof ALARM_CLASSES)[number];

/** The four colours of Chinese risk grading, highest first. */
export const PRIORITIES = ['red', 'orange', 'yellow', 'blue'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Severity of OPC UA (1 to 1000) for each colour; the bands are a suggestion of this project. */
export const SEVERITY: Readonly<Record<Priority, number>> = { red: 900, orange: 700, yellow: 500, blue: 300 };

/** The colour of a severity (1 to 1000). */
export function priorityOf(severity: number): Priority {
  if (severity >= 800) return 'red';
  if (severity >= 600) return 'orange';
  if (severity >= 400) return 'yellow';
  return 'blue';
}

export type Quality = 'good' | 'uncertain' | 'bad' | 'stale';
/** A reading or a set of limits in its own type; `null` where nothing was ever received. */
export type Value = number | boolean | string | null;

export const SHELVINGS = ['unshelved', 'timed', 'oneShot'] as const;
export type Shelving = (typeof SHELVINGS)[number];

/** An occurrence that nobody acknowledged before the next one began. */
export interface OlderOccurrence {
  readonly eventId: string;
  readonly level: string | null;
  readonly severity: number;
  readonly value: Value;
  readonly limit: Value;
  readonly raisedAt: number;
  readonly receivedAt: number;
  readonly clearedAt: number | null;
  readonly message: string;
  readonly messageEn: string;
}

/** A rule of a device whose alarms are part of a flood. */
export interface FloodSourceView {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly rule: string;
  readonly class: AlarmClass;
  readonly announced: number;
  /** The newest of its messages. */
  readonly message: string;
  readonly messageEn: string;
}

/** What a flood was, or is by now. */
export interface AlarmFlood {
  /** The announcement that made it a flood. */
  readonly from: number;
  /** When too few were left in the window; `null` while it lasts. */
  readonly to: number | null;
  /** Announcements, with those that made it a flood. */
  readonly announced: number;
  readonly byClass: Readonly<Partial<Record<AlarmClass, number>>>;
  readonly byPriority: Readonly<Record<Priority, number>>;
  /** How many rules of devices had a part in it; the first 10 000 are told apart. */
  readonly sources: number;
  /** The ten of those with the most announcements, the most first. */
  readonly top: readonly FloodSourceView[];
  /** What came first of all that belongs to it. */
  readonly firstOut: Omit<FloodSourceView, 'announced'> & {
    readonly at: number;
    readonly alarmId: string;
    readonly severity: number;
  };
  /** The most announcements within a minute of the clock, and the begin of that minute. */
  readonly peakPerMinute: number;
  readonly peakAt: number;
}

/** A flood of a site, or, where `siteId` is empty, of the centre: all sites together. */
export interface FloodView {
  readonly siteId: string;
  readonly siteName: string;
  /** The alarm that tells of it. */
  readonly alarmId: string | null;
  readonly flood: AlarmFlood;
}

/** The rule of the alarm about a flood; it is of no device, and its `deviceId` is empty. */
export const FLOOD_RULE = 'alarm-flood';
/** What the rule of an alarm about the server itself begins with; it is of no device. */
const SERVER_RULE = 'server:';

export function isAboutServer({ deviceId, rule }: Pick<Alarm, 'deviceId' | 'rule'>): boolean {
  return deviceId === '' && rule.startsWith(SERVER_RULE);
}

/** An alarm as every client sees it. Times are epoch milliseconds. */
export interface Alarm {
  readonly id: string;
  /** Names the present occurrence; an acknowledgement must carry it. */
  readonly eventId: string;
  /** `null` for an alarm of the whole device (offline). */
  readonly pointId: string | null;
  /** Empty for an alarm about a flood. */
  readonly deviceId: string;
  /** Empty for the alarm about a flood of the centre. */
  readonly siteId: string;
  readonly enterpriseId: string;
  readonly gridCode: string | null;
  readonly deviceName: string;
  readonly siteName: string;
  readonly enterpriseName: string;
  readonly class: AlarmClass;
  readonly rule: string;
  readonly ruleVersion: number;
  /** Which limit or alarm value is in force: `HH`, `H`, `L`, `LL`, or the name of a discrete state. */
  readonly level: string | null;
  /** 1 to 1000, the highest since the last acknowledgement. */
  readonly severity: number;
  /** 1 to 1000, what the condition says now; 0 when it is off. */
  readonly liveSeverity: number;
  readonly priority: Priority;
  readonly state: AlarmState;
  readonly active: boolean;
  readonly acked: boolean;
  readonly latched: boolean;
  /** False when it is over: it is then on no list of the present. */
  readonly retain: boolean;
  /** What it asked for is done; true as well where its rule does not ask. */
  readonly confirmed: boolean;
  /** Its horn is off until then; the flash stays. */
  readonly silencedUntil: number | null;
  /** How often it was announced again because it stayed active. */
  readonly reAlarmCount: number;
  /** When it will be announced again, unless it is over by then. */
  readonly reAlarmAt: number | null;
  /** It was announced again because the server came back; `null` when something else happened since. */
  readonly restatedAt: number | null;
  /** The first of its group, to which the others are consequences (first-out). */
  readonly firstInGroup: boolean;
  /** How many announcements the run of chattering has to which the newest one belongs; 0 where it belongs to none. */
  readonly chattering: number;
  /** It went back before anybody could act; false again once it is active again. */
  readonly fleeting: boolean;
  /** Of the alarm about a flood: as it was when the flood began, and, once it is over, all of it. */
  readonly flood: AlarmFlood | null;
  /** `oneShot`: until the present or the next activation is over. */
  readonly shelving: Shelving;
  readonly shelvedUntil: number | null;
  /** Suppressed by design, for as long as there is a reason. */
  readonly suppressed: boolean;
  readonly suppressionReasons: readonly string[];
  readonly outOfService: boolean;
  readonly outOfServiceUntil: number | null;
  /** Occurrences before the present one that nobody acknowledged, newest first; each is acknowledged by its own event id. */
  readonly olderOccurrences: readonly OlderOccurrence[];
  readonly quality: Quality;
  readonly value: Value;
  readonly limit: Value;
  readonly unit: string | null;
  /** `value` and `limit` are of something calculated, such as a rate or a deviation, and not of the reading of the point. */
  readonly calculated: boolean;
  /** When the condition became true, in device time where the device has a clock. */
  readonly raisedAt: number;
  /** When the message that raised it was received; equals `raisedAt` where time itself raised it. */
  readonly receivedAt: number;
  readonly clearedAt: number | null;
  readonly ackedAt: number | null;
  readonly ackedBy: string | null;
  /** Chinese, for the operator. */
  readonly message: string;
  readonly messageEn: string;
  readonly drill: boolean;
}

export const ALARM_EVENT_TYPES = [
  'raised',
  'level-changed',
  'returned',
  'reoccurred',
  'acknowledged',
  'branch-acknowledged',
  'acknowledgement-withdrawn',
  'confirmed',
  'reset',
  'silenced',
  'silence-ended',
  're-alarmed',
  'restated',
  'quality-changed',
  'commented',
  'shelved',
  'unshelved',
  'shelve-expired',
  'suppressed',
  'unsuppressed',
  'out-of-service',
  'in-service',
  'service-due',
  'disabled',
  'enabled',
  'removed',
] as const;
export type AlarmEventType = (typeof ALARM_EVENT_TYPES)[number];

/**
 * `own`: announce it, horn and flash. `joined`: show it as new, under the announcement of one that came back from its cover at the
 * same time. `none`: nothing to be heard.
 */
export const ANNUNCIATIONS = ['own', 'joined', 'none'] as const;
export type Annunciation = (typeof ANNUNCIATIONS)[number];

/** One transition of one alarm: append-only, never changed. */
export interface AlarmEvent {
  /** Position in the stream of alarm events: dense, rising by one with each transition. */
  readonly offset: number;
  readonly eventId: string;
  readonly alarmId: string;
  readonly type: AlarmEventType;
  /** Journal time of the transition. */
  readonly at: number;
  /** The user name, or `system`. */
  readonly actor: string;
  readonly comment: string | null;
  readonly annunciation: Annunciation;
  /** The alarm after the transition. */
  readonly alarm: Alarm;
}

/** Who did it, when, why, and who agreed where two people must. */
export interface CoverDeed {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  readonly approvedBy: string | null;
}

/** A rule of a device whose alarms are quiet, or, disabled, blind; with its alarm where one is open. */
export interface CoveredRuleView {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  readonly rule: string;
  readonly class: AlarmClass;
  readonly title: string;
  readonly titleEn: string;
  readonly alarmId: string | null;
  /** Of the alarm beneath. */
  readonly active: boolean;
  readonly acked: boolean;
  readonly shelving: (CoverDeed & { readonly kind: 'timed' | 'oneShot'; readonly until: number }) | null;
  readonly suppressionReasons: readonly string[];
  readonly outOfService:
    (CoverDeed & { readonly compensatingMeasure: string; readonly until: number }) | null;
  readonly disabled: CoverDeed | null;
}
