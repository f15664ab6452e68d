import {
  type AuditView,
  type CommandView,
  type DeadLetterView,
  type EnterpriseView,
  type ProfileView,
  type SiteView,
  type UserView,
} from '@watchfire/contracts';
import { type Profile } from '@watchfire/catalogue';
import {
  type AuditRow,
  type DeadLetterRow,
  type DeviceCommandRow,
  type EnterpriseRow,
  type Paged,
  type SiteRow,
  type UserRow,
} from '@watchfire/registry';

const PAYLOAD_SHOWN_BYTES = 256;

/** The same page with each row as clients see it. */
export function mapPage<R, T>({ items, total, nextCursor }: Paged<R>, view: (row: R) => T): Paged<T> {
  return { items: items.map(view), total, nextCursor };
}

/** Never the password hash. */
export const userView = ({ id, username, displayName, role, enterpriseId, disabled }: UserRow): UserView => ({
  id,
  username,
  displayName,
  role,
  enterpriseId,
  disabled,
});

export const enterpriseView = ({ id, name }: EnterpriseRow): EnterpriseView => ({ id, name });

export const siteView = (row: SiteRow): SiteView => ({
  id: row.id,
  enterpriseId: row.enterpriseId,
  name: row.name,
  gridCode: row.gridCode,
  kind: row.kind,
  location:
    row.longitude === null || row.latitude === null
      ? null
      : { longitude: row.longitude, latitude: row.latitude },
});

export const deadLetterView = (row: DeadLetterRow): DeadLetterView => ({
  id: String(row.id),
  deviceId: row.deviceId,
  topic: row.topic,
  code: row.code,
  message: row.message,
  at: row.at,
  payload: Buffer.from(row.payload.subarray(0, PAYLOAD_SHOWN_BYTES)).toString('utf8'),
  bytes: row.payload.length,
  replayedAt: row.replayedAt,
});

export const auditView = (row: AuditRow): AuditView => ({
  id: String(row.seq),
  at: row.at,
  actor: row.actor,
  action: row.action,
  subject: row.subject,
  detail: row.detail,
  address: row.address,
});

export const commandView = ({ replyTimeoutMs, ...row }: DeviceCommandRow): CommandView => ({
  id: row.id,
  deviceId: row.deviceId,
  command: row.command,
  params: row.params,
  state: row.state,
  actor: row.actor,
  reason: row.reason,
  createdAt: row.createdAt,
  expires: row.expires,
  replyTimeoutSeconds: replyTimeoutMs / 1_000,
  sentAt: row.sentAt,
  endedAt: row.endedAt,
  cancelledBy: row.cancelledBy,
  message: row.message,
  reply: row.reply,
  revision: row.revision,
});

export const profileView = (
  { key, name, logic, roles, points }: Profile,
  commands: readonly string[],
): ProfileView => ({
  key,
  name: name.zh,
  nameEn: name.en,
  logic,
  roles: roles.map((role) => ({
    key: role.key,
    name: role.name.zh,
    nameEn: role.name.en,
    reads: role.reads,
    least: role.least,
  })),
  points: points.map((point) => ({
    key: point.key,
    name: point.name.zh,
    nameEn: point.name.en,
    unit: point.unit,
    type: point.type,
  })),
  commands,
});
