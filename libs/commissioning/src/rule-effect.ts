import { createHash } from 'node:crypto';
import { type RuleStrength, weakenings } from '@watchfire/alarm';
import { effectiveRule, isSameLayer, type Profile, valueChanges } from '@watchfire/catalogue';
import { type RuleVersionView, SIGNAL_CLASSES } from '@watchfire/contracts';
import { type RuleLayerRow } from '@watchfire/registry';

export interface RuleEffect {
  /** A rule becomes another one of which two people must say so. */
  readonly needsTwo: boolean;
  /** What becomes weaker in any of those rules, for who is asked to agree. */
  readonly weaker: readonly string[];
  /** What becomes of the values, for people: of a site, as they would be for a device without layers of its own. */
  readonly changes: RuleVersionView['changes'];
  /** Stands for all that becomes of the rules, in few characters. */
  readonly effect: string;
}

/**
 * What a change of one layer makes of each rule that it touches: the effective rule as it is, beside the one that it would be. What
 * another layer hides is not weaker; it is when that layer goes. Pure.
 *
 * @param layers the rows in force, by whose rule it is.
 */
export function effectOf(
  profile: Profile,
  draft: RuleLayerRow,
  layers: ReadonlyMap<string, readonly RuleLayerRow[]>,
): RuleEffect {
  const withDraft = (rows: readonly RuleLayerRow[]): readonly RuleLayerRow[] => [
    ...rows.filter((row) => !isSameLayer(row, draft)),
    draft,
  ];
  const ids = [...layers.keys()].sort();
  const rules = ids.map((id) => {
    const rows = layers.get(id) ?? [];
    const before = strengthOf(profile, draft.ruleKey, rows);
    return { id, before, after: strengthOf(profile, draft.ruleKey, withDraft(rows)) };
  });
  const changed = rules.filter(
    ({ before, after }) =>
      [before, after].some((rule) => rule !== undefined && SIGNAL_CLASSES[rule.class].peopleToChange > 1) &&
      JSON.stringify(before) !== JSON.stringify(after),
  );
  const weaker = changed.flatMap(({ before, after }) =>
    before === undefined ? [] : weakenings(before, after),
  );
  const effect = createHash('sha256').update(JSON.stringify(rules)).digest('base64url');
  const [first = []] = ids.flatMap((id) => [layers.get(id)]);
  const changes = valueChanges(profile, draft.ruleKey, first, withDraft(first));
  return { needsTwo: changed.length > 0, weaker: [...new Set(weaker)], changes, effect };
}

type Strength = RuleStrength & { readonly class: keyof typeof SIGNAL_CLASSES };

/** `undefined` for a rule that is switched off. Layers change nothing of a rule but this. [RU3] */
function strengthOf(profile: Profile, ruleKey: string, rows: readonly RuleLayerRow[]): Strength | undefined {
  const known = profile.rules.find(({ key }) => key === ruleKey);
  if (known === undefined) return undefined;
  const { rule } = effectiveRule(profile, known, rows);
  if (!rule.enabled) return undefined;
  const { class: signalClass, latching, condition, enabledWhen } = rule;
  return { class: signalClass, latching, condition, ...(enabledWhen && { enabledWhen }) };
}
