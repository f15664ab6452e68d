import { type RuleValue, type RuleVersionView } from '@watchfire/contracts';
import { type CatalogueVersionRow, type RuleLayerRow } from '@watchfire/registry';
import { effectiveRule } from './effective-rule.js';
import { type Profile } from './model.js';
import { profileFile } from './profile-schema.js';
import { isSameLayer } from './override-problems.js';
import { ruleValues } from './rule-views.js';
import { toProfile } from './to-profile.js';

/** A profile as the registry keeps it; `undefined` where a version of old cannot be read any more. */
export function profileOf({ body, version }: CatalogueVersionRow): Profile | undefined {
  const read = profileFile.safeParse(JSON.parse(body));
  return read.success ? { ...toProfile(read.data), version } : undefined;
}

interface Event {
  readonly at: number;
  readonly catalogue?: CatalogueVersionRow;
  readonly row?: RuleLayerRow;
}

/**
 * The life of one effective rule, newest first: every change of the catalogue and of each layer, with what became of its values.
 * Pure. A layer that is older than the first catalogue that is known was laid over that one.
 *
 * @param rows every version of every layer of this rule of one device, or of one site.
 */
export function ruleVersions(
  ruleKey: string,
  catalogue: readonly CatalogueVersionRow[],
  rows: readonly RuleLayerRow[],
): RuleVersionView[] {
  const versions: RuleVersionView[] = [];
  let profile: Profile | undefined;
  let layers: readonly RuleLayerRow[] = [];
  let before: ReadonlyMap<string, RuleValue | null> | undefined;
  for (const { at, catalogue: file, row } of eventsOf(catalogue, rows)) {
    if (file !== undefined) profile = profileOf(file) ?? profile;
    if (row !== undefined) layers = [...layers.filter((one) => !isSameLayer(one, row)), row];
    const rule = profile?.rules.find(({ key }) => key === ruleKey);
    if (profile === undefined || rule === undefined) continue;
    const effective = effectiveRule(profile, rule, layers);
    const values = new Map(ruleValues(profile, effective).map(({ path, value }) => [path, value]));
    const changes = before === undefined ? [] : changesOf(before, values);
    const unchanged = row === undefined && before !== undefined && changes.length === 0;
    before = values;
    if (unchanged) continue;
    versions.push({
      version: effective.version,
      layer: row?.layer ?? 'catalogue',
      layerVersion: row?.version ?? profile.version,
      at,
      by: row?.by ?? 'system',
      approvedBy: row?.approvedBy ?? null,
      reason: row?.reason ?? '',
      changes,
    });
  }
  return versions.reverse();
}

/** What becomes of the values of an effective rule where other layers are in force. Pure. */
export function valueChanges(
  profile: Profile,
  ruleKey: string,
  before: readonly RuleLayerRow[],
  after: readonly RuleLayerRow[],
): RuleVersionView['changes'] {
  const rule = profile.rules.find(({ key }) => key === ruleKey);
  if (rule === undefined) return [];
  const valuesWith = (rows: readonly RuleLayerRow[]): ReadonlyMap<string, RuleValue | null> =>
    new Map(ruleValues(profile, effectiveRule(profile, rule, rows)).map(({ path, value }) => [path, value]));
  return changesOf(valuesWith(before), valuesWith(after));
}

function eventsOf(catalogue: readonly CatalogueVersionRow[], rows: readonly RuleLayerRow[]): Event[] {
  const first = Math.min(...rows.map(({ at }) => at));
  const files = catalogue.map((file, index) => ({
    at: index === 0 ? Math.min(file.at, first) : file.at,
    catalogue: file,
  }));
  // A stable sort: at the same time the catalogue is first, then the layers as they were given.
  const changes = rows.toSorted((a, b) => a.version - b.version).map((row) => ({ at: row.at, row }));
  return [...files, ...changes].sort((a, b) => a.at - b.at);
}

function changesOf(
  before: ReadonlyMap<string, RuleValue | null>,
  after: ReadonlyMap<string, RuleValue | null>,
): RuleVersionView['changes'] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const from = before.get(path) ?? null;
    const to = after.get(path) ?? null;
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
  });
}
