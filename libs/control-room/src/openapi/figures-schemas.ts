import {
  ALARM_CLASSES,
  EXPOSURE_KIND_NAMES,
  type ExposureShare,
  type ExposureSummary,
  type ExposureView,
  type FiguresReply,
  type FiguresView,
  PRIORITIES,
} from '@watchfire/contracts';
import { z } from 'zod';
import { nullableTime, time } from './alarm-schemas.js';

const nullableText = z.string().nullable();
const share = z.number().min(0).meta({ description: 'A share: 1 is all.' });
const nullableMs = z.number().nullable().meta({ description: 'Milliseconds.' });

export const csvReply = z
  .string()
  .meta({ id: 'Csv', description: 'RFC 4180, UTF-8 with a byte-order mark.' });

export const exposureReply: z.ZodType<ExposureView> = z
  .object({
    id: z.string(),
    kind: z.enum(EXPOSURE_KIND_NAMES),
    siteId: z.string(),
    siteName: z.string(),
    enterpriseId: z.string(),
    enterpriseName: z.string(),
    deviceId: z.string(),
    deviceName: z.string(),
    pointId: nullableText.meta({ description: '`null`: the whole device.' }),
    pointName: nullableText,
    pointNameEn: nullableText,
    ruleKey: nullableText,
    since: nullableTime,
    until: nullableTime,
    by: nullableText,
    approvedBy: nullableText,
    reason: nullableText,
    reasonEn: nullableText,
    compensatingMeasure: nullableText,
    points: z.number(),
    safety: z.boolean(),
    drill: z.boolean(),
    rules: z.array(
      z.object({
        deviceId: z.string(),
        key: z.string(),
        class: z.enum(ALARM_CLASSES),
        title: z.string(),
        titleEn: z.string(),
      }),
    ),
  })
  .meta({ id: 'Exposure' });

const exposureShareFields = {
  devices: z.number(),
  points: z.number(),
  safetyPoints: z.number(),
  blindPoints: z.number(),
  blindSafetyPoints: z.number(),
  quietPoints: z.number(),
  quietSafetyPoints: z.number(),
  blindShare: share,
  byKind: z.record(z.enum(EXPOSURE_KIND_NAMES), z.number()),
};
const exposureShareReply: z.ZodType<ExposureShare> = z
  .object(exposureShareFields)
  .meta({ id: 'ExposureShare' });
export const exposureSummaryReply: z.ZodType<ExposureSummary> = z
  .object({
    at: time,
    total: exposureShareReply,
    sites: z.array(z.object({ siteId: z.string(), siteName: z.string(), ...exposureShareFields })),
  })
  .meta({ id: 'ExposureSummary' });

const figuresFields: z.ZodType<FiguresView> = z
  .object({
    announced: z.number(),
    reannounced: z.number(),
    reopened: z.number(),
    covered: z.number(),
    byPriority: z.record(z.enum(PRIORITIES), z.number()),
    perDay: z.number(),
    perHour: z.number(),
    perBin: z.number(),
    peakBin: z.number(),
    peakAt: nullableTime,
    binsOver: z.number(),
    binsOverShare: share,
    hoursOver: z.number(),
    hoursOverShare: share,
    floods: z.number(),
    floodMs: z.number(),
    floodShare: share,
    floodsPerWeek: z.number(),
    chattering: z.number(),
    chatteringRuns: z.number(),
    fleeting: z.number(),
    standing: z.number(),
    standingAtEnd: z.number(),
    unacknowledgedAtBegin: z.number(),
    unacknowledgedAtEnd: z.number(),
    acknowledged: z.number(),
    responseP50Ms: nullableMs,
    responseP95Ms: nullableMs,
    responseMaxMs: nullableMs,
    superseded: z.number(),
    removed: z.number(),
    settled: z.number(),
  })
  .meta({ id: 'AlarmFigures' });

export const figuresReply: z.ZodType<FiguresReply> = z
  .object({
    from: time,
    to: time,
    positions: z.number(),
    total: figuresFields,
    groups: z.array(z.object({ key: z.string(), name: z.string(), figures: figuresFields })),
    top: z.array(
      z.object({
        deviceId: z.string(),
        deviceName: z.string(),
        siteId: z.string(),
        siteName: z.string(),
        rule: z.string(),
        class: z.enum(ALARM_CLASSES),
        announced: z.number(),
        share,
        chattering: z.number(),
        fleeting: z.number(),
        message: z.string(),
        messageEn: z.string(),
      }),
    ),
    topShare: share,
    floods: z.array(z.object({ from: time, to: nullableTime, announced: z.number() })),
    load: z.object({
      from: time,
      everyMs: z.number(),
      announced: z.array(z.number()),
      peak: z.array(z.number()),
    }),
    apart: z.object({ drill: z.number(), test: z.number() }),
    targets: z.record(z.string(), z.object({ target: z.number(), limit: z.number(), source: z.string() })),
    verdicts: z.record(z.string(), z.enum(['good', 'fair', 'poor'])),
  })
  .meta({ id: 'FiguresOfAlarms' });
