import { z } from 'zod';

const text = z.string().trim().min(1).max(1000);
const eventId = z.string().min(1).max(64).optional();
/** The engine knows how long a rule allows; this only keeps the number sane. */
const seconds = z.number().int().min(1).max(31_536_000);

const shelve = { seconds, reason: text, mode: z.enum(['timed', 'oneShot']).default('timed') };
const outOfService = { seconds, reason: text, compensatingMeasure: text };

/** About an alarm: `eventId` names the occurrence that was seen. */
export const shelveRequest = z.strictObject({ eventId, ...shelve });
export const outOfServiceRequest = z.strictObject({ eventId, ...outOfService });
export const occurrenceRequest = z.strictObject({
  eventId: z.string().min(1).max(64),
  comment: text.optional(),
});
export const alarmActRequest = z.strictObject({ eventId, comment: text.optional() });

/** About a rule of a device, with or without an alarm. */
export const ruleShelveRequest = z.strictObject(shelve);
export const ruleOutOfServiceRequest = z.strictObject(outOfService);
export const ruleDisableRequest = z.strictObject({ reason: text });
export const ruleActRequest = z.strictObject({ comment: text.optional() });

export const approvalDecision = z.strictObject({ comment: text.optional() });
export const approvalQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(500).optional(),
  state: z.enum(['pending', 'all']).default('pending'),
});
