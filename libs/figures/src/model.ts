import { LOAD_LIMITS, type LoadLimits } from '@watchfire/alarm';
import { type Flood } from './flood.js';

/** What the definitions of the figures need; a setting each. */
export interface FigureLimits extends LoadLimits {
  /** Standing: active without a break for longer. */
  readonly standingMs: number;
  /** More announcements in a 10-minute bin than an operator can take in. */
  readonly binOver: number;
  /** More announcements in an hour than an operator can take in. */
  readonly hourOver: number;
}

/** ISA-18.2 and EEMUA 191 as restated by secondary sources. */
export const FIGURE_LIMITS: FigureLimits = {
  ...LOAD_LIMITS,
  standingMs: 86_400_000,
  binOver: 10,
  hourOver: 30,
};

export type FigureGrouping = 'site' | 'class' | 'rule' | 'seat';

/** How long it took until somebody acknowledged, ms; `null` where nobody did. Nearest rank. */
export interface ResponseFigures {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** What is counted of a group of alarms, or of all. */
export interface AlarmTally {
  readonly announced: number;
  /** Announced again because they stayed active. */
  readonly reannounced: number;
  /** Of those: had been acknowledged, and wait again. */
  readonly reopened: number;
  /** Occurrences that nobody was told of: shelved, suppressed by design or out of service. */
  readonly covered: number;
  /** Announcements in each severity band of a hundred, by its lower end: 0, 100 … 900, 1000. */
  readonly bySeverity: Readonly<Record<number, number>>;
  readonly peakBin: number;
  /** Begin of the bin with the most announcements, the first of them; `null` without any. */
  readonly peakAt: number | null;
  readonly binsOver: number;
  readonly hoursOver: number;
  readonly floods: number;
  readonly floodMs: number;
  readonly chattering: number;
  readonly chatteringRuns: number;
  readonly fleeting: number;
  /** Alarms that were active for longer than the limit at some moment of the range. */
  readonly standing: number;
  readonly standingAtEnd: number;
  readonly unacknowledgedAtBegin: number;
  readonly unacknowledgedAtEnd: number;
  readonly response: ResponseFigures;
  /** Occurrences that nobody acknowledged: a newer one took their place. */
  readonly superseded: number;
  /** Occurrences that nobody acknowledged: the rule or the device was removed, or the rule disabled. */
  readonly removed: number;
  /** Occurrences that became acknowledged without an acknowledgement. */
  readonly settled: number;
}

export interface Offender {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly rule: string;
  readonly class: string;
  readonly announced: number;
  readonly chattering: number;
  readonly fleeting: number;
  /** The latest message, Chinese and English. */
  readonly message: string;
  readonly messageEn: string;
}

/** Announcements over time. */
export interface LoadFigures {
  readonly from: number;
  /** A multiple of ten minutes. */
  readonly everyMs: number;
  /** Announcements in each step. */
  readonly announced: readonly number[];
  /** The fullest ten-minute bin of each step. */
  readonly peak: readonly number[];
}

export interface AlarmFigures {
  readonly from: number;
  readonly to: number;
  readonly total: AlarmTally;
  readonly groups: readonly { readonly key: string; readonly name: string; readonly tally: AlarmTally }[];
  /** The alarms with the most announcements, at most ten, the most first. */
  readonly top: readonly Offender[];
  readonly topAnnounced: number;
  readonly floods: readonly Flood[];
  readonly load: LoadFigures;
  /** Kept out of everything above. */
  readonly apart: { readonly drill: number; readonly test: number };
  /** Transitions that were counted. */
  readonly transitions: number;
}
