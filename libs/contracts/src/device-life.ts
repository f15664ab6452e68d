/**
 * How a device signs in. `password`: the user name is the device id. `token`: the user name is the token and there is no
 * password (ThingsBoard). `signed`: a user name and password made anew for each sign-in from a key (JetLinks). `certificate`:
 * a TLS client certificate.
 */
export const CREDENTIAL_KINDS = ['password', 'token', 'signed', 'certificate'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Registered and able to sign in on its own, or only spoken for by its gateway. */
export const NEW_CREDENTIAL_KINDS = [...CREDENTIAL_KINDS, 'none'] as const;

/** A credential as it is shown, this once. `username` and `password` are what the MQTT client of the device is set to. */
export interface IssuedCredential {
  readonly credentialId: string;
  readonly kind: CredentialKind;
  /** `password`, `certificate`: the device id; `token`: the token; `signed`: the secure id. */
  readonly username: string;
  /** `signed`: the secure key; empty for `token` and `certificate`. */
  readonly password: string;
}
export interface CredentialReply {
  readonly deviceId: string;
  readonly credential: IssuedCredential;
}
/** Never the secret. */
export interface CredentialView {
  readonly id: string;
  readonly deviceId: string;
  readonly kind: CredentialKind;
  readonly label: string;
  /** `signed`: the secure id; `certificate`: the fingerprint, `null` for any of the client CA; otherwise `null`. */
  readonly known: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
  /** False for a signed one that the key file of the server does not open: it has to be issued anew. */
  readonly usable: boolean;
}
export const CLAIM_STATES = ['open', 'redeemed', 'expired', 'cancelled'] as const;
export interface ClaimView {
  readonly id: string;
  readonly siteId: string;
  readonly profile: string;
  readonly dialect: string;
  readonly name: string | null;
  readonly state: (typeof CLAIM_STATES)[number];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly redeemedAt: number | null;
  readonly deviceId: string | null;
}
export interface NewClaimView extends ClaimView {
  /** Shown once: only its hash is stored. */
  readonly code: string;
}
export interface NewClaimsReply {
  readonly claims: readonly NewClaimView[];
}
export interface ProvisioningReply {
  readonly deviceId: string;
  readonly credential: IssuedCredential;
}
export interface QuarantineView {
  readonly id: string;
  readonly gatewayId: string | null;
  readonly wireName: string;
  readonly address: string | null;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
  /** Beginning of the last thing that it said, as UTF-8 with replacement characters. */
  readonly sample: string;
}

/** The answer to a platform: all of it is on disk. */
export interface CallbackReply {
  readonly reports: number;
  /** Of the reports, those that had come before. */
  readonly repeated: number;
  /** Reasons in the dead letter of what could not be used. */
  readonly refused: number;
}
