import { type FloodLimits } from './flood-window.js';
import { type AnnunciationPolicy } from './policy.js';

/**
 * What the engine knows of the world, and what it says back. Everything here is plain data: it is written to the journal
 * and to snapshots as it stands.
 */

export type PointValue = number | boolean | string;
export type SampleQuality = 'good' | 'uncertain' | 'bad';

export type LimitLevel = 'HH' | 'H' | 'L' | 'LL';

export interface Limit {
  readonly level: LimitLevel;
  /** In the unit of the point. High limits are exceeded at `value >= limit`, low limits at `value <= limit`. */
  readonly limit: number;
  /** 1 to 1000 (OPC UA Part 9). */
  readonly severity: number;
  /** How far the value must come back behind the limit before the level is left; unit of the point, 0 or more. */
  readonly deadband: number;
  /** The limit is what this says; `limit` is then only what was designed. Unknown where this is not known. */
  readonly from?: Reference;
}

/**
 * A number that is read from a point of the site, or from an attribute of the device. `fallback` holds while it is not known; where
 * there is none, what depends on it is unknown.
 */
export type Reference = ({ readonly pointId: string } | { readonly attribute: string }) & {
  readonly fallback?: number;
};

export type Operand = { readonly value: PointValue } | Reference;

export interface Delays {
  /** How long it must hold before it is an alarm, ms of event time. */
  readonly onDelayMs: number;
  /** How long it must be gone before the alarm is over, ms. */
  readonly offDelayMs: number;
  /** So many samples on which it held, within `onDelayMs`, raise it as well, whatever was in between; 2 to 100. */
  readonly onCount?: number;
}

/** A week of local time: within it while the clock on the wall is in one of the spans. */
export interface WeeklySchedule {
  /** The name of the zone (IANA), for people. */
  readonly zone: string;
  /**
   * Minutes that the zone is ahead of UTC, from each time (epoch ms) on; the first holds before its time as well. They are part of the
   * configuration, and so of the journal: a replay does not depend on the time-zone data of the machine.
   */
  readonly offsets: readonly (readonly [from: number, minutes: number])[];
  readonly spans: readonly {
    /** 1 is Monday, 7 is Sunday: the days on which the span begins. */
    readonly days: readonly number[];
    /** Minutes after midnight, 0 to 1439. */
    readonly from: number;
    /** Minutes after midnight, 1 to 1440; not after `from`: it ends on the next day. */
    readonly to: number;
  }[];
}

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=';

/** What is true of the present values, three-valued (Kleene): unknown unless the known parts decide. */
export type Logic =
  | { readonly is: 'and' | 'or'; readonly terms: readonly Logic[] }
  | { readonly is: 'not'; readonly term: Logic }
  | { readonly is: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly is: 'one-of'; readonly pointId: string; readonly values: readonly PointValue[] }
  | { readonly is: 'within'; readonly schedule: WeeklySchedule };

/** A bit of a number, as fire panels pack their states. */
export interface AlarmBit {
  /** Which bits of the value, 1 to 2^32 - 1; one of them is enough. */
  readonly mask: number;
  /** The value of the bit that is the alarm; true where it is absent. */
  readonly when?: boolean;
  readonly level: string;
  readonly severity: number;
}

/** A discrete value that is an alarm, with the severity and the name that it has. */
export interface AlarmValue {
  readonly value: PointValue;
  readonly level: string;
  readonly severity: number;
}

/** While the rule is in alarm every rise of a number is another occurrence: of one point for a whole unit, another place. */
export interface Again {
  /** In how many places it is so. */
  readonly countId: string;
  /** What people call the newest of them; told with the number or before it. */
  readonly placeId?: string;
}

/** When the value of a member of a group counts: one of `values`, or beyond a limit in the unit of the point. */
export interface Vote {
  readonly pointId: string;
  readonly values?: readonly PointValue[];
  readonly atLeast?: number;
  readonly atMost?: number;
  /** How far the value must come back behind its limit before it no longer counts; 0 where absent. */
  readonly deadband?: number;
}

/** A closed set: a new kind is a new member here, and the compiler asks for its module in conditions/kinds.ts. */
export type Condition =
  | {
      readonly kind: 'limit';
      readonly pointId: string;
      readonly limits: readonly Limit[];
      readonly onDelayMs: number;
      readonly offDelayMs: number;
      readonly onCount?: number;
    }
  | {
      /** In alarm while the value is one of `alarmValues`, or, where `normal` is given, is none of the normal ones. */
      readonly kind: 'discrete';
      readonly pointId: string;
      readonly alarmValues: readonly AlarmValue[];
      readonly normal?: readonly PointValue[];
      /** For a value that is neither normal nor listed. */
      readonly offNormalSeverity?: number;
      readonly again?: Again;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
      readonly onCount?: number;
    }
  | {
      /** True while every term is true; three-valued: false wins over unknown, unknown over true. */
      readonly kind: 'all';
      readonly terms: readonly { readonly pointId: string; readonly values: readonly PointValue[] }[];
      readonly level: string;
      readonly severity: number;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
      readonly onCount?: number;
    }
  | {
      /** No sample of the point for so long; armed from configuration, so that a point which never reported is found. */
      readonly kind: 'stale';
      readonly pointId: string;
      readonly afterMs: number;
      readonly severity: number;
    }
  | {
      /** The device is not connected for so long, or has never connected for so long after it was configured. */
      readonly kind: 'offline';
      readonly afterMs: number;
      readonly severity: number;
    }
  | {
      /** The clock of the device is wrong by more than `limitMs`, judged by its best message in `windowMs` of journal time. */
      readonly kind: 'clock';
      readonly limitMs: number;
      readonly windowMs: number;
      readonly severity: number;
    }
  | {
      /** Another connection of the same client id took over from the one before, `count` times or more within `windowMs`. */
      readonly kind: 'flapping';
      /** 2 to 100. */
      readonly count: number;
      readonly windowMs: number;
      readonly severity: number;
    }
  | {
      /** k of n points of the site are in alarm. */
      readonly kind: 'voting';
      readonly members: readonly Vote[];
      /** k. */
      readonly need: number;
      /** What a member that is not known counts for: `vote` as a yes, `drop` not at all. */
      readonly onBad: 'vote' | 'drop';
      readonly level: string;
      readonly severity: number;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
    }
  | {
      /** Members of a voting group are not known: it decides otherwise than designed, or is blind. */
      readonly kind: 'voting-degraded';
      /** Key of the rule of the same device whose members and numbers these are. */
      readonly of: string;
      readonly members: readonly Vote[];
      readonly need: number;
      readonly onBad: 'vote' | 'drop';
      readonly severity: number;
      readonly blindSeverity: number;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
    }
  | {
      /** `need` detectors of a zone at the same time, or one within `windowMs` after another went back. */
      readonly kind: 'coincidence';
      readonly members: readonly Vote[];
      readonly need: number;
      readonly windowMs: number;
      readonly level: string;
      readonly severity: number;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
    }
  | {
      /** Many lesser warnings in an area make a greater one. */
      readonly kind: 'colours';
      /** Points of the site, each with the colour of its highest active alarm. */
      readonly members: readonly string[];
      /** Classes of alarms that are a warning of the hazard itself. */
      readonly classes: readonly string[];
      readonly bluesToYellow: number;
      readonly yellowsToOrange: number;
      readonly orangesToRed: number;
      /** From which severity on an alarm has that colour; below `yellow` it is blue. They are the severities of the sums as well. */
      readonly yellow: number;
      readonly orange: number;
      readonly red: number;
      readonly onDelayMs: number;
      readonly offDelayMs: number;
    }
  | ({
      /** How far the value is from a set-point: high limits are above it, low ones, negative, below it. */
      readonly kind: 'deviation';
      readonly pointId: string;
      readonly setPoint: Operand;
      readonly limits: readonly Limit[];
    } & Delays)
  | ({
      /** The value is in a range, both ends included, or it is outside of it. */
      readonly kind: 'band';
      readonly pointId: string;
      readonly alarm: 'inside' | 'outside';
      readonly low: Operand;
      readonly high: Operand;
      /** How far the value must be on the other side of an end before it is over; unit of the point. */
      readonly deadband: number;
      readonly severity: number;
    } & Delays)
  | ({
      /** Bits of a whole number; where several are in alarm, the most severe counts. */
      readonly kind: 'bits';
      readonly pointId: string;
      readonly bits: readonly AlarmBit[];
    } & Delays)
  | {
      /** The value became another one; over when it has not changed again for `holdMs` of journal time. */
      readonly kind: 'change';
      readonly pointId: string;
      /** A number must change by more than this; 0 for any change. */
      readonly tolerance: number;
      readonly holdMs: number;
      readonly severity: number;
    }
  | ({
      /** How fast a number changes by its device times, over `windowMs`, for each `perMs`. */
      readonly kind: 'rate';
      readonly pointId: string;
      readonly windowMs: number;
      /** 1000 for a second, 60000 for a minute, 3600000 for an hour. */
      readonly perMs: number;
      readonly limits: readonly Limit[];
    } & Delays)
  | {
      /** What was commanded and what is fed back differ, for longer than the command may take. */
      readonly kind: 'discrepancy';
      readonly commandId: string;
      readonly feedbackId: string;
      /** Which feedback belongs to a command; a command that is not named asks for itself. */
      readonly pairs?: readonly { readonly command: PointValue; readonly feedback: PointValue }[];
      /** By how much two numbers may differ. */
      readonly tolerance: number;
      /** From the last change of the command, or from the end of the agreement, on. */
      readonly expectedMs: number;
      readonly offDelayMs: number;
      readonly severity: number;
    }
  | {
      /** Samples come, but the value has not changed for so long of device time: other than stale, where none come. */
      readonly kind: 'frozen';
      readonly pointId: string;
      readonly afterMs: number;
      /** A number that moves by no more than this has not changed. */
      readonly tolerance: number;
      readonly severity: number;
    }
  | {
      /** The value became one of `values`, coming from another one, `count` times within `windowMs` of device time. */
      readonly kind: 'count';
      readonly pointId: string;
      readonly values: readonly PointValue[];
      /** 2 to 100. */
      readonly count: number;
      readonly windowMs: number;
      readonly severity: number;
    }
  | {
      /** The value changed, whatever to, `count` times within `windowMs` of device time. */
      readonly kind: 'value-flapping';
      readonly pointId: string;
      readonly tolerance: number;
      /** 2 to 100. */
      readonly count: number;
      readonly windowMs: number;
      readonly severity: number;
    }
  | ({
      readonly kind: 'boolean';
      readonly logic: Logic;
      readonly level: string | null;
      readonly severity: number;
    } & Delays)
  | ({
      /** A value that is calculated from others, against limits; true is 1 and false is 0. */
      readonly kind: 'derived';
      /** See conditions/expression.ts for the language. */
      readonly expression: string;
      /** The names in the expression. */
      readonly variables: Readonly<Record<string, string>>;
      readonly unit: string | null;
      readonly limits: readonly Limit[];
    } & Delays)
  | {
      /** CUSUM (Page 1954): a small shift that lasts; over when the sum is back at 0. */
      readonly kind: 'drift';
      readonly pointId: string;
      /** What the value should be. */
      readonly target: Operand;
      readonly direction: 'up' | 'down' | 'both';
      /** How far each sample may be from the target without being counted (k); unit of the point. */
      readonly slack: number;
      /** The sum at which it is an alarm (h); unit of the point. */
      readonly threshold: number;
      readonly severity: number;
    };

export type ConditionOf<K extends Condition['kind']> = Extract<Condition, { kind: K }>;

export interface BilingualText {
  readonly zh: string;
  readonly en: string;
}

/** A rule of a device of the same site; of the device itself where none is named. */
export interface RuleReference {
  readonly deviceId?: string;
  readonly rule: string;
}

export interface Rule {
  /** Unique within the device. */
  readonly key: string;
  readonly version: number;
  /** A signal class of libs/contracts; the engine only carries it. */
  readonly class: string;
  readonly title: BilingualText;
  /** A latching alarm stays until it is acknowledged and reset (ISA-18.2 LATUN, LATAK). */
  readonly latching: boolean;
  /** What it asks of the people who handle its alarms; what is left out is as in `DEFAULT_POLICY`. */
  readonly annunciation?: Partial<AnnunciationPolicy>;
  /** While its alarm is active these are suppressed by design. */
  readonly inhibits?: readonly RuleReference[];
  /** While the alarm of one of these is active, it is suppressed by design. */
  readonly inhibitedBy?: readonly RuleReference[];
  /** Of the alarms of one group of a site, the one that came first is marked (first-out). */
  readonly firstOutGroup?: string;
  readonly condition: Condition;
  /**
   * The alarm is annunciated only while this is true; while it is false it is suppressed by design, and evaluated as ever. Unknown
   * leaves it as it is. Absent: always.
   */
  readonly enabledWhen?: Logic;
}

export interface Point {
  readonly pointId: string;
  readonly key: string;
  readonly name: BilingualText;
  readonly unit: string | null;
  /**
   * Samples are held until they are so old, ms, and then applied in the order of their device times; 0 or absent: at once. What is
   * older when it comes is late. At most 10 minutes; it delays every alarm of the point by as much.
   */
  readonly reorderMs?: number;
}

/** Everything that the engine must know of one device; a change is a journal record. */
export interface DeviceConfiguration {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  readonly enterpriseName: string;
  readonly gridCode: string | null;
  readonly drill: boolean;
  /** What rules may refer to; absent: none. */
  readonly attributes?: Readonly<Record<string, PointValue>>;
  /**
   * How it is reached: through a gateway of the same site, or by itself. Where it is said, silence behind a link that is down is
   * suppressed by design; absent, as in old journals, each silence is told by itself.
   */
  readonly link?: { readonly gatewayId: string | null };
  readonly points: readonly Point[];
  readonly rules: readonly Rule[];
}

/** Who changed the rules of a device, and why. */
export interface ConfigurationChange {
  readonly actor: string;
  /** Who agreed, where a second person had to. */
  readonly approvedBy?: string;
  readonly reason: string;
  /** The rule that was changed, and its version from now on; absent where several were. */
  readonly rule?: string;
  readonly version?: number;
}

export interface Sample {
  readonly pointId: string;
  readonly value: PointValue;
  readonly quality: SampleQuality;
}

/** Why an act was refused; names of OPC UA Part 9 (§5.7, §5.8) where it has one. */
export type RefusalCode =
  | 'alarm_unknown'
  | 'device_unknown'
  | 'rule_unknown'
  | 'event_id_unknown'
  | 'already_acknowledged'
  | 'already_confirmed'
  | 'already_shelved'
  | 'not_shelved'
  | 'already_out_of_service'
  | 'not_out_of_service'
  | 'already_disabled'
  | 'already_enabled'
  | 'condition_disabled'
  | 'invalid_state'
  /** The rule may not be shelved, or not in this way. */
  | 'shelving_not_allowed'
  /** Two people must agree, and the command names only one. */
  | 'approval_required'
  /** Bad arguments. */
  | 'shelving_time_out_of_range'
  | 'service_time_out_of_range'
  | 'reason_required'
  | 'comment_required';

/** A rule of a device: by an alarm of it that is open, or, open or not, by its own name. */
export type RuleAddress =
  | { readonly alarmId: string; readonly eventId?: string }
  | { readonly deviceId: string; readonly ruleKey: string };

/** Who agreed to it, where the rule asks for two people; never the one who acts. */
interface Agreed {
  readonly approvedBy?: string;
}

export type Command =
  | { readonly kind: 'acknowledge'; readonly alarmId: string; readonly eventId: string }
  | { readonly kind: 'withdraw-acknowledgement'; readonly alarmId: string; readonly eventId: string }
  | { readonly kind: 'confirm'; readonly alarmId: string; readonly eventId: string }
  | { readonly kind: 'reset'; readonly alarmId: string; readonly eventId?: string }
  | { readonly kind: 'comment'; readonly alarmId: string }
  | { readonly kind: 'silence'; readonly alarmId: string; readonly eventId?: string }
  | ({ readonly kind: 'shelve'; readonly mode: 'timed' | 'oneShot'; readonly seconds: number } & RuleAddress &
      Agreed)
  | ({ readonly kind: 'unshelve' } & RuleAddress)
  | ({
      readonly kind: 'out-of-service';
      readonly seconds: number;
      readonly compensatingMeasure: string;
    } & RuleAddress &
      Agreed)
  | ({ readonly kind: 'in-service' } & RuleAddress)
  | ({ readonly kind: 'disable'; readonly deviceId: string; readonly ruleKey: string } & Agreed)
  | { readonly kind: 'enable'; readonly deviceId: string; readonly ruleKey: string };

export type EngineInput =
  | {
      readonly kind: 'reading';
      readonly deviceId: string;
      /** Receive time, epoch ms. */
      readonly receivedAt: number;
      /** Device time, already clamped by the gateway; equals `receivedAt` where the device sent none. */
      readonly ts: number;
      /** What the clock of the device said, epoch ms, believed or not; absent where it said nothing. */
      readonly deviceTime?: number;
      /** Back-filled: history, never an alarm and never a clear. */
      readonly historical: boolean;
      readonly samples: readonly Sample[];
    }
  | {
      readonly kind: 'connection';
      readonly deviceId: string;
      readonly connected: boolean;
      /** `taken_over`: another connection of the same client id ended the one before. The others mean the same here. */
      readonly reason: string;
    }
  /** The device has confirmed that its clock was set: what was measured of it before says nothing any more. */
  | { readonly kind: 'clock-set'; readonly deviceId: string }
  | {
      readonly kind: 'configure';
      readonly device: DeviceConfiguration;
      /** Absent in old journals, and where no person changed a rule. */
      readonly change?: ConfigurationChange;
    }
  | { readonly kind: 'remove'; readonly deviceId: string; readonly actor: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly actor: string;
      readonly comment: string | null;
    }
  /**
   * The server was away and has started again. Silence meanwhile was its own, so every stale deadline that is already due
   * is re-armed for its full time from now; pending on-delays and off-delays go on as they were.
   * This input is handled before the due stale deadlines fire.
   */
  | {
      readonly kind: 'start';
      /** Announce again, marked as restated, what nobody has acknowledged (row 29b). Absent in older journals: no. */
      readonly restate?: true;
      /** What counts as a flood, as chattering and as fleeting from now on. Absent: as before, which at first is nothing. */
      readonly load?: LoadLimits;
    }
  /** What the server says of itself: once when it begins, once when it is over. */
  | {
      readonly kind: 'server-condition';
      readonly name: string;
      readonly active: boolean;
      readonly message: BilingualText;
    }
  /** Time passes; due delays fire. Every other input moves time as well. */
  | { readonly kind: 'tick' };

/** What counts as a nuisance: alarms that nobody can act on. */
export interface NuisanceLimits {
  /** Chattering: the same alarm was announced so often … */
  readonly chatteringCount: number;
  /** … within so many ms. */
  readonly chatteringWithinMs: number;
  /** Fleeting: it went back in less than so many ms, before anybody could act. */
  readonly fleetingMs: number;
}

/** From when on there are too many alarms for a person, and which of them nobody can act on. */
export interface LoadLimits extends NuisanceLimits, FloodLimits {}

/** One entry of the journal as the engine sees it: `offset` rises, `at` (journal time, epoch ms) never falls. */
export interface EngineRecord {
  readonly offset: number;
  readonly at: number;
  readonly input: EngineInput;
}

export type BaseState = 'NORM' | 'UNACK' | 'ACKED' | 'RTNUN' | 'LATUN' | 'LATAK';
/** What lies over the others wins: OOSRV before DSUPR before SHLVD. */
export type AlarmState = BaseState | 'SHLVD' | 'DSUPR' | 'OOSRV';
export type AlarmQuality = SampleQuality | 'stale';

/** An occurrence that nobody acknowledged before the next one began, of a rule that keeps them ("strict"). */
export interface OlderOccurrence {
  readonly eventId: string;
  readonly level: string | null;
  readonly severity: number;
  readonly value: PointValue | null;
  readonly limit: PointValue | null;
  readonly raisedAt: number;
  readonly receivedAt: number;
  readonly clearedAt: number | null;
  readonly message: string;
  readonly messageEn: string;
}

/** An alarm as the engine publishes it: a copy, never changed afterwards. Fields as in the outer contract. */
export interface AlarmView {
  readonly id: string;
  readonly eventId: string;
  readonly pointId: string | null;
  readonly deviceId: string;
  readonly siteId: string;
  readonly enterpriseId: string;
  readonly gridCode: string | null;
  readonly deviceName: string;
  readonly siteName: string;
  readonly enterpriseName: string;
  readonly class: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly level: string | null;
  readonly severity: number;
  readonly liveSeverity: number;
  readonly state: AlarmState;
  readonly active: boolean;
  readonly acked: boolean;
  readonly latched: boolean;
  readonly quality: AlarmQuality;
  readonly value: PointValue | null;
  readonly limit: PointValue | null;
  readonly unit: string | null;
  /** `value` is calculated, such as a rate or a deviation: it is not the reading of the point. */
  readonly calculated?: true;
  readonly raisedAt: number;
  readonly receivedAt: number;
  readonly clearedAt: number | null;
  readonly ackedAt: number | null;
  readonly ackedBy: string | null;
  readonly message: string;
  readonly messageEn: string;
  readonly drill: boolean;
  /** False when it is over: this is then its last view. */
  readonly retain: boolean;
  /** What it asked for is done; true as well where the rule does not ask. */
  readonly confirmed: boolean;
  /** Its horn is off until then, journal time; null: it is not. */
  readonly silencedUntil: number | null;
  /** How often it was announced again because it stayed active. */
  readonly reAlarmCount: number;
  /** When it will be announced again, journal time; null where the rule does not ask for it. */
  readonly reAlarmAt: number | null;
  /** Announced again when the server came back, and nothing since; journal time. */
  readonly restatedAt: number | null;
  /** The first of its group, to which the others are consequences (first-out). */
  readonly firstInGroup: boolean;
  readonly shelving: 'unshelved' | 'timed' | 'oneShot';
  readonly shelvedUntil: number | null;
  /** Suppressed by design, for as long as there is a reason. */
  readonly suppressed: boolean;
  readonly suppressionReasons: readonly string[];
  readonly outOfService: boolean;
  readonly outOfServiceUntil: number | null;
  /** Quiet, whatever its state: nothing is announced. */
  readonly suppressedOrShelved: boolean;
  /** Newest first. */
  readonly olderOccurrences: readonly OlderOccurrence[];
  /** How many announcements the run of chattering has to which the newest one belongs; absent where it belongs to none. */
  readonly chattering?: number;
  /** What was active last went back before anybody could act; absent where it did not. */
  readonly fleeting?: true;
  /** Of the alarm about a flood: as it was when the flood began, and, once it is over, all of it. */
  readonly flood?: FloodSummary;
}

/** A rule of a device whose alarms are part of a flood. */
export interface FloodSource {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly rule: string;
  readonly class: string;
  readonly announced: number;
  /** The newest of its messages. */
  readonly message: string;
  readonly messageEn: string;
}

/** What a flood was, or is by now. Times are journal times. */
export interface FloodSummary {
  /** The announcement that made it a flood. */
  readonly from: number;
  /** When too few were left in the window; null while it lasts. */
  readonly to: number | null;
  /** Announcements, with those that made it a flood. */
  readonly announced: number;
  readonly byClass: Readonly<Record<string, number>>;
  /** In bands of a hundred, by their lower end. */
  readonly bySeverity: Readonly<Record<number, number>>;
  /** How many rules of devices had a part in it; the first 10 000 are told apart. */
  readonly sources: number;
  /** The ten of those with the most announcements, the most first. */
  readonly top: readonly FloodSource[];
  /** What came first of all that belongs to it. */
  readonly firstOut: Omit<FloodSource, 'announced'> & {
    readonly at: number;
    readonly alarmId: string;
    readonly severity: number;
  };
  /** The most announcements within a minute of the clock, and the begin of that minute. */
  readonly peakPerMinute: number;
  readonly peakAt: number;
}

/** A flood of a site, or, where `siteId` is empty, of the centre: all sites together. */
export interface FloodRecord {
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  /** The alarm that tells of it. */
  readonly alarmId: string | null;
  readonly flood: FloodSummary;
}

/** An alarm as it was written by any version; `wholeAlarm` reads it. */
export type StoredAlarm = Partial<AlarmView> & Omit<AlarmView, AlarmFieldSince3>;

type AlarmFieldSince3 =
  | 'retain'
  | 'confirmed'
  | 'silencedUntil'
  | 'reAlarmCount'
  | 'reAlarmAt'
  | 'restatedAt'
  | 'firstInGroup'
  | 'shelving'
  | 'shelvedUntil'
  | 'suppressed'
  | 'suppressionReasons'
  | 'outOfService'
  | 'outOfServiceUntil'
  | 'suppressedOrShelved'
  | 'olderOccurrences';

export type TransitionType =
  | 'raised'
  | 'level-changed'
  | 'returned'
  | 'reoccurred'
  | 'acknowledged'
  | 'branch-acknowledged'
  | 'acknowledgement-withdrawn'
  | 'confirmed'
  | 'reset'
  | 'silenced'
  | 'silence-ended'
  | 're-alarmed'
  | 'restated'
  | 'quality-changed'
  | 'commented'
  | 'shelved'
  | 'unshelved'
  | 'shelve-expired'
  | 'suppressed'
  | 'unsuppressed'
  | 'out-of-service'
  | 'in-service'
  | 'service-due'
  | 'disabled'
  | 'enabled'
  | 'removed';

/**
 * `own`: to be announced by itself. `joined`: to be shown as new, under the announcement of another that came back from its cover at
 * the same time, so that many expiries are not a flood. `none`: nothing to be heard.
 */
export type Annunciation = 'own' | 'joined' | 'none';

export interface Transition {
  /** Position in the stream of transitions: dense, one more with each. */
  readonly seq: number;
  /** `{journal offset}-{index}`: a replay of the journal makes the same one. */
  readonly eventId: string;
  readonly alarmId: string;
  readonly type: TransitionType;
  readonly at: number;
  readonly actor: string;
  readonly comment: string | null;
  readonly annunciation: Annunciation;
  readonly alarm: AlarmView;
}

export interface Outcome {
  readonly transitions: readonly Transition[];
  /** Why a command was refused; absent when it took effect, and for everything that is no command. */
  readonly refused?: { readonly code: RefusalCode; readonly message: string };
}

/** What a batch of readings caused: `causes[i]` is the offset of the reading behind `transitions[i]`. */
export interface ReadingsOutcome {
  readonly transitions: readonly Transition[];
  readonly causes: readonly number[];
}
