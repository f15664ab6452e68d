import { type AlarmClass, type Priority } from './alarm.js';

/** Signal classes whose points protect people: the share of them that is blind is the exposure of a site. */
export const SAFETY_CLASSES = [
  'fire',
  'entrapment',
  'gas',
  'pre-alarm',
  'process',
  'linkage',
] as const satisfies readonly AlarmClass[];

/** Why something is not watched, what weighs most first; the last three are quiet, the others blind. */
export const EXPOSURE_KIND_NAMES = [
  'never-reported',
  'offline',
  'bad',
  'stale',
  'clock',
  'flapping',
  'disabled',
  'fault',
  'out-of-service',
  'suppressed',
  'shelved',
] as const;
export type ExposureKindName = (typeof EXPOSURE_KIND_NAMES)[number];
export const QUIET_EXPOSURE_KINDS: readonly ExposureKindName[] = ['out-of-service', 'suppressed', 'shelved'];

/** A rule that thereby judges nothing to be relied on. */
export interface UnwatchedRuleView {
  readonly deviceId: string;
  readonly key: string;
  readonly class: AlarmClass;
  readonly title: string;
  readonly titleEn: string;
}

/** One thing that is not watched as it should be. */
export interface ExposureView {
  readonly id: string;
  readonly kind: ExposureKindName;
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  readonly enterpriseName: string;
  readonly deviceId: string;
  readonly deviceName: string;
  /** `null`: the whole device. */
  readonly pointId: string | null;
  readonly pointName: string | null;
  readonly pointNameEn: string | null;
  readonly ruleKey: string | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Who decided it; `null` where nobody did. */
  readonly by: string | null;
  /** Who agreed, where two people had to. */
  readonly approvedBy: string | null;
  /** What a person gave, or what is wrong with the rule. */
  readonly reason: string | null;
  /** The same in English, as far as the program says it; what a person gave stays as it was. */
  readonly reasonEn: string | null;
  /** What watches over the place meanwhile. */
  readonly compensatingMeasure: string | null;
  readonly points: number;
  readonly safety: boolean;
  readonly drill: boolean;
  readonly rules: readonly UnwatchedRuleView[];
}

export interface ExposureShare {
  readonly devices: number;
  readonly points: number;
  readonly safetyPoints: number;
  readonly blindPoints: number;
  readonly blindSafetyPoints: number;
  /** Judged, but nobody is told. */
  readonly quietPoints: number;
  readonly quietSafetyPoints: number;
  /** Blind of all safety points, 0 to 1. */
  readonly blindShare: number;
  readonly byKind: Readonly<Record<ExposureKindName, number>>;
}
export interface SiteExposure extends ExposureShare {
  readonly siteId: string;
  readonly siteName: string;
}
export interface ExposureSummary {
  /** When it was looked at. */
  readonly at: number;
  readonly total: ExposureShare;
  /** The worst first. */
  readonly sites: readonly SiteExposure[];
}

export const FIGURE_GROUPINGS = ['site', 'class', 'rule', 'seat'] as const;
export type FigureGroupingName = (typeof FIGURE_GROUPINGS)[number];

/** What a figure is compared with. */
export interface FigureTarget {
  readonly target: number;
  readonly limit: number;
  readonly source: string;
}
export type FigureVerdict = 'good' | 'fair' | 'poor';

/** Of all alarms of the question, or of one group of them. Shares are 0 to 1, means are for one operator position. */
export interface FiguresView {
  readonly announced: number;
  readonly reannounced: number;
  readonly reopened: number;
  readonly covered: number;
  readonly byPriority: Readonly<Record<Priority, number>>;
  readonly perDay: number;
  readonly perHour: number;
  readonly perBin: number;
  readonly peakBin: number;
  readonly peakAt: number | null;
  readonly binsOver: number;
  readonly binsOverShare: number;
  readonly hoursOver: number;
  readonly hoursOverShare: number;
  readonly floods: number;
  readonly floodMs: number;
  readonly floodShare: number;
  readonly floodsPerWeek: number;
  readonly chattering: number;
  readonly chatteringRuns: number;
  readonly fleeting: number;
  readonly standing: number;
  readonly standingAtEnd: number;
  readonly unacknowledgedAtBegin: number;
  readonly unacknowledgedAtEnd: number;
  readonly acknowledged: number;
  readonly responseP50Ms: number | null;
  readonly responseP95Ms: number | null;
  readonly responseMaxMs: number | null;
  readonly superseded: number;
  readonly removed: number;
  readonly settled: number;
}

export interface OffenderView {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly rule: string;
  readonly class: AlarmClass;
  readonly announced: number;
  /** Of all announcements, 0 to 1. */
  readonly share: number;
  readonly chattering: number;
  readonly fleeting: number;
  readonly message: string;
  readonly messageEn: string;
}

export interface FiguresReply {
  readonly from: number;
  /** Not later than now. */
  readonly to: number;
  /** Operator positions that share the alarms. */
  readonly positions: number;
  readonly total: FiguresView;
  readonly groups: readonly { readonly key: string; readonly name: string; readonly figures: FiguresView }[];
  readonly top: readonly OffenderView[];
  /** Of the ten most frequent alarms together, 0 to 1. */
  readonly topShare: number;
  /** Oldest first. */
  readonly floods: readonly {
    readonly from: number;
    readonly to: number | null;
    readonly announced: number;
  }[];
  readonly load: {
    readonly from: number;
    readonly everyMs: number;
    readonly announced: readonly number[];
    readonly peak: readonly number[];
  };
  /** Kept out of everything else. */
  readonly apart: { readonly drill: number; readonly test: number };
  readonly targets: Readonly<Record<string, FigureTarget>>;
  readonly verdicts: Readonly<Record<string, FigureVerdict>>;
}
