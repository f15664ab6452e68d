/** Kinds of fire units that the district plans name, and the rest. */
export const FIRE_UNIT_KINDS = [
  'heritage-building',
  'high-fire-risk',
  'hospital',
  'elderly-home',
  'entertainment-venue',
  'budget-hotel',
  'other',
] as const;
export type FireUnitKind = (typeof FIRE_UNIT_KINDS)[number];

/** Who is called, and what for. */
export const FIRE_DUTIES = [
  'control-room',
  'legal-person',
  'fire-responsible',
  'fire-manager',
  'micro-station',
  'maintenance',
  'grid-officer',
  'other',
] as const;
export type FireDuty = (typeof FIRE_DUTIES)[number];

export const FIRE_PLACE_KINDS = ['building', 'floor', 'zone'] as const;
export type FirePlaceKind = (typeof FIRE_PLACE_KINDS)[number];

/** What a component, or the system that it belongs to, is in: the worst first. `unknown` is never normal. */
export const COMPONENT_CONDITIONS = [
  'fire',
  'supervisory',
  'fault',
  'shield',
  'test',
  'active',
  'unknown',
  'normal',
] as const;
export type ComponentCondition = (typeof COMPONENT_CONDITIONS)[number];

/** What an accepted alarm was found to be. */
export const CONFIRMATIONS = ['real', 'false', 'test', 'maintenance', 'fault', 'unconfirmed'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export const PLAN_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type PlanType = (typeof PLAN_TYPES)[number];

export const MOST_CONTACTS = 30;
export const PLAN_LIMIT_BYTES = 8 * 1_048_576;
export const COMPONENT_CSV_LIMIT_BYTES = 2 * 1_048_576;

export interface FireContact {
  readonly duty: FireDuty;
  /** `null`: the telephone is of a room. */
  readonly name: string | null;
  readonly phone: string;
}

export interface PlanView {
  /** SHA-256 of the image: it changes with it. */
  readonly hash: string;
  readonly type: PlanType;
  readonly bytes: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly at: number;
}

/** A building, one of its floors, or a fire zone of a floor or of a whole building. */
export interface FirePlaceView {
  readonly id: string;
  readonly kind: FirePlaceKind;
  /** A floor is in a building; a zone on a floor, or, over several floors, in a building. */
  readonly parentId: string | null;
  readonly name: string;
  /** Of a floor: 1 is the ground floor, -1 the first basement. */
  readonly level: number | null;
  readonly use: string | null;
  /** m². */
  readonly area: number | null;
  /** m. */
  readonly height: number | null;
  readonly plan: PlanView | null;
}

/** A device profile of GB/T 26875.3: what a device may be registered with as its `dialect`. */
export interface FireDialectView {
  readonly key: string;
  readonly name: string;
  readonly nameEn: string;
  /** By the address in its frames, or, where that is zero, by its network address. */
  readonly identifiedBy: 'source' | 'connection';
}

export interface FireUnitSummary {
  /** A fire unit is a site under fire supervision, and has its id. */
  readonly siteId: string;
  readonly name: string;
  readonly enterpriseId: string;
  readonly enterpriseName: string;
  readonly gridCode: string | null;
  readonly kind: FireUnitKind;
  readonly address: string | null;
  readonly components: number;
  /** Of them, on no floor plan. */
  readonly unplaced: number;
  /** When it last had more than five false alarms within 24 h, in the last 30 days; `null` where it had not. */
  readonly flaggedAt: number | null;
}

export interface FireUnitView extends FireUnitSummary {
  readonly note: string | null;
  /** In the order in which they are called. */
  readonly contacts: readonly FireContact[];
  readonly places: readonly FirePlaceView[];
}

export interface ComponentStateView {
  readonly key: string;
  readonly name: string;
  readonly nameEn: string;
}

/** A component is known by device, system type, system address and its own address; its type is an attribute. */
export interface FireComponentView {
  readonly id: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly systemType: number;
  /** As the profile of the device calls it; `null` where it is of no table. */
  readonly systemName: string | null;
  readonly systemNameEn: string | null;
  readonly systemAddress: number;
  /** The four bytes of the wire as an unsigned number, low byte first. */
  readonly address: number;
  /** As the panel prints it, for example `1/17`. */
  readonly addressText: string;
  readonly componentType: number | null;
  readonly typeName: string | null;
  readonly typeNameEn: string | null;
  /** What the panel says of it. */
  readonly description: string | null;
  /** What people call it. */
  readonly label: string | null;
  /** Whose alarms are its alarms; `null` where the device reports it by address alone. */
  readonly pointId: string | null;
  readonly floorId: string | null;
  readonly zoneId: string | null;
  /** On the plan of the floor, 0 to 1 from its left and its top; both or none. */
  readonly x: number | null;
  readonly y: number | null;
  /** Flags that it reported last; `null` while it never did. */
  readonly states: readonly ComponentStateView[] | null;
  readonly statesAt: number | null;
  /** Since when it reports fire. */
  readonly fireAt: number | null;
  readonly condition: ComponentCondition;
  /** Why nobody can know what it is in now: it is then `unknown`, or in the alarm that it reported last. */
  readonly unknownReason: 'never-reported' | 'offline' | 'bad-quality' | null;
}

/** A system of a fire-control room, with what it said of itself last; what its components say is theirs. */
export interface FireSystemView {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly systemType: number;
  /** As the profile of the device calls it; `null` where it is of no table. */
  readonly systemName: string | null;
  readonly systemNameEn: string | null;
  readonly systemAddress: number;
  readonly states: readonly ComponentStateView[];
  readonly statesAt: number;
  readonly condition: ComponentCondition;
  readonly unknownReason: FireComponentView['unknownReason'];
}

/** What was made of one occurrence of an alarm, as GB/T 26875.4 lists it. Append-only: a correction is a further record. */
export interface AcceptanceView {
  readonly id: string;
  readonly alarmId: string;
  readonly eventId: string;
  readonly siteId: string;
  /** The first alarm. */
  readonly firstAlarmAt: number;
  readonly acceptedAt: number | null;
  readonly endedAt: number;
  /** Signal class of the alarm. */
  readonly informationType: string;
  readonly information: string;
  readonly confirmation: Confirmation;
  readonly result: string;
  readonly operator: string;
  readonly contactPerson: string | null;
  /** To the fire command centre. */
  readonly reportedAt: number | null;
  readonly feedbackAt: number | null;
  readonly operator119: string | null;
  readonly handling119: string | null;
  readonly cause: string | null;
  /** m². */
  readonly burntArea: number | null;
  readonly injured: number | null;
  readonly dead: number | null;
  /** CNY. */
  readonly loss: number | null;
  readonly drill: boolean;
  readonly recordedAt: number;
  /** A later record speaks for the occurrence. */
  readonly superseded: boolean;
}

export interface FireUnitFigures {
  readonly siteId: string;
  readonly from: number;
  readonly to: number;
  readonly confirmations: Readonly<Record<Confirmation, number>>;
  /** Of what was found real, false, or by test, maintenance or fault; `null` where nothing was. */
  readonly falseShare: number | null;
  readonly mostFalseInADay: number;
  /** More than five within 24 h. */
  readonly flagged: boolean;
  /** When the sixth within 24 h came last. */
  readonly flaggedAt: number | null;
  readonly goodOrder: GoodOrderView;
  /** Answered duty checks of those due; `null` while none were made. */
  readonly onPost: number | null;
}

/** A question whether somebody is at the panel (查岗), and what came of it. */
export interface FireDutyCheck {
  /** That of the command. */
  readonly id: string;
  readonly deviceId: string;
  readonly askedBy: string;
  readonly reason: string;
  readonly requestedAt: number;
  /** When it went out; `null`: it has not. */
  readonly askedAt: number | null;
  readonly closesAt: number | null;
  /** What the guard had to answer. */
  readonly minutes: number;
  /** `undelivered`: the device never had it, which says nothing of the guard. `null`: its time is not over. */
  readonly verdict: DutyCheckVerdict | null;
  readonly answeredAt: number | null;
  /** When the key was pressed after the check had closed: it stays absent, and somebody is there now. */
  readonly lateAt: number | null;
  /** Who pressed the key, as the device numbers them. */
  readonly operator: number | null;
}

export interface GoodOrderView {
  readonly components: number;
  readonly good: number;
  readonly impaired: number;
  readonly unknown: number;
  /** Good of all: what is unknown is not known to be good. `null` without components. */
  readonly rate: number | null;
}

export interface ComponentImportReply {
  readonly created: number;
  readonly changed: number;
}

export const DUTY_VERDICTS = ['present', 'absent', 'undelivered'] as const;
export type DutyCheckVerdict = (typeof DUTY_VERDICTS)[number];
