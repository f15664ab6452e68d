import { type ClaimView, type CredentialView, type QuarantineView } from '@watchfire/contracts';
import { type ClaimRow, type DeviceCredentialRow, type QuarantineRow } from '@watchfire/registry';

/** Never the secret, nor what a token is found by. */
export const credentialView = (row: DeviceCredentialRow): CredentialView => ({
  id: row.id,
  deviceId: row.deviceId,
  kind: row.kind,
  label: row.label,
  known: row.kind === 'signed' || row.kind === 'certificate' ? row.lookup : null,
  createdAt: row.createdAt,
  createdBy: row.createdBy,
  expiresAt: row.expiresAt,
  revokedAt: row.revokedAt,
  revokedBy: row.revokedBy,
  revokeReason: row.revokeReason,
  lastUsedAt: row.lastUsedAt,
  lastUsedFrom: row.lastUsedFrom,
  usable: row.kind !== 'signed' || row.secret !== null,
});

export const claimView = (row: ClaimRow, now: number): ClaimView => ({
  id: row.id,
  siteId: row.siteId,
  profile: row.profile,
  dialect: row.dialect,
  name: row.name,
  state: stateOf(row, now),
  createdAt: row.createdAt,
  createdBy: row.createdBy,
  expiresAt: row.expiresAt,
  redeemedAt: row.redeemedAt,
  deviceId: row.deviceId,
});

function stateOf({ redeemedAt, cancelledAt, expiresAt }: ClaimRow, now: number): ClaimView['state'] {
  if (redeemedAt !== null) return 'redeemed';
  if (cancelledAt !== null) return 'cancelled';
  return now >= expiresAt ? 'expired' : 'open';
}

export const quarantineView = (row: QuarantineRow): QuarantineView => ({
  id: row.id,
  gatewayId: row.gatewayId,
  wireName: row.wireName,
  address: row.address,
  firstSeenAt: row.firstSeenAt,
  lastSeenAt: row.lastSeenAt,
  count: row.count,
  sample: Buffer.from(row.sample).toString('utf8'),
});
