import { type ColumnType } from 'kysely';

/**
 * The tables as typed SQL, in names that CamelCasePlugin turns to snake_case. Only types that SQLite and PostgreSQL share:
 * text, integers of 64 bit, double precision, bytes. A flag is 0 or 1, JSON is text.
 */
type Flag = 0 | 1;
/** Written once. */
type Fixed<T> = ColumnType<T, T, never>;

export interface GridTable {
  code: Fixed<string>;
  name: string;
  level: 'district' | 'street' | 'community';
  parentCode: string | null;
}
export interface EnterpriseTable {
  id: Fixed<string>;
  name: string;
  createdAt: Fixed<number>;
}
export interface SiteTable {
  id: Fixed<string>;
  enterpriseId: Fixed<string>;
  name: string;
  kind: string | null;
  gridCode: string | null;
  longitude: number | null;
  latitude: number | null;
  createdAt: Fixed<number>;
}
export interface DeviceTable {
  id: Fixed<string>;
  siteId: Fixed<string>;
  profile: string;
  name: string;
  address: string | null;
  dialect: string;
  credentialHash: string | null;
  disabled: Flag;
  createdAt: Fixed<number>;
}
export interface RuleOverrideTable {
  deviceId: Fixed<string>;
  ruleKey: Fixed<string>;
  version: Fixed<number>;
  body: Fixed<string>;
  reason: Fixed<string>;
  author: Fixed<string>;
  at: Fixed<number>;
}
export interface UserTable {
  id: Fixed<string>;
  username: Fixed<string>;
  displayName: string;
  role: string;
  enterpriseId: string | null;
  passwordHash: string;
  disabled: Flag;
  createdAt: Fixed<number>;
}
export interface SessionTable {
  id: Fixed<string>;
  userId: Fixed<string>;
  tokenHash: Fixed<string>;
  createdAt: Fixed<number>;
  expiresAt: Fixed<number>;
  address: Fixed<string | null>;
}
export interface AuditTable {
  seq: Fixed<number>;
  at: Fixed<number>;
  actor: Fixed<string>;
  action: Fixed<string>;
  subject: Fixed<string>;
  detail: Fixed<string>;
  address: Fixed<string | null>;
}
export interface DeadLetterTable {
  id: Fixed<number>;
  deviceId: Fixed<string | null>;
  topic: Fixed<string>;
  code: Fixed<string>;
  message: Fixed<string>;
  at: Fixed<number>;
  payload: Fixed<Uint8Array>;
  replayedAt: number | null;
}
export interface IdempotencyTable {
  actor: Fixed<string>;
  key: Fixed<string>;
  requestHash: Fixed<string>;
  status: number | null;
  body: string | null;
  createdAt: Fixed<number>;
}

export interface RegistrySchema {
  grid: GridTable;
  enterprise: EnterpriseTable;
  site: SiteTable;
  device: DeviceTable;
  ruleOverride: RuleOverrideTable;
  user: UserTable;
  session: SessionTable;
  audit: AuditTable;
  deadLetter: DeadLetterTable;
  idempotency: IdempotencyTable;
}
