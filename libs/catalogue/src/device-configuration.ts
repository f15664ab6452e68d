import { type Condition, type DeviceConfiguration, type Logic, type Rule } from '@watchfire/alarm';
import { type AlarmClass, pointIdOf } from '@watchfire/contracts';
import { type DeviceContext, type DeviceRow, type RuleLayerRow } from '@watchfire/registry';
import { annunciationPolicy } from './annunciation-policy.js';
import { effectiveRules } from './effective-rule.js';
import { withMembers, withVotes } from './members.js';
import { type Profile } from './model.js';

/** Classes of which the order in which the points of a site came in tells where it began and how it spread. */
const FIRST_OUT: ReadonlySet<AlarmClass> = new Set<AlarmClass>(['fire', 'gas']);

/** What the engine must know of the device. The same input gives the same JSON, so a change can be told by comparing. */
export function deviceConfiguration(
  context: DeviceContext,
  profile: Profile,
  rows: readonly RuleLayerRow[],
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
    // What has no hardware has no link that could explain its silence.
    ...(profile.logic ? {} : { link: { gatewayId: device.gatewayId } }),
    ...(profile.attributes.length === 0
      ? {}
      : { attributes: Object.fromEntries(profile.attributes.map(({ key, value }) => [key, value])) }),
    points: profile.points.map(({ key, name, unit, reorderMs }) => ({
      pointId: pointIdOf(device.id, key),
      key,
      name,
      unit,
      ...(reorderMs === undefined ? {} : { reorderMs }),
    })),
    rules: withVotes(
      effectiveRules(profile, ownLayers(context, rows))
        .filter(({ rule }) => rule.enabled)
        .map(({ rule, version }) => ({
          key: rule.key,
          version,
          class: rule.class,
          title: rule.title,
          latching: rule.latching,
          ...annunciation(rule.class),
          ...(FIRST_OUT.has(rule.class) ? { firstOutGroup: rule.class } : {}),
          condition: onDevice(device, rule.condition),
          ...(rule.enabledWhen && { enabledWhen: pointsOfDevice(device, rule.enabledWhen) }),
        })),
    ),
  };
}

function annunciation(signalClass: AlarmClass): Pick<Rule, 'annunciation'> {
  const policy = annunciationPolicy(signalClass);
  return policy === undefined ? {} : { annunciation: policy };
}

/** Of many layers those that are about this device: its site's for its profile, its own, and its points'. */
export function ownLayers({ device }: DeviceContext, rows: readonly RuleLayerRow[]): RuleLayerRow[] {
  return rows.filter(({ layer, subject, part }) =>
    layer === 'site' ? subject === device.siteId && part === device.profile : subject === device.id,
  );
}

/** The catalogue names points by their keys: from here on they are the points of this device, or the members that it has. */
export function onDevice(device: DeviceRow, condition: Condition): Condition {
  switch (condition.kind) {
    case 'voting':
    case 'voting-degraded':
    case 'coincidence':
    case 'colours':
      return withMembers(condition, device.members);
    default:
      return pointsOfDevice(device, condition);
  }
}

export function pointsOfDevice<T extends Condition | Logic>({ id }: DeviceRow, part: T): T {
  return withPoints(part, (key) => pointIdOf(id, key)) as T;
}

const NAMES_A_POINT: ReadonlySet<string> = new Set([
  'pointId',
  'commandId',
  'feedbackId',
  'countId',
  'placeId',
]);

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
