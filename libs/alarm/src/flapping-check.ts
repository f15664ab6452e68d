import { type Deadlines, type Due } from './deadlines.js';
import { decide } from './level-filter.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { newest, type DeviceState, type LevelFilter, type Watch } from './watch.js';

/** Links of which one connection takes over from the other again and again: two devices with one identity, or a bad line. */
export class FlappingCheck {
  constructor(
    private readonly recorder: TransitionRecorder,
    private readonly deadlines: Deadlines<Due>,
  ) {}

  /** [AL35] */
  takenOver(device: DeviceState, now: number): void {
    if (device.takeOversKept === 0) return;
    device.takeOvers = newest([...device.takeOvers, now], device.takeOversKept);
    for (const watch of device.awake.flappingWatches) {
      if (this.judge(watch, now)) settle(this.recorder, watch, { eventAt: now, receivedAt: now });
    }
  }

  /** True when it has come on. */
  judge(watch: Watch, now: number): boolean {
    const { condition } = watch.rule;
    const [filter] = watch.filters;
    if (filter === undefined || condition.kind !== 'flapping') return false;
    const { takeOvers } = watch.device;
    const last = takeOvers.at(-1);
    const first = takeOvers.at(-condition.count);
    const wasOn = filter.on;
    const isFlapping = last !== undefined && first !== undefined && last - first < condition.windowMs;
    if (isFlapping && last + condition.windowMs > now) {
      if (!wasOn) decide(watch, filter, true, now);
      this.endAfter(filter, last, condition.windowMs);
    } else if (wasOn && filter.deadline === Infinity) {
      // An alarm that another version of the rule had raised ends as if it had been seen just now.
      this.endAfter(filter, now, condition.windowMs);
    }
    return filter.on !== wasOn;
  }

  private endAfter(filter: LevelFilter, since: number, windowMs: number): void {
    filter.pend(since, since + windowMs);
    this.deadlines.schedule(filter);
  }
}
