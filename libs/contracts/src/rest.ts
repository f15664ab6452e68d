import { z } from 'zod';
import { type Alarm, type AlarmEvent, type Quality, type Value } from './alarm.js';
import { NEW_CREDENTIAL_KINDS, type IssuedCredential } from './device-life.js';
import { type DeviceMember, type RoleView } from './device-member.js';
import { deviceId as id, deviceMembers, fingerprint, wireKeys, wireName } from './device-life-requests.js';
import { ROLES, type Role } from './roles.js';

/** Every request body and query is parsed by one of these; unknown keys are refused by name. */
const name = z.string().trim().min(1).max(120);
const text = z.string().trim().min(1).max(1000);

export const loginRequest = z.strictObject({
  username: z.string().min(1).max(64),
  password: z.string().min(1).max(256),
});
export const newEnterprise = z.strictObject({ name });
export const newSite = z.strictObject({
  enterpriseId: id,
  name,
  gridCode: z.string().max(32).optional(),
  location: z
    .strictObject({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) })
    .optional(),
});
export const newDevice = z
  .strictObject({
    siteId: id,
    profile: z.string().min(1).max(64),
    name,
    deviceId: id.optional(),
    address: z.string().max(64).optional(),
    dialect: z.string().max(64).default('standard'),
    /** The device behind which it is, and what that one calls it. */
    gatewayId: id.optional(),
    wireName: wireName.optional(),
    keys: wireKeys.optional(),
    members: deviceMembers.optional(),
    /** Default: by the dialect; none behind a gateway, or for a device that is known by a wire address. */
    credential: z.enum(NEW_CREDENTIAL_KINDS).optional(),
    fingerprint: fingerprint.optional(),
  })
  .refine((body) => body.fingerprint === undefined || body.credential === 'certificate', {
    path: ['fingerprint'],
    message: 'only a certificate has one',
  });
export const acknowledgeRequest = z.strictObject({
  eventId: z.string().min(1).max(64),
  comment: text.optional(),
});
export const resetRequest = z.strictObject({
  eventId: z.string().min(1).max(64).optional(),
  comment: text.optional(),
});
export const commentRequest = z.strictObject({ comment: text });
export const newUser = z.strictObject({
  username: z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/),
  displayName: name,
  role: z.enum(ROLES),
  password: z.string().min(12).max(256),
  /** Only for the role `enterprise`: whose data the person may see. */
  enterpriseId: id.optional(),
});
const paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
};
export const pageQuery = z.strictObject(paging);
export const newPassword = z.strictObject({ password: z.string().min(12).max(256) });
export const siteQuery = z.strictObject({ ...paging, enterpriseId: id.optional() });
/** Pages by device: a page has all rules of each of its devices. */
export const ruleQuery = z.strictObject({ ...paging, deviceId: id.optional(), siteId: id.optional() });
export const deadLetterQuery = z.strictObject({ ...paging, deviceId: id.optional() });
export const quarantineQuery = z.strictObject({ ...paging, gatewayId: id.optional() });
export const auditQuery = z.strictObject({
  ...paging,
  actor: z.string().max(64).optional(),
  action: z.string().max(64).optional(),
});
export const alarmQuery = z.strictObject({
  ...paging,
  state: z.enum(['active', 'unacknowledged', 'suppressed', 'all']).default('active'),
  siteId: id.optional(),
  deviceId: id.optional(),
  class: z.string().max(32).optional(),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
});
export const floodQuery = z.strictObject({
  ...paging,
  /** Of this site; without it of all, and of the centre. */
  siteId: id.optional(),
  /** Only those that last, or only those that are over. */
  present: z.stringbool().optional(),
});
export const deviceQuery = z.strictObject({
  ...paging,
  siteId: id.optional(),
  q: z.string().max(100).optional(),
});

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly nextCursor: string | null;
}
export interface UserView {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly enterpriseId: string | null;
  readonly disabled: boolean;
}
export interface LoginReply {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly user: UserView;
}
/** Whose session this is, and until when. */
export interface SessionView {
  readonly expiresAt: number;
  readonly user: UserView;
}
/** One live page: who sits there, and whether the seat has proved that it can be heard. */
export interface SeatView {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly address: string | null;
  readonly connectedAt: number;
  /** `live` sees every alarm at once; `catching-up` is being sent older ones; `idle` has not subscribed. */
  readonly stream: 'idle' | 'catching-up' | 'live';
  readonly audioArmed: boolean;
  readonly audioArmedAt: number | null;
}
/** What the page must know before anybody has signed in. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  /** Where devices connect over TCP; `null` while they may not yet. */
  readonly mqttPort: number | null;
  readonly demo: null | {
    readonly accounts: readonly {
      readonly username: string;
      readonly password: string;
      readonly role: Role;
    }[];
  };
}
/** Whether the server does its whole work, and what only part of it suffers from. */
export interface ServerHealth {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** Of the history on another machine; `null` where there is none. It being away is no reason not to be ready. */
  readonly influx: InfluxHealth | null;
}
export interface InfluxHealth {
  /** It takes what it is given. */
  readonly up: boolean;
  readonly failure: null | { readonly code: string; readonly message: string; readonly since: number };
  /** What waits: records with samples, transitions of alarms, bytes of the journal (about). */
  readonly records: number;
  readonly transitions: number;
  readonly bytes: number;
  /** How long the oldest of them has waited, ms. */
  readonly ageMs: number;
  readonly retries: number;
  /** Lines that it will never take, since the start. */
  readonly refusedLines: number;
  /** Epoch ms; `null` before the first. */
  readonly lastSuccessAt: number | null;
  /** Since when nothing could be rolled up to minutes and hours, and why; `null` where it can. */
  readonly rollUpFailure: null | { readonly message: string; readonly since: number };
}
export interface GridCell {
  readonly code: string;
  readonly name: string;
  readonly level: 'district' | 'street' | 'community';
  readonly parentCode: string | null;
}
export interface EnterpriseView {
  readonly id: string;
  readonly name: string;
}
export interface SiteView {
  readonly id: string;
  readonly enterpriseId: string;
  readonly name: string;
  readonly gridCode: string | null;
  readonly kind: string | null;
  readonly location: { readonly longitude: number; readonly latitude: number } | null;
}
export type ConnectionState = 'online' | 'offline' | 'never';
export interface PointView {
  readonly pointId: string;
  readonly key: string;
  readonly name: string;
  readonly nameEn: string;
  readonly unit: string | null;
  readonly latest: null | {
    readonly value: Value;
    readonly quality: Quality;
    readonly ts: number;
    readonly receivedAt: number;
  };
  /** The worst alarm state of the point's alarms, `NORM` where there is none. */
  readonly state: Alarm['state'];
}
export interface DeviceView {
  readonly id: string;
  readonly deviceId: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  readonly enterpriseName: string;
  readonly gridCode: string | null;
  readonly profile: string;
  readonly profileName: string;
  readonly profileNameEn: string;
  readonly name: string;
  readonly address: string | null;
  readonly dialect: string;
  readonly gatewayId: string | null;
  /** What its gateway calls it. */
  readonly wireName: string | null;
  /** Point key by the name that the device uses on the wire. */
  readonly keys: Readonly<Record<string, string>>;
  /** It has no hardware: its rules read points of other devices. Its connection means nothing. */
  readonly logic: boolean;
  readonly members: readonly DeviceMember[];
  readonly connection: ConnectionState;
  /** When the connection state last changed. */
  readonly connectionSince: number | null;
  readonly lastSeenAt: number | null;
  /** How far the device's clock is behind the server's, ms; negative: ahead; `null`: it has sent no time. */
  readonly clockSkewMs: number | null;
  readonly points: readonly PointView[];
}
/** A new device that can sign in; one that cannot, behind a gateway, is answered as a `DeviceView`. */
export interface NewDeviceReply extends DeviceView {
  readonly credential: IssuedCredential;
}
export interface ProfileView {
  readonly key: string;
  readonly name: string;
  readonly nameEn: string;
  /** Of devices without hardware, whose rules read points of other devices. */
  readonly logic: boolean;
  readonly roles: readonly RoleView[];
  readonly points: readonly {
    readonly key: string;
    readonly name: string;
    readonly nameEn: string;
    readonly unit: string | null;
    readonly type: 'number' | 'boolean' | 'string';
  }[];
  /** Names of the commands that this kind of device takes. */
  readonly commands: readonly string[];
}
/** When a transition reached each stage on its way to a screen; epoch ms of the server's clock, `null` where unknown. */
export interface StageTimesView {
  readonly receivedAt: number;
  readonly journalledAt: number;
  readonly evaluatedAt: number | null;
  readonly pushedAt: number | null;
  readonly drawnAt: number | null;
  readonly drawnBy: string | null;
}
/** One transition in the history of an alarm. */
export interface AlarmEventView extends AlarmEvent {
  readonly stages: StageTimesView;
}
export interface Provenance {
  /** Standard and clause, or `default` for a suggestion of this project. */
  readonly source: string;
  /** `standard`: read in the text; `secondary`: in a page that restates it; `memory`: not confirmed; `default`: ours. */
  readonly confidence: 'standard' | 'secondary' | 'memory' | 'default';
  readonly note?: string;
}
export interface DeadLetterView {
  readonly id: string;
  readonly deviceId: string | null;
  readonly topic: string;
  readonly code: string;
  readonly message: string;
  readonly at: number;
  /** The first 256 bytes. */
  readonly payload: string;
  readonly bytes: number;
  readonly replayedAt: number | null;
}
export interface AuditView {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}
/** RFC 9457 problem details. `code` is stable and listed in docs/errors.md. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
