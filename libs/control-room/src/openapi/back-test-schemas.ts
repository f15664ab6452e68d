import {
  BACK_TEST_ASSUMPTIONS,
  BACK_TEST_STATES,
  type BackTestView,
  type RuleFiguresView,
} from '@watchfire/contracts';
import { z } from 'zod';
import { nullableTime, time, value } from './alarm-schemas.js';

const count = z.number().int().min(0);
const durationMs = z.number().min(0).meta({ description: 'Milliseconds.' });

const ruleFigures: z.ZodType<RuleFiguresView> = z
  .object({
    raised: count,
    announced: count,
    chattering: count,
    chatteringRuns: count,
    fleeting: count,
    standingMs: durationMs,
    longestMs: durationMs,
    activeAtStart: count,
    activeAtEnd: count,
    mostInTenMinutes: count,
    mostInTenMinutesAt: nullableTime,
    firstAt: nullableTime,
    lastAt: nullableTime,
    levels: z.record(z.string(), count),
  })
  .meta({ id: 'RuleFigures' });

export const backTestReply: z.ZodType<BackTestView> = z
  .object({
    id: z.string(),
    state: z.enum(BACK_TEST_STATES),
    progress: z.number().min(0).max(1),
    createdAt: time,
    createdBy: z.string(),
    ruleKey: z.string(),
    devices: count,
    from: time,
    to: time,
    warmUpMs: durationMs,
    assumptions: z.array(z.enum(BACK_TEST_ASSUMPTIONS)),
    result: z
      .object({
        samples: count,
        historicalSamples: count,
        present: ruleFigures,
        changed: ruleFigures,
        onlyPresent: count,
        onlyChanged: count,
        differences: z.array(
          z.object({
            only: z.enum(['present', 'changed']),
            deviceId: z.string(),
            deviceName: z.string(),
            raisedAt: time,
            clearedAt: nullableTime,
            level: z.string().nullable(),
            severity: z.number(),
            value: value.nullable(),
          }),
        ),
      })
      .nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'BackTest' });
