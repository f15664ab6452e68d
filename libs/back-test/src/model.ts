import { type DeviceConfiguration, type PointValue } from '@watchfire/alarm';

/** All times are epoch ms. */
export interface BackTestPlan {
  readonly devices: readonly BackTestDevice[];
  readonly ruleKey: string;
  /** What is received in `from <= t < to` counts. */
  readonly from: number;
  readonly to: number;
  /** Before `from`, so that values, delays and alarms stand as they would. */
  readonly warmUpMs: number;
  /** How far a device time may lie before and after the receive time: the bounds of the gateway. */
  readonly maxLateMs: number;
  readonly maxAheadMs: number;
}

/** What is asked for; how long before it begins and what the gateway believes is the desk's. */
export type BackTestRequest = Omit<BackTestPlan, 'warmUpMs' | 'maxLateMs' | 'maxAheadMs'>;

/** One device with the rule as it is, and as it would be. Each configuration holds that rule, or none where it is disabled. */
export interface BackTestDevice {
  readonly present: DeviceConfiguration;
  readonly changed: DeviceConfiguration;
}

/** What one version of the rule did, or would have done, between `from` and `to`. */
export interface RuleFigures {
  /** Times that the alarm became active. */
  readonly raised: number;
  /** Times that the operator was told: raised, or risen to another level. */
  readonly announced: number;
  readonly chattering: number;
  readonly chatteringRuns: number;
  readonly fleeting: number;
  /** Sum of the times in which the alarm was active, over all devices. */
  readonly standingMs: number;
  readonly longestMs: number;
  /** Alarms that were active at `from`; they are not among `raised`. */
  readonly activeAtStart: number;
  readonly activeAtEnd: number;
  /** The most announcements in any ten minutes, over all devices, and when that began. */
  readonly mostInTenMinutes: number;
  readonly mostInTenMinutesAt: number | null;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Announcements by level; `` for a rule without levels. */
  readonly levels: Readonly<Record<string, number>>;
}

/** An alarm of one version of the rule while the other had none at any time in it. */
export interface Difference {
  readonly only: 'present' | 'changed';
  readonly deviceId: string;
  readonly deviceName: string;
  readonly raisedAt: number;
  /** Null: still active at the end. */
  readonly clearedAt: number | null;
  readonly level: string | null;
  readonly severity: number;
  readonly value: PointValue | null;
}

export interface BackTestResult {
  /** Samples that were judged, warm-up included. */
  readonly samples: number;
  /** Back-filled samples: history, never an alarm. */
  readonly historicalSamples: number;
  readonly present: RuleFigures;
  readonly changed: RuleFigures;
  readonly onlyPresent: number;
  readonly onlyChanged: number;
  /** The first of them, in the order of devices and times; the counts above are of all. */
  readonly differences: readonly Difference[];
}

export type BackTestState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface BackTestJob {
  readonly id: string;
  readonly owner: string;
  readonly state: BackTestState;
  /** 0 to 1. */
  readonly progress: number;
  readonly createdAt: number;
  readonly plan: BackTestPlan;
  readonly result?: BackTestResult;
  /** Why it failed. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface BackTestLimits {
  readonly devices: number;
  readonly periodMs: number;
  /** Tests that wait or run. */
  readonly open: number;
  /** Tests that are over and can still be asked for. */
  readonly kept: number;
  /** One that nobody has asked for so long is given up: whoever wanted it has gone. */
  readonly abandonedAfterMs: number;
}

export const BACK_TEST_LIMITS: BackTestLimits = {
  devices: 1_000,
  periodMs: 400 * 86_400_000,
  open: 8,
  kept: 32,
  abandonedAfterMs: 60_000,
};

/** A day: what a point said last, and what a delay of the rule waits for, is rarely older. Default. */
export const WARM_UP_MS = 86_400_000;
/** Differences that are listed. */
export const LISTED_DIFFERENCES = 500;
/** Announcements of one version of the rule, beyond which a test is given up: nobody needs to know how many more. */
export const MOST_ANNOUNCEMENTS = 1_000_000;
