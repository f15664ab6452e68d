import { type Due, type QueueEntry } from './deadlines.js';
import { QUALITIES } from '@watchfire/readings';
import { DeviceClock } from './device-clock.js';
import { type Fault } from './fault.js';
import { type FloodEnd } from './flood-end.js';
import {
  type AlarmQuality,
  type AlarmView,
  type BilingualText,
  type Condition,
  type DeviceConfiguration,
  type FloodSummary,
  type Limit,
  type Point,
  type PointValue,
  type Rule,
  type SampleQuality,
} from './model.js';
import { type Overlay } from './overlay.js';
import { type Plans } from './plan.js';
import { type Reorder } from './reorder.js';
import { type ReturnsTo } from './returns.js';
import { ABOVE, BELOW, BOOLEAN, CALM, NOT_CALM, NUMBER, SILENT_SINCE, TS, type Rows } from './rows.js';

/** What the engine keeps of a point. */
export class PointState {
  /** Of the newest sample; `stale` before the first one and when the value was not renewed in time. */
  quality: AlarmQuality = 'stale';
  /** The rules that read this point, in the order of the configuration. */
  watches: readonly Watch[] = [];
  /** Samples that wait for their turn; undefined for a point without a reorder window, as most are. */
  reorder: Reorder<PointState> | undefined;

  private text: string | undefined;

  constructor(
    private readonly rows: Rows,
    readonly row: number,
    public point: Point,
  ) {}

  /** One that has not reported yet. */
  static first(rows: Rows, point: Point, silentSince: number): PointState {
    return new PointState(rows, rows.add(), point).begin(silentSince);
  }

  protected begin(silentSince: number): this {
    this.ts = -Infinity;
    this.silentSince = silentSince;
    this.value = undefined;
    this.disturb();
    return this;
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
    const { number } = this;
    if (!Number.isNaN(number)) return number;
    const boolean = this.rows.get(this.row, BOOLEAN);
    return Number.isNaN(boolean) ? this.text : boolean !== 0;
  }

  set value(value: PointValue | undefined) {
    this.rows.set(this.row, NUMBER, typeof value === 'number' ? value : NaN);
    this.rows.set(this.row, BOOLEAN, typeof value === 'boolean' ? Number(value) : NaN);
    this.text = typeof value === 'string' ? value : undefined;
  }
}

/** Where what the engine keeps of devices and points is. */
export interface Storage {
  readonly rows: Rows;
  readonly plans: Plans;
  /** Gives a resting device its parts back. */
  wake(device: DeviceState): DeviceParts;
}

/** In the place of a member that no device of the site has. */
export class AbsentPoint extends PointState {
  override quality: AlarmQuality = 'bad';

  static of(rows: Rows, point: Point, silentSince: number): AbsentPoint {
    return new AbsentPoint(rows, rows.add(), point).begin(silentSince);
  }
}

/** The points of a site, whichever of its devices they belong to. */
export interface SitePoints extends ReturnsTo {
  readonly storage: Storage;
  find(pointId: string): PointState | undefined;
  /** The devices whose rules read that point from elsewhere, in the order of their ids. */
  readers(pointId: string): readonly DeviceState[];
}

/** What a device needs when something may change. */
export class DeviceParts {
  readonly points = new Map<string, PointState>();
  watches: readonly Watch[] = [];
  /** The rules about its clock, and those about its link, among them. */
  clockWatches: readonly Watch[] = [];
  flappingWatches: readonly Watch[] = [];

  constructor(public configuration: DeviceConfiguration) {}
}

/** A device of which nothing but numbers is kept: see rest.ts. */
export interface Resting {
  configuration(): DeviceConfiguration;
  has(pointId: string): boolean;
  /** When silence must be told, journal time; Infinity: never. */
  deadline(): number;
  /** A clock that is wrong by no more than this, ms, is nothing to tell. */
  readonly clockLimitMs: number;
}

/** What the engine keeps of a device. Whoever asks for its parts wakes it. */
export class DeviceState implements Due {
  /** Undefined: no connection was ever reported. */
  connected: boolean | undefined;
  readonly row: number;
  /** Journal times of its newest take-overs, oldest first: as many as its rules ask for, which is `takeOversKept`. */
  takeOvers: readonly number[] = [];
  takeOversKept = 0;
  /** Alarms about rules that cannot be evaluated, by the keys of those; see rule-faults.ts. */
  faultAlarms: Map<string, Watch> | undefined;
  /** Journal time at which something of it was judged last. */
  judgedAt = -Infinity;
  queued: QueueEntry | undefined;
  /** Before anything of its own that is due at the same time. */
  readonly orderIndex = -1;
  private parts: DeviceParts | Resting;

  constructor(
    public site: SitePoints,
    readonly deviceId: string,
    configuration: DeviceConfiguration,
    /** Journal time from which its absence counts: configured, disconnected, or the server back after its own absence. */
    public silentSince: number,
  ) {
    this.row = site.storage.rows.add();
    this.parts = new DeviceParts(configuration);
    this.clock.begin();
  }

  get clock(): DeviceClock {
    return new DeviceClock(this.site.storage.rows, this.row);
  }

  get configuration(): DeviceConfiguration {
    return this.parts instanceof DeviceParts ? this.parts.configuration : this.parts.configuration();
  }

  set configuration(configuration: DeviceConfiguration) {
    this.awake.configuration = configuration;
  }

  get points(): Map<string, PointState> {
    return this.awake.points;
  }

  get watches(): readonly Watch[] {
    return this.awake.watches;
  }

  set watches(watches: readonly Watch[]) {
    this.awake.watches = watches;
  }

  /** What it needs when something may change; it is there again from now on. */
  get awake(): DeviceParts {
    return this.parts instanceof DeviceParts ? this.parts : this.site.storage.wake(this);
  }

  get resting(): Resting | undefined {
    return this.parts instanceof DeviceParts ? undefined : this.parts;
  }

  /** To be called by its storage alone. */
  become(parts: DeviceParts | Resting): void {
    this.parts = parts;
  }

  get orderKey(): string {
    return `${this.deviceId} `;
  }

  get deadline(): number {
    return this.resting?.deadline() ?? Infinity;
  }

  /** Whether it has a point of that id itself. */
  has(pointId: string): boolean {
    return this.parts instanceof DeviceParts ? this.parts.points.has(pointId) : this.parts.has(pointId);
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
  /** Of a rule with `onCount`: event times of the newest samples on which it held, oldest first. */
  recent?: readonly number[];
  /** The opposite is pending. */
  pend(since: number, deadline: number): void;
  /** Nothing is pending any more. */
  endPending(): void;
  /** The rule is gone: nothing may become due. */
  stop(): void;
}

/** A time at which a rule is to be judged although nothing came. */
export class Look implements Due {
  deadline = Infinity;
  queued: QueueEntry | undefined;
  /** What is due by a delay at the same time comes first. */
  readonly orderIndex = 1_000;

  constructor(
    readonly watch: Watch,
    readonly orderKey: string,
  ) {}
}

/** What stands in the queue of the conditions. */
export type Scheduled = LevelFilter | Look | Reorder<PointState> | FloodEnd | DeviceState;

/** Plain JSON. */
export type Memory =
  number | boolean | string | null | readonly Memory[] | { readonly [key: string]: Memory };

/** The points by which a rule tells one occurrence from another while it is in alarm; undefined where they are not there. */
export interface AgainPoints {
  readonly count: PointState | undefined;
  readonly place: PointState | undefined;
}

/** A rule at work on a device. */
export interface Watch {
  readonly device: DeviceState;
  readonly rule: Rule;
  readonly kind: ConditionKind;
  /** Why the rule cannot be evaluated; it then keeps whatever alarm there is. */
  readonly fault: Fault | undefined;
  readonly points: readonly PointState[];
  readonly steps: readonly AlarmStep[];
  /** For limits one a level, in the order of `steps`; otherwise one for the whole condition. */
  readonly filters: readonly LevelFilter[];
  /** Of a `WholeKind`: the step of the present value. */
  step: number;
  /** From NORM to NORM; null in between. */
  alarm: AlarmView | null;
  /** What lies over its alarms, and outlives them; null: nothing. Changed by `Overlays` alone. */
  overlay: Overlay | null;
  /** The points by which it is enabled; absent where the rule has no `enabledWhen`. */
  readonly enabling?: readonly PointState[];
  /** The points by which it tells occurrences apart; absent where the rule tells none. `memory` is then the number that the present one stands at. */
  readonly again?: AgainPoints;
  /** When to judge again without a sample; absent where time alone changes nothing, as with most rules. */
  readonly look?: Look;
  /** What the kind keeps of what was; absent at first. */
  memory?: Memory | undefined;
  /** Of the alarm about a flood: what it says. */
  flood?: { readonly summary: FloodSummary; readonly message: BilingualText };
  /** Of the alarm about the server itself: what it says. */
  said?: BilingualText;
}

export function isHigh(limit: Limit): boolean {
  return limit.level === 'H' || limit.level === 'HH';
}

export function isOuter(limit: Limit): boolean {
  return limit.level === 'HH' || limit.level === 'LL';
}

/** When something is judged, epoch ms: measured, received, and the journal time of the record. */
export interface Instant {
  readonly ts: number;
  readonly receivedAt: number;
  readonly now: number;
}

/** What an alarm shows as its value. */
export interface Present {
  readonly value: PointValue | undefined;
  readonly unit: string | null;
}

interface KindOf<C extends Condition> {
  /**
   * Its points are members from the whole site, and it is about all of them together: no single one gives the alarm its value. What is
   * missing is as unknown as what is bad, and it is judged again with each change of that.
   */
  readonly ofSite?: true;
  /** It depends on the alarms of its points, and is judged again when one of those changes. */
  readonly readsAlarms?: true;
  /** The points that it reads; the first one gives the alarm its value and its unit. */
  pointsOf(condition: C): readonly string[];
  /** Why it cannot be evaluated, apart from a point that is not there; undefined when it can. */
  faultOf(condition: C): Fault | undefined;
  /** The ways in which it can be in alarm; where several hold, the first one counts. */
  stepsOf(condition: C): readonly AlarmStep[];
  /** How long a change must last, ms: the way out of an alarm when it is on, the way in when it is off. */
  delayOf(condition: C, isOn: boolean): number;
  /** What is compared with the limit, and its unit, where that is not the value of the first point. */
  presentOf?(watch: Watch, condition: C): Present;
  /** Why it cannot be evaluated with the present values; absent for what always can. It is then unknown. */
  troubleOf?(watch: Watch, condition: C): Fault | undefined;
  /** Journal time after `now` at which it must be judged again although nothing came; Infinity for never. Follows from the state. */
  nextLookAt?(watch: Watch, condition: C, now: number): number;
  /** What the operator reads: the same text on every machine, without a locale's formats. */
  messageOf(watch: Watch, condition: C, step: AlarmStep, value: PointValue | undefined): BilingualText;
}

/** Conditions that are judged anew with each sample of their points. */
interface JudgedBySample<C extends Condition> extends KindOf<C> {
  /**
   * Which samples need not be judged once all has been decided: numbers that stay between the limits, those with the same value, or
   * none, because the condition depends on more than the present values. See calm.ts.
   */
  readonly calm: 'between-limits' | 'same-value' | 'never';
}

/** A number against a ladder of limits, each with a filter of its own: one for each step, which has the limit. */
export interface LevelsKind<C extends Condition> extends JudgedBySample<C> {
  readonly judges: 'levels';
  /** Undefined: unknown. It may replace `watch.memory`, but the same samples again must not. */
  quantityOf(watch: Watch, condition: C, at: Instant): number | undefined;
  /** The same of one late sample alone; absent where a late sample says nothing. [AL13] */
  lateQuantityOf?(condition: C, value: PointValue): number | undefined;
}

/** True in one of several ways, or false, with one filter for the whole. */
export interface WholeKind<C extends Condition> extends JudgedBySample<C> {
  readonly judges: 'whole';
  /** The step that is true, -1 for false, undefined for unknown. It may replace `watch.memory`, but the same samples again must not. */
  stepAt(watch: Watch, condition: C, at: Instant): number | undefined;
  /** The same of one late sample alone; absent where a late sample says nothing. [AL13] */
  lateStepOf?(condition: C, value: PointValue): number | undefined;
  /** Whether it is known although some of its points are not; absent: it is not. Changes nothing. */
  isKnown?(watch: Watch, condition: C): boolean;
}

/** True by the lack of a sign of life: see dead-man.ts. */
export interface SilenceKind<C extends Condition> extends KindOf<C> {
  readonly judges: 'silence';
}

/** About the device itself, judged by one of the `DeviceChecks` when something happens that concerns it. */
export interface DeviceKind<C extends Condition> extends KindOf<C> {
  readonly judges: 'device';
  readonly check: 'clocks' | 'flapping';
}

/**
 * A kind of condition: everything that the engine must know of it. One module each in conditions/, listed in conditions/kinds.ts.
 * The state of a rule beyond its filters is `watch.memory`: plain JSON that is replaced, never changed, and is in the snapshot.
 */
export type ConditionKind<C extends Condition = Condition> =
  LevelsKind<C> | WholeKind<C> | SilenceKind<C> | DeviceKind<C>;

/** The step that the filters have decided for, or -1: the first level that is on. */
export function decidedStep(watch: Watch): number {
  if (watch.kind.judges === 'levels') return watch.filters.findIndex((filter) => filter.on);
  return watch.filters[0]?.on === true ? watch.step : -1;
}

/** How long a change of this rule must last: the way out of an alarm when it is on, the way in when it is off. */
export function delayOf({ kind, rule }: Watch, isOn: boolean): number {
  return kind.delayOf(rule.condition, isOn);
}

/** Stale and offline: conditions that silence makes true. */
export function isDeadMan(watch: Watch): boolean {
  return watch.kind.judges === 'silence';
}

/** Whether the value of a point may be judged: a bad or outdated one is unknown. */
export function isUsable(point: PointState): boolean {
  return point.quality === 'good' || point.quality === 'uncertain';
}

/** The point that the rule is about; undefined where it is about the device, or about many points together. */
export function subjectOf({ kind, points }: Watch): PointState | undefined {
  return kind.ofSite === true ? undefined : points[0];
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
  // A group that can still decide is not blind, but less sure.
  const isUnsure = worst === 'bad' || worst === 'stale';
  return isUnsure && watch.kind.ofSite === true && isKnown(watch) ? 'uncertain' : worst;
}

/** Whether the rule can decide although some of its points are not known. */
export function isKnown(watch: Watch): boolean {
  const { kind, rule } = watch;
  return kind.judges === 'whole' && kind.isKnown?.(watch, rule.condition) === true;
}

/** The last `count` of a list. */
export function newest<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}
