import { ALARM_CLASSES, type SubscribeRequest, type WatchRequest } from '@watchfire/contracts';
import { z } from 'zod';

/** What a page may say. Everything else is answered with a `Refusal`. */
const pointId = z.string().min(3).max(129);

export const subscribeMessage = z
  .strictObject({
    offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    filter: z
      .strictObject({
        siteIds: z.array(z.string().max(64)).max(1_000).optional(),
        classes: z.array(z.enum(ALARM_CLASSES)).optional(),
      })
      .optional(),
  })
  .nullish()
  .transform((message) => (message ?? {}) as SubscribeRequest);

export const watchMessage: z.ZodType<WatchRequest> = z.strictObject({ points: z.array(pointId) });

const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const drawnMessage = z.strictObject({
  offset,
  frames: z
    .array(z.strictObject({ offset, ago: z.number().int().min(0).max(3_600_000) }))
    .max(64)
    .default([]),
});

export const audioMessage = z.strictObject({ armed: z.boolean() });
