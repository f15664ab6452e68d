import { type Condition, type DeviceConfiguration } from '@watchfire/alarm';
import { pointIdOf, type RuleView } from '@watchfire/contracts';
import { type DeviceContext, type DeviceRow, type RuleOverrideRow } from '@watchfire/registry';
import { effectiveRules } from './effective-rule.js';
import { withMembers, withVotes } from './members.js';
import { type Profile } from './model.js';

/** What the engine must know of the device. The same input gives the same JSON, so a change can be told by comparing. */
export function deviceConfiguration(
  context: DeviceContext,
  profile: Profile,
  overrides: readonly RuleOverrideRow[],
  options: { readonly drill?: boolean | undefined } = {},
): DeviceConfiguration {
  const { device, site, enterprise } = context;
  return {
    deviceId: device.id,
    deviceName: device.name,
    siteId: site.id,
    siteName: site.name,
    enterpriseId: enterprise.id,
    enterpriseName: enterprise.name,
    gridCode: site.gridCode,
    drill: options.drill ?? false,
    points: profile.points.map(({ key, name, unit }) => ({
      pointId: pointIdOf(device.id, key),
      key,
      name,
      unit,
    })),
    rules: withVotes(
      effectiveRules(profile, ownOverrides(device.id, overrides))
        .filter((one) => one.enabled)
        .map(({ rule, version, condition }) => ({
          key: rule.key,
          version,
          class: rule.class,
          title: rule.title,
          latching: rule.latching,
          condition: onDevice(device, condition),
        })),
    ),
  };
}

/** Every rule of the device with its provenance, disabled ones too. */
export function ruleViews(
  context: DeviceContext,
  profile: Profile,
  overrides: readonly RuleOverrideRow[],
): RuleView[] {
  const deviceId = context.device.id;
  return effectiveRules(profile, ownOverrides(deviceId, overrides)).map((one) => {
    const condition = onDevice(context.device, one.condition);
    return {
      deviceId,
      pointId: 'pointId' in condition ? condition.pointId : null,
      key: one.rule.key,
      version: one.version,
      title: one.rule.title.zh,
      titleEn: one.rule.title.en,
      class: one.rule.class,
      enabled: one.enabled,
      latching: one.rule.latching,
      condition: { ...condition },
      provenance: one.provenance,
      guidance: one.rule.guidance.zh,
      guidanceEn: one.rule.guidance.en,
      override: one.override
        ? { by: one.override.by, at: one.override.at, reason: one.override.reason }
        : null,
    };
  });
}

function ownOverrides(deviceId: string, overrides: readonly RuleOverrideRow[]): RuleOverrideRow[] {
  return overrides.filter((one) => one.deviceId === deviceId);
}

/** The catalogue names points by their keys: from here on they are the points of this device, or the members that it has. */
function onDevice(device: DeviceRow, condition: Condition): Condition {
  switch (condition.kind) {
    case 'voting':
    case 'voting-degraded':
    case 'coincidence':
    case 'colours':
      return withMembers(condition, device.members);
    default:
      return withPoints(condition, (key) => pointIdOf(device.id, key)) as Condition;
  }
}

const NAMES_A_POINT: ReadonlySet<string> = new Set(['pointId', 'commandId', 'feedbackId']);

function withPoints(part: unknown, toPoint: (key: string) => string): unknown {
  if (Array.isArray(part)) return part.map((one) => withPoints(one, toPoint));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]: [string, unknown]) => {
      if (NAMES_A_POINT.has(name) && typeof value === 'string') return [name, toPoint(value)];
      // Of a derived value: the names in its expression.
      if (name === 'variables') {
        const variables = Object.entries(value as Readonly<Record<string, string>>);
        return [name, Object.fromEntries(variables.map(([variable, key]) => [variable, toPoint(key)]))];
      }
      return [name, withPoints(value, toPoint)];
    }),
  );
}
