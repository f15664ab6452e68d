import { type BilingualText, type DeviceConfiguration } from './model.js';
import { pointsOf } from './new-watch.js';
import { type DeviceState, type PointState, type Watch } from './watch.js';

/**
 * Why something is not watched, what weighs most first: of a point for which there are several reasons the first one counts.
 * See docs/spec/exposure.md.
 */
export const EXPOSURE_KINDS = [
  'never-reported',
  'offline',
  'bad',
  'stale',
  'clock',
  'flapping',
  'fault',
] as const;
export type ExposureKind = (typeof EXPOSURE_KINDS)[number];

export interface UnwatchedRule {
  /** Whose rule it is: not always the device of the point. */
  readonly deviceId: string;
  readonly key: string;
  readonly class: string;
  readonly title: BilingualText;
}

/** One thing that is not watched as it should be, and why. */
export interface Exposure {
  readonly kind: ExposureKind;
  /** `null`: the whole device. */
  readonly pointId: string | null;
  /** The rule that is at fault; `null` where the cause is not a rule. */
  readonly ruleKey: string | null;
  /** Journal time, epoch ms; `null` where it is not known. */
  readonly since: number | null;
  readonly reason: string | null;
  /** Rules that thereby judge nothing, or nothing to be relied on. */
  readonly rules: readonly UnwatchedRule[];
  /** How many points it concerns. */
  readonly points: number;
  /** Whether a rule of a safety class is among `rules`. */
  readonly safety: boolean;
}

/** What is not watched of one device. */
export interface DeviceExposure {
  readonly device: DeviceConfiguration;
  readonly exposures: readonly Exposure[];
  readonly points: number;
  /** Points that a rule of a safety class reads. */
  readonly safetyPoints: number;
  /** Each point once, by its weightiest reason. */
  readonly blindPoints: Readonly<Partial<Record<ExposureKind, number>>>;
  readonly blindSafetyPoints: number;
}

type Cause = Omit<Exposure, 'points' | 'safety' | 'rules'> & {
  readonly of: readonly PointState[];
  readonly rules: readonly Watch[];
};

/** Looks at one device. `safetyClasses`: the signal classes whose points are safety points. [EX1] */
export function exposureOf(device: DeviceState, safetyClasses: ReadonlySet<string>): DeviceExposure {
  const isSafety = ({ rule }: Watch): boolean => safetyClasses.has(rule.class);
  const causes = causesOf(device);
  const safety = safetyPoints(device, isSafety);
  const kinds = new Map<PointState, ExposureKind>();
  for (const kind of EXPOSURE_KINDS) {
    for (const cause of causes) {
      if (cause.kind !== kind) continue;
      for (const point of cause.of) if (!kinds.has(point)) kinds.set(point, kind);
    }
  }
  const blindPoints: Partial<Record<ExposureKind, number>> = {};
  let blindSafetyPoints = 0;
  for (const [point, kind] of kinds) {
    blindPoints[kind] = (blindPoints[kind] ?? 0) + 1;
    if (safety.has(point)) blindSafetyPoints += 1;
  }
  return {
    device: device.configuration,
    exposures: causes.map(({ of, rules, ...cause }) => ({
      ...cause,
      rules: rules.map(nameOf),
      points: of.length,
      safety: rules.some(isSafety),
    })),
    points: device.points.size,
    safetyPoints: safety.size,
    blindPoints,
    blindSafetyPoints,
  };
}

function causesOf(device: DeviceState): readonly Cause[] {
  const causes: Cause[] = [];
  const points = [...device.points.values()];
  const silent = points.filter(({ ts }) => ts === -Infinity);
  if (silent.length === points.length && points.length > 1) {
    causes.push(whole(device, 'never-reported', Math.min(...silent.map(({ silentSince }) => silentSince))));
  } else {
    for (const point of silent) causes.push(single(point, 'never-reported'));
  }
  const offline = isOffline(device);
  if (offline) {
    causes.push(whole(device, 'offline', device.silentSince));
  } else {
    // Behind a link that is down each value is old: that is one cause, not one for each point. [EX4]
    for (const point of points) {
      if (point.ts === -Infinity) continue;
      if (point.quality === 'bad' || point.quality === 'stale') causes.push(single(point, point.quality));
    }
  }
  for (const kind of ['clock', 'flapping'] as const) {
    const watch = (kind === 'clock' ? device.clockWatches : device.flappingWatches).find(isOn);
    if (watch !== undefined) causes.push(whole(device, kind, watch.alarm?.raisedAt ?? null));
  }
  for (const watch of device.watches) {
    if (watch.fault === undefined) continue;
    const own = pointsOf(watch.rule).flatMap((pointId) => device.points.get(pointId) ?? []);
    const { key } = watch.rule;
    const about = { pointId: own[0]?.point.pointId ?? null, ruleKey: key, since: null, reason: watch.fault };
    causes.push({ kind: 'fault', ...about, of: own, rules: [watch] });
  }
  return causes;
}

function whole(device: DeviceState, kind: ExposureKind, since: number | null): Cause {
  const rules = new Set([...device.points.values()].flatMap(({ watches }) => watches).filter(judges));
  const of = [...device.points.values()];
  return { kind, pointId: null, ruleKey: null, since, reason: null, of, rules: [...rules] };
}

function single(point: PointState, kind: ExposureKind): Cause {
  const { pointId } = point.point;
  // Since the last value that could be used: for a point that never reported, since it was to be there.
  const since = point.silentSince;
  return {
    kind,
    pointId,
    ruleKey: null,
    since,
    reason: null,
    of: [point],
    rules: point.watches.filter(judges),
  };
}

/** A stale rule does its work just then: it finds the silence. */
function judges({ rule }: Watch): boolean {
  return rule.condition.kind !== 'stale';
}

function isOn({ filters }: Watch): boolean {
  return filters[0]?.on === true;
}

/** Disconnected, or never connected for longer than its rule allows. */
function isOffline({ connected, watches }: DeviceState): boolean {
  return (
    connected === false || watches.some((watch) => watch.rule.condition.kind === 'offline' && isOn(watch))
  );
}

function safetyPoints(device: DeviceState, isSafety: (watch: Watch) => boolean): ReadonlySet<PointState> {
  const found = new Set<PointState>();
  for (const point of device.points.values()) if (point.watches.some(isSafety)) found.add(point);
  // A rule at fault reads nothing, and is meant to.
  for (const watch of device.watches) {
    if (watch.fault === undefined || !isSafety(watch)) continue;
    for (const pointId of pointsOf(watch.rule)) {
      const point = device.points.get(pointId);
      if (point !== undefined) found.add(point);
    }
  }
  return found;
}

function nameOf({ device, rule }: Watch): UnwatchedRule {
  return { deviceId: device.configuration.deviceId, key: rule.key, class: rule.class, title: rule.title };
}
