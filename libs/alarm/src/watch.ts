import { type Due } from './deadlines.js';
import { QUALITIES } from '@watchfire/readings';
import { DeviceClock } from './device-clock.js';
import {
  type AlarmQuality,
  type AlarmView,
  type Condition,
  type DeviceConfiguration,
  type Limit,
  type Point,
  type PointValue,
  type Rule,
  type SampleQuality,
} from './model.js';
import { ABOVE, BELOW, CALM, NOT_CALM, NUMBER, SILENT_SINCE, TS, type Rows } from './rows.js';

/** What the engine keeps of a point. */
export class PointState {
  /** Of the newest sample; `stale` before the first one and when the value was not renewed in time. */
  quality: AlarmQuality = 'stale';
  /** The rules that read this point, in the order of the configuration. */
  watches: readonly Watch[] = [];

  readonly row: number;
  private other: boolean | string | undefined;

  constructor(
    private readonly rows: Rows,
    public point: Point,
    silentSince: number,
  ) {
    this.row = rows.add();
    this.ts = -Infinity;
    this.silentSince = silentSince;
    this.number = NaN;
    this.disturb();
  }

  /** Device time of the newest sample, epoch ms: what is older is late. -Infinity before the first. */
  get ts(): number {
    return this.rows.get(this.row, TS);
  }

  set ts(ts: number) {
    this.rows.set(this.row, TS, ts);
  }

  /** Journal time from which the silence counts: configured, value renewed, or the server back after its own absence. */
  get silentSince(): number {
    return this.rows.get(this.row, SILENT_SINCE);
  }

  set silentSince(at: number) {
    this.rows.set(this.row, SILENT_SINCE, at);
  }

  /** The value where it is a number, otherwise NaN. */
  get number(): number {
    return this.rows.get(this.row, NUMBER);
  }

  private set number(value: number) {
    this.rows.set(this.row, NUMBER, value);
  }

  /**
   * Another sample of this quality, in its order, with the same value or a number between `above` and `below`, renews the
   * point and changes nothing else. See calm.ts.
   */
  calm(quality: SampleQuality, above: number, below: number): void {
    this.rows.set(this.row, ABOVE, above);
    this.rows.set(this.row, BELOW, below);
    this.rows.set(this.row, CALM, QUALITIES.indexOf(quality));
  }

  /** Not calm, or not known. */
  disturb(): void {
    this.rows.set(this.row, CALM, NOT_CALM);
  }

  /** A sample that tells nothing but that the point is alive. */
  renew(ts: number, now: number): void {
    this.ts = ts;
    this.silentSince = now;
  }

  isCalmAt(quality: SampleQuality): boolean {
    return this.rows.get(this.row, CALM) === QUALITIES.indexOf(quality);
  }

  /** The last usable value (quality good or uncertain), or undefined when there was none yet. */
  get value(): PointValue | undefined {
    return Number.isNaN(this.number) ? this.other : this.number;
  }

  set value(value: PointValue | undefined) {
    if (typeof value === 'number') {
      this.number = value;
      this.other = undefined;
    } else {
      this.number = NaN;
      this.other = value;
    }
  }
}

/** The points of a site, whichever of its devices they belong to. */
export interface SitePoints {
  /** Where the numbers of its devices and points are. */
  readonly rows: Rows;
  find(pointId: string): PointState | undefined;
  /** The devices whose rules read that point from elsewhere, in the order of their ids. */
  readers(pointId: string): readonly DeviceState[];
}

/** What the engine keeps of a device. */
export class DeviceState {
  /** Undefined: no connection was ever reported. */
  connected: boolean | undefined;
  readonly points = new Map<string, PointState>();
  watches: readonly Watch[] = [];
  /** The rules about its clock, and those about its link, among them. */
  clockWatches: readonly Watch[] = [];
  flappingWatches: readonly Watch[] = [];
  readonly row: number;
  readonly clock: DeviceClock;
  /** Journal times of its newest take-overs, oldest first: as many as its rules ask for, which is `takeOversKept`. */
  takeOvers: readonly number[] = [];
  takeOversKept = 0;

  constructor(
    public site: SitePoints,
    public configuration: DeviceConfiguration,
    /** Journal time from which its absence counts: configured, disconnected, or the server back after its own absence. */
    public silentSince: number,
  ) {
    this.row = site.rows.add();
    this.clock = new DeviceClock(site.rows, this.row);
  }

  /** The point that a rule of this device means: its own, or else one of another device of the site. */
  find(pointId: string): PointState | undefined {
    return this.points.get(pointId) ?? this.site.find(pointId);
  }
}

/** One way in which a rule can be in alarm. */
export interface AlarmStep {
  readonly level: string | null;
  readonly severity: number;
  readonly limit: Limit | undefined;
}

/**
 * On-delay and off-delay of one level. The three-state of the delay follows from two fields: what has been decided (`on`)
 * and whether the opposite is pending (`deadline`).
 */
export interface LevelFilter extends Due {
  readonly watch: Watch;
  on: boolean;
  /** Event time at which the pending change began. */
  readonly since: number;
  /** Event time of the last change that was decided: a late sample from before it tells nothing new. */
  settledAt: number;
  /** The opposite is pending. */
  pend(since: number, deadline: number): void;
  /** Nothing is pending any more. */
  endPending(): void;
  /** The rule is gone: nothing may become due. */
  stop(): void;
}

class DelayFilter implements LevelFilter {
  on = false;
  since = -Infinity;
  deadline = Infinity;
  queuedAt = Infinity;

  constructor(
    readonly watch: Watch,
    public settledAt: number,
    readonly orderKey: string,
    readonly orderIndex: number,
  ) {}

  pend(since: number, deadline: number): void {
    this.since = since;
    this.deadline = deadline;
  }

  endPending(): void {
    this.deadline = Infinity;
  }

  stop(): void {
    this.endPending();
  }
}

/**
 * Of a stale or an offline rule: off, it always pends, and its times follow from what it watches, so that a sign of life, which
 * comes with every reading, costs it nothing.
 */
class SilenceFilter implements LevelFilter {
  on = false;
  queuedAt = Infinity;
  readonly orderIndex = 0;
  private stopped = false;

  constructor(
    readonly watch: Watch,
    public settledAt: number,
    readonly orderKey: string,
  ) {}

  get since(): number {
    return silentSince(this.watch);
  }

  get deadline(): number {
    if (this.on || this.stopped || isPresent(this.watch)) return Infinity;
    return this.since + delayOf(this.watch.rule.condition, false);
  }

  pend(): void {
    // Follows from what it watches.
  }

  endPending(): void {
    // Follows from what it watches.
  }

  stop(): void {
    this.stopped = true;
  }
}

/** Of an offline rule: the device is connected, so that no silence counts. */
function isPresent({ rule, device }: Watch): boolean {
  return rule.condition.kind === 'offline' && device.connected === true;
}

/** A rule at work on a device. */
export interface Watch {
  readonly device: DeviceState;
  readonly rule: Rule;
  /** Why the rule cannot be evaluated; it then keeps whatever alarm there is. */
  readonly fault: string | undefined;
  readonly points: readonly PointState[];
  readonly steps: readonly AlarmStep[];
  /** For limits one a level, in the order of `steps`; otherwise one for the whole condition. */
  readonly filters: readonly LevelFilter[];
  /** Discrete conditions: the step of the present value. */
  step: number;
  /** From NORM to NORM; null in between. */
  alarm: AlarmView | null;
}

/** The name of a discrete value that is neither normal nor listed. */
export const OFF_NORMAL = 'off-normal';

/** What decides first stands first: the outer levels before the inner ones. */
const PRECEDENCE = ['HH', 'LL', 'H', 'L'] as const;

export function isHigh(limit: Limit): boolean {
  return limit.level === 'H' || limit.level === 'HH';
}

export function isOuter(limit: Limit): boolean {
  return limit.level === 'HH' || limit.level === 'LL';
}

export function pointsOf(rule: Rule): readonly string[] {
  switch (rule.condition.kind) {
    case 'limit':
    case 'discrete':
    case 'stale':
      return [rule.condition.pointId];
    case 'all':
      return rule.condition.terms.map((term) => term.pointId);
    case 'offline':
    case 'clock':
    case 'flapping':
      return [];
    default:
      // A kind of a newer program: the rule is a fault, and what it reads is not known.
      return [];
  }
}

/** A rule without any state yet. A faulty rule has no points, steps or filters, so that nothing ever reaches it. */
export function newWatch(device: DeviceState, rule: Rule, fault: string | undefined): Watch {
  const steps = fault === undefined ? stepsOf(rule) : [];
  const filters: LevelFilter[] = [];
  const points = fault === undefined ? pointsOf(rule).flatMap((pointId) => device.find(pointId) ?? []) : [];
  const watch: Watch = { device, rule, fault, points, steps, filters, step: 0, alarm: null };
  const settledAt = points[0]?.ts ?? -Infinity;
  const orderKey = `${device.configuration.deviceId} ${rule.key}`;
  if (fault !== undefined) return watch;
  if (isDeadMan(watch)) filters.push(new SilenceFilter(watch, settledAt, orderKey));
  else {
    const count = rule.condition.kind === 'limit' ? steps.length : 1;
    for (let index = 0; index < count; index++) {
      filters.push(new DelayFilter(watch, settledAt, orderKey, index));
    }
  }
  return watch;
}

function stepsOf(rule: Rule): readonly AlarmStep[] {
  const condition = rule.condition;
  switch (condition.kind) {
    case 'limit':
      return PRECEDENCE.flatMap((level) => {
        const limit = condition.limits.find((entry) => entry.level === level);
        return limit === undefined ? [] : [{ level, severity: limit.severity, limit }];
      });
    case 'discrete': {
      const listed = condition.alarmValues.map(({ level, severity }) => ({
        level,
        severity,
        limit: undefined,
      }));
      return condition.offNormalSeverity === undefined
        ? listed
        : [...listed, { level: OFF_NORMAL, severity: condition.offNormalSeverity, limit: undefined }];
    }
    case 'all':
      return [{ level: condition.level, severity: condition.severity, limit: undefined }];
    case 'stale':
    case 'offline':
    case 'clock':
    case 'flapping':
      return [{ level: null, severity: condition.severity, limit: undefined }];
  }
}

/** The step that the filters have decided for, or -1: the first level that is on. */
export function decidedStep(watch: Watch): number {
  if (watch.rule.condition.kind === 'limit') return watch.filters.findIndex((filter) => filter.on);
  return watch.filters[0]?.on === true ? watch.step : -1;
}

/** How long a change must last: the way out of an alarm when it is on, the way in when it is off. */
export function delayOf(condition: Condition, isOn: boolean): number {
  switch (condition.kind) {
    case 'stale':
    case 'offline':
      return condition.afterMs;
    case 'clock':
    case 'flapping':
      return isOn ? condition.windowMs : 0;
    default:
      return isOn ? condition.offDelayMs : condition.onDelayMs;
  }
}

/** Stale and offline: conditions that silence makes true. */
export function isDeadMan(watch: Watch): boolean {
  return watch.rule.condition.kind === 'stale' || watch.rule.condition.kind === 'offline';
}

/** Since when there is nothing from what a dead-man watches: journal time. */
export function silentSince({ device, points }: Watch): number {
  return (points[0] ?? device).silentSince;
}

const QUALITY_RANK: Readonly<Record<AlarmQuality, number>> = { good: 0, uncertain: 1, stale: 2, bad: 3 };

/** The worst quality among the points that the rule reads. */
export function qualityOf(watch: Watch): AlarmQuality {
  if (watch.fault !== undefined) return 'bad';
  let worst: AlarmQuality = 'good';
  for (const point of watch.points) {
    if (QUALITY_RANK[point.quality] > QUALITY_RANK[worst]) worst = point.quality;
  }
  return worst;
}

/** The last `count` of a list. */
export function newest<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}
