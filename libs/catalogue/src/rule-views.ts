import { type Logic } from '@watchfire/alarm';
import {
  type EffectiveRuleView,
  type RuleLayerName,
  type RuleValueView,
  type RuleView,
  type SiteRuleView,
} from '@watchfire/contracts';
import { type DeviceContext, type RuleLayerRow, type SiteRow } from '@watchfire/registry';
import { onDevice, ownLayers, pointsOfDevice } from './device-configuration.js';
import { type EffectiveRule, effectiveRules, type Saying } from './effective-rule.js';
import { type CatalogueCondition, type Profile } from './model.js';
import { isProvisional } from './rationalisation.js';
import { leavesOf, type RuleLeaf } from './rule-values.js';

/** Every rule of the device with the origin of each value, disabled ones too. */
export function ruleViews(
  context: DeviceContext,
  profile: Profile,
  rows: readonly RuleLayerRow[],
): RuleView[] {
  const deviceId = context.device.id;
  return effectiveRules(profile, ownLayers(context, rows)).map((effective) => {
    const condition = onDevice(context.device, effective.rule.condition);
    return {
      deviceId,
      pointId: 'pointId' in condition ? condition.pointId : null,
      ...viewOf(profile, effective, condition),
      enabledWhen: enabledWhenOf(
        effective.rule.enabledWhen && pointsOfDevice(context.device, effective.rule.enabledWhen),
      ),
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
    ...viewOf(profile, effective, effective.rule.condition),
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

function viewOf(
  profile: Profile,
  effective: EffectiveRule,
  condition: CatalogueCondition,
): EffectiveRuleView {
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
    condition: { ...condition },
    enabledWhen: enabledWhenOf(rule.enabledWhen),
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

function enabledWhenOf(logic: Logic | undefined): EffectiveRuleView['enabledWhen'] {
  return logic === undefined ? null : { ...logic };
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
