import { type Alarm, type Value } from './alarm.js';
import { type Provenance } from './rest.js';

/** Who may say something other than the catalogue, from far to near: the nearest wins, value by value. */
export const RULE_LAYERS = ['site', 'device', 'point'] as const;
export type RuleLayerName = (typeof RULE_LAYERS)[number];
export type RuleValueLayer = 'catalogue' | RuleLayerName;

/** One value of a rule as it can be written down: a number, a switch, a text, a colour, a list of states, a schedule. */
export type RuleValue =
  | number
  | boolean
  | string
  | readonly (number | boolean | string)[]
  | { readonly [name: string]: number | boolean | string | readonly (number | boolean | string)[] };

/** Why a rule is as it is (ISA-18.2 rationalisation). Without all of it the rule runs as provisional. */
export interface Rationalisation {
  readonly consequence: string;
  readonly cause: string;
  readonly action: string;
  readonly timeToActSeconds: number;
  readonly approver: string;
  /** ISO date of the next review. */
  readonly reviewBy: string;
}

/** As much of it as is there. */
export type PartialRationalisation = {
  readonly [Part in keyof Rationalisation]?: Rationalisation[Part] | undefined;
};

/** One value of an effective rule, and who says so. */
export interface RuleValueView {
  /** For example `limits.H.limit`, `onDelaySeconds`, `enabled`, `guidance.zh`, `rationalisation.cause`. */
  readonly path: string;
  /** `null`: nobody has said it. */
  readonly value: RuleValue | null;
  readonly layer: RuleValueLayer;
  /** Standard and clause, `default`, what the person gave as source, or the name of the layer. */
  readonly source: string;
  readonly confidence: Provenance['confidence'];
  readonly note: string | null;
  /** Who entered it, when and why; `null` for what the catalogue says. */
  readonly entered: null | {
    readonly by: string;
    readonly approvedBy: string | null;
    readonly at: number;
    readonly reason: string;
  };
  /** What it would be without its layer, and without the next, down to the catalogue. */
  readonly beneath: readonly { readonly layer: RuleValueLayer; readonly value: RuleValue | null }[];
}

/** A part of an override that is not in force, since it does not fit the rule as the catalogue and the layers above have it. */
export interface RuleValueLeftOut {
  readonly layer: RuleLayerName;
  readonly path: string;
  readonly message: string;
}

/** A point or an attribute that a rule refers to. */
export interface RuleOperandView {
  /** As the condition names it: the id of a point (its key, in a rule of a site), or the key of an attribute. */
  readonly id: string;
  readonly name: string;
  readonly nameEn: string;
  readonly unit: string | null;
  /** Of an attribute; `null` for a point. */
  readonly value: Value;
}

/** What is common to the effective rule of a device and of a whole site. */
export interface EffectiveRuleView {
  readonly key: string;
  /** Rises with every change of the catalogue and of each layer. */
  readonly version: number;
  readonly title: string;
  readonly titleEn: string;
  readonly class: Alarm['class'];
  readonly enabled: boolean;
  readonly latching: boolean;
  /** The condition as the engine evaluates it. */
  readonly condition: Readonly<Record<string, unknown>>;
  /** While it is false the alarm is suppressed by design; `null`: never. As the engine evaluates it. */
  readonly enabledWhen: Readonly<Record<string, unknown>> | null;
  /** What those two read of the device, so that they can be told in words. */
  readonly reads: readonly RuleOperandView[];
  readonly provenance: readonly (Provenance & { readonly of: string })[];
  readonly guidance: string | null;
  readonly guidanceEn: string | null;
  /** The newest change of the nearest layer that has one. */
  readonly override: null | { readonly by: string; readonly at: number; readonly reason: string };
  readonly values: readonly RuleValueView[];
  /** Version of each layer, 0 where it has never said anything: `baseVersion` of the next change. */
  readonly layers: Readonly<Record<RuleLayerName, number>>;
  readonly leftOut: readonly RuleValueLeftOut[];
  /** It lacks a part of its rationalisation. */
  readonly provisional: boolean;
  readonly rationalisation: PartialRationalisation;
}

export interface RuleView extends EffectiveRuleView {
  readonly deviceId: string;
  readonly pointId: string | null;
}

/** The rule that holds at a site for the devices of a profile, unless a device or a point says otherwise. */
export interface SiteRuleView extends EffectiveRuleView {
  readonly siteId: string;
  readonly profile: string;
  readonly profileName: string;
  readonly profileNameEn: string;
  /** How many devices of the profile the site has. */
  readonly devices: number;
}

/** One change in the life of an effective rule. */
export interface RuleVersionView {
  /** Of the effective rule; an alarm carries the one that raised it as `ruleVersion`. */
  readonly version: number;
  readonly layer: RuleValueLayer;
  /** Of the layer: what `revert` goes back to. */
  readonly layerVersion: number;
  readonly at: number;
  readonly by: string;
  readonly approvedBy: string | null;
  readonly reason: string;
  /** What became of the effective values; empty where a nearer layer hides the change. */
  readonly changes: readonly {
    readonly path: string;
    readonly from: RuleValue | null;
    readonly to: RuleValue | null;
  }[];
}
