import {
  type ApprovalState,
  type CommandState,
  type Confirmation,
  type DutyCheckVerdict,
  type DutyRunState,
  type FireDuty,
  type FirePlaceKind,
  type FireUnitKind,
  type PlanType,
} from '@watchfire/contracts';
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
  disabled: Flag;
  createdAt: Fixed<number>;
  gatewayId: string | null;
  wireName: string | null;
  keys: string | null;
  members: string | null;
}
export interface DeviceCredentialTable {
  id: Fixed<string>;
  deviceId: Fixed<string>;
  kind: Fixed<string>;
  label: Fixed<string>;
  lookup: Fixed<string | null>;
  secret: Fixed<string | null>;
  createdAt: Fixed<number>;
  createdBy: Fixed<string>;
  expiresAt: number | null;
  revokedAt: number | null;
  revokedBy: string | null;
  revokeReason: string | null;
  lastUsedAt: number | null;
  lastUsedFrom: string | null;
}
export interface ClaimTable {
  id: Fixed<string>;
  codeHash: Fixed<string>;
  siteId: Fixed<string>;
  profile: Fixed<string>;
  dialect: Fixed<string>;
  name: Fixed<string | null>;
  createdAt: Fixed<number>;
  createdBy: Fixed<string>;
  expiresAt: Fixed<number>;
  cancelledAt: number | null;
  redeemedAt: number | null;
  asked: string | null;
  deviceId: string | null;
  credentialId: string | null;
}
export interface QuarantineTable {
  id: Fixed<string>;
  /** Empty where no gateway was in between. */
  gatewayId: Fixed<string>;
  wireName: Fixed<string>;
  address: string | null;
  firstSeenAt: Fixed<number>;
  lastSeenAt: number;
  lastOffset: number;
  count: number;
  sample: Uint8Array;
}
export interface RuleLayerTable {
  layer: Fixed<string>;
  subject: Fixed<string>;
  part: Fixed<string>;
  ruleKey: Fixed<string>;
  version: Fixed<number>;
  entries: Fixed<string>;
  reason: Fixed<string>;
  author: Fixed<string>;
  approvedBy: Fixed<string | null>;
  at: Fixed<number>;
}
export interface CatalogueVersionTable {
  profile: Fixed<string>;
  version: Fixed<number>;
  at: Fixed<number>;
  body: Fixed<string>;
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
export interface DeviceCommandTable {
  id: Fixed<string>;
  deviceId: Fixed<string>;
  command: Fixed<string>;
  params: Fixed<string>;
  actor: Fixed<string>;
  reason: Fixed<string>;
  createdAt: Fixed<number>;
  expires: Fixed<number>;
  replyTimeoutMs: Fixed<number>;
  offset: Fixed<number>;
  state: CommandState;
  sentAt: number | null;
  endedAt: number | null;
  cancelledBy: string | null;
  message: string | null;
  reply: string | null;
  revision: number;
}
export interface IdempotencyTable {
  actor: Fixed<string>;
  key: Fixed<string>;
  requestHash: Fixed<string>;
  status: number | null;
  body: string | null;
  createdAt: Fixed<number>;
}
export interface CallbackEventTable {
  integration: Fixed<string>;
  eventId: Fixed<string>;
  at: number;
}

export interface ApprovalTable {
  id: Fixed<string>;
  kind: Fixed<string>;
  subject: Fixed<string>;
  enterpriseId: Fixed<string | null>;
  body: Fixed<string>;
  reason: Fixed<string>;
  requestedBy: Fixed<string>;
  requestedAt: Fixed<number>;
  expiresAt: Fixed<number>;
  state: Exclude<ApprovalState, 'expired'>;
  decidedBy: string | null;
  decidedAt: number | null;
  comment: string | null;
}

export interface FireUnitTable {
  siteId: Fixed<string>;
  kind: FireUnitKind;
  address: string | null;
  note: string | null;
  createdAt: Fixed<number>;
}
export interface FireContactTable {
  siteId: Fixed<string>;
  position: Fixed<number>;
  duty: Fixed<FireDuty>;
  name: Fixed<string | null>;
  phone: Fixed<string>;
}
export interface FirePlaceTable {
  id: Fixed<string>;
  siteId: Fixed<string>;
  kind: Fixed<FirePlaceKind>;
  parentId: Fixed<string | null>;
  name: string;
  level: number | null;
  use: string | null;
  area: number | null;
  height: number | null;
  planHash: string | null;
  planType: PlanType | null;
  planBytes: number | null;
  planWidth: number | null;
  planHeight: number | null;
  planAt: number | null;
}
export interface FireComponentTable {
  id: Fixed<string>;
  deviceId: Fixed<string>;
  systemType: Fixed<number>;
  systemAddress: Fixed<number>;
  address: Fixed<number>;
  addressText: string;
  componentType: number | null;
  description: string | null;
  label: string | null;
  pointId: string | null;
  floorId: string | null;
  zoneId: string | null;
  x: number | null;
  y: number | null;
  states: string | null;
  statesAt: number | null;
  fireAt: number | null;
  lastOffset: number;
  createdAt: Fixed<number>;
}
export interface FireSystemTable {
  deviceId: Fixed<string>;
  systemType: Fixed<number>;
  systemAddress: Fixed<number>;
  states: string;
  statesAt: number;
  lastOffset: number;
}
export interface AcceptanceRecordTable {
  seq: Fixed<number>;
  alarmId: Fixed<string>;
  eventId: Fixed<string>;
  siteId: Fixed<string>;
  enterpriseId: Fixed<string>;
  confirmation: Fixed<Confirmation>;
  drill: Fixed<Flag>;
  firstAlarmAt: Fixed<number>;
  recordedAt: Fixed<number>;
  recordedBy: Fixed<string>;
  body: Fixed<string>;
}
export interface DutyAnswerTable {
  offset: Fixed<number>;
  deviceId: Fixed<string>;
  at: Fixed<number>;
  operator: Fixed<number>;
}
export interface DutyNoteTable {
  checkId: Fixed<string>;
  what: Fixed<'closed' | 'late'>;
  deviceId: Fixed<string>;
  verdict: Fixed<DutyCheckVerdict | null>;
  at: Fixed<number>;
  offset: Fixed<number>;
}
export interface DutyPlanTable {
  id: Fixed<string>;
  name: string;
  body: string;
  enabled: Flag;
  revision: number;
  createdAt: Fixed<number>;
  changedAt: number;
  changedBy: string;
  coveredTo: number;
  removedAt: number | null;
}
export interface DutyDayTable {
  planId: Fixed<string>;
  day: Fixed<number>;
  seed: Fixed<string>;
}
export interface DutyRunTable {
  planId: Fixed<string>;
  at: Fixed<number>;
  state: DutyRunState;
  recordedAt: number;
  sent: number;
  undelivered: number;
  refused: number;
}

export interface RegistrySchema {
  grid: GridTable;
  enterprise: EnterpriseTable;
  site: SiteTable;
  device: DeviceTable;
  deviceCredential: DeviceCredentialTable;
  claim: ClaimTable;
  quarantine: QuarantineTable;
  ruleLayer: RuleLayerTable;
  catalogueVersion: CatalogueVersionTable;
  user: UserTable;
  session: SessionTable;
  audit: AuditTable;
  deadLetter: DeadLetterTable;
  deviceCommand: DeviceCommandTable;
  idempotency: IdempotencyTable;
  callbackEvent: CallbackEventTable;
  approval: ApprovalTable;
  fireUnit: FireUnitTable;
  fireContact: FireContactTable;
  firePlace: FirePlaceTable;
  fireComponent: FireComponentTable;
  acceptanceRecord: AcceptanceRecordTable;
  fireSystem: FireSystemTable;
  dutyAnswer: DutyAnswerTable;
  dutyNote: DutyNoteTable;
  dutyPlan: DutyPlanTable;
  dutyDay: DutyDayTable;
  dutyRun: DutyRunTable;
}
