import {
  type AcceptanceView,
  COMPONENT_CONDITIONS,
  type ComponentImportReply,
  CONFIRMATIONS,
  FIRE_DUTIES,
  FIRE_PLACE_KINDS,
  FIRE_UNIT_KINDS,
  type FireComponentView,
  type FirePlaceView,
  DUTY_VERDICTS,
  type FireDutyCheck,
  type FireUnitFigures,
  type FireDialectView,
  type FireSystemView,
  type FireUnitSummary,
  type FireUnitView,
  PLAN_TYPES,
} from '@watchfire/contracts';
import { z } from 'zod';
import { nullableTime, time } from './alarm-schemas.js';

const nullableText = z.string().nullable();
const nullableNumber = z.number().nullable();
const count = z.number().int().min(0);

const summary = {
  siteId: z.string().meta({ description: 'A fire unit is a site, and has its id.' }),
  name: z.string(),
  enterpriseId: z.string(),
  enterpriseName: z.string(),
  gridCode: nullableText,
  kind: z.enum(FIRE_UNIT_KINDS),
  address: nullableText,
  components: count,
  unplaced: count.meta({ description: 'Components on no floor plan.' }),
  flaggedAt: nullableTime.meta({ description: 'More than five false alarms in 24 h, in the last 30 days.' }),
};
export const fireDialectReply: z.ZodType<FireDialectView> = z
  .object({
    key: z.string(),
    name: z.string(),
    nameEn: z.string(),
    identifiedBy: z.enum(['source', 'connection']),
  })
  .meta({ id: 'FireDialect' });
export const fireUnitSummaryReply: z.ZodType<FireUnitSummary> = z
  .object(summary)
  .meta({ id: 'FireUnitSummary' });

export const firePlaceReply: z.ZodType<FirePlaceView> = z
  .object({
    id: z.string(),
    kind: z.enum(FIRE_PLACE_KINDS),
    parentId: nullableText,
    name: z.string(),
    level: nullableNumber.meta({ description: 'Of a floor: 1 is the ground floor, -1 the first basement.' }),
    use: nullableText,
    area: nullableNumber,
    height: nullableNumber,
    plan: z
      .object({
        hash: z.string(),
        type: z.enum(PLAN_TYPES),
        bytes: count,
        width: count,
        height: count,
        at: time,
      })
      .nullable(),
  })
  .meta({ id: 'FirePlace' });

export const fireUnitReply: z.ZodType<FireUnitView> = z
  .object({
    ...summary,
    note: nullableText,
    contacts: z.array(z.object({ duty: z.enum(FIRE_DUTIES), name: nullableText, phone: z.string() })),
    places: z.array(firePlaceReply),
  })
  .meta({ id: 'FireUnit' });

export const fireComponentReply: z.ZodType<FireComponentView> = z
  .object({
    id: z.string(),
    deviceId: z.string(),
    deviceName: z.string(),
    systemType: count,
    systemName: nullableText,
    systemNameEn: nullableText,
    systemAddress: count,
    address: count,
    addressText: z.string(),
    componentType: nullableNumber,
    typeName: nullableText,
    typeNameEn: nullableText,
    description: nullableText,
    label: nullableText,
    pointId: nullableText,
    floorId: nullableText,
    zoneId: nullableText,
    x: nullableNumber,
    y: nullableNumber,
    states: z.array(z.object({ key: z.string(), name: z.string(), nameEn: z.string() })).nullable(),
    statesAt: nullableTime,
    fireAt: nullableTime,
    condition: z.enum(COMPONENT_CONDITIONS),
    unknownReason: z.enum(['never-reported', 'offline', 'bad-quality']).nullable(),
  })
  .meta({ id: 'FireComponent' });

export const fireSystemReply: z.ZodType<FireSystemView> = z
  .object({
    deviceId: z.string(),
    deviceName: z.string(),
    systemType: count,
    systemName: nullableText,
    systemNameEn: nullableText,
    systemAddress: count,
    states: z.array(z.object({ key: z.string(), name: z.string(), nameEn: z.string() })),
    statesAt: time,
    condition: z.enum(COMPONENT_CONDITIONS),
    unknownReason: z.enum(['never-reported', 'offline', 'bad-quality']).nullable(),
  })
  .meta({ id: 'FireSystem' });

export const componentImportReply: z.ZodType<ComponentImportReply> = z.object({
  created: count,
  changed: count,
});

export const acceptanceReply: z.ZodType<AcceptanceView> = z
  .object({
    id: z.string(),
    alarmId: z.string(),
    eventId: z.string(),
    siteId: z.string(),
    firstAlarmAt: time,
    acceptedAt: nullableTime,
    endedAt: time,
    informationType: z.string(),
    information: z.string(),
    confirmation: z.enum(CONFIRMATIONS),
    result: z.string(),
    operator: z.string(),
    contactPerson: nullableText,
    reportedAt: nullableTime,
    feedbackAt: nullableTime,
    operator119: nullableText,
    handling119: nullableText,
    cause: nullableText,
    burntArea: nullableNumber,
    injured: nullableNumber,
    dead: nullableNumber,
    loss: nullableNumber,
    drill: z.boolean(),
    recordedAt: time,
    superseded: z.boolean().meta({ description: 'A later record speaks for the occurrence.' }),
  })
  .meta({ id: 'AcceptanceRecord' });

export const dutyCheckFields = {
  id: z.string().meta({ description: 'That of the command.' }),
  deviceId: z.string(),
  askedBy: z.string(),
  reason: z.string(),
  requestedAt: time,
  askedAt: nullableTime,
  closesAt: nullableTime,
  minutes: count,
  verdict: z
    .enum(DUTY_VERDICTS)
    .nullable()
    .meta({ description: 'undelivered: the device never had it. null: its time is not over.' }),
  answeredAt: nullableTime,
  lateAt: nullableTime.meta({ description: 'The key was pressed after the check had closed.' }),
  operator: nullableNumber,
};
export const fireDutyCheckReply: z.ZodType<FireDutyCheck> = z
  .object(dutyCheckFields)
  .meta({ id: 'FireDutyCheck' });

export const fireUnitFiguresReply: z.ZodType<FireUnitFigures> = z.object({
  siteId: z.string(),
  from: time,
  to: time,
  confirmations: z.record(z.enum(CONFIRMATIONS), count),
  falseShare: nullableNumber,
  mostFalseInADay: count,
  flagged: z.boolean(),
  flaggedAt: nullableTime,
  goodOrder: z.object({
    components: count,
    good: count,
    impaired: count,
    unknown: count,
    rate: nullableNumber,
  }),
  onPost: nullableNumber,
});
