import { type Value } from './alarm.js';

export const BACK_TEST_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type BackTestState = (typeof BACK_TEST_STATES)[number];

/** What the figures rest on, where stored samples do not tell everything. */
export const BACK_TEST_ASSUMPTIONS = [
  /** What is announced is acknowledged at once, and reset as soon as that is possible: each occurrence is an alarm of its own. */
  'acknowledged-at-once',
  /** The present rule is the one of now, also where another was in force then. */
  'present-rule-of-now',
  /** Times in which the server was away count as silence of the devices. */
  'server-absence-is-silence',
] as const;
export type BackTestAssumption = (typeof BACK_TEST_ASSUMPTIONS)[number];

/** What one version of the rule did, or would have done. Times are epoch ms. */
export interface RuleFiguresView {
  /** Times that the alarm became active. */
  readonly raised: number;
  /** Times that the operator was told: raised, or risen to another level. */
  readonly announced: number;
  readonly chattering: number;
  readonly chatteringRuns: number;
  readonly fleeting: number;
  readonly standingMs: number;
  readonly longestMs: number;
  readonly activeAtStart: number;
  readonly activeAtEnd: number;
  readonly mostInTenMinutes: number;
  readonly mostInTenMinutesAt: number | null;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Announcements by level; `` for a rule without levels. */
  readonly levels: Readonly<Record<string, number>>;
}

/** An alarm of one version of the rule while the other had none. */
export interface BackTestDifference {
  readonly only: 'present' | 'changed';
  readonly deviceId: string;
  readonly deviceName: string;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
  readonly level: string | null;
  readonly severity: number;
  readonly value: Value | null;
}

export interface BackTestResultView {
  readonly samples: number;
  /** Back-filled samples, which raise nothing. */
  readonly historicalSamples: number;
  readonly present: RuleFiguresView;
  readonly changed: RuleFiguresView;
  readonly onlyPresent: number;
  readonly onlyChanged: number;
  /** At most 500; the counts are of all. */
  readonly differences: readonly BackTestDifference[];
}

export interface BackTestView {
  readonly id: string;
  readonly state: BackTestState;
  /** 0 to 1. */
  readonly progress: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly ruleKey: string;
  readonly devices: number;
  readonly from: number;
  readonly to: number;
  readonly warmUpMs: number;
  readonly assumptions: readonly BackTestAssumption[];
  readonly result: BackTestResultView | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}
