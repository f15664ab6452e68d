import { QUALITIES } from '@watchfire/readings';
import { disturb, findCalm } from './calm.js';
import { type ClockCheck } from './clock-check.js';
import { isBeyond, presentLimit } from './conditions/ladder.js';
import { logicLook } from './conditions/logic.js';
import { type DeadMen } from './dead-man.js';
import { type Deadlines } from './deadlines.js';
import { type Enabling } from './enabling.js';
import { FloodEnd } from './flood-end.js';
import { type FlappingCheck } from './flapping-check.js';
import { type Inhibition } from './inhibition.js';
import { judgeLate } from './late-sample.js';
import { decide, holdUnknown } from './level-filter.js';
import { type Condition, type Limit, type PointValue, type SampleQuality } from './model.js';
import { tellCount, tellMissedCount } from './occurrences.js';
import { type Overlays } from './overlays.js';
import { type TransitionRecorder } from './recorder.js';
import { Reorder, type HeldSample } from './reorder.js';
import { type RuleFaults } from './rule-faults.js';
import { withoutSign, type Rows } from './rows.js';
import { settle, tellQuality } from './settlement.js';
import {
  decidedStep,
  delayOf,
  isDeadMan,
  Look,
  newest,
  type ConditionKind,
  type DeviceState,
  type Instant,
  type LevelFilter,
  type LevelsKind,
  type PointState,
  type Scheduled,
  type Watch,
  type WholeKind,
} from './watch.js';

/** What decides about conditions that are not of points. */
export interface DeviceChecks {
  readonly deadMen: DeadMen;
  readonly inhibition: Inhibition;
  readonly clocks: ClockCheck;
  readonly flapping: FlappingCheck;
  readonly overlays: Overlays;
  readonly faults: RuleFaults;
  readonly enabling: Enabling;
}

/**
 * The filter stage in front of the state machine: quality gate, deadband, on-delay and off-delay. It decides when a
 * condition is on and tells the recorder; it knows no clock but the journal time that it is given.
 */
export class Evaluator implements Instant {
  /** Journal time of the record that is being applied. */
  now = 0;
  receivedAt = 0;
  ts = 0;
  /** A sample is being judged, and not what is known already. */
  private isSample = false;
  /** Samples that were held have their turn. */
  private isReleasing = false;

  constructor(
    private readonly rows: Rows,
    private readonly recorder: TransitionRecorder,
    private readonly deadlines: Deadlines<Scheduled>,
    private readonly checks: DeviceChecks,
  ) {
    checks.deadMen.judgeAgain = (watch) => this.judgeAgain(watch);
  }

  /** Whether `advance` may find something: for who asks with every reading of a batch. */
  mayBeDue(now: number): boolean {
    return this.deadlines.mayBeDue(now) || this.checks.overlays.mayBeDue(now);
  }

  /** Journal time of the record that is being applied. */
  get time(): number {
    return this.now;
  }

  setTime(now: number): void {
    this.now = now;
  }

  /** Fires everything that is due at `now` or before, in order; at the same time conditions before what lies over them. [AL20] */
  advance(now: number): void {
    this.now = now;
    const { overlays } = this.checks;
    for (;;) {
      const due = this.deadlines.take(Math.min(now, overlays.nextDeadline() ?? now));
      // What is due of a device that rests is found, in its order, once it is awake.
      if (due instanceof Reorder) this.release(due, due.deadline, now);
      else if (due instanceof Look) this.lookAgain(due, now);
      else if (due instanceof FloodEnd) due.happen();
      else if (due !== undefined && 'watch' in due) this.fire(due.watch, due.deadline);
      else if (due !== undefined) void due.awake;
      else if (!overlays.fireOne(now)) return;
    }
  }

  /** Says when the samples that follow were measured and received. */
  receive(ts: number, receivedAt: number): void {
    this.ts = ts;
    this.receivedAt = receivedAt;
  }

  /** False when the message tells nothing new of the clock of the device of this row. See `observeClock`. */
  mayTellTime(deviceRow: number, delay: number): boolean {
    return !this.rows.ignoresDelay(deviceRow, delay, this.now);
  }

  /** `delay`: receive time less device time of a message, ms; NaN where it had no time. */
  observeClock(device: DeviceState, delay: number): void {
    this.checks.clocks.observe(device, delay, this.now);
  }

  /** Takes the number for a point that it leaves calm; false when it must be judged. `quality` is an index into `QUALITIES`. */
  renewNumber(row: number, value: number, quality: number): boolean {
    return this.rows.renewNumber(row, value, quality, this.ts, this.now);
  }

  /** The same of a boolean, as 1 or 0. */
  renewBoolean(row: number, value: number, quality: number): boolean {
    return this.rows.renewBoolean(row, value, quality, this.ts, this.now);
  }

  sample(point: PointState, value: PointValue, quality: SampleQuality): void {
    const { ts, now } = this;
    if (typeof value === 'number') {
      if (this.renewNumber(point.row, value, QUALITIES.indexOf(quality))) return;
      this.judgeSample(point, withoutSign(value), quality);
    } else if (point.isCalmAt(quality) && ts >= point.ts && value === point.value) {
      point.renew(ts, now);
    } else {
      this.judgeSample(point, value, quality);
    }
  }

  private judgeSample(point: PointState, value: PointValue, quality: SampleQuality): void {
    const { reorder } = point;
    if (reorder !== undefined && reorder.holds(this.ts, this.now)) {
      reorder.add(heldSample(this, value, quality));
      this.release(reorder, -Infinity, this.now);
    } else {
      this.judgeInOrder(point, value, quality);
    }
  }

  /**
   * Applies what is held and due at `at`, as of then, whenever the record came by which it is known to have passed. -Infinity: only
   * what there is too much of, as of now.
   */
  private release(reorder: Reorder<PointState>, at: number, now: number): void {
    const { ts, receivedAt } = this;
    this.isReleasing = true;
    for (let held = reorder.take(at); held !== undefined; held = reorder.take(at)) {
      this.now = at === -Infinity ? now : at;
      this.receive(held.ts, held.receivedAt);
      this.judgeInOrder(reorder.point, held.value, held.quality);
    }
    this.isReleasing = false;
    this.now = now;
    this.receive(ts, receivedAt);
    this.deadlines.schedule(reorder);
  }

  private judgeInOrder(point: PointState, value: PointValue, quality: SampleQuality): void {
    point.disturb();
    const usable = quality !== 'bad' && (typeof value !== 'number' || Number.isFinite(value));
    if (this.ts < point.ts) {
      const { ts, receivedAt, now } = this;
      const late = { value, ts, receivedAt, now };
      // A rule that only refers to this point, or is enabled by it, is not about its past.
      const about = usable ? point.watches.filter(({ points: [subject] }) => subject === point) : [];
      for (const watch of about) judgeLate(this.recorder, watch, late);
      return;
    }
    point.ts = this.ts;
    point.quality = usable ? quality : 'bad';
    const before = point.value;
    if (usable) {
      point.value = value;
      point.silentSince = this.now;
    }
    this.isSample = true;
    for (const watch of point.watches) {
      if (watch.enabling !== undefined) this.checks.enabling.tell(watch, this.now);
      if (watch.again?.count === point) tellCount(this.recorder, watch, before, this);
      const isApart = watch.enabling !== undefined || watch.again !== undefined;
      // What enables a rule, or counts for it, is no sign of life of what the rule is about.
      if (isApart && !watch.points.includes(point)) continue;
      if (isDeadMan(watch)) {
        if (usable) this.checks.deadMen.renew(watch, this.now, this.receivedAt);
        continue;
      }
      this.judge(watch);
      tellQuality(this.recorder, watch, this.now);
      if (watch.points.length > 1) disturb(watch);
    }
    this.isSample = false;
    findCalm(point);
  }

  /** Judges what is known at present, for a rule that is new or has changed. [AL26] */
  present(watch: Watch): void {
    this.receive(this.now, this.now);
    this.rearm(watch);
    this.checks.enabling.tell(watch, this.now);
    if (watch.fault === undefined) {
      if (isDeadMan(watch)) this.checks.deadMen.arm(watch, this.now);
      else this.judge(watch);
      this.settle(watch, this.now, this.now);
      tellMissedCount(this.recorder, watch, { eventAt: this.now, receivedAt: this.now });
    }
    tellQuality(this.recorder, watch, this.now);
  }

  /** Judges what is known now, in the middle of something else. */
  judgeAgain(watch: Watch): void {
    const { ts, receivedAt } = this;
    this.receive(this.now, this.now);
    this.judge(watch);
    this.receive(ts, receivedAt);
  }

  /** Puts the deadlines of a restored rule back in the queue. */
  rearm(watch: Watch): void {
    for (const filter of watch.filters) this.deadlines.schedule(filter);
    this.scheduleLook(watch);
  }

  private judge(watch: Watch): void {
    const { kind, rule } = watch;
    this.judgeByKind(watch, kind);
    this.scheduleLook(watch);
    if (kind.troubleOf !== undefined) {
      this.checks.faults.tellTrouble(watch, kind.troubleOf(watch, rule.condition), this.now);
    }
  }

  private scheduleLook(watch: Watch): void {
    const { kind, look, rule, fault } = watch;
    if (look === undefined) return;
    const byKind = fault === undefined ? kind.nextLookAt?.(watch, rule.condition, this.now) : undefined;
    const byEnabling = rule.enabledWhen === undefined ? Infinity : logicLook(rule.enabledWhen, this.now);
    look.deadline = Math.min(byKind ?? Infinity, byEnabling);
    this.deadlines.schedule(look);
  }

  /** As of the time that it was due at, whenever the record came by which it is known to have passed. */
  private lookAgain(look: Look, now: number): void {
    const { watch, deadline } = look;
    look.deadline = Infinity;
    this.now = deadline;
    this.receive(deadline, deadline);
    this.checks.enabling.tell(watch, deadline);
    if (watch.fault === undefined && !isDeadMan(watch)) this.judge(watch);
    else this.scheduleLook(watch);
    if (watch.points.length > 0) disturb(watch);
    this.now = now;
  }

  private judgeByKind(watch: Watch, kind: ConditionKind): void {
    switch (kind.judges) {
      case 'levels':
        return this.judgeLevels(watch, kind);
      case 'whole':
        return this.judgeWhole(watch, kind);
      case 'device':
        this.checks[kind.check].judge(watch, this.now);
        return;
      case 'silence':
    }
  }

  private judgeLevels(watch: Watch, kind: LevelsKind<Condition>): void {
    const quantity = kind.quantityOf(watch, watch.rule.condition, this);
    if (quantity === undefined) return holdUnknown(watch);
    // While one limit is not known nothing is over: the value may be beyond that one. [AL82]
    const isKnown = watch.steps.every((_step, index) => limitOf(watch, index) !== undefined);
    if (!isKnown) holdUnknown(watch);
    this.proveLevels(watch, quantity);
    let mayMove = false;
    for (let index = 0; index < watch.filters.length; index++) {
      const filter = watch.filters[index];
      const limit = limitOf(watch, index);
      if (filter === undefined || limit === undefined || (filter.on && !isKnown)) continue;
      const isPending = filter.deadline !== Infinity;
      const wasBeyond = filter.on !== isPending;
      const beyond = isBeyond(limit, quantity, wasBeyond);
      if (beyond && this.raisesByCount(watch, filter)) mayMove = true;
      else if (beyond !== wasBeyond && this.feed(watch, filter, beyond)) mayMove = true;
    }
    if (mayMove) this.settle(watch, this.ts, this.receivedAt);
  }

  private judgeWhole(watch: Watch, kind: WholeKind<Condition>): void {
    const filter = watch.filters[0];
    if (filter === undefined) return;
    const step = kind.stepAt(watch, watch.rule.condition, this);
    if (step === undefined) return holdUnknown(watch);
    const isTrue = step >= 0;
    const isOtherStep = isTrue && step !== watch.step;
    if (isOtherStep) {
      watch.step = step;
      if (filter.on) filter.settledAt = Math.max(filter.settledAt, this.ts);
    }
    if (this.isProved(watch, filter, isTrue)) this.prove(watch, filter);
    const isCounted = isTrue && this.raisesByCount(watch, filter);
    if (isCounted || this.feed(watch, filter, isTrue) || isOtherStep)
      this.settle(watch, this.ts, this.receivedAt);
  }

  /** Levels that are proved, in the order of their own times. */
  private proveLevels(watch: Watch, quantity: number): void {
    for (;;) {
      let first: LevelFilter | undefined;
      for (const filter of watch.filters) {
        if (filter.deadline === Infinity) continue;
        const limit = limitOf(watch, filter.orderIndex);
        if (limit === undefined) continue;
        if (!this.isProved(watch, filter, isBeyond(limit, quantity, !filter.on))) continue;
        if (first === undefined || filter.since < first.since) first = filter;
      }
      if (first === undefined) return;
      this.prove(watch, first);
    }
  }

  /**
   * What pends and has lasted by event time is decided although its deadline, which runs by receive time, is still to
   * come [AL16]. A clear is proved only by its own end: a raise that comes early does no harm, a clear may. [AL18]
   */
  private isProved(watch: Watch, filter: LevelFilter, isTrue: boolean): boolean {
    if (filter.deadline === Infinity || (filter.on && !isTrue)) return false;
    return this.ts - filter.since >= delayOf(watch, filter.on);
  }

  private prove(watch: Watch, filter: LevelFilter): void {
    const eventAt = filter.since + delayOf(watch, filter.on);
    decide(watch, filter, !filter.on, eventAt);
    this.settle(watch, eventAt, this.receivedAt);
  }

  /**
   * One more sample on which it holds; true when there are enough of them within the on-delay, which has not run out yet. What was in
   * between does not matter, and the same sample again is none. [AL70]
   */
  private raisesByCount(watch: Watch, filter: LevelFilter): boolean {
    const { condition } = watch.rule;
    const needed = 'onCount' in condition ? condition.onCount : undefined;
    if (needed === undefined || filter.on || !this.isSample) return false;
    const { ts } = this;
    const before = filter.recent ?? [];
    if (ts <= (before.at(-1) ?? -Infinity)) return false;
    const recent = newest([...before, ts], needed).filter((one) => one > ts - delayOf(watch, false));
    filter.recent = recent;
    if (recent.length < needed) return false;
    decide(watch, filter, true, ts);
    return true;
  }

  /** One value through the delays; true when the level has been decided otherwise. */
  private feed(watch: Watch, filter: LevelFilter, isTrue: boolean): boolean {
    const isPending = filter.deadline !== Infinity;
    if (isTrue === (filter.on !== isPending)) return false;
    if (isPending) {
      filter.endPending();
      return false;
    }
    const delayMs = delayOf(watch, !isTrue);
    if (delayMs === 0) {
      decide(watch, filter, isTrue, this.ts);
      return true;
    }
    // The time that the message was under way counts for an alarm, never for a clear. A delay that is over already runs
    // out with the next millisecond, so that the rest of the same message may still disprove it. [AL15]
    const arrived = this.isReleasing ? this.now : this.receivedAt;
    const underWay = isTrue ? Math.max(0, arrived - this.ts) : 0;
    filter.pend(this.ts, this.now + Math.max(1, delayMs - underWay));
    this.deadlines.schedule(filter);
    return false;
  }

  /** Everything of one rule that is due at this deadline, as one change; what explains its silence comes first. */
  private fire(watch: Watch, deadline: number): void {
    for (const link of this.checks.inhibition.linksOf(watch)) {
      if (link.filters.some((filter) => filter.deadline <= deadline)) this.fire(link, deadline);
    }
    let first = Infinity;
    let last = -Infinity;
    for (const filter of watch.filters) {
      if (filter.deadline > deadline) continue;
      const eventAt = Math.min(filter.since + delayOf(watch, filter.on), filter.deadline);
      decide(watch, filter, !filter.on, eventAt);
      first = Math.min(first, eventAt);
      last = Math.max(last, eventAt);
    }
    if (isDeadMan(watch)) this.checks.deadMen.outdate(watch, this.now);
    const eventAt = decidedStep(watch) >= 0 ? first : last;
    this.settle(watch, eventAt, eventAt);
  }

  private settle(watch: Watch, eventAt: number, receivedAt: number): void {
    settle(this.recorder, watch, { eventAt, receivedAt });
  }
}

/** What is no number waits as a bad one: JSON has none. */
function heldSample({ ts, receivedAt }: Instant, value: PointValue, quality: SampleQuality): HeldSample {
  const isNumber = typeof value !== 'number' || Number.isFinite(value);
  return isNumber ? { ts, receivedAt, value, quality } : { ts, receivedAt, value: 0, quality: 'bad' };
}

/** The limit of a step as it is now; undefined where it is not known. */
function limitOf(watch: Watch, index: number): Limit | undefined {
  const limit = watch.steps[index]?.limit;
  return limit === undefined ? undefined : presentLimit(watch, limit);
}
