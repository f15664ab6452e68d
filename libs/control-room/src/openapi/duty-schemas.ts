import {
  DUTY_ASK_RESULTS,
  DUTY_RUN_STATES,
  type DutyBoard,
  type DutyCheckView,
  type DutyGroupReply,
  type DutyPlanView,
  type DutyRunView,
  FIRE_UNIT_KINDS,
} from '@watchfire/contracts';
import { z } from 'zod';
import { time } from './alarm-schemas.js';
import { dutyCheckFields } from './fire-schemas.js';

const nullableText = z.string().nullable();
const count = z.number().int().min(0);

const dutyCheck: z.ZodType<DutyCheckView> = z
  .object({ ...dutyCheckFields, siteId: z.string(), deviceName: z.string() })
  .meta({ id: 'DutyCheck' });

const counts = {
  asked: count,
  open: count,
  present: count,
  absent: count,
  undelivered: count,
  onPost: z.number().nullable().meta({ description: 'Present of present and absent; null of none.' }),
};

export const dutyBoardReply: z.ZodType<DutyBoard> = z.object({
  from: time,
  to: time,
  checks: z.array(dutyCheck).meta({ description: 'All that are open, and the newest 300 that are not.' }),
  units: z.array(z.object({ ...counts, siteId: z.string() })),
  all: z.object(counts),
});

export const dutyGroupReply: z.ZodType<DutyGroupReply> = z.object({
  results: z.array(
    z.object({
      siteId: z.string(),
      deviceId: nullableText,
      result: z.enum(DUTY_ASK_RESULTS).meta({
        description:
          'sent: it goes out now, or within a minute when the room can take it; undelivered: it is not connected, and was not asked.',
      }),
      code: nullableText.meta({ description: 'Why it was refused.' }),
      checkId: nullableText,
    }),
  ),
});

export const dutyPlanReply: z.ZodType<DutyPlanView> = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.object({
      siteIds: z.array(z.string()).nullable(),
      kind: z.enum(FIRE_UNIT_KINDS).nullable(),
      gridCode: nullableText,
      enterpriseId: nullableText,
    }),
    days: z.array(z.number().int()).meta({ description: '1 is Monday, 7 is Sunday.' }),
    zone: z.string(),
    times: z.array(z.string()),
    windows: z.array(z.object({ from: z.string(), to: z.string(), count })),
    minutes: count,
    enabled: z.boolean(),
    revision: count,
    createdAt: time,
    changedAt: time,
    changedBy: z.string(),
  })
  .meta({ id: 'DutyPlan' });

export const dutyRunReply: z.ZodType<DutyRunView> = z.object({
  at: time,
  state: z.enum(DUTY_RUN_STATES),
  recordedAt: time,
  sent: count,
  undelivered: count,
  refused: count,
});
