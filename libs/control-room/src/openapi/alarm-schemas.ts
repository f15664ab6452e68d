import {
  ALARM_CLASSES,
  ALARM_EVENT_TYPES,
  ALARM_STATES,
  ANNUNCIATIONS,
  APPROVAL_STATES,
  type ApprovalView,
  type CoveredRuleView,
  type Alarm,
  type AlarmEventView,
  type AlarmFlood,
  type FloodView,
  PRIORITIES,
  SHELVINGS,
  type StageTimesView,
} from '@watchfire/contracts';
import { z } from 'zod';

/** Replies as schemas, so that the document is generated; the type parameter holds them to the wire types. */
export const time = z.number().meta({ description: 'Epoch milliseconds.' });
export const nullableTime = time.nullable();
export const value = z.union([z.number(), z.boolean(), z.string()]).nullable();
export const quality = z.enum(['good', 'uncertain', 'bad', 'stale']);
const nullableText = z.string().nullable();

const source = {
  deviceId: z.string(),
  deviceName: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  rule: z.string(),
  class: z.enum(ALARM_CLASSES),
  message: z.string(),
  messageEn: z.string(),
};
const floodReply: z.ZodType<AlarmFlood> = z
  .object({
    from: time,
    to: nullableTime,
    announced: z.number(),
    byClass: z.partialRecord(z.enum(ALARM_CLASSES), z.number()),
    byPriority: z.record(z.enum(PRIORITIES), z.number()),
    sources: z
      .number()
      .meta({ description: 'How many rules of devices had a part in it; the first 10 000 are told apart.' }),
    top: z.array(z.object({ ...source, announced: z.number() })),
    firstOut: z.object({ ...source, at: time, alarmId: z.string(), severity: z.number() }),
    peakPerMinute: z.number(),
    peakAt: time,
  })
  .meta({ id: 'AlarmFlood', description: 'What a flood was, or is by now.' });
export const floodViewReply: z.ZodType<FloodView> = z
  .object({
    siteId: z.string().meta({ description: 'Empty: of the centre, which is all sites together.' }),
    siteName: z.string(),
    alarmId: nullableText,
    flood: floodReply,
  })
  .meta({ id: 'Flood' });

const alarmFields = {
  id: z.string(),
  eventId: z
    .string()
    .meta({ description: 'Names the present occurrence; an acknowledgement must carry it.' }),
  pointId: nullableText,
  deviceId: z.string(),
  siteId: z.string(),
  enterpriseId: z.string(),
  gridCode: nullableText,
  deviceName: z.string(),
  siteName: z.string(),
  enterpriseName: z.string(),
  class: z.enum(ALARM_CLASSES),
  rule: z.string(),
  ruleVersion: z.number(),
  level: nullableText,
  severity: z.number().min(1).max(1000),
  liveSeverity: z.number().min(0).max(1000),
  priority: z.enum(PRIORITIES),
  state: z.enum(ALARM_STATES),
  active: z.boolean(),
  acked: z.boolean(),
  latched: z.boolean(),
  retain: z.boolean().meta({ description: 'False when it is over.' }),
  confirmed: z.boolean(),
  silencedUntil: nullableTime,
  reAlarmCount: z.number(),
  reAlarmAt: nullableTime,
  restatedAt: nullableTime,
  firstInGroup: z.boolean(),
  chattering: z.number().meta({
    description: 'How many announcements the run of chattering has to which the newest one belongs; 0: none.',
  }),
  fleeting: z.boolean().meta({ description: 'It went back before anybody could act.' }),
  flood: floodReply.nullable(),
  shelving: z.enum(SHELVINGS),
  shelvedUntil: nullableTime,
  suppressed: z.boolean(),
  suppressionReasons: z.array(z.string()),
  outOfService: z.boolean(),
  outOfServiceUntil: nullableTime,
  olderOccurrences: z.array(
    z.object({
      eventId: z.string(),
      level: nullableText,
      severity: z.number(),
      value,
      limit: value,
      raisedAt: time,
      receivedAt: time,
      clearedAt: nullableTime,
      message: z.string(),
      messageEn: z.string(),
    }),
  ),
  quality,
  value,
  limit: value,
  unit: nullableText,
  calculated: z.boolean(),
  raisedAt: time,
  receivedAt: time,
  clearedAt: nullableTime,
  ackedAt: nullableTime,
  ackedBy: nullableText,
  message: z.string(),
  messageEn: z.string(),
  drill: z.boolean(),
};
export const alarmReply: z.ZodType<Alarm> = z.object(alarmFields).meta({ id: 'Alarm' });

const deed = { by: z.string(), at: time, reason: z.string(), approvedBy: nullableText };
export const coveredRuleReply: z.ZodType<CoveredRuleView> = z
  .object({
    deviceId: z.string(),
    deviceName: z.string(),
    siteId: z.string(),
    siteName: z.string(),
    enterpriseId: z.string(),
    rule: z.string(),
    class: z.enum(ALARM_CLASSES),
    title: z.string(),
    titleEn: z.string(),
    alarmId: nullableText,
    active: z.boolean(),
    acked: z.boolean(),
    shelving: z.object({ ...deed, kind: z.enum(['timed', 'oneShot']), until: time }).nullable(),
    suppressionReasons: z.array(z.string()),
    outOfService: z.object({ ...deed, compensatingMeasure: z.string(), until: time }).nullable(),
    disabled: z.object(deed).nullable(),
  })
  .meta({ id: 'CoveredRule' });

export const approvalReply: z.ZodType<ApprovalView> = z
  .object({
    id: z.string(),
    kind: z.string(),
    subject: z.string(),
    enterpriseId: nullableText,
    body: z.record(z.string(), z.unknown()),
    reason: z.string(),
    requestedBy: z.string(),
    requestedAt: time,
    expiresAt: time,
    state: z.enum(APPROVAL_STATES),
    decidedBy: nullableText,
    decidedAt: nullableTime,
    comment: nullableText,
    decidable: z.boolean().meta({ description: 'Whether the person who reads this may decide it.' }),
  })
  .meta({ id: 'Approval' });

export const stageTimesReply: z.ZodType<StageTimesView> = z
  .object({
    receivedAt: time,
    journalledAt: time,
    evaluatedAt: nullableTime,
    pushedAt: nullableTime,
    drawnAt: nullableTime,
    drawnBy: nullableText,
  })
  .meta({ id: 'StageTimes' });

export const alarmEventReply: z.ZodType<AlarmEventView> = z
  .object({
    offset: z.number(),
    eventId: z.string(),
    alarmId: z.string(),
    type: z.enum(ALARM_EVENT_TYPES),
    at: time,
    actor: z.string(),
    comment: nullableText,
    annunciation: z.enum(ANNUNCIATIONS),
    alarm: alarmReply,
    stages: stageTimesReply,
  })
  .meta({ id: 'AlarmEvent' });
