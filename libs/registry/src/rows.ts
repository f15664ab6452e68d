import {
  type ApprovalView,
  type CommandReply,
  type CommandState,
  type CredentialKind,
  type DeviceMember as Member,
  type GridCell,
  type Provenance,
  type Role,
  type RuleLayerName,
  type RuleValue,
} from '@watchfire/contracts';

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
  readonly disabled: boolean;
  readonly createdAt: number;
  /** The device behind which this one is, and which speaks for it; `null` where it speaks for itself. */
  readonly gatewayId: string | null;
  /** What its gateway calls it, unique behind that gateway; its own id is always understood too. */
  readonly wireName: string | null;
  /** Point key by the name that the device uses on the wire, for devices with names of their own. */
  readonly keys: Readonly<Record<string, string>>;
  /** Points of other devices that its rules read; of a profile of logic only. */
  readonly members: readonly DeviceMember[];
}

export type DeviceMember = Member;

/** One way in which a device may sign in. */
export interface DeviceCredentialRow {
  readonly id: string;
  readonly deviceId: string;
  readonly kind: CredentialKind;
  readonly label: string;
  /**
   * By what it is found, unique within its kind: `token` the SHA-256 of the token (base64url), `signed` the secure id,
   * `certificate` its SHA-256 fingerprint (hex), or `null` for any that the client CA has issued to this device.
   */
  readonly lookup: string | null;
  /** `password`: its hash; `signed`: the secure key, or `null` when the server's key file does not open it. */
  readonly secret: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  /** End of the overlap with a newer one. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/** A code with which one device may register itself. */
export interface ClaimRow {
  readonly id: string;
  readonly siteId: string;
  readonly profile: string;
  readonly dialect: string;
  /** Name of the device; `null`: the device gives one. */
  readonly name: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly cancelledAt: number | null;
  readonly redeemedAt: number | null;
  /** What the device asked for when it redeemed the code, so that a repeated question is known. */
  readonly asked: string | null;
  readonly deviceId: string | null;
  readonly credentialId: string | null;
}

/** Something that spoke and is not registered. */
export interface QuarantineRow {
  readonly id: string;
  /** Who spoke for it; `null` where it spoke for itself. */
  readonly gatewayId: string | null;
  readonly wireName: string;
  /** Network address that it, or its gateway, last came from. */
  readonly address: string | null;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
  /** Beginning of the last thing that it said. */
  readonly sample: Uint8Array;
}

/** A device with everything above it. */
export interface DeviceContext {
  readonly device: DeviceRow;
  readonly site: SiteRow;
  readonly enterprise: EnterpriseRow;
}

/** One value of a rule as a person entered it. */
export interface EnteredValue {
  readonly value: RuleValue;
  /** Where it comes from, in the words of the person; `null`: they did not say. */
  readonly source: string | null;
  readonly confidence: Provenance['confidence'];
  readonly by: string;
  /** Who agreed, where a second person had to. */
  readonly approvedBy: string | null;
  readonly at: number;
  readonly reason: string;
}

/** One version of what a site, a device or a point says of a rule in place of the catalogue. */
export interface RuleLayerRow {
  readonly layer: RuleLayerName;
  /** Id of the site, or of the device. */
  readonly subject: string;
  /** Layer `site`: key of the profile; `point`: key of the point; `device`: empty. */
  readonly part: string;
  readonly ruleKey: string;
  /** 1 for the first; one more with each. */
  readonly version: number;
  /** Replaces those of the version before; what is not in it falls back to the layer beneath. */
  readonly entries: Readonly<Record<string, EnteredValue>>;
  readonly reason: string;
  readonly by: string;
  readonly approvedBy: string | null;
  readonly at: number;
}

export interface NewRuleLayer extends Omit<RuleLayerRow, 'version' | 'at' | 'entries'> {
  readonly entries: Readonly<Record<string, Pick<EnteredValue, 'value' | 'source' | 'confidence'>>>;
}

/** What the catalogue said of a profile from `at` on. */
export interface CatalogueVersionRow {
  readonly profile: string;
  readonly version: number;
  readonly at: number;
  /** The file, as JSON. */
  readonly body: string;
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

/** A command for a device as the journal tells it, up to the record at `revision`. */
export interface DeviceCommandRow {
  readonly id: string;
  readonly deviceId: string;
  readonly command: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expires: number;
  readonly replyTimeoutMs: number;
  readonly state: CommandState;
  readonly sentAt: number | null;
  readonly endedAt: number | null;
  readonly cancelledBy: string | null;
  readonly message: string | null;
  readonly reply: CommandReply | null;
  /** Offset of the journal record that accepted it: the order of all commands. */
  readonly offset: number;
  /** Offset of the newest record that changed it. */
  readonly revision: number;
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

export type ApprovalRow = Omit<ApprovalView, 'decidable'>;
