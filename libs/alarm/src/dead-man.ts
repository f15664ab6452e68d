import { disturb } from './calm.js';
import { type Deadlines, type Due } from './deadlines.js';
import { holdUnknown } from './level-filter.js';
import { type TransitionRecorder } from './recorder.js';
import { settle, tellQuality } from './settlement.js';
import { isDeadMan, isKnown, silentSince, type DeviceState, type Watch } from './watch.js';

/** Stale and offline: conditions that nothing but the lack of a sign makes true. Times are journal time. */
export class DeadMen {
  /** Judges a group with what is still known of its members. */
  judgeAgain: (watch: Watch) => void = () => undefined;

  constructor(
    private readonly recorder: TransitionRecorder,
    private readonly deadlines: Deadlines<Due>,
  ) {}

  /** A sign of life: off, and counting anew. [AL8] */
  renew(watch: Watch, now: number, receivedAt: number): void {
    const filter = watch.filters[0];
    if (filter === undefined) return;
    const wasOn = filter.on;
    filter.on = false;
    this.deadlines.schedule(filter);
    if (wasOn) settle(this.recorder, watch, { eventAt: now, receivedAt });
  }

  /** Counts from the last sign of life on; on at once when its time is over already. [AL22] [AL26] */
  arm(watch: Watch, now: number): void {
    const condition = watch.rule.condition;
    const filter = watch.filters[0];
    if (filter === undefined || (condition.kind !== 'stale' && condition.kind !== 'offline')) return;
    if (condition.kind === 'offline' && watch.device.connected === true) {
      filter.on = false;
    } else {
      filter.on = silentSince(watch) + condition.afterMs <= now;
      this.deadlines.schedule(filter);
      if (filter.on) this.outdate(watch, now);
    }
    settle(this.recorder, watch, { eventAt: now, receivedAt: now });
  }

  /** The server was away: what fell silent meanwhile gets its full time again, for the silence was the server's. [AL23] */
  excuse(device: DeviceState, now: number): void {
    for (const watch of device.watches) {
      const filter = watch.filters[0];
      if (filter === undefined || !isDeadMan(watch) || filter.deadline > now) continue;
      const source = watch.points[0] ?? device;
      source.silentSince = now;
    }
  }

  /** The values behind a rule that found silence are no longer confirmed. [AL10] */
  outdate(watch: Watch, now: number): void {
    const points = watch.rule.condition.kind === 'offline' ? watch.device.points.values() : watch.points;
    for (const point of points) {
      if (point.quality === 'stale') continue;
      point.quality = 'stale';
      point.disturb();
      for (const reader of point.watches) {
        const { kind } = reader;
        if (kind.judges === 'silence' || !reader.points.includes(point)) continue;
        if (kind.ofSite === true) this.judgeAgain(reader);
        else if (!isKnown(reader)) holdUnknown(reader);
        if (reader.points.length > 1) disturb(reader);
        tellQuality(this.recorder, reader, now);
      }
    }
  }
}
