import { z } from 'zod';
import { deviceId } from './device-life-requests.js';
import { DUTY_GRACE_MINUTES, MOST_UNITS_ASKED } from './duty.js';
import { FIRE_UNIT_KINDS } from './fire-unit.js';

const DAY_MINUTES = 1_440;
const DAY_MS = 86_400_000;
const MOST_TIMES = 24;
const MOST_WINDOWS = 6;
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00');
const endTime = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as 06:00, or 24:00');
const minutes = z.number().int().min(1).max(255);
/** Where a room that was told nothing else expects an answer. */
const DEFAULT_MINUTES = 10;

export const dutyScope = z.strictObject({
  siteIds: z.array(deviceId).min(1).max(MOST_UNITS_ASKED).nullable().default(null),
  kind: z.enum(FIRE_UNIT_KINDS).nullable().default(null),
  gridCode: z.string().min(1).max(32).nullable().default(null),
  enterpriseId: deviceId.nullable().default(null),
});

export const dutyGroup = z.strictObject({
  scope: dutyScope,
  minutes: minutes.default(DEFAULT_MINUTES),
  reason: z.string().trim().min(1).max(500),
});

/** Minutes after midnight. */
export function minuteOfDay(text: string): number {
  const [hours = 0, rest = 0] = text.split(':').map(Number);
  return hours * 60 + rest;
}

/** Of a window, which may end on the next day. */
export function windowMinutes({ from, to }: { readonly from: string; readonly to: string }): number {
  const [begin, end] = [minuteOfDay(from), minuteOfDay(to)];
  return end > begin ? end - begin : end + DAY_MINUTES - begin;
}

const planShape = z.strictObject({
  name: z.string().trim().min(1).max(120),
  scope: dutyScope,
  days: z
    .array(z.number().int().min(1).max(7))
    .min(1)
    .max(7)
    .refine((days) => new Set(days).size === days.length, 'each day once'),
  zone: z
    .string()
    .min(1)
    .max(64)
    .refine(isZone, 'no time zone (IANA), as Asia/Shanghai')
    .default('Asia/Shanghai'),
  times: z
    .array(clockTime)
    .max(MOST_TIMES)
    .refine((times) => new Set(times).size === times.length, 'each time once')
    .default([]),
  windows: z
    .array(z.strictObject({ from: clockTime, to: endTime, count: z.number().int().min(1).max(MOST_TIMES) }))
    .max(MOST_WINDOWS)
    .default([]),
  minutes: minutes.default(DEFAULT_MINUTES),
  enabled: z.boolean().default(true),
});

function checkMoments(plan: z.infer<typeof planShape>, context: z.core.$RefinementCtx): void {
  if (plan.times.length + plan.windows.length === 0) {
    context.addIssue({ code: 'custom', path: ['times'], message: 'a time or a window' });
  }
  for (const [index, window] of plan.windows.entries()) {
    // One press of the key answers every open check: two in one window must not be open at once.
    const needed = (window.count - 1) * (plan.minutes + DUTY_GRACE_MINUTES) + 1;
    if (windowMinutes(window) >= needed) continue;
    const message = `too short: ${window.count} checks of ${plan.minutes} min need ${needed} min`;
    context.addIssue({ code: 'custom', path: ['windows', index, 'count'], message });
  }
}

export const newDutyPlan = planShape.superRefine(checkMoments);
export const dutyPlanChange = planShape
  .extend({ revision: z.number().int().min(1) })
  .superRefine(checkMoments);

export const dutyBoardQuery = z
  .strictObject({ from: z.coerce.number().int(), to: z.coerce.number().int(), siteId: deviceId.optional() })
  .refine(({ from, to }) => from < to && to - from <= 31 * DAY_MS, {
    path: ['to'],
    message: 'after from, and at most 31 days later',
  });

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
