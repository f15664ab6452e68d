import {
  type EffectiveRuleView,
  pointIdOf,
  type RuleLayerName,
  type RuleOperandView,
  type RuleValueView,
  type RuleView,
  type SiteRuleView,
} from '@watchfire/contracts';
import { type DeviceContext, type RuleLayerRow, type SiteRow } from '@watchfire/registry';
import { onDevice, ownLayers, pointsOfDevice } from './device-configuration.js';
import { type EffectiveRule, effectiveRules, type Saying } from './effective-rule.js';
import { type Profile } from './model.js';
import { withVotes } from './members.js';
import { isProvisional } from './rationalisation.js';
import { leavesOf, type RuleLeaf } from './rule-values.js';

/** Every rule of the device with the origin of each value, disabled ones too. */
export function ruleViews(
  context: DeviceContext,
  profile: Profile,
  rows: readonly RuleLayerRow[],
): RuleView[] {
  const { device } = context;
  const deviceId = device.id;
  const rules = effectiveRules(profile, ownLayers(context, rows)).map((effective) => ({
    key: effective.rule.key,
    effective,
    condition: onDevice(device, effective.rule.condition),
  }));
  return withVotes(rules).map(({ effective, condition }) => {
    const { enabledWhen } = effective.rule;
    return {
      deviceId,
      pointId: 'pointId' in condition ? condition.pointId : null,
      ...viewOf(profile, effective),
      condition: { ...condition },
      enabledWhen: enabledWhen === undefined ? null : { ...pointsOfDevice(device, enabledWhen) },
      reads: readsOf(profile, effective, (key) => pointIdOf(deviceId, key)),
    };
  });
}

/** The rules that hold at a site for a profile, unless a device or a point says otherwise. */
export function siteRuleViews(
  site: SiteRow,
  profile: Profile,
  rows: readonly RuleLayerRow[],
  devices: number,
): SiteRuleView[] {
  const own = rows.filter(
    ({ layer, subject, part }) => layer === 'site' && subject === site.id && part === profile.key,
  );
  return effectiveRules(profile, own).map((effective) => ({
    siteId: site.id,
    profile: profile.key,
    profileName: profile.name.zh,
    profileNameEn: profile.name.en,
    devices,
    ...viewOf(profile, effective),
  }));
}

/** Every value of the rule, and who says so. */
export function ruleValues(profile: Profile, { rule, said }: EffectiveRule): RuleValueView[] {
  const base = profile.rules.find(({ key }) => key === rule.key) ?? rule;
  const catalogue = new Map(leavesOf(base.file).map((leaf) => [leaf.path, leaf]));
  return leavesOf(rule.file).map(({ path, value }) => {
    const below = catalogue.get(path);
    const sayings = said.get(path) ?? [];
    const top = sayings.at(-1);
    if (top === undefined) return fromCatalogue(profile, { path, value }, below);
    return {
      path,
      value,
      layer: top.layer,
      source: top.source ?? top.layer,
      confidence: top.confidence,
      note: null,
      entered: enteredOf(top),
      beneath: [
        ...sayings
          .slice(0, -1)
          .map((saying) => ({ layer: saying.layer, value: saying.value }))
          .reverse(),
        { layer: 'catalogue', value: below?.value ?? null },
      ],
    };
  });
}

/** As it is in the catalogue, where points stand by their keys. */
function viewOf(profile: Profile, effective: EffectiveRule): EffectiveRuleView {
  const { rule, version, layers, leftOut } = effective;
  const nearest = layers.at(-1);
  return {
    key: rule.key,
    version,
    title: rule.title.zh,
    titleEn: rule.title.en,
    class: rule.class,
    enabled: rule.enabled,
    latching: rule.latching,
    condition: { ...rule.condition },
    enabledWhen: rule.enabledWhen === undefined ? null : { ...rule.enabledWhen },
    reads: readsOf(profile, effective, (key) => key),
    provenance: rule.provenance,
    guidance: rule.guidance.zh,
    guidanceEn: rule.guidance.en,
    override: nearest === undefined ? null : { by: nearest.by, at: nearest.at, reason: nearest.reason },
    values: ruleValues(profile, effective),
    layers: {
      site: versionOf(layers, 'site'),
      device: versionOf(layers, 'device'),
      point: versionOf(layers, 'point'),
    },
    leftOut,
    provisional: isProvisional(rule.rationalisation),
    rationalisation: rule.rationalisation,
  };
}

function readsOf(
  profile: Profile,
  { rule: { condition, enabledWhen } }: EffectiveRule,
  toPoint: (key: string) => string,
): RuleOperandView[] {
  const texts = new Set<string>();
  collectTexts([condition, enabledWhen], texts);
  return [
    ...profile.points.map((point) => ({ ...point, id: toPoint(point.key), value: null })),
    ...profile.attributes.map((attribute) => ({ ...attribute, id: attribute.key })),
  ]
    .filter(({ key }) => texts.has(key))
    .map(({ id, name, unit, value }) => ({ id, name: name.zh, nameEn: name.en, unit, value }));
}

function collectTexts(part: unknown, texts: Set<string>): void {
  if (typeof part === 'string') texts.add(part);
  else if (typeof part === 'object' && part !== null) {
    for (const one of Object.values(part)) collectTexts(one, texts);
  }
}

function fromCatalogue(
  profile: Profile,
  { path, value }: Pick<RuleLeaf, 'path' | 'value'>,
  leaf: RuleLeaf | undefined,
): RuleValueView {
  const source = leaf?.from == null ? undefined : profile.file.sources[leaf.from];
  return {
    path,
    value,
    layer: 'catalogue',
    source: source?.source ?? 'default',
    confidence: source?.confidence ?? 'default',
    note: source?.note ?? null,
    entered: null,
    beneath: [],
  };
}

const enteredOf = ({ by, approvedBy, at, reason }: Saying): RuleValueView['entered'] => ({
  by,
  approvedBy,
  at,
  reason,
});

function versionOf(layers: readonly RuleLayerRow[], name: RuleLayerName): number {
  return layers.find(({ layer }) => layer === name)?.version ?? 0;
}
