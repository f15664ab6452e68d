import { isCalculated, wholeAlarm } from './alarm-view.js';
import { byCodeUnit } from './canonical.js';
import { buildWatches, keepOrder, linkAll } from './configuration.js';
import { type DeviceClock } from './device-clock.js';
import { namesOthers } from './inhibition.js';
import { Lane } from './lane.js';
import { type LoadSnapshot } from './load.js';
import { type ServerConditionSnapshot } from './server-conditions.js';
import {
  type AlarmQuality,
  type DeviceConfiguration,
  type PointValue,
  type Rule,
  type SampleQuality,
  type StoredAlarm,
} from './model.js';
import { type Overlay } from './overlay.js';
import { type PackedConfiguration, type Plan } from './plan.js';
import { joinable, type LastReturn } from './returns.js';
import { faultAlarmsOf, keepFaultAlarm } from './rule-faults.js';
import {
  DeviceState,
  isDeadMan,
  PointState,
  type LevelFilter,
  type Memory,
  type Storage,
  type Watch,
} from './watch.js';

/**
 * The shape of `EngineSnapshot`. Version 3 had the configuration of each device whole. Version 2 had the devices of all sites in one list and knew nothing that lies over an alarm;
 * version 1 knew neither clocks nor take-overs either: all that is read as if none had been seen yet. One of any other version
 * is refused, and the journal is replayed instead.
 */
export const SNAPSHOT_VERSION = 4;

/** The whole state of the engine as plain JSON. Times are epoch ms; null stands for never and for nothing pending. */
export interface EngineSnapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  /** Offset of the last record that is included. */
  readonly offset: number;
  readonly time: number;
  /** Number of the last transition. */
  readonly seq: number;
  /** What devices of one profile have in common, in the order in which the devices mention it. */
  readonly plans: readonly PlanSnapshot[];
  /** In code-unit order of their sites. */
  readonly lanes: readonly LaneSnapshot[];
  /** Absent before the first record that says what a load is. */
  readonly load?: LoadSnapshot;
  /** Absent where there are none. */
  readonly server?: readonly ServerConditionSnapshot[];
}

export type PlanSnapshot = Plan['parts'];

export interface LaneSnapshot<Configuration = ConfigurationSnapshot> {
  readonly siteId: string;
  /** The newest announcement of what came back from under a cover, while others may still join it. */
  readonly lastReturn?: LastReturn;
  /** In code-unit order of their ids. */
  readonly devices: readonly DeviceSnapshot<Configuration>[];
}

/** The number of its plan and what is its own, or the whole where that could not be told apart. */
export type ConfigurationSnapshot =
  | (Pick<PackedConfiguration, 'own'> & { readonly plan: number; readonly pointIds?: readonly string[] })
  | DeviceConfiguration;

export interface DeviceSnapshot<Configuration = ConfigurationSnapshot> {
  readonly configuration: Configuration;
  readonly connected: boolean | null;
  readonly silentSince: number;
  /** Null: the device has sent no time yet. */
  readonly clock: ClockSnapshot | null;
  readonly takeOvers: readonly number[];
  readonly points: readonly PointSnapshot[];
  readonly watches: readonly WatchSnapshot[];
  /** In code-unit order of the keys of their rules; absent where there is none. */
  readonly faultAlarms?: readonly FaultAlarmSnapshot[];
}

export type DevicePartsSnapshot = Pick<
  DeviceSnapshot<PackedConfiguration | DeviceConfiguration>,
  'configuration' | 'points' | 'watches'
>;

/** For a device that rests its parts need not be built. */
type PartsOf = (device: DeviceState) => DevicePartsSnapshot;

export type ClockSnapshot = readonly [since: number, least: number, leastBefore: number | null];

/** What a version 3 wrote. */
export interface EngineSnapshot3 extends Omit<EngineSnapshot, 'version' | 'plans' | 'lanes'> {
  readonly version: 3;
  readonly lanes: readonly LaneSnapshot<DeviceConfiguration>[];
}

/** What a version 2 wrote. */
export interface EngineSnapshot2 extends Omit<EngineSnapshot3, 'version' | 'lanes'> {
  readonly version: 2;
  readonly devices: readonly DeviceSnapshot<DeviceConfiguration>[];
}

/** What a version 1 wrote. */
export interface EngineSnapshot1 extends Omit<EngineSnapshot2, 'version' | 'devices'> {
  readonly version: 1;
  readonly devices: readonly Omit<DeviceSnapshot<DeviceConfiguration>, 'clock' | 'takeOvers'>[];
}

export type AnySnapshot = EngineSnapshot | EngineSnapshot3 | EngineSnapshot2 | EngineSnapshot1;

export type PointSnapshot = readonly [
  pointId: string,
  quality: AlarmQuality,
  value: PointValue | null,
  ts: number | null,
  silentSince: number,
  /** Of points with a reorder window; absent where nothing is held. */
  held?: readonly HeldSnapshot[],
];

export type HeldSnapshot = readonly [
  ts: number,
  receivedAt: number,
  value: PointValue,
  quality: SampleQuality,
];

/** Only of rules that have a state of their own. */
export interface WatchSnapshot {
  readonly rule: string;
  readonly step: number;
  readonly filters: readonly FilterSnapshot[];
  /** Absent where the kind of condition keeps nothing. */
  readonly memory?: Memory;
  readonly alarm: StoredAlarm | null;
  /** Absent: nothing lies over it. */
  readonly overlay?: Overlay;
}

export type FilterSnapshot = readonly [
  on: boolean,
  since: number | null,
  deadline: number | null,
  settledAt: number | null,
  /** Of rules with `onCount`; absent where there is nothing. */
  recent?: readonly number[],
];

/** The alarm about a rule that cannot be evaluated; it is of no rule of the configuration. */
export interface FaultAlarmSnapshot {
  /** As it was made when the alarm was raised. */
  readonly rule: Rule;
  readonly filter: FilterSnapshot;
  readonly alarm: StoredAlarm | null;
  readonly overlay?: Overlay;
}

/** The lanes, one after the other, so that not all of it must be in memory at once. Throws when the snapshot is of a version that is not read. */
export function* lanesOf(snapshot: AnySnapshot, storage: Storage): Iterable<Lane> {
  for (const { siteId, devices, lastReturn } of laneSnapshots(snapshot, storage)) {
    const lane = new Lane(siteId, storage);
    lane.lastReturn = lastReturn;
    for (const device of devices) {
      lane.devices.set(device.configuration.deviceId, restoreDevice(lane, device));
    }
    for (const device of lane.devices.values()) {
      const { link, rules } = device.configuration;
      lane.setGateway(device, null, link?.gatewayId ?? null);
      if (rules.some(namesOthers)) lane.inhibiting.add(device);
    }
    // A rule may read points of any device of the lane: they must all be there first.
    for (const { configuration, watches } of devices) {
      const device = lane.devices.get(configuration.deviceId);
      if (device !== undefined) buildWatches(lane, device, overlaysOf(watches));
    }
    linkAll(lane);
    for (const { configuration, watches, faultAlarms = [] } of devices) {
      const device = lane.devices.get(configuration.deviceId);
      if (device === undefined) continue;
      restoreWatches(device, watches);
      if (snapshot.version !== SNAPSHOT_VERSION) tellCalculated(device);
      for (const { rule, filter, alarm, overlay } of faultAlarms) {
        const watch = keepFaultAlarm(device, rule);
        watch.alarm = alarm === null ? null : wholeAlarm(alarm);
        watch.overlay = overlay ?? null;
        restoreFilter(watch.filters[0], filter);
      }
    }
    yield lane;
  }
}

function overlaysOf(watches: readonly WatchSnapshot[]): ReadonlyMap<string, Overlay> {
  return new Map(
    watches.flatMap(({ rule, overlay }) => (overlay === undefined ? [] : [[rule, overlay] as const])),
  );
}

function laneSnapshots(snapshot: AnySnapshot, storage: Storage): Iterable<LaneSnapshot<DeviceConfiguration>> {
  switch (snapshot.version) {
    case 1:
      return bySite(snapshot.devices.map((device) => ({ ...device, clock: null, takeOvers: [] })));
    case 2:
      return bySite(snapshot.devices);
    case 3:
      return snapshot.lanes;
    case SNAPSHOT_VERSION:
      return wholeLanes(snapshot, storage);
    default: {
      const { version } = snapshot as { version: unknown };
      throw new Error(`Snapshot of version ${String(version)}; this engine reads 1 to ${SNAPSHOT_VERSION}`);
    }
  }
}

function* wholeLanes(
  snapshot: EngineSnapshot,
  storage: Storage,
): Iterable<LaneSnapshot<DeviceConfiguration>> {
  const plans = snapshot.plans.map((parts) => storage.plans.of(parts));
  const whole = (configuration: ConfigurationSnapshot): DeviceConfiguration => {
    if (!('plan' in configuration)) return configuration;
    const { plan: number, own, pointIds } = configuration;
    const plan = plans[number];
    if (plan === undefined) throw new Error(`Snapshot of ${own.deviceId} without its plan ${number}`);
    return storage.plans.unpack({ plan, own, pointIds });
  };
  for (const { devices, ...lane } of snapshot.lanes) {
    yield {
      ...lane,
      devices: devices.map(({ configuration, ...device }) => ({
        ...device,
        configuration: whole(configuration),
      })),
    };
  }
}

function bySite(
  devices: readonly DeviceSnapshot<DeviceConfiguration>[],
): LaneSnapshot<DeviceConfiguration>[] {
  const sites = new Map<string, DeviceSnapshot<DeviceConfiguration>[]>();
  for (const device of devices) {
    const { siteId } = device.configuration;
    const ofSite = sites.get(siteId);
    if (ofSite === undefined) sites.set(siteId, [device]);
    else ofSite.push(device);
  }
  return [...sites].map(([siteId, ofSite]) => ({ siteId, devices: ofSite }));
}

/** A lane without a device is as one that never was. */
export function snapshotLanes(
  lanes: Iterable<Lane>,
  now: number,
  partsOf: PartsOf,
): Pick<EngineSnapshot, 'plans' | 'lanes'> {
  const numbers = new Map<Plan, number>();
  const numberOf = (plan: Plan): number => {
    const number = numbers.get(plan) ?? numbers.size;
    numbers.set(plan, number);
    return number;
  };
  const inOrder = [...lanes]
    .filter(({ devices }) => devices.size > 0)
    .sort((a, b) => byCodeUnit(a.siteId, b.siteId))
    .map((lane) => {
      const lastReturn = joinable(lane, now);
      return {
        siteId: lane.siteId,
        ...(lastReturn === undefined ? {} : { lastReturn }),
        devices: lane.inOrder().map((device) => snapshotDevice(device, partsOf(device), numberOf)),
      };
    });
  return { plans: [...numbers.keys()].map(({ parts }) => parts), lanes: inOrder };
}

function snapshotDevice(
  device: DeviceState,
  { configuration, ...parts }: DevicePartsSnapshot,
  numberOf: (plan: Plan) => number,
): DeviceSnapshot {
  return {
    configuration: snapshotConfiguration(configuration, numberOf),
    connected: device.connected ?? null,
    silentSince: device.silentSince,
    clock: snapshotClock(device.clock),
    takeOvers: device.takeOvers,
    ...parts,
    ...snapshotFaultAlarms(device),
  };
}

function snapshotConfiguration(
  configuration: PackedConfiguration | DeviceConfiguration,
  numberOf: (plan: Plan) => number,
): ConfigurationSnapshot {
  if (!('plan' in configuration)) return configuration;
  const { plan, own, pointIds } = configuration;
  return { plan: numberOf(plan), own, ...(pointIds === undefined ? {} : { pointIds }) };
}

export function snapshotParts({
  points,
  watches,
}: DeviceState): Pick<DevicePartsSnapshot, 'points' | 'watches'> {
  return {
    points: [...points.values()].map(snapshotPoint),
    watches: watches.map(snapshotWatch).filter(hasState),
  };
}

function restoreDevice(lane: Lane, snapshot: DeviceSnapshot<DeviceConfiguration>): DeviceState {
  const device = new DeviceState(
    lane,
    snapshot.configuration.deviceId,
    snapshot.configuration,
    snapshot.silentSince,
  );
  device.connected = snapshot.connected ?? undefined;
  device.takeOvers = snapshot.takeOvers;
  if (snapshot.clock !== null) {
    const [since, least, leastBefore] = snapshot.clock;
    device.clock.restore(since, least, leastBefore ?? NaN);
  }
  const points = new Map(device.configuration.points.map((point) => [point.pointId, point]));
  for (const [pointId, quality, value, ts, since, held = []] of snapshot.points) {
    const point = points.get(pointId);
    if (point === undefined) throw new Error(`Snapshot of point ${pointId} without its configuration`);
    const state = PointState.first(lane.storage.rows, point, since);
    state.value = value ?? undefined;
    state.quality = quality;
    state.ts = ts ?? -Infinity;
    restoreHeld(device, state, held);
    device.points.set(pointId, state);
  }
  return device;
}

function restoreHeld(device: DeviceState, state: PointState, held: readonly HeldSnapshot[]): void {
  keepOrder(device, state, held.length > 0);
  for (const [ts, receivedAt, value, quality] of held) state.reorder?.add({ ts, receivedAt, value, quality });
}

function snapshotClock({ since, least, leastBefore }: DeviceClock): ClockSnapshot | null {
  return since === -Infinity ? null : [since, least, Number.isNaN(leastBefore) ? null : leastBefore];
}

export function snapshotPoint(point: PointState): PointSnapshot {
  const known = [
    point.point.pointId,
    point.quality,
    point.value ?? null,
    orNull(point.ts),
    point.silentSince,
  ] as const;
  const held = point.reorder?.held ?? [];
  if (held.length === 0) return known;
  return [...known, held.map(({ ts, receivedAt, value, quality }) => [ts, receivedAt, value, quality])];
}

export function snapshotWatch(watch: Watch): WatchSnapshot {
  const isDecided = watch.filters.some((filter) => filter.on || filter.deadline !== Infinity);
  return {
    rule: watch.rule.key,
    // The step of a ladder follows from its filters.
    step: isDecided && watch.kind.judges === 'whole' ? watch.step : 0,
    filters: isDeadMan(watch) ? [] : watch.filters.map(snapshotFilter),
    ...(watch.memory === undefined ? {} : { memory: watch.memory }),
    alarm: watch.alarm,
    ...(watch.overlay === null ? {} : { overlay: watch.overlay }),
  };
}

function snapshotFaultAlarms(device: DeviceState): Pick<DeviceSnapshot, 'faultAlarms'> {
  const open = faultAlarmsOf(device)
    .flatMap(({ rule, filters: [filter], alarm, overlay }) =>
      filter === undefined
        ? []
        : [{ rule, filter: snapshotFilter(filter), alarm, ...(overlay !== null && { overlay }) }],
    )
    .filter(
      ({ filter: [on, , deadline], alarm, overlay }) =>
        on || deadline !== null || alarm !== null || overlay !== undefined,
    );
  return open.length === 0 ? {} : { faultAlarms: open };
}

function snapshotFilter({ on, since, deadline, settledAt, recent }: LevelFilter): FilterSnapshot {
  const isPending = deadline !== Infinity;
  const known = [on, isPending ? since : null, isPending ? deadline : null, orNull(settledAt)] as const;
  return recent === undefined || recent.length === 0 ? known : [...known, recent];
}

export function hasState({ filters, memory, alarm, overlay }: WatchSnapshot): boolean {
  return (
    alarm !== null ||
    overlay !== undefined ||
    memory !== undefined ||
    filters.some(
      ([on, , deadline, settledAt, recent]) =>
        on || deadline !== null || settledAt !== null || recent !== undefined,
    )
  );
}

export function restoreWatches(device: DeviceState, snapshots: readonly WatchSnapshot[]): void {
  const byRule = new Map(snapshots.map((snapshot) => [snapshot.rule, snapshot]));
  for (const watch of device.watches) {
    const snapshot = byRule.get(watch.rule.key);
    watch.alarm = snapshot?.alarm == null ? null : wholeAlarm(snapshot.alarm);
    watch.step = snapshot?.step ?? 0;
    if (snapshot?.memory !== undefined) watch.memory = snapshot.memory;
    for (const [index, filter] of watch.filters.entries()) {
      // Its times follow from what it watches.
      if (isDeadMan(watch)) {
        filter.on = watch.alarm?.active === true;
        continue;
      }
      restoreFilter(filter, snapshot?.filters[index] ?? [false, null, null, null]);
    }
  }
}

/** Versions before did not say what is calculated. */
function tellCalculated({ watches }: DeviceState): void {
  for (const watch of watches) {
    if (watch.alarm !== null && isCalculated(watch)) watch.alarm = { ...watch.alarm, calculated: true };
  }
}

function restoreFilter(
  filter: LevelFilter | undefined,
  [on, since, deadline, settledAt, recent]: FilterSnapshot,
): void {
  if (filter === undefined) return;
  filter.on = on;
  if (deadline !== null) filter.pend(since ?? -Infinity, deadline);
  filter.settledAt = settledAt ?? -Infinity;
  if (recent !== undefined) filter.recent = recent;
}

function orNull(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
