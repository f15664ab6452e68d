import { type BilingualText, type Condition, type Logic, type PointValue } from '@watchfire/alarm';
import { type AlarmClass, type PartialRationalisation } from '@watchfire/contracts';
import { type ProfileFile, type RuleFile } from './profile-schema.js';
import { type RuleProvenance } from './provenance-list.js';

export type PointType = 'number' | 'boolean' | 'string';

export interface ProfilePoint {
  /** A POINT_KEY_PATTERN key, unique within the profile. */
  readonly key: string;
  readonly name: BilingualText;
  readonly unit: string | null;
  readonly type: PointType;
  /** Of a number: what a working instrument can possibly send. Beyond it the value says nothing about the plant. */
  readonly min?: number;
  readonly max?: number;
  /** Of a number: the range that the instrument measures, for scales and charts. */
  readonly span?: { readonly min: number; readonly max: number };
  /** Digits after the point that mean something. */
  readonly decimals?: number;
  /** For how long values are held to be put in the order of their device times, ms; absent: not at all. */
  readonly reorderMs?: number;
}

/** What is known of a device and not measured; rules refer to it by its key. */
export interface ProfileAttribute {
  readonly key: string;
  readonly name: BilingualText;
  readonly unit: string | null;
  readonly value: PointValue;
}

/** A condition of the engine before it belongs to a device: `pointId` holds the key of the point. */
export type CatalogueCondition = Condition;

export interface CatalogueRule {
  /** Unique within the profile. */
  readonly key: string;
  readonly class: AlarmClass;
  readonly title: BilingualText;
  /** What the operator should do and look at. */
  readonly guidance: BilingualText;
  readonly enabled: boolean;
  readonly latching: boolean;
  readonly rationalisation: PartialRationalisation;
  readonly condition: CatalogueCondition;
  /** Keys of points stand where ids will be, as in the condition. */
  readonly enabledWhen?: Logic;
  /** One entry for every number and every severity of the condition, and of what enables it. */
  readonly provenance: readonly RuleProvenance[];
  /** The rule as it is written down, each value with the key of its source: what overrides are laid over. */
  readonly file: RuleFile;
}

/** What a point of another device can be for the rules of a profile of logic. */
export interface ProfileRole {
  readonly key: string;
  readonly name: BilingualText;
  /** `values`: each member says when its value counts. `alarms`: the alarms of the point count. */
  readonly reads: 'values' | 'alarms';
  /** With fewer members the rules of the role are faults. */
  readonly least: number;
}

/** What a kind of device measures and says, and which alarms that makes unless its site has decided otherwise. */
export interface Profile {
  /** As in the profile table, for example `gas.lel.point`. */
  readonly key: string;
  /** Rises with every change of a rule. */
  readonly version: number;
  readonly name: BilingualText;
  /** Of devices without hardware, whose rules read points of other devices of the site. */
  readonly logic: boolean;
  /** Of a profile of logic. */
  readonly roles: readonly ProfileRole[];
  readonly points: readonly ProfilePoint[];
  readonly attributes: readonly ProfileAttribute[];
  /** What a device event means for the points: event name → point key → value. */
  readonly events: Readonly<Record<string, Readonly<Record<string, PointValue>>>>;
  readonly rules: readonly CatalogueRule[];
  /** Provenance of the points' ranges; `of` is for example `points.conc.max`. */
  readonly provenance: readonly RuleProvenance[];
  /** What was read. */
  readonly file: ProfileFile;
}
