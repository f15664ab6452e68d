import { faultText, type Fault } from './fault.js';
import { type BilingualText, type DeviceConfiguration } from './model.js';
import { pointsOf, subjectsOf } from './new-watch.js';
import { idsOfAgain } from './occurrences.js';
import { type Deed } from './overlay.js';
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
  'disabled',
  'fault',
  'out-of-service',
  'suppressed',
  'shelved',
] as const;
export type ExposureKind = (typeof EXPOSURE_KINDS)[number];

/** Quiet: still judged, but nobody is told. The others are blind. */
export const QUIET_KINDS: ReadonlySet<ExposureKind> = new Set<ExposureKind>([
  'out-of-service',
  'suppressed',
  'shelved',
]);

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
  /** The rule that is at fault or that somebody has silenced; `null` where the cause is not a rule. */
  readonly ruleKey: string | null;
  /** Journal time, epoch ms; `null` where it is not known. */
  readonly since: number | null;
  /** When it ends by itself, journal time; `null`: not before its cause does. */
  readonly until: number | null;
  /** Who decided it, and who agreed; `null` where nobody had to. */
  readonly by: string | null;
  readonly approvedBy: string | null;
  readonly reason: string | null;
  /** Of a rule at fault: what is wrong with it; `reason` says it in English. */
  readonly fault: Fault | null;
  /** What watches over the place meanwhile, of what is out of service. */
  readonly compensatingMeasure: string | null;
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
  readonly byKind: Readonly<Partial<Record<ExposureKind, number>>>;
  readonly blindSafetyPoints: number;
  /** Not blind, but somebody or something keeps an alarm of a safety class quiet. */
  readonly quietSafetyPoints: number;
}

type Cause = Omit<Exposure, 'points' | 'safety' | 'rules'> & {
  readonly of: readonly PointState[];
  readonly rules: readonly Watch[];
};

const NOBODY = {
  until: null,
  by: null,
  approvedBy: null,
  reason: null,
  fault: null,
  compensatingMeasure: null,
};

/** Looks at one device. `safetyClasses`: the signal classes whose points are safety points. [EX1] */
export function exposureOf(device: DeviceState, safetyClasses: ReadonlySet<string>): DeviceExposure {
  const isSafety = ({ rule }: Watch): boolean => safetyClasses.has(rule.class);
  const causes = causesOf(device);
  const safety = safetyPoints(device, isSafety);
  const weightiest = new Map<PointState, ExposureKind>();
  const blind = new Set<PointState>();
  const quiet = new Set<PointState>();
  for (const kind of EXPOSURE_KINDS) {
    for (const cause of causes) {
      if (cause.kind !== kind) continue;
      // A rule that protects nobody takes no safety point with it.
      const concernsSafety = cause.ruleKey === null || cause.rules.some(isSafety);
      for (const point of cause.of) {
        if (!weightiest.has(point)) weightiest.set(point, kind);
        if (concernsSafety && safety.has(point)) (QUIET_KINDS.has(kind) ? quiet : blind).add(point);
      }
    }
  }
  const byKind: Partial<Record<ExposureKind, number>> = {};
  for (const kind of weightiest.values()) byKind[kind] = (byKind[kind] ?? 0) + 1;
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
    byKind,
    blindSafetyPoints: blind.size,
    quietSafetyPoints: [...quiet].filter((point) => !blind.has(point)).length,
  };
}

function causesOf(device: DeviceState): readonly Cause[] {
  const causes: Cause[] = [];
  const points = [...device.points.values()];
  const beside = besideRules(device);
  const silent = points.filter(({ ts }) => ts === -Infinity);
  if (silent.length === points.length && points.length > 1) {
    causes.push(whole(device, 'never-reported', Math.min(...silent.map(({ silentSince }) => silentSince))));
  } else {
    const isMissing = (point: PointState): boolean => !beside.has(point) && !isOnlyAsked(point);
    for (const point of silent) if (isMissing(point)) causes.push(single(point, 'never-reported'));
  }
  const offline = isOffline(device);
  if (offline) {
    causes.push(whole(device, 'offline', device.silentSince));
  } else {
    // Behind a link that is down each value is old: that is one cause, not one for each point. [EX4]
    for (const point of points) {
      if (point.ts === -Infinity || isOnlyAsked(point)) continue;
      if (point.quality === 'bad' || point.quality === 'stale') causes.push(single(point, point.quality));
    }
  }
  for (const kind of ['clock', 'flapping'] as const) {
    const watch = (kind === 'clock' ? device.awake.clockWatches : device.awake.flappingWatches).find(isOn);
    if (watch !== undefined) causes.push(whole(device, kind, watch.alarm?.raisedAt ?? null));
  }
  for (const watch of device.watches) causes.push(...ruleCauses(device, watch));
  return causes;
}

/** What is wrong with the rule itself, and what lies over it. */
function ruleCauses(device: DeviceState, watch: Watch): readonly Cause[] {
  const { rule, overlay } = watch;
  const trouble = watch.fault ?? watch.kind.troubleOf?.(watch, rule.condition);
  if (trouble === undefined && overlay === null) return [];
  const of = pointsOf(rule).flatMap((pointId) => device.points.get(pointId) ?? []);
  const about = { pointId: of[0]?.point.pointId ?? null, ruleKey: rule.key, of, rules: [watch] };
  const causes: Cause[] = [];
  const add = (kind: ExposureKind, more: Partial<Cause>): void =>
    void causes.push({ ...NOBODY, since: null, ...more, kind, ...about });
  // A disabled rule is not judged, and that is no fault of it.
  if (trouble !== undefined && (overlay?.disabled ?? null) === null)
    add('fault', { reason: faultText(trouble).en, fault: trouble, since: faultSince(device, rule.key) });
  if (overlay === null) return causes;
  const { disabled, outOfService, shelving, suppressionReasons } = overlay;
  if (disabled !== null) add('disabled', deedOf(disabled));
  if (outOfService !== null) {
    const { until, compensatingMeasure } = outOfService;
    add('out-of-service', { ...deedOf(outOfService), until, compensatingMeasure });
  }
  if (suppressionReasons.length > 0) add('suppressed', { reason: suppressionReasons.join('; ') });
  if (shelving !== null) add('shelved', { ...deedOf(shelving), until: shelving.until });
  return causes;
}

function deedOf({ by, at, reason, approvedBy }: Deed): Partial<Cause> {
  return { by, since: at, reason, approvedBy };
}

/** The alarm about a fault comes after a delay; the fault was there before. */
function faultSince(device: DeviceState, ruleKey: string): number | null {
  const told = device.faultAlarms?.get(ruleKey);
  const pending = told?.filters.find(({ deadline }) => deadline !== Infinity);
  return pending?.since ?? told?.alarm?.raisedAt ?? null;
}

function whole(device: DeviceState, kind: ExposureKind, since: number | null): Cause {
  const rules = new Set([...device.points.values()].flatMap(({ watches }) => watches).filter(judges));
  const of = [...device.points.values()];
  return { ...NOBODY, kind, pointId: null, ruleKey: null, since, of, rules: [...rules] };
}

function single(point: PointState, kind: ExposureKind): Cause {
  const { pointId } = point.point;
  // Since the last value that could be used: for a point that never reported, since it was to be there.
  const since = point.silentSince;
  const rules = point.watches.filter(judges);
  return { ...NOBODY, kind, pointId, ruleKey: null, since, of: [point], rules };
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

/** Known when somebody is asked for the guard: that nobody was asked lately hides nothing that the device could have told. [EX11] */
function isOnlyAsked({ watches }: PointState): boolean {
  return watches.length > 0 && watches.every(({ rule }) => rule.class === 'guard');
}

function safetyPoints(device: DeviceState, isSafety: (watch: Watch) => boolean): ReadonlySet<PointState> {
  const found = new Set<PointState>();
  const beside = besideRules(device);
  for (const point of device.points.values())
    if (!beside.has(point) && point.watches.some(isSafety)) found.add(point);
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

/** Points that only tell the occurrences of a rule apart: without them it has its alarm as any other. */
function besideRules({ watches, points }: DeviceState): ReadonlySet<PointState> {
  const beside = new Set(watches.flatMap(({ rule }) => idsOfAgain(rule)));
  for (const { rule } of watches) for (const id of subjectsOf(rule)) beside.delete(id);
  const found = [...beside].flatMap((id) => points.get(id) ?? []);
  // Rules of other devices may read them as well.
  return new Set(found.filter((point) => point.watches.every((watch) => !watch.points.includes(point))));
}

function nameOf({ device, rule }: Watch): UnwatchedRule {
  return { deviceId: device.configuration.deviceId, key: rule.key, class: rule.class, title: rule.title };
}
