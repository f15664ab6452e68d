import { RULE_LAYERS, type RuleLayerName, type RuleValueLeftOut } from '@watchfire/contracts';
import { type EnteredValue, type RuleLayerRow } from '@watchfire/registry';
import { type CatalogueRule, type Profile } from './model.js';
import { checkedRule, type RuleFile } from './profile-schema.js';
import { type Sources } from './provenance-list.js';
import { leavesOf, pathOf, withLeaf } from './rule-values.js';
import { toRule } from './to-profile.js';

/** What a layer says of one value. */
export interface Saying extends EnteredValue {
  readonly layer: RuleLayerName;
}

/**
 * A rule as it holds for one device, or for a whole site: the catalogue's, with what the site, the device and the point say
 * instead; the nearest wins, value by value. `pointId` still holds the key of the point.
 */
export interface EffectiveRule {
  readonly rule: CatalogueRule;
  /** Rises with every change of the catalogue and of each layer, since the version of each only rises. */
  readonly version: number;
  /** The layers that were ever written, from far to near. */
  readonly layers: readonly RuleLayerRow[];
  /** By path, from far to near; only what was taken. */
  readonly said: ReadonlyMap<string, readonly Saying[]>;
  readonly leftOut: readonly RuleValueLeftOut[];
}

const NOTHING_SAID: EffectiveRule['said'] = new Map();

/**
 * Lays the layers over one rule of the catalogue. Pure: the order of the rows does not matter, rows of other rules are ignored.
 *
 * A layer whose values make the rule impossible is left out as a whole and said so: an alarm by the values beneath it is better
 * than none. A value for which the rule has no place (an override can be older than the catalogue) is left out alone.
 */
export function effectiveRule(
  profile: Profile,
  rule: CatalogueRule,
  rows: readonly RuleLayerRow[],
): EffectiveRule {
  const layers = layersOf(rule, rows);
  const version = layers.reduce((sum, row) => sum + row.version, profile.version);
  if (layers.length === 0) return { rule, version, layers, said: NOTHING_SAID, leftOut: [] };
  const said = new Map<string, readonly Saying[]>();
  const leftOut: RuleValueLeftOut[] = [];
  let under: Laid = { file: rule.file, sources: profile.file.sources, paths: [] };
  for (const row of layers) {
    const { laid, problems } = layOver(profile, under, row);
    leftOut.push(...problems.map((problem) => ({ layer: row.layer, ...problem })));
    if (laid === undefined) continue;
    under = laid;
    for (const path of laid.paths) {
      const entry = row.entries[path];
      if (entry !== undefined) said.set(path, [...(said.get(path) ?? []), { layer: row.layer, ...entry }]);
    }
  }
  return { rule: toRule(under.file, under.sources), version, layers, said, leftOut };
}

/** One for every rule of the profile, in its order. */
export function effectiveRules(profile: Profile, rows: readonly RuleLayerRow[]): EffectiveRule[] {
  return profile.rules.map((rule) => effectiveRule(profile, rule, rows));
}

/** The point that a rule is about, by its key; `undefined` for a rule about several points, or about the device. */
export function pointOf({ file: { condition } }: CatalogueRule): string | undefined {
  return 'point' in condition && typeof condition.point === 'string' ? condition.point : undefined;
}

interface Laid {
  readonly file: RuleFile;
  readonly sources: Sources;
  /** What was taken of the layer. */
  readonly paths: readonly string[];
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

/** From far to near, those that speak of this rule. */
function layersOf(rule: CatalogueRule, rows: readonly RuleLayerRow[]): RuleLayerRow[] {
  const point = pointOf(rule);
  return RULE_LAYERS.flatMap(
    (layer) =>
      rows.find(
        (row) => row.layer === layer && row.ruleKey === rule.key && (layer !== 'point' || row.part === point),
      ) ?? [],
  );
}

function layOver(
  profile: Profile,
  under: Laid,
  { layer, entries }: RuleLayerRow,
): { readonly laid?: Laid; readonly problems: readonly Problem[] } {
  const leaves = leavesOf(under.file);
  const problems: Problem[] = [];
  const paths: string[] = [];
  const sources: Record<string, Sources[string]> = { ...under.sources };
  let file: unknown = under.file;
  for (const [path, entry] of Object.entries(entries)) {
    const leaf = leaves.find((one) => one.path === path);
    if (leaf === undefined) {
      problems.push({ path, message: 'the rule has no such value' });
      continue;
    }
    const from = `@${layer} ${path}`;
    sources[from] = sourceOf(layer, entry, leaf.from === null ? undefined : under.sources[leaf.from]?.source);
    file = withLeaf(file as RuleFile, leaf, entry.value, from);
    paths.push(path);
  }
  const checked = checkedRule(profile.file, file);
  if ('rule' in checked) return { laid: { file: checked.rule, sources, paths }, problems };
  const issues = checked.issues.map(({ path, message }) => ({ path: pathOf(leaves, path), message }));
  return { problems: [...problems, ...issues] };
}

/** A number that a person entered is no longer the standard's, and must not be shown as if it were. */
function sourceOf(layer: RuleLayerName, entry: EnteredValue, replaced: string | undefined): Sources[string] {
  const instead = replaced === undefined ? '' : ` in place of ${replaced}`;
  return {
    source: entry.source ?? layer,
    confidence: entry.confidence,
    note: `entered by ${entry.by}${instead}`,
  };
}
