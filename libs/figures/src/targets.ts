/** Figures that somebody has given a target for. */
export const FIGURES_WITH_TARGET = [
  'binsOverShare',
  'peakBin',
  'floodShare',
  'floodsPerWeek',
  'hoursOverShare',
  'topShare',
  'chattering',
  'fleeting',
  'standingAtEnd',
  'responseP95Ms',
  'perBin',
  'perHour',
  'perDay',
] as const;
export type FigureWithTarget = (typeof FIGURES_WITH_TARGET)[number];

export interface Target {
  /** Good up to here. */
  readonly target: number;
  /** Still to be managed up to here; the same as `target` where the source knows no second figure. */
  readonly limit: number;
  /** Whose figure it is. */
  readonly source: string;
}

/**
 * Shares are 0 to 1, times are ms. The sources differ (150 or 144 a day, 1 % to 5 %), and the standards themselves are not public:
 * each figure carries its own, and each is a setting. The shares of bins stand first and the means last, for a mean hides floods.
 */
export const TARGETS: Readonly<Record<FigureWithTarget, Target>> = {
  binsOverShare: {
    target: 0.01,
    limit: 0.01,
    source: 'ISA-18.2 (secondary): < 1 % of 10-minute periods with more than 10',
  },
  peakBin: { target: 10, limit: 10, source: 'ISA-18.2 (secondary): at most 10 in 10 minutes' },
  floodShare: { target: 0.01, limit: 0.01, source: 'ISA-18.2 (secondary): < 1 % of the time' },
  floodsPerWeek: { target: 20, limit: 20, source: 'Ignition self-audit (vendor): at most 20 a week' },
  hoursOverShare: {
    target: 0.01,
    limit: 0.01,
    source: 'ISA-18.2 (secondary): < 1 % of hours with more than 30',
  },
  topShare: {
    target: 0.01,
    limit: 0.05,
    source: 'ISA-18.2 (secondary): 1 % to 5 % from the ten most frequent alarms',
  },
  chattering: { target: 0, limit: 0, source: 'ISA-18.2 (secondary): none, with a plan for each' },
  fleeting: { target: 0, limit: 0, source: 'ISA-18.2 (secondary): none, with a plan for each' },
  standingAtEnd: { target: 4, limit: 4, source: 'ISA-18.2 (secondary): fewer than 5 on any day' },
  responseP95Ms: {
    target: 60_000,
    limit: 60_000,
    source: 'default; one published site rule: top priority within 60 s',
  },
  perBin: { target: 1, limit: 2, source: 'EEMUA 191 (secondary): about 1, at most 2' },
  perHour: { target: 6, limit: 12, source: 'ISA-18.2 (secondary): about 6, at most 12' },
  perDay: {
    target: 144,
    limit: 288,
    source: 'IEC 62682:2014 (secondary): 144, at most 288; ISA-18.2-2009: 150 and 300',
  },
};

/** Within the target, within the limit, or beyond both. */
export type Verdict = 'good' | 'fair' | 'poor';

export function judge(value: number, { target, limit }: Target): Verdict {
  if (value <= target) return 'good';
  return value <= limit ? 'fair' : 'poor';
}
