import {
  type CallbackReply,
  CLAIM_STATES,
  CREDENTIAL_KINDS,
  type ClaimView,
  type CredentialReply,
  type CredentialView,
  type IssuedCredential,
  type NewClaimsReply,
  type ProvisioningReply,
  type QuarantineView,
} from '@watchfire/contracts';
import { z } from 'zod';
import { nullableTime, time } from './alarm-schemas.js';

const nullableText = z.string().nullable();
const kind = z.enum(CREDENTIAL_KINDS);

export const issuedCredential: z.ZodType<IssuedCredential> = z
  .object({ credentialId: z.string(), kind, username: z.string(), password: z.string() })
  .meta({ id: 'IssuedCredential' });
export const credentialReply: z.ZodType<CredentialReply> = z.object({
  deviceId: z.string(),
  credential: issuedCredential,
});
export const provisioningReply: z.ZodType<ProvisioningReply> = z.object({
  deviceId: z.string(),
  credential: issuedCredential,
});
export const credentialRow: z.ZodType<CredentialView> = z
  .object({
    id: z.string(),
    deviceId: z.string(),
    kind,
    label: z.string(),
    known: nullableText,
    createdAt: time,
    createdBy: z.string(),
    expiresAt: nullableTime,
    revokedAt: nullableTime,
    revokedBy: nullableText,
    revokeReason: nullableText,
    lastUsedAt: nullableTime,
    lastUsedFrom: nullableText,
    usable: z.boolean(),
  })
  .meta({ id: 'Credential' });

const claimFields = {
  id: z.string(),
  siteId: z.string(),
  profile: z.string(),
  dialect: z.string(),
  name: nullableText,
  state: z.enum(CLAIM_STATES),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time,
  redeemedAt: nullableTime,
  deviceId: nullableText,
};
export const claimReply: z.ZodType<ClaimView> = z.object(claimFields).meta({ id: 'Claim' });
export const newClaimsReply: z.ZodType<NewClaimsReply> = z.object({
  claims: z.array(z.object({ ...claimFields, code: z.string() })),
});

export const quarantineReply: z.ZodType<QuarantineView> = z
  .object({
    id: z.string(),
    gatewayId: nullableText,
    wireName: z.string(),
    address: nullableText,
    firstSeenAt: time,
    lastSeenAt: time,
    count: z.number().int(),
    sample: z.string(),
  })
  .meta({ id: 'Quarantined' });

const number = z.number().int();
export const callbackReply: z.ZodType<CallbackReply> = z.object({
  reports: number,
  repeated: number,
  refused: number,
});
