import { type DeviceConfiguration } from '@watchfire/alarm';
import {
  deviceConfiguration,
  effectiveRule,
  isSameLayer,
  overrideProblems,
  pointOf,
  provisionalShare,
  ruleVersions,
  ruleViews,
  siteRuleViews,
  type OverrideProblem,
  type Profile,
} from '@watchfire/catalogue';
import {
  type Provenance,
  type RuleValue,
  type RuleVersionView,
  type RuleView,
  type SiteRuleView,
} from '@watchfire/contracts';
import {
  type DeviceContext,
  type EnteredValue,
  type NewRuleLayer,
  type RuleLayerRow,
  type SiteRow,
} from '@watchfire/registry';
import { CommissioningError, RuleOverrideError, type SeenChange, RuleApprovalError } from './errors.js';
import { type InService } from './in-service.js';
import { changeOf } from './line.js';
import { layerKey, type RuleTarget } from './rule-target.js';
import { effectOf } from './rule-effect.js';

/** All that a layer says of a rule from now on, and why. */
export interface RuleChange {
  readonly values: Readonly<Record<string, RuleValue>>;
  readonly reason: string;
  readonly source?: string | undefined;
  readonly confidence?: Provenance['confidence'] | undefined;
  /** The version of the layer that the person saw. */
  readonly baseVersion?: number | undefined;
}

export interface RuleRevert {
  /** 0: nothing. */
  readonly layerVersion: number;
  readonly reason: string;
  readonly baseVersion?: number | undefined;
}

/** Another person has agreed to a change of a rule of which two must say so. */
export interface RuleApproval {
  readonly by: string;
  /** What they were shown. */
  readonly seen: SeenChange;
}

/** What a change is about, as the registry has it now. */
interface Scene {
  readonly target: RuleTarget;
  readonly profile: Profile;
  readonly site: SiteRow;
  /** Every device whose rule the change may touch. */
  readonly devices: readonly DeviceContext[];
  /** The layers in force of each. */
  readonly rows: ReadonlyMap<string, readonly RuleLayerRow[]>;
  readonly present: RuleLayerRow | undefined;
}

type Entries = NewRuleLayer['entries'];

/** What sites, devices and points say of their rules in place of the catalogue. Rules RU1 and following of docs/spec/rules.md. */
export class RuleDesk {
  readonly #inService: InService;

  constructor(inService: InService) {
    this.#inService = inService;
  }

  /** @throws CommissioningError `device_unknown`. */
  async ofDevice(deviceId: string): Promise<RuleView[]> {
    const context = await this.#inService.context(deviceId);
    const rows = await this.#registry.rules.forDevice(context.device);
    return ruleViews(context, this.#inService.profile(context.device.profile), rows);
  }

  /** Of every profile that the site has devices of. @throws CommissioningError `site_unknown`. */
  async ofSite(siteId: string): Promise<SiteRuleView[]> {
    const site = await this.#site(siteId);
    const devices = await this.#registry.devices.ofSite(siteId);
    const rows = await this.#registry.rules.forSite(siteId);
    const profiles = [...new Set(devices.map(({ device }) => device.profile))].sort();
    return profiles.flatMap((key) => {
      const count = devices.filter(({ device }) => device.profile === key).length;
      return siteRuleViews(site, this.#inService.profile(key), rows, count);
    });
  }

  /** How many of the rules that run lack a part of their rationalisation; of one enterprise, or of all. */
  async provisionalShare(enterpriseId?: string): Promise<ReturnType<typeof provisionalShare>> {
    const rows = await this.#registry.rules.all();
    const devices = await this.#registry.devices.all();
    const views = devices
      .filter(({ enterprise }) => enterpriseId === undefined || enterprise.id === enterpriseId)
      .flatMap((context) => ruleViews(context, this.#inService.profile(context.device.profile), rows));
    return provisionalShare(views);
  }

  /**
   * Gives a layer other values: registry, then the journal of each device that it touches.
   *
   * @throws CommissioningError `device_unknown`, `site_unknown`, `profile_unknown`, `rule_unknown`, `rule_moved_on`;
   * RuleOverrideError where a value does not fit, with its path; RuleApprovalError where it needs another person's approval.
   */
  change(target: RuleTarget, change: RuleChange, by: string, approval?: RuleApproval): Promise<void> {
    return this.#inService.inTurn(async () => {
      const scene = await this.#scene(target);
      await this.#put(scene, { ...change, entries: entered(change.values, change) }, by, approval);
    });
  }

  /** @throws as `change`, and CommissioningError `rule_version_unknown`. */
  revert(
    target: RuleTarget,
    { layerVersion, ...change }: RuleRevert,
    by: string,
    approval?: RuleApproval,
  ): Promise<void> {
    return this.#inService.inTurn(async () => {
      const scene = await this.#scene(target);
      const history = await this.#registry.rules.history(layerKey(target));
      const then = history.find(({ version }) => version === layerVersion);
      if (then === undefined && layerVersion !== 0) {
        throw new CommissioningError(
          'rule_version_unknown',
          `Version ${layerVersion} of the ${target.layer} layer of rule ${target.ruleKey} does not exist.`,
        );
      }
      await this.#put(scene, { ...change, entries: enteredIn(then) }, by, approval);
    });
  }

  /**
   * A rule of the device as it is, and as it would be with these values of the device; nothing is changed. Each configuration has
   * that rule and no other, or none where it is switched off.
   *
   * @throws as `change`.
   */
  async tryOut(
    deviceId: string,
    ruleKey: string,
    values: RuleChange['values'],
  ): Promise<{ readonly present: DeviceConfiguration; readonly changed: DeviceConfiguration }> {
    const scene = await this.#scene({ layer: 'device', deviceId, ruleKey });
    const entries = entered(values);
    const next = { ...layerKey(scene.target), entries, reason: '', by: '', approvedBy: null };
    const draft = asRow(next, 1 + (scene.present?.version ?? 0));
    this.#check(scene, draft);
    const [context] = scene.devices;
    if (context === undefined) throw new Error(`device ${deviceId} is gone`);
    const present = scene.rows.get(deviceId) ?? [];
    const only = (rows: readonly RuleLayerRow[]): DeviceConfiguration => {
      const configuration = deviceConfiguration(context, scene.profile, rows);
      return { ...configuration, rules: configuration.rules.filter(({ key }) => key === ruleKey) };
    };
    const others = present.filter((row) => !isSameLayer(row, draft));
    return { present: only(present), changed: only([...others, draft]) };
  }

  /** The life of a rule as it holds for the target, newest first. @throws as `change`. */
  async versions(target: RuleTarget): Promise<RuleVersionView[]> {
    const { rules, catalogueVersions } = this.#registry;
    const scene = await this.#scene(target);
    const catalogue = await catalogueVersions.history(scene.profile.key);
    const layers = await Promise.all(layersOver(scene).map((one) => rules.history(layerKey(one))));
    return ruleVersions(target.ruleKey, catalogue, layers.flat());
  }

  get #registry() {
    return this.#inService.deps.registry;
  }

  async #put(
    scene: Scene,
    change: { readonly entries: Entries; readonly reason: string; readonly baseVersion?: number | undefined },
    by: string,
    approval?: RuleApproval,
  ): Promise<void> {
    const { target, present } = scene;
    const version = present?.version ?? 0;
    if (change.baseVersion !== undefined && change.baseVersion !== version) {
      throw new CommissioningError(
        'rule_moved_on',
        `Somebody has changed it since: the ${target.layer} layer is at version ${version}, not ${change.baseVersion}.`,
      );
    }
    const { entries, reason } = change;
    const next = { ...layerKey(target), entries, reason, by, approvedBy: approval?.by ?? null };
    const draft = asRow(next, version + 1);
    this.#check(scene, draft);
    requireApproval(scene, draft, by, approval);
    await this.#carryOut(scene, await this.#registry.rules.put(next));
  }

  /** @throws RuleOverrideError. */
  #check({ target, profile, devices, rows }: Scene, draft: RuleLayerRow): void {
    const problems: OverrideProblem[] = [];
    if (target.layer === 'site') problems.push(...overrideProblems(profile, draft, []));
    for (const { device } of devices) {
      if (problems.length > 0) break;
      const found = overrideProblems(profile, draft, rows.get(device.id) ?? []);
      const where = target.layer === 'site' ? ` (device ${device.id})` : '';
      problems.push(...found.map(({ path, message }) => ({ path, message: `${message}${where}` })));
    }
    if (problems.length > 0) throw new RuleOverrideError(target.ruleKey, problems);
  }

  /** Into the journal. What a crash keeps from it, the next start makes good. */
  async #carryOut({ profile, devices, rows }: Scene, stored: RuleLayerRow): Promise<void> {
    const rule = profile.rules.find(({ key }) => key === stored.ruleKey);
    if (rule === undefined) return;
    await Promise.all(
      devices.map((context) => {
        const others = (rows.get(context.device.id) ?? []).filter((row) => !isSameLayer(row, stored));
        const now = [...others, stored];
        const { version } = effectiveRule(profile, rule, now);
        return this.#inService.configure(context, now, changeOf(stored, version));
      }),
    );
  }

  async #scene(target: RuleTarget): Promise<Scene> {
    const registry = this.#registry;
    if (target.layer !== 'site') {
      const context = await this.#inService.context(target.deviceId);
      const profile = this.#profileWith(context.device.profile, target.ruleKey);
      const rows = await registry.rules.forDevice(context.device);
      const { layer, part } = layerKey(target);
      const present = rows.find(
        (row) => row.layer === layer && row.part === part && row.ruleKey === target.ruleKey,
      );
      return {
        target,
        profile,
        site: context.site,
        devices: [context],
        rows: new Map([[context.device.id, rows]]),
        present,
      };
    }
    const site = await this.#site(target.siteId);
    const profile = this.#profileWith(target.profile, target.ruleKey);
    const ofSite = await registry.devices.ofSite(site.id);
    const devices = ofSite.filter(({ device }) => device.profile === profile.key);
    const rows = new Map<string, readonly RuleLayerRow[]>();
    for (const { device } of devices) rows.set(device.id, await registry.rules.forDevice(device));
    const siteRows = await registry.rules.forSite(site.id);
    const present = siteRows.find(({ part, ruleKey }) => part === profile.key && ruleKey === target.ruleKey);
    return { target, profile, site, devices, rows, present };
  }

  #profileWith(key: string, ruleKey: string): Profile {
    const profile = this.#inService.profile(key);
    if (profile.rules.some((rule) => rule.key === ruleKey)) return profile;
    throw new CommissioningError('rule_unknown', `Profile ${key} has no rule ${ruleKey}.`);
  }

  async #site(siteId: string): Promise<SiteRow> {
    const site = await this.#registry.sites.find(siteId);
    if (site !== undefined) return site;
    throw new CommissioningError('site_unknown', `There is no site ${siteId}.`);
  }
}

/** [RU20] @throws RuleApprovalError, CommissioningError `rule_moved_on`. */
function requireApproval(
  { target, profile, devices, rows, present }: Scene,
  draft: RuleLayerRow,
  by: string,
  approval: RuleApproval | undefined,
): void {
  const layers = new Map(devices.map(({ device: { id } }) => [id, rows.get(id) ?? []]));
  // What a site says holds for the devices that come later as well: nothing of theirs hides it.
  if (target.layer === 'site') layers.set('', present === undefined ? [] : [present]);
  const effect = effectOf(profile, draft, layers);
  const seen: SeenChange = { layerVersion: draft.version - 1, effect: effect.effect };
  if (approval === undefined || approval.by === by) {
    if (effect.needsTwo) throw new RuleApprovalError(target.ruleKey, effect, seen);
  } else if (approval.seen.effect !== seen.effect || approval.seen.layerVersion !== seen.layerVersion) {
    throw new CommissioningError(
      'rule_moved_on',
      'The rule is no longer as it was when the change was asked for: ask again.',
    );
  }
}

/** Whatever has a say in the rule as it holds for the target, from far to near. */
function layersOver({ target, profile, site }: Scene): RuleTarget[] {
  const { ruleKey } = target;
  const ofSite: RuleTarget = { layer: 'site', siteId: site.id, profile: profile.key, ruleKey };
  if (target.layer === 'site') return [ofSite];
  const { deviceId } = target;
  const rule = profile.rules.find(({ key }) => key === ruleKey);
  const pointKey = rule && pointOf(rule);
  return [
    ofSite,
    { layer: 'device', deviceId, ruleKey },
    ...(pointKey === undefined ? [] : [{ layer: 'point' as const, deviceId, pointKey, ruleKey }]),
  ];
}

/** As the registry would have it: who and when do not matter to whether it fits. */
function asRow(next: NewRuleLayer, version: number): RuleLayerRow {
  const { by, approvedBy, reason } = next;
  const entries = Object.entries(next.entries).map(([path, entry]): [string, EnteredValue] => [
    path,
    { ...entry, by, approvedBy, reason, at: 0 },
  ]);
  return { ...next, version, at: 0, entries: Object.fromEntries(entries) };
}

function entered(
  values: RuleChange['values'],
  { source, confidence }: Pick<RuleChange, 'source' | 'confidence'> = {},
): Entries {
  const origin = { source: source ?? null, confidence: confidence ?? ('default' as const) };
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, { value, ...origin }]));
}

function enteredIn(row: RuleLayerRow | undefined): Entries {
  return Object.fromEntries(
    Object.entries(row?.entries ?? {}).map(([path, { value, source, confidence }]) => [
      path,
      { value, source, confidence },
    ]),
  );
}
