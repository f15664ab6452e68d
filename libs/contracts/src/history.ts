import { z } from 'zod';
import { type Quality, type Value } from './alarm.js';

export const HISTORY_FUNCTIONS = ['mean', 'min', 'max', 'last', 'count'] as const;
export type HistoryFunction = (typeof HISTORY_FUNCTIONS)[number];

/** Points that one question may name. */
export const MOST_POINTS = 50;
const LONGEST_POINT_ID = 200;

const range = { from: z.coerce.number().int(), to: z.coerce.number().int() };
const buckets = {
  /** Bucket in milliseconds; without it, and without `buckets`, every sample is returned. */
  every: z.coerce.number().int().min(1).optional(),
  /** Let the server choose `every`, so that there are at most so many. */
  buckets: z.coerce.number().int().min(1).max(10_000).optional(),
  fn: z.enum(HISTORY_FUNCTIONS).default('mean'),
};
const limit = z.coerce.number().int().min(1).max(100_000).default(10_000);
/** Ids with commas between. */
const points = z
  .string()
  .min(1)
  .max(MOST_POINTS * (LONGEST_POINT_ID + 1));

const oneOfThem = {
  path: ['buckets'],
  message: 'give `every` or `buckets`, not both',
};
const isOneOfThem = (query: { every?: number | undefined; buckets?: number | undefined }): boolean =>
  query.every === undefined || query.buckets === undefined;

export const historyQuery = z.strictObject({ ...range, ...buckets, limit }).refine(isOneOfThem, oneOfThem);
export const pointsHistoryQuery = z
  .strictObject({ points, ...range, ...buckets, limit })
  .refine(isOneOfThem, oneOfThem);
export const latestQuery = z.strictObject({ points });
export const historyExportQuery = z
  .strictObject({
    points,
    ...range,
    ...buckets,
    /** `lines`: InfluxDB line protocol, times in nanoseconds. */
    format: z.enum(['csv', 'lines']).default('csv'),
  })
  .refine(isOneOfThem, oneOfThem);

export type PointValues = readonly (readonly [ts: number, value: Value])[];

/** What an answer may lack at present, where a part of the history is on another machine that does not answer. */
export interface HistoryGapView {
  /** Everything before this may lack something, epoch ms. */
  readonly before: number;
  readonly reason: string;
}

export interface WithGap {
  /** Absent where nothing is out of reach. */
  readonly incomplete?: HistoryGapView | undefined;
}

/** The buckets as they were made: both may differ from what was asked, see HI26. Absent where samples are answered. */
export interface HistoryBuckets {
  /** The start of the first bucket, epoch ms. */
  readonly from?: number | undefined;
  readonly every?: number | undefined;
}

export interface HistoryReply extends HistoryBuckets, WithGap {
  readonly points: PointValues;
  readonly truncated: boolean;
}

export interface PointsHistoryReply extends HistoryBuckets, WithGap {
  /** In the order of the question. */
  readonly series: readonly {
    readonly pointId: string;
    readonly points: PointValues;
    readonly truncated: boolean;
  }[];
}

/** The sample with the highest `ts` that is stored of a point. */
export interface LatestSample {
  readonly pointId: string;
  readonly value: Value;
  readonly quality: Quality;
  readonly ts: number;
  readonly receivedAt: number;
}
