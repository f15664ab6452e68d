import { type DeviceClock } from './device-clock.js';
import { decide } from './level-filter.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { type DeviceState, type Watch } from './watch.js';

/** Clocks of devices: measured with every live message that has a time, for every device, with a rule about it or not. */
export class ClockCheck {
  constructor(private readonly recorder: TransitionRecorder) {}

  /** `delay`: receive time less device time, ms; NaN where the device sent no time. [AL33] */
  observe(device: DeviceState, delay: number, now: number): void {
    const { clock } = device;
    if (!Number.isFinite(delay)) return;
    const closes = clock.observe(delay, now);
    // No alarm is on while a device rests.
    if (device.resting !== undefined && isRight(clock, device.resting.clockLimitMs)) return;
    for (const watch of device.awake.clockWatches) {
      if (this.judge(watch, now, closes)) {
        settle(this.recorder, watch, { eventAt: now, receivedAt: now });
      }
    }
  }

  /**
   * True when it was decided otherwise. Ahead is certain with one message; behind, only after a whole window; right again,
   * when a whole window was right. [AL34]
   */
  judge(watch: Watch, now: number, closes = false): boolean {
    const { condition } = watch.rule;
    const { clock } = watch.device;
    const [filter] = watch.filters;
    if (filter === undefined || condition.kind !== 'clock') return false;
    const { limitMs } = condition;
    if (filter.on) {
      const isOver = closes && clock.skew >= -limitMs && Math.abs(clock.leastBefore) <= limitMs;
      if (!isOver) return false;
    } else if (isRight(clock, limitMs)) {
      return false;
    }
    decide(watch, filter, !filter.on, now);
    return true;
  }
}

/** Nothing is known that would raise an alarm. */
function isRight({ skew, hasFullWindow }: DeviceClock, limitMs: number): boolean {
  return !(skew < -limitMs) && !(hasFullWindow && skew > limitMs);
}
