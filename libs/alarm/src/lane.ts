import { byCodeUnit } from './canonical.js';
import { readBy } from './new-watch.js';
import { type LastReturn } from './returns.js';
import { type DeviceState, type PointState, type SitePoints, type Storage } from './watch.js';

/** A point that rules of other devices read, or would read if it were there. */
interface SharedPoint {
  /** Undefined while no device of the site has it. */
  at: Place | undefined;
  readonly readers: Set<DeviceState>;
}

/** A point and the device that it belongs to. */
export interface Place {
  readonly device: DeviceState;
  readonly point: PointState;
}

/**
 * What the engine keeps of one site. A rule sees the points of its own lane and no others, so that voting, coincidence,
 * first-out and suppression cannot cross from one site to another. [AL110]
 */
export class Lane implements SitePoints {
  readonly devices = new Map<string, DeviceState>();
  lastReturn: LastReturn | undefined;
  /** Only of the points that are read from another device: most are read by their own alone. */
  private readonly shared = new Map<string, SharedPoint>();

  /** Devices with rules that suppress others, or are suppressed by others, by name. */
  readonly inhibiting = new Set<DeviceState>();
  private readonly byGateway = new Map<string, Set<DeviceState>>();

  constructor(
    readonly siteId: string,
    readonly storage: Storage,
  ) {}

  /** The devices in code-unit order of their ids: no order of arrival may show in what the lane does. */
  inOrder(): readonly DeviceState[] {
    return [...this.devices.values()].sort(byDeviceId);
  }

  /** The devices that are reached through this one, in their order. */
  behind(gatewayId: string): readonly DeviceState[] {
    const devices = this.byGateway.get(gatewayId);
    return devices === undefined ? [] : [...devices].sort(byDeviceId);
  }

  /** The device stands behind another gateway than before; null for none. */
  setGateway(device: DeviceState, before: string | null, gatewayId: string | null): void {
    if (before !== null) this.byGateway.get(before)?.delete(device);
    if (gatewayId === null) return;
    const devices = this.byGateway.get(gatewayId) ?? new Set();
    devices.add(device);
    this.byGateway.set(gatewayId, devices);
  }

  /** The point of that id on any device of the site. */
  find(pointId: string): PointState | undefined {
    return this.place(pointId)?.point;
  }

  place(pointId: string): Place | undefined {
    const shared = this.shared.get(pointId);
    return shared === undefined ? this.search(pointId) : shared.at;
  }

  /** The rules of `reader` have changed, or it has gone: `pointIds` is what it reads from other devices from now on. */
  reads(reader: DeviceState, before: readonly string[], pointIds: readonly string[]): void {
    for (const pointId of before) {
      const shared = this.shared.get(pointId);
      if (shared?.readers.delete(reader) === true && shared.readers.size === 0) this.shared.delete(pointId);
    }
    for (const pointId of pointIds) {
      const shared = this.shared.get(pointId) ?? { at: this.search(pointId), readers: new Set() };
      shared.readers.add(reader);
      this.shared.set(pointId, shared);
    }
  }

  /**
   * Some of these points have come or gone; tells which devices have rules that read them from elsewhere, in their order.
   */
  readersOf(pointIds: Iterable<string>): readonly DeviceState[] {
    const readers = new Set<DeviceState>();
    for (const pointId of pointIds) {
      const shared = this.shared.get(pointId);
      if (shared === undefined) continue;
      const at = this.search(pointId);
      if (at?.point === shared.at?.point) continue;
      shared.at = at;
      for (const reader of shared.readers) readers.add(reader);
    }
    return [...readers].sort(byDeviceId);
  }

  /** The devices that read this point from elsewhere, in their order. */
  readers(pointId: string): readonly DeviceState[] {
    const shared = this.shared.get(pointId);
    return shared === undefined ? [] : [...shared.readers].sort(byDeviceId);
  }

  /** Two devices may say that they have a point of the same id: the one that stands first counts, whoever came first. */
  private search(pointId: string): Place | undefined {
    let found: DeviceState | undefined;
    for (const device of this.devices.values()) {
      if (!device.has(pointId)) continue;
      if (found === undefined || byDeviceId(device, found) < 0) found = device;
    }
    const point = found?.points.get(pointId);
    return found === undefined || point === undefined ? undefined : { device: found, point };
  }
}

/** The points that the rules of the device read from other devices. */
export function foreignPoints(device: DeviceState): readonly string[] {
  const ids = new Set(device.watches.flatMap(({ rule }) => readBy(rule)));
  return [...ids].filter((pointId) => !device.points.has(pointId));
}

function byDeviceId(a: DeviceState, b: DeviceState): number {
  return byCodeUnit(a.deviceId, b.deviceId);
}
