import { type GridCell, type Role, type ruleOverride } from '@watchfire/contracts';
import { type z } from 'zod';

/** Times are epoch milliseconds. Absent is `null`, never `undefined`, so that a row reads the same from every store. */
export type GridCellRow = GridCell;

export interface EnterpriseRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface SiteRow {
  readonly id: string;
  readonly enterpriseId: string;
  readonly name: string;
  /** Kind of place, a key of the deployment (`hospital`, `tank-farm` …). */
  readonly kind: string | null;
  readonly gridCode: string | null;
  /** WGS 84 degrees; both or none. */
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly createdAt: number;
}

export interface DeviceRow {
  readonly id: string;
  readonly siteId: string;
  /** Key of a catalogue profile. */
  readonly profile: string;
  readonly name: string;
  /** Address on the wire, for devices that do not speak MQTT; unique within a profile. */
  readonly address: string | null;
  /** Name of the field-deviation profile. */
  readonly dialect: string;
  /** As made by `newDeviceCredential`; `null` where the device signs in some other way. */
  readonly credentialHash: string | null;
  readonly disabled: boolean;
  readonly createdAt: number;
}

/** A device with everything above it. */
export interface DeviceContext {
  readonly device: DeviceRow;
  readonly site: SiteRow;
  readonly enterprise: EnterpriseRow;
}

/** What an override may change, without the reason, which every override has. */
export type RuleOverride = Omit<z.infer<typeof ruleOverride>, 'reason'>;

export interface RuleOverrideRow {
  readonly deviceId: string;
  readonly ruleKey: string;
  /** 1 for the first override of this rule of this device; one more with each. */
  readonly version: number;
  /** Replaces the body of the version before; `{}` is back to the catalogue. */
  readonly body: RuleOverride;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  /** Set for the role `enterprise`, and only for it. */
  readonly enterpriseId: string | null;
  readonly passwordHash: string;
  readonly disabled: boolean;
  readonly createdAt: number;
}

export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly address: string | null;
}

export interface AuditRow {
  /** Dense, rising: a missing number is a removed entry. */
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

export interface DeadLetterRow {
  /** Offset of the journal record. */
  readonly id: number;
  readonly deviceId: string | null;
  readonly topic: string;
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly payload: Uint8Array;
  readonly replayedAt: number | null;
}

export interface IdempotencyRow {
  readonly requestHash: string;
  /** HTTP status of the answer; `null` while the first request is still running. */
  readonly status: number | null;
  readonly body: string | null;
}

export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface Paged<T> {
  readonly items: T[];
  /** All rows that match, on whichever page. */
  readonly total: number;
  readonly nextCursor: string | null;
}
