import { conjunction, discreteStep, isBeyond, isUsable } from './condition.js';
import { type Deadlines } from './deadlines.js';
import { type Condition, type PointValue, type Sample } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import {
  decidedStep,
  delayOf,
  isDeadMan,
  isHigh,
  isOuter,
  qualityOf,
  silentSince,
  type AlarmStep,
  type DeviceState,
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

  /** The server was away: what fell silent meanwhile gets its full time again, for the silence was the server's. [AL23] */
  excuse(device: DeviceState, now: number): void {
    this.now = now;
    for (const watch of device.watches) {
      const filter = watch.filters[0];
      if (filter === undefined || !isDeadMan(watch) || filter.deadline > now) continue;
      const source = watch.points[0] ?? device;
      source.silentSince = now;
    }
    for (const watch of device.watches) {
      const filter = watch.filters[0];
      if (filter === undefined || !isDeadMan(watch) || filter.deadline === Infinity) continue;
      filter.since = silentSince(watch);
      filter.deadline = filter.since + delayOf(watch.rule.condition, filter.on);
      this.deadlines.schedule(filter);
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
      const condition = watch.rule.condition;
      if (condition.kind === 'stale') {
        if (usable) this.renew(watch, condition.afterMs);
        continue;
      }
      this.judge(watch);
      this.tellQuality(watch);
    }
  }

  /** A connection of the device began or ended. */
  connection(device: DeviceState): void {
    for (const watch of device.watches) {
      if (watch.fault === undefined && watch.rule.condition.kind === 'offline') this.armOffline(watch);
    }
  }

  /** Judges what is known at present, for a rule that is new or has changed. [AL26] */
  present(watch: Watch): void {
    this.receive(this.now, this.now);
    this.rearm(watch);
    const condition = watch.rule.condition;
    if (watch.fault === undefined) {
      if (condition.kind === 'stale') this.expect(watch);
      else if (condition.kind === 'offline') this.armOffline(watch);
      else this.judge(watch);
      this.settle(watch, this.now, this.now);
    }
    this.tellQuality(watch);
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
        if (isTrue === undefined) this.unknown(watch);
        else this.judgeWhole(watch, condition, isTrue);
        return;
      }
      case 'stale':
      case 'offline':
    }
  }

  private judgeLimits(watch: Watch, condition: Limits): void {
    const point = watch.points[0];
    if (point === undefined || !isUsable(point) || typeof point.value !== 'number')
      return this.unknown(watch);
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
    if (point?.value === undefined || !isUsable(point)) return this.unknown(watch);
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
    this.decide(watch, filter, !filter.on, eventAt);
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
      this.decide(watch, filter, isTrue, this.ts);
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

  private decide(watch: Watch, filter: LevelFilter, on: boolean, eventAt: number): void {
    filter.on = on;
    filter.deadline = Infinity;
    filter.settledAt = Math.max(filter.settledAt, eventAt);
    const limit = watch.steps[filter.orderIndex]?.limit;
    if (!on || limit === undefined) return;
    for (const other of watch.filters) {
      const otherLimit = watch.steps[other.orderIndex]?.limit;
      if (!other.on || otherLimit === undefined || isHigh(otherLimit) === isHigh(limit)) continue;
      other.on = false;
      other.deadline = Infinity;
      other.settledAt = Math.max(other.settledAt, eventAt);
    }
  }

  /** Nothing can be said: what is on stays on and its way off begins anew; what pends on goes on pending. [AL9] */
  private unknown(watch: Watch): void {
    for (const filter of watch.filters) {
      if (filter.on) filter.deadline = Infinity;
    }
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
      else if (this.mayRaiseLate(filter, condition) && !this.isOtherSideOn(watch, isHigh(limit))) {
        this.decide(watch, filter, true, this.ts);
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
    this.decide(watch, filter, true, this.ts);
    this.settleLate(watch, value);
  }

  private mayRaiseLate(filter: LevelFilter, condition: Delayed): boolean {
    return condition.onDelayMs === 0 && this.ts > filter.settledAt;
  }

  private isOtherSideOn(watch: Watch, high: boolean): boolean {
    return watch.filters.some((filter) => {
      const limit = watch.steps[filter.orderIndex]?.limit;
      return filter.on && limit !== undefined && isHigh(limit) !== high;
    });
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

  private renew(watch: Watch, afterMs: number): void {
    const filter = watch.filters[0];
    if (filter === undefined) return;
    const wasOn = filter.on;
    filter.on = false;
    filter.since = this.now;
    filter.deadline = this.now + afterMs;
    if (this.now + afterMs < filter.queuedAt) this.deadlines.schedule(filter);
    if (wasOn) this.settle(watch, this.now, this.receivedAt);
  }

  private armOffline(watch: Watch): void {
    if (watch.device.connected !== true) return this.expect(watch);
    const filter = watch.filters[0];
    if (filter === undefined) return;
    filter.on = false;
    filter.deadline = Infinity;
    this.settle(watch, this.now, this.now);
  }

  /** A dead-man that runs since the last sign; it is on at once when its time is over already. */
  private expect(watch: Watch): void {
    const condition = watch.rule.condition;
    const filter = watch.filters[0];
    if (filter === undefined || (condition.kind !== 'stale' && condition.kind !== 'offline')) return;
    filter.since = silentSince(watch);
    const deadline = filter.since + condition.afterMs;
    filter.on = deadline <= this.now;
    filter.deadline = filter.on ? Infinity : deadline;
    this.deadlines.schedule(filter);
    if (filter.on) this.outdate(watch);
    this.settle(watch, this.now, this.now);
  }

  /** Everything of one rule that is due at this deadline, as one change. */
  private fire(watch: Watch, deadline: number): void {
    const condition = watch.rule.condition;
    let first = Infinity;
    let last = -Infinity;
    for (const filter of watch.filters) {
      if (filter.deadline > deadline) continue;
      const eventAt = Math.min(filter.since + delayOf(condition, filter.on), filter.deadline);
      this.decide(watch, filter, !filter.on, eventAt);
      first = Math.min(first, eventAt);
      last = Math.max(last, eventAt);
    }
    if (condition.kind === 'stale' || condition.kind === 'offline') this.outdate(watch);
    const eventAt = decidedStep(watch) >= 0 ? first : last;
    this.settle(watch, eventAt, eventAt);
  }

  /** The values behind a rule that found silence are no longer confirmed. [AL10] */
  private outdate(watch: Watch): void {
    const points = watch.rule.condition.kind === 'offline' ? watch.device.points.values() : watch.points;
    for (const point of points) {
      if (point.quality === 'stale') continue;
      point.quality = 'stale';
      for (const reader of point.watches) {
        if (reader.rule.condition.kind === 'stale') continue;
        if (
          reader.rule.condition.kind !== 'all' ||
          conjunction(reader.rule.condition, reader.points) !== false
        ) {
          this.unknown(reader);
        }
        this.tellQuality(reader);
      }
    }
  }

  /** Brings the alarm to what the filters have decided. */
  private settle(watch: Watch, eventAt: number, receivedAt: number): void {
    const cause = { eventAt, receivedAt };
    const present = watch.steps[decidedStep(watch)];
    const alarm = watch.alarm;
    if (alarm?.active !== true) {
      if (present !== undefined) this.recorder.move(watch, 'CONDITION_ON', cause);
      return;
    }
    if (present === undefined) {
      this.recorder.move(watch, 'CONDITION_OFF', cause);
      return;
    }
    if (present.level === alarm.level && present.severity === alarm.liveSeverity) return;
    const before = watch.steps.find((step) => step.level === alarm.level);
    if (isOtherSide(before, present)) {
      // From too high to too low is an end and a new beginning, not a change of level. [AL4]
      this.recorder.move(watch, 'CONDITION_OFF', cause);
      this.recorder.move(watch, 'CONDITION_ON', cause);
      return;
    }
    this.recorder.move(watch, isRise(before, present, alarm.liveSeverity) ? 'LEVEL_UP' : 'LEVEL_DOWN', cause);
  }

  private tellQuality(watch: Watch): void {
    if (watch.alarm === null || watch.rule.condition.kind === 'stale') return;
    if (watch.alarm.quality === qualityOf(watch)) return;
    this.recorder.move(watch, 'INPUT_QUALITY', { eventAt: this.now, receivedAt: this.now });
  }
}

function isOtherSide(before: AlarmStep | undefined, present: AlarmStep): boolean {
  if (before?.limit === undefined || present.limit === undefined) return false;
  return isHigh(before.limit) !== isHigh(present.limit);
}

/** Severity decides; at the same severity an outer limit, or another discrete value, is news as well. [AL7] */
function isRise(before: AlarmStep | undefined, present: AlarmStep, liveSeverity: number): boolean {
  if (present.severity !== liveSeverity) return present.severity > liveSeverity;
  return present.limit === undefined || (isOuter(present.limit) && before !== present);
}
