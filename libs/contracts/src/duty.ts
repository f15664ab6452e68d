import { type FireDutyCheck, type FireUnitKind } from './fire-unit.js';

/** Whom duty checks of a group or of a plan ask: the units named, or all that fit what is given. */
export interface DutyScope {
  /** Sites; `null`: all that fit the rest. */
  readonly siteIds: readonly string[] | null;
  readonly kind: FireUnitKind | null;
  /** Of the grid, with all cells below it. */
  readonly gridCode: string | null;
  readonly enterpriseId: string | null;
}

/** A part of a day within which checks are made at moments that nobody can know; what ends before it begins ends on the next day. */
export interface DutyWindow {
  /** `22:00`. */
  readonly from: string;
  /** `06:00`; midnight at its end is `24:00`. */
  readonly to: string;
  readonly count: number;
}

export interface DutyPlanBody {
  readonly name: string;
  readonly scope: DutyScope;
  /** 1 is Monday, 7 is Sunday: days on which times are, and windows begin. */
  readonly days: readonly number[];
  /** IANA name of the zone of all times. */
  readonly zone: string;
  /** `09:00`. */
  readonly times: readonly string[];
  readonly windows: readonly DutyWindow[];
  /** What the guard has to answer. */
  readonly minutes: number;
  readonly enabled: boolean;
}

export interface DutyPlanView extends DutyPlanBody {
  readonly id: string;
  /** To be given back with a change. */
  readonly revision: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy: string;
}

/**
 * `running`: devices are being asked. `asked`: all were. `missed`: the server was away, and came back too late.
 * `broken-off`: some were asked before the server went away.
 */
export const DUTY_RUN_STATES = ['running', 'asked', 'missed', 'broken-off'] as const;
export type DutyRunState = (typeof DUTY_RUN_STATES)[number];

/** What a plan did at one of its moments. Moments to come are told to nobody. */
export interface DutyRunView {
  readonly at: number;
  readonly state: DutyRunState;
  readonly recordedAt: number;
  readonly sent: number;
  readonly undelivered: number;
  readonly refused: number;
}

export const DUTY_ASK_RESULTS = ['sent', 'undelivered', 'refused'] as const;
export type DutyAskResult = (typeof DUTY_ASK_RESULTS)[number];

/** What became of asking one device. */
export interface DutyAsked {
  readonly siteId: string;
  /** `null`: the unit has none that can be asked. */
  readonly deviceId: string | null;
  /** `undelivered`: it is not connected, and was not asked. */
  readonly result: DutyAskResult;
  /** Why it was refused. */
  readonly code: string | null;
  /** Under which the check is on record. */
  readonly checkId: string | null;
}

export interface DutyGroupReply {
  readonly results: readonly DutyAsked[];
}

/** A duty check with where it was made. */
export interface DutyCheckView extends FireDutyCheck {
  readonly siteId: string;
  readonly deviceName: string;
}

export interface DutyCount {
  readonly asked: number;
  readonly open: number;
  readonly present: number;
  readonly absent: number;
  readonly undelivered: number;
  /** Present of present and absent; `null` of none. */
  readonly onPost: number | null;
}

/** Duty checks of a range, whole: of every unit that has any, and in all. */
export interface DutyBoard {
  readonly from: number;
  readonly to: number;
  /** Newest first. */
  readonly checks: readonly DutyCheckView[];
  readonly units: readonly (DutyCount & { readonly siteId: string })[];
  readonly all: DutyCount;
}

/** Units that one request or one moment of a plan may ask. */
export const MOST_UNITS_ASKED = 2_000;
/** Beyond the minutes: an answer may be on its way for as long as a transmission is repeated. */
export const DUTY_GRACE_MINUTES = 2;
