import { Lane } from './lane.js';
import { type Rule, type RuleReference } from './model.js';
import { CLEAR } from './overlay.js';
import { type Overlays } from './overlays.js';
import { policyOf } from './policy.js';
import { isDeadMan, type DeviceState, type Watch } from './watch.js';

/** What the reasons of this module begin with; the rest is the device and the rule whose alarm is the reason. */
const REASON = 'inhibited-by:';

/**
 * Rules whose alarm says nothing new while another one is active, suppressed by design for so long: what is behind a link that is
 * down, and what a rule names. Reasons follow the level of the alarm behind them, not its edges, so that they are right whenever
 * they are looked at. [AL118] to [AL121]
 */
export class Inhibition {
  constructor(
    private readonly lanes: ReadonlyMap<string, Lane>,
    private readonly overlays: Overlays,
  ) {}

  /** The alarm of this rule has become active, or is no longer. */
  follow(watch: Watch, now: number): void {
    for (const dependent of this.dependents(watch)) this.apply(dependent, now);
  }

  /** Every rule that some rule of the device may suppress, and its own. */
  around(device: DeviceState): readonly Watch[] {
    return [...device.watches, ...device.watches.flatMap((watch) => this.dependents(watch))];
  }

  /** Gives the rule the reasons that there are now, and no others. */
  apply(watch: Watch, now: number): void {
    const sources = this.sources(watch).filter((source) => isActive(source) && !isDrillOnly(source, watch));
    const reasons = new Set(sources.map(reasonOf));
    const present = (watch.overlay ?? CLEAR).suppressionReasons.filter((reason) => reason.startsWith(REASON));
    for (const reason of present) if (!reasons.has(reason)) this.overlays.unsuppress(watch, reason, now);
    for (const reason of reasons) this.overlays.suppress(watch, reason, now);
  }

  /** Of the silence of a rule: the links that would explain it. They are told first where all are due at once. [AL118] */
  linksOf({ rule, device }: Watch): readonly Watch[] {
    const { link } = device.configuration;
    const kind = rule.condition.kind;
    if (link === undefined || (kind !== 'stale' && kind !== 'offline')) return [];
    const gateway = link.gatewayId === null ? undefined : this.lane(device)?.devices.get(link.gatewayId);
    const above = [...(kind === 'stale' ? [device] : []), ...(gateway === undefined ? [] : [gateway])];
    return above.flatMap(({ watches }) => watches.filter(isOffline));
  }

  /** Rules that suppress others in a circle: none of them does. */
  circlesOf(device: DeviceState): readonly Watch[] {
    // Who only looks wakes no device.
    if (device.site instanceof Lane && device.site.inhibiting.size === 0) return [];
    return device.watches.filter((watch) => this.named(watch).some((source) => this.reaches(watch, source)));
  }

  /** The rules whose alarm suppresses this one. The top class is never suppressed. [AL120] */
  private sources(watch: Watch): readonly Watch[] {
    if (policyOf(watch.rule).exempt) return [];
    return [...this.linksOf(watch), ...this.named(watch).filter((source) => !this.reaches(watch, source))];
  }

  /** By a rule's own words: that it is inhibited by another, or another's that it inhibits this one. */
  private named(watch: Watch): readonly Watch[] {
    const lane = this.lane(watch.device);
    if (lane === undefined) return [];
    const own = (watch.rule.inhibitedBy ?? []).flatMap((reference) => find(lane, watch.device, reference));
    const others = [...lane.inhibiting].flatMap(({ watches }) =>
      watches.filter((source) =>
        (source.rule.inhibits ?? []).some((reference) =>
          find(lane, source.device, reference).includes(watch),
        ),
      ),
    );
    return [...new Set([...own, ...others])].filter((source) => source !== watch);
  }

  private dependents(watch: Watch): readonly Watch[] {
    const lane = this.lane(watch.device);
    if (lane === undefined) return [];
    const { device, rule } = watch;
    const silent = isOffline(watch) ? this.silentWith(lane, device) : [];
    const inhibited = (rule.inhibits ?? []).flatMap((reference) => find(lane, device, reference));
    const byThemselves = [...lane.inhibiting].flatMap(({ watches }) =>
      watches.filter((one) =>
        (one.rule.inhibitedBy ?? []).some((reference) => isNamed(reference, one.device, watch)),
      ),
    );
    return [...new Set([...silent, ...inhibited, ...byThemselves])];
  }

  /** The rules whose silence the link of this device explains; also while the device is being removed, and has none any more. */
  private silentWith(lane: Lane, device: DeviceState): readonly Watch[] {
    const { link, deviceId } = device.configuration;
    const own =
      link === undefined ? [] : device.watches.filter(({ rule }) => rule.condition.kind === 'stale');
    return [...own, ...lane.behind(deviceId).flatMap(({ watches }) => watches.filter(isDeadMan))];
  }

  /** Whether `target` suppresses `from`, by way of however many others. */
  private reaches(target: Watch, from: Watch, seen = new Set<Watch>()): boolean {
    if (target === from) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...this.linksOf(from), ...this.named(from)].some((source) => this.reaches(target, source, seen));
  }

  private lane(device: DeviceState): Lane | undefined {
    return this.lanes.get(device.configuration.siteId);
  }
}

/** Whether a rule has to do with others by name. */
export function namesOthers({ inhibits, inhibitedBy }: Rule): boolean {
  return inhibits !== undefined || inhibitedBy !== undefined;
}

function find(lane: Lane, own: DeviceState, { deviceId, rule }: RuleReference): readonly Watch[] {
  const device = deviceId === undefined ? own : lane.devices.get(deviceId);
  return device?.watches.filter((watch) => watch.rule.key === rule) ?? [];
}

function isNamed({ deviceId, rule }: RuleReference, own: DeviceState, watch: Watch): boolean {
  return (
    watch.rule.key === rule &&
    watch.device.configuration.deviceId === (deviceId ?? own.configuration.deviceId)
  );
}

function isActive({ alarm }: Watch): boolean {
  return alarm?.active === true;
}

/** An exercise must not quieten what is real. */
function isDrillOnly({ alarm }: Watch, { device }: Watch): boolean {
  return alarm?.drill === true && !device.configuration.drill;
}

function isOffline({ rule }: Watch): boolean {
  return rule.condition.kind === 'offline';
}

function reasonOf({ device, rule }: Watch): string {
  return `${REASON}${device.configuration.deviceId}/${rule.key}`;
}
