import { type HistoryReply, type LatestSample, type PointsHistoryReply } from '@watchfire/contracts';
import { z } from 'zod';
import { quality, time, value } from './alarm-schemas.js';

const values = z.array(z.tuple([time, value]));
const buckets = {
  from: time.optional().describe('Start of the first bucket; absent where samples are answered.'),
  every: z.number().int().optional().describe('Length of the buckets in ms, as they were made.'),
};

export const historyReply: z.ZodType<HistoryReply> = z.object({
  points: values,
  truncated: z.boolean(),
  ...buckets,
});
export const pointsHistoryReply: z.ZodType<PointsHistoryReply> = z.object({
  series: z.array(z.object({ pointId: z.string(), points: values, truncated: z.boolean() })),
  ...buckets,
});
export const latestSamplesReply: z.ZodType<readonly LatestSample[]> = z.array(
  z.object({ pointId: z.string(), value, quality, ts: time, receivedAt: time }),
);
