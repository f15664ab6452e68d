import { buildWatches, link } from './configuration.js';
import { type Deadlines, type Due } from './deadlines.js';
import { foreignPoints, Lane } from './lane.js';
import { type Overlay } from './overlay.js';
import { Plans } from './plan.js';
import { RestingDevice } from './resting-device.js';
import { Rows } from './rows.js';
import { restoreWatches, snapshotParts, type DevicePartsSnapshot } from './snapshot.js';
import { DeviceParts, isDeadMan, type DeviceState, type Storage, type Watch } from './watch.js';

export interface RestLimits {
  /** Journal time for which nothing of a device must have been judged, ms. */
  readonly quietMs: number;
  /** With more devices than this awake, whatever can rest does. */
  readonly manyAwake: number;
  /** How many are looked at after a record: the work must not be felt. */
  readonly atOnce: number;
}

export const REST_LIMITS: RestLimits = { quietMs: 60_000, manyAwake: 8_192, atOnce: 16 };

/** A rule over which something lies keeps its device awake. */
const NOTHING_OVER: ReadonlyMap<string, Overlay> = new Map();

/**
 * Nearly every device of a healthy plant changes nothing: its values stay where its rules have decided that all is well. Such
 * a device comes to rest: of it stay its rows and what others of its profile do not have as well. Calm samples need no more
 * (see calm.ts); for anything else it wakes, exactly as it was. So nobody can see from outside whether a device rests, and
 * a million points fit in the memory of a small machine.
 */
export class Rest implements Storage {
  readonly rows = new Rows();
  readonly plans = new Plans();
  /** Those that nobody has looked at since they woke, and when to; those that woke first come first. */
  private readonly fresh = new Map<DeviceState, number>();
  /** Those that could not rest, and when to look again; the earliest first. */
  private readonly restless = new Map<DeviceState, number>();
  /** Journal time. */
  private now = -Infinity;

  constructor(
    private readonly deadlines: Deadlines<Due>,
    private readonly limits: RestLimits,
  ) {}

  /** How many devices do not rest. */
  get awakeCount(): number {
    return this.fresh.size + this.restless.size;
  }

  /** A device that is new. */
  add(device: DeviceState): void {
    this.fresh.set(device, this.now + this.limits.quietMs);
  }

  remove(device: DeviceState): void {
    this.fresh.delete(device);
    this.restless.delete(device);
  }

  wake(device: DeviceState): DeviceParts {
    const resting = restingPart(device);
    this.deadlines.forget(device);
    const parts = this.build(device, resting);
    for (const { filters } of parts.watches) for (const filter of filters) this.deadlines.schedule(filter);
    this.add(device);
    return parts;
  }

  /** For who only looks: a device that rests goes on resting. */
  lookAt<T>(device: DeviceState, look: () => T): T {
    if (device.resting === undefined) return look();
    const resting = restingPart(device);
    this.build(device, resting);
    const seen = look();
    device.become(resting);
    return seen;
  }

  private build(device: DeviceState, resting: RestingDevice): DeviceParts {
    if (!(device.site instanceof Lane)) throw new Error(`${device.deviceId} is in no lane`);
    const parts = new DeviceParts(resting.configuration());
    device.become(parts);
    for (const [index, point] of parts.configuration.points.entries()) {
      parts.points.set(point.pointId, resting.point(index, point));
    }
    buildWatches(device.site, device, NOTHING_OVER);
    link(device);
    restoreWatches(device, resting.watches);
    return parts;
  }

  /**
   * Lets some devices rest that have been quiet for long. `now`: journal time. Each is looked at once, and again after some time: what
   * keeps it awake, an alarm say, may stay for days, and this is asked after every record.
   */
  settle(now: number): void {
    this.now = now;
    const { atOnce, manyAwake } = this.limits;
    const tooMany = this.awakeCount - manyAwake;
    const left = Math.min(Math.max(atOnce, tooMany), this.awakeCount);
    this.look(this.restless, this.look(this.fresh, left, tooMany > 0), false);
  }

  /** Looks at those whose time has come, or whatever their time; at most so many. Answers how many it might still have looked at. */
  private look(devices: Map<DeviceState, number>, most: number, atAnyTime: boolean): number {
    const { now } = this;
    const { quietMs } = this.limits;
    let left = most;
    for (const [device, time] of devices) {
      if (left === 0 || (time > now && !atAnyTime)) break;
      left -= 1;
      devices.delete(device);
      const mayRest = atAnyTime || now >= device.judgedAt + quietMs;
      if (!mayRest || !this.rests(device)) this.restless.set(device, now + quietMs);
    }
    return left;
  }

  snapshot(device: DeviceState): DevicePartsSnapshot {
    if (device.resting !== undefined) return restingPart(device).snapshot();
    const { configuration } = device;
    return { configuration: this.plans.pack(configuration) ?? configuration, ...snapshotParts(device) };
  }

  /** The server was away: see `DeadMen.excuse`. */
  excuse({ resting }: DeviceState, now: number): void {
    if (resting instanceof RestingDevice) resting.excuse(now);
  }

  /** True when the device rests from now on. */
  private rests(device: DeviceState): boolean {
    const { configuration, points, watches } = device.awake;
    if (watches.length < configuration.rules.length || !watches.every(isQuiet)) return false;
    if ((device.faultAlarms?.size ?? 0) > 0 || foreignPoints(device).length > 0) return false;
    if (configuration.points.some(({ reorderMs }) => reorderMs !== undefined)) return false;
    if ([...points.values()].some(({ reorder }) => reorder !== undefined)) return false;
    if ([...points.keys()].some((pointId) => device.site.readers(pointId).length > 0)) return false;
    const packed = this.plans.pack(configuration);
    if (packed === undefined) return false;
    for (const { filters } of watches) for (const filter of filters) this.deadlines.forget(filter);
    device.become(new RestingDevice(this, packed, device));
    this.deadlines.schedule(device);
    return true;
  }
}

function restingPart({ resting, deviceId }: DeviceState): RestingDevice {
  if (resting instanceof RestingDevice) return resting;
  throw new Error(`${deviceId} does not rest`);
}

/** Nothing is on, nothing pends, and nothing is remembered but when a level changed last. */
function isQuiet(watch: Watch): boolean {
  const { fault, alarm, overlay, look, memory, step } = watch;
  if (fault !== undefined || alarm !== null || overlay !== null) return false;
  if (look !== undefined || memory !== undefined) return false;
  const silence = isDeadMan(watch);
  if (silence && step !== 0) return false;
  return watch.filters.every(
    ({ on, deadline, recent }) =>
      !on && (silence || deadline === Infinity) && (recent === undefined || recent.length === 0),
  );
}
