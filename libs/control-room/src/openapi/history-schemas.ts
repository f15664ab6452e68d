import {
  type HistoryReply,
  type LatestSample,
  type Page,
  type PointsHistoryReply,
  type WithGap,
} from '@watchfire/contracts';
import { z } from 'zod';
import { quality, time, value } from './alarm-schemas.js';

const values = z.array(z.tuple([time, value]));
const buckets = {
  from: time.optional().describe('Start of the first bucket; absent where samples are answered.'),
  every: z.number().int().optional().describe('Length of the buckets in ms, as they were made.'),
};

const gap = {
  incomplete: z
    .object({ before: time, reason: z.string() })
    .optional()
    .describe('There where what is older than `before` cannot be read at present, wholly or in part.'),
};

/** Lists that are read from the history. */
export function historyPageOf<T>(item: z.ZodType<T>): z.ZodType<Page<T> & WithGap> {
  const page = { items: z.array(item), total: z.number().int().min(0), nextCursor: z.string().nullable() };
  return z.object({ ...page, ...gap });
}

export const historyReply: z.ZodType<HistoryReply> = z.object({
  points: values,
  truncated: z.boolean(),
  ...buckets,
  ...gap,
});
export const pointsHistoryReply: z.ZodType<PointsHistoryReply> = z.object({
  series: z.array(z.object({ pointId: z.string(), points: values, truncated: z.boolean() })),
  ...buckets,
  ...gap,
});
export const latestSamplesReply: z.ZodType<readonly LatestSample[]> = z.array(
  z.object({ pointId: z.string(), value, quality, ts: time, receivedAt: time }),
);
