import { type RuleLayerRow } from '@watchfire/registry';
import { effectiveRule, pointOf } from './effective-rule.js';
import { type Profile } from './model.js';

export interface OverrideProblem {
  /** Of the value, for example `limits.HH.limit`. */
  readonly path: string;
  readonly message: string;
}

/** Why this layer cannot be laid over its rule, with the other layers as they are; empty where it can. */
export function overrideProblems(
  profile: Profile,
  changed: RuleLayerRow,
  others: readonly RuleLayerRow[],
): OverrideProblem[] {
  const rule = profile.rules.find((one) => one.key === changed.ruleKey);
  if (rule === undefined) {
    return [{ path: 'ruleKey', message: `${profile.key} has no rule ${changed.ruleKey}` }];
  }
  if (changed.layer === 'point' && pointOf(rule) !== changed.part) {
    return [
      { path: 'pointId', message: `the rule ${rule.key} is not about the point ${changed.part} alone` },
    ];
  }
  const rows = [changed, ...others.filter((row) => !isSameLayer(row, changed))];
  return effectiveRule(profile, rule, rows).leftOut.map(({ layer, path, message }) => ({
    path,
    // Not ours, but ours would push it out.
    message: layer === changed.layer ? message : `${message} (with what the ${layer} says)`,
  }));
}

/** Whether one takes the place of the other. */
export function isSameLayer(a: RuleLayerRow, b: RuleLayerRow): boolean {
  return a.layer === b.layer && a.subject === b.subject && a.part === b.part && a.ruleKey === b.ruleKey;
}
