import { conjunction, discreteStep, isBeyond, isUsable } from './condition.js';
import { type DeadMen } from './dead-man.js';
import { type Deadlines } from './deadlines.js';
import { decide, holdUnknown, isOnSide } from './level-filter.js';
import { type Condition, type Limit, type PointValue, type Sample } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import { settle, tellQuality } from './settlement.js';
import {
  decidedStep,
  delayOf,
  isDeadMan,
  isHigh,
  type LevelFilter,
  type PointState,
  type Watch,
} from './watch.js';

type Limits = Condition & { kind: 'limit' };
type Discrete = Condition & { kind: 'discrete' };
type Delayed = Condition & { kind: 'limit' | 'discrete' | 'all' };

/**
 * The filter stage in front of the state machine: quality gate, deadband, on-delay and off-delay. It decides when a
 * condition is on and tells the recorder; it knows no clock but the journal time that it is given.
 */
export class Evaluator {
  /** Journal time of the record that is being applied. */
  private now = 0;
  private receivedAt = 0;
  private ts = 0;

  constructor(
    private readonly recorder: TransitionRecorder,
    private readonly deadlines: Deadlines<LevelFilter>,
    private readonly deadMen: DeadMen,
  ) {}

  /** Fires everything that is due at `now` or before, in order. [AL20] */
  advance(now: number): void {
    this.now = now;
    for (;;) {
      const due = this.deadlines.take(now);
      if (due === undefined) return;
      this.fire(due.watch, due.deadline);
    }
  }

  /** Says when the samples that follow were measured and received. */
  receive(ts: number, receivedAt: number): void {
    this.ts = ts;
    this.receivedAt = receivedAt;
  }

  sample(point: PointState, sample: Sample): void {
    // JSON has a negative zero but gives it back as zero: the state must be the same before and after a restart.
    const value = sample.value === 0 ? 0 : sample.value;
    const usable = sample.quality !== 'bad' && (typeof value !== 'number' || Number.isFinite(value));
    if (this.ts < point.ts) {
      if (usable) for (const watch of point.watches) this.late(watch, value);
      return;
    }
    point.ts = this.ts;
    point.quality = usable ? sample.quality : 'bad';
    if (usable) {
      point.value = value;
      point.silentSince = this.now;
    }
    for (const watch of point.watches) {
      if (watch.rule.condition.kind === 'stale') {
        if (usable) this.deadMen.renew(watch, this.now, this.receivedAt);
        continue;
      }
      this.judge(watch);
      tellQuality(this.recorder, watch, this.now);
    }
  }

  /** Judges what is known at present, for a rule that is new or has changed. [AL26] */
  present(watch: Watch): void {
    this.receive(this.now, this.now);
    this.rearm(watch);
    if (watch.fault === undefined) {
      if (isDeadMan(watch)) this.deadMen.arm(watch, this.now);
      else this.judge(watch);
      this.settle(watch, this.now, this.now);
    }
    tellQuality(this.recorder, watch, this.now);
  }

  /** Puts the deadlines of a restored rule back in the queue. */
  rearm(watch: Watch): void {
    for (const filter of watch.filters) this.deadlines.schedule(filter);
  }

  private judge(watch: Watch): void {
    const condition = watch.rule.condition;
    switch (condition.kind) {
      case 'limit':
        return this.judgeLimits(watch, condition);
      case 'discrete':
        return this.judgeDiscrete(watch, condition);
      case 'all': {
        const isTrue = conjunction(condition, watch.points);
        if (isTrue === undefined) holdUnknown(watch);
        else this.judgeWhole(watch, condition, isTrue);
        return;
      }
      case 'stale':
      case 'offline':
    }
  }

  private judgeLimits(watch: Watch, condition: Limits): void {
    const point = watch.points[0];
    if (point === undefined || !isUsable(point) || typeof point.value !== 'number') {
      return holdUnknown(watch);
    }
    this.proveLimits(watch, condition, point.value);
    let mayMove = false;
    for (let index = 0; index < watch.filters.length; index++) {
      const filter = watch.filters[index];
      const limit = watch.steps[index]?.limit;
      if (filter === undefined || limit === undefined) continue;
      const isPending = filter.deadline !== Infinity;
      const wasBeyond = filter.on !== isPending;
      const beyond = isBeyond(limit, point.value, wasBeyond);
      if (beyond !== wasBeyond && this.feed(watch, filter, condition, beyond)) mayMove = true;
    }
    if (mayMove) this.settle(watch, this.ts, this.receivedAt);
  }

  private judgeDiscrete(watch: Watch, condition: Discrete): void {
    const point = watch.points[0];
    if (point?.value === undefined || !isUsable(point)) return holdUnknown(watch);
    const step = discreteStep(condition, point.value);
    const isOtherStep = step >= 0 && step !== watch.step;
    if (isOtherStep) {
      watch.step = step;
      const filter = watch.filters[0];
      if (filter?.on === true) filter.settledAt = Math.max(filter.settledAt, this.ts);
    }
    this.judgeWhole(watch, condition, step >= 0, isOtherStep);
  }

  private judgeWhole(watch: Watch, condition: Delayed, isTrue: boolean, otherStep = false): void {
    const filter = watch.filters[0];
    if (filter === undefined) return;
    if (this.isProved(filter, condition, isTrue)) this.prove(watch, filter, condition);
    if (this.feed(watch, filter, condition, isTrue) || otherStep) {
      this.settle(watch, this.ts, this.receivedAt);
    }
  }

  /** Levels that are proved, in the order of their own times. */
  private proveLimits(watch: Watch, condition: Limits, value: number): void {
    for (;;) {
      let first: LevelFilter | undefined;
      for (const filter of watch.filters) {
        const limit = watch.steps[filter.orderIndex]?.limit;
        if (filter.deadline === Infinity || limit === undefined) continue;
        if (!this.isProved(filter, condition, isBeyond(limit, value, !filter.on))) continue;
        if (first === undefined || filter.since < first.since) first = filter;
      }
      if (first === undefined) return;
      this.prove(watch, first, condition);
    }
  }

  /**
   * What pends and has lasted by event time is decided although its deadline, which runs by receive time, is still to
   * come [AL16]. A clear is proved only by its own end: a raise that comes early does no harm, a clear may. [AL18]
   */
  private isProved(filter: LevelFilter, condition: Delayed, isTrue: boolean): boolean {
    if (filter.deadline === Infinity || (filter.on && !isTrue)) return false;
    return this.ts - filter.since >= delayOf(condition, filter.on);
  }

  private prove(watch: Watch, filter: LevelFilter, condition: Delayed): void {
    const eventAt = filter.since + delayOf(condition, filter.on);
    decide(watch, filter, !filter.on, eventAt);
    this.settle(watch, eventAt, this.receivedAt);
  }

  /** One value through the delays; true when the level has been decided otherwise. */
  private feed(watch: Watch, filter: LevelFilter, condition: Delayed, isTrue: boolean): boolean {
    const isPending = filter.deadline !== Infinity;
    if (isTrue === (filter.on !== isPending)) return false;
    if (isPending) {
      filter.deadline = Infinity;
      return false;
    }
    const delayMs = isTrue ? condition.onDelayMs : condition.offDelayMs;
    if (delayMs === 0) {
      decide(watch, filter, isTrue, this.ts);
      return true;
    }
    // The time that the message was under way counts for an alarm, never for a clear. A delay that is over already runs
    // out with the next millisecond, so that the rest of the same message may still disprove it. [AL15]
    const underWay = isTrue ? Math.max(0, this.receivedAt - this.ts) : 0;
    filter.since = this.ts;
    filter.deadline = this.now + Math.max(1, delayMs - underWay);
    this.deadlines.schedule(filter);
    return false;
  }

  /** A sample older than one that was applied: it may raise, never clear, and proves no delay. [AL13] */
  private late(watch: Watch, value: PointValue): void {
    const condition = watch.rule.condition;
    if (condition.kind === 'discrete') return this.lateDiscrete(watch, condition, value);
    if (condition.kind !== 'limit' || typeof value !== 'number') return;
    let moved = false;
    for (const filter of watch.filters) {
      const limit = watch.steps[filter.orderIndex]?.limit;
      if (limit === undefined || !isBeyond(limit, value, false)) continue;
      if (filter.on) this.keepOn(filter, condition);
      else if (this.mayRaiseLate(filter, condition) && !this.isOtherSideOn(watch, limit)) {
        decide(watch, filter, true, this.ts);
        moved = true;
      }
    }
    if (moved) this.settleLate(watch, value);
  }

  private lateDiscrete(watch: Watch, condition: Discrete, value: PointValue): void {
    const step = discreteStep(condition, value);
    const filter = watch.filters[0];
    if (step < 0 || filter === undefined) return;
    if (filter.on) this.keepOn(filter, condition);
    if (!this.mayRaiseLate(filter, condition)) return;
    const isWorse = (watch.steps[step]?.severity ?? 0) > (watch.steps[watch.step]?.severity ?? 0);
    if (filter.on && !isWorse) return;
    watch.step = step;
    decide(watch, filter, true, this.ts);
    this.settleLate(watch, value);
  }

  private mayRaiseLate(filter: LevelFilter, condition: Delayed): boolean {
    return condition.onDelayMs === 0 && this.ts > filter.settledAt;
  }

  private isOtherSideOn(watch: Watch, limit: Limit): boolean {
    return watch.filters.some((filter) => filter.on && isOnSide(watch, filter, !isHigh(limit)));
  }

  /** A late sample inside a pending clear: the value was not back without a break, so the off-delay begins anew. */
  private keepOn(filter: LevelFilter, condition: Delayed): void {
    if (filter.deadline === Infinity || this.ts <= filter.since) return;
    filter.since = this.ts;
    filter.deadline = this.now + condition.offDelayMs;
  }

  private settleLate(watch: Watch, value: PointValue): void {
    const point = watch.points[0];
    if (point === undefined) return;
    // The alarm shows the value that raised it; the newest value of the point stays what it is.
    const newest = point.value;
    point.value = value;
    this.settle(watch, this.ts, this.receivedAt);
    point.value = newest;
  }

  /** Everything of one rule that is due at this deadline, as one change. */
  private fire(watch: Watch, deadline: number): void {
    const condition = watch.rule.condition;
    let first = Infinity;
    let last = -Infinity;
    for (const filter of watch.filters) {
      if (filter.deadline > deadline) continue;
      const eventAt = Math.min(filter.since + delayOf(condition, filter.on), filter.deadline);
      decide(watch, filter, !filter.on, eventAt);
      first = Math.min(first, eventAt);
      last = Math.max(last, eventAt);
    }
    if (isDeadMan(watch)) this.deadMen.outdate(watch, this.now);
    const eventAt = decidedStep(watch) >= 0 ? first : last;
    this.settle(watch, eventAt, eventAt);
  }

  private settle(watch: Watch, eventAt: number, receivedAt: number): void {
    settle(this.recorder, watch, { eventAt, receivedAt });
  }
}
