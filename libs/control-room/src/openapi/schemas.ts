import {
  ALARM_STATES,
  type AuditView,
  COMMAND_STATES,
  type CommandView,
  type DeadLetterView,
  type DeviceView,
  type EnterpriseView,
  type GridCell,
  type LoginReply,
  type NewDeviceReply,
  type Page,
  type PointView,
  type ProblemDetails,
  type ProfileView,
  ROLES,
  type SeatView,
  type ServerHealth,
  type ServerInfo,
  type SessionView,
  type SiteView,
  type UserView,
} from '@watchfire/contracts';
import { z } from 'zod';
import { nullableTime, quality, time, value } from './alarm-schemas.js';
import { issuedCredential } from './device-life-schemas.js';

const nullableText = z.string().nullable();
const role = z.enum(ROLES);

/** A page of anything: every list of the API answers this way. */
export function pageOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ items: z.array(item), total: z.number().int().min(0), nextCursor: nullableText });
}

export const problemReply: z.ZodType<ProblemDetails> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' }) as z.ZodType<ProblemDetails>;

export const userReply: z.ZodType<UserView> = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    role,
    enterpriseId: nullableText,
    disabled: z.boolean(),
  })
  .meta({ id: 'User' });
export const loginReply: z.ZodType<LoginReply> = z.object({
  accessToken: z.string(),
  expiresAt: time,
  user: userReply,
});
export const sessionReply: z.ZodType<SessionView> = z.object({ expiresAt: time, user: userReply });
export const serverHealthReply: z.ZodType<ServerHealth> = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  influx: z
    .object({
      up: z.boolean(),
      failure: z.object({ code: z.string(), message: z.string(), since: time }).nullable(),
      records: z.number().int(),
      transitions: z.number().int(),
      bytes: z.number().int(),
      ageMs: z.number(),
      retries: z.number().int(),
      refusedLines: z.number().int(),
      lastSuccessAt: nullableTime,
      rollUpFailure: z.object({ message: z.string(), since: time }).nullable(),
    })
    .nullable(),
});
export const serverInfoReply: z.ZodType<ServerInfo> = z.object({
  name: z.string(),
  version: z.string(),
  mqttPort: z.int().nullable(),
  demo: z
    .object({ accounts: z.array(z.object({ username: z.string(), password: z.string(), role })) })
    .nullable(),
});
export const seatReply: z.ZodType<SeatView> = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  role,
  address: nullableText,
  connectedAt: time,
  stream: z.enum(['idle', 'catching-up', 'live']),
  audioArmed: z.boolean(),
  audioArmedAt: nullableTime,
});

export const gridReply: z.ZodType<GridCell> = z
  .object({
    code: z.string(),
    name: z.string(),
    level: z.enum(['district', 'street', 'community']),
    parentCode: nullableText,
  })
  .meta({ id: 'GridCell' });
export const enterpriseReply: z.ZodType<EnterpriseView> = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: 'Enterprise' });
export const siteReply: z.ZodType<SiteView> = z
  .object({
    id: z.string(),
    enterpriseId: z.string(),
    name: z.string(),
    gridCode: nullableText,
    kind: nullableText,
    location: z.object({ longitude: z.number(), latitude: z.number() }).nullable(),
  })
  .meta({ id: 'Site' });

export const pointReply: z.ZodType<PointView> = z
  .object({
    pointId: z.string(),
    key: z.string(),
    name: z.string(),
    nameEn: z.string(),
    unit: nullableText,
    latest: z.object({ value, quality, ts: time, receivedAt: time }).nullable(),
    state: z.enum(ALARM_STATES),
  })
  .meta({ id: 'Point' });
const deviceMembersReply = z.array(
  z.object({
    role: z.string(),
    pointId: z.string(),
    values: z.array(z.union([z.number(), z.boolean(), z.string()])).optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
  }),
);
const deviceFields = {
  id: z.string(),
  deviceId: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  enterpriseId: z.string(),
  enterpriseName: z.string(),
  gridCode: nullableText,
  profile: z.string(),
  profileName: z.string(),
  profileNameEn: z.string(),
  name: z.string(),
  address: nullableText,
  dialect: z.string(),
  gatewayId: nullableText,
  wireName: nullableText,
  keys: z.record(z.string(), z.string()),
  logic: z.boolean(),
  members: deviceMembersReply,
  connection: z.enum(['online', 'offline', 'never']),
  connectionSince: nullableTime,
  lastSeenAt: nullableTime,
  clockSkewMs: z.number().nullable(),
  points: z.array(pointReply),
};
export const deviceReply: z.ZodType<DeviceView> = z.object(deviceFields).meta({ id: 'Device' });
export const newDeviceReply: z.ZodType<NewDeviceReply | DeviceView> = z.object({
  ...deviceFields,
  credential: issuedCredential.optional(),
});
export const profileReply: z.ZodType<ProfileView> = z.object({
  key: z.string(),
  name: z.string(),
  nameEn: z.string(),
  logic: z.boolean(),
  roles: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      nameEn: z.string(),
      reads: z.enum(['values', 'alarms']),
      least: z.number().int(),
    }),
  ),
  points: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      nameEn: z.string(),
      unit: nullableText,
      type: z.enum(['number', 'boolean', 'string']),
    }),
  ),
  commands: z.array(z.string()),
});
export const commandReply: z.ZodType<CommandView> = z
  .object({
    id: z.string(),
    deviceId: z.string(),
    command: z.string(),
    params: z.record(z.string(), z.unknown()),
    state: z.enum(COMMAND_STATES).meta({ description: '`timed-out`: nobody knows whether it was executed.' }),
    actor: z.string(),
    reason: z.string(),
    createdAt: time,
    expires: time,
    replyTimeoutSeconds: z.number(),
    sentAt: nullableTime,
    endedAt: nullableTime,
    cancelledBy: nullableText,
    message: nullableText,
    reply: z
      .object({ at: time, ok: z.boolean(), data: z.unknown(), truncated: z.boolean(), late: z.boolean() })
      .nullable(),
    revision: z.number().meta({ description: 'Rises with every change of this command.' }),
  })
  .meta({ id: 'Command' });

export const deadLetterReply: z.ZodType<DeadLetterView> = z
  .object({
    id: z.string(),
    deviceId: nullableText,
    topic: z.string(),
    code: z.string(),
    message: z.string(),
    at: time,
    payload: z.string(),
    bytes: z.number(),
    replayedAt: nullableTime,
  })
  .meta({ id: 'DeadLetter' });
export const auditReply: z.ZodType<AuditView> = z
  .object({
    id: z.string(),
    at: time,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
    address: nullableText,
  })
  .meta({ id: 'AuditEntry' });
