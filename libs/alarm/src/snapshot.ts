import { byCodeUnit } from './canonical.js';
import { buildWatches } from './configuration.js';
import { type AlarmQuality, type AlarmView, type DeviceConfiguration, type PointValue } from './model.js';
import {
  isDeadMan,
  silentSince,
  type DeviceState,
  type LevelFilter,
  type PointState,
  type Watch,
} from './watch.js';

/** The shape of `EngineSnapshot`; a snapshot of another version is refused, and the journal is replayed instead. */
export const SNAPSHOT_VERSION = 1;

/** The whole state of the engine as plain JSON. Times are epoch ms; null stands for never and for nothing pending. */
export interface EngineSnapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  /** Offset of the last record that is included. */
  readonly offset: number;
  readonly time: number;
  /** Number of the last transition. */
  readonly seq: number;
  /** In code-unit order of their ids. */
  readonly devices: readonly DeviceSnapshot[];
}

export interface DeviceSnapshot {
  readonly configuration: DeviceConfiguration;
  readonly connected: boolean | null;
  readonly silentSince: number;
  readonly points: readonly PointSnapshot[];
  readonly watches: readonly WatchSnapshot[];
}

export type PointSnapshot = readonly [
  pointId: string,
  quality: AlarmQuality,
  value: PointValue | null,
  ts: number | null,
  silentSince: number,
];

/** Only of rules that have a state of their own. */
export interface WatchSnapshot {
  readonly rule: string;
  readonly step: number;
  readonly filters: readonly FilterSnapshot[];
  readonly alarm: AlarmView | null;
}

export type FilterSnapshot = readonly [
  on: boolean,
  since: number | null,
  deadline: number | null,
  settledAt: number | null,
];

export function snapshotDevices(devices: Iterable<DeviceState>): DeviceSnapshot[] {
  return [...devices]
    .sort((a, b) => byCodeUnit(a.configuration.deviceId, b.configuration.deviceId))
    .map((device) => ({
      configuration: device.configuration,
      connected: device.connected ?? null,
      silentSince: device.silentSince,
      points: [...device.points.values()].map(snapshotPoint),
      watches: device.watches.map(snapshotWatch).filter(hasState),
    }));
}

export function restoreDevice(snapshot: DeviceSnapshot): DeviceState {
  const device: DeviceState = {
    configuration: snapshot.configuration,
    connected: snapshot.connected ?? undefined,
    silentSince: snapshot.silentSince,
    points: new Map(),
    watches: [],
  };
  const points = new Map(device.configuration.points.map((point) => [point.pointId, point]));
  for (const [pointId, quality, value, ts, since] of snapshot.points) {
    const point = points.get(pointId);
    if (point === undefined) throw new Error(`Snapshot of point ${pointId} without its configuration`);
    const state: PointState = {
      point,
      value: value ?? undefined,
      quality,
      ts: ts ?? -Infinity,
      silentSince: since,
      watches: [],
    };
    device.points.set(pointId, state);
  }
  buildWatches(device);
  restoreWatches(device, snapshot.watches);
  return device;
}

function snapshotPoint(point: PointState): PointSnapshot {
  return [point.point.pointId, point.quality, point.value ?? null, orNull(point.ts), point.silentSince];
}

function snapshotWatch(watch: Watch): WatchSnapshot {
  const isDecided = watch.filters.some((filter) => filter.on || filter.deadline !== Infinity);
  return {
    rule: watch.rule.key,
    step: isDecided ? watch.step : 0,
    filters: isDeadMan(watch) ? [] : watch.filters.map(snapshotFilter),
    alarm: watch.alarm,
  };
}

function snapshotFilter({ on, since, deadline, settledAt }: LevelFilter): FilterSnapshot {
  const isPending = deadline !== Infinity;
  return [on, isPending ? since : null, isPending ? deadline : null, orNull(settledAt)];
}

function hasState({ filters, alarm }: WatchSnapshot): boolean {
  return (
    alarm !== null ||
    filters.some(([on, , deadline, settledAt]) => on || deadline !== null || settledAt !== null)
  );
}

function restoreWatches(device: DeviceState, snapshots: readonly WatchSnapshot[]): void {
  const byRule = new Map(snapshots.map((snapshot) => [snapshot.rule, snapshot]));
  for (const watch of device.watches) {
    const snapshot = byRule.get(watch.rule.key);
    watch.alarm = snapshot?.alarm ?? null;
    watch.step = snapshot?.step ?? 0;
    if (isDeadMan(watch)) {
      restoreDeadMan(watch);
      continue;
    }
    for (const [index, filter] of watch.filters.entries()) {
      const [on, since, deadline, settledAt] = snapshot?.filters[index] ?? [false, null, null, null];
      filter.on = on;
      filter.since = since ?? -Infinity;
      filter.deadline = deadline ?? Infinity;
      filter.settledAt = settledAt ?? -Infinity;
    }
  }
}

/** The time of a dead-man follows from what it watches, so a snapshot need not repeat it for every point. */
function restoreDeadMan(watch: Watch): void {
  const condition = watch.rule.condition;
  const filter = watch.filters[0];
  if (filter === undefined || (condition.kind !== 'stale' && condition.kind !== 'offline')) return;
  filter.on = watch.alarm?.active === true;
  if (filter.on || (condition.kind === 'offline' && watch.device.connected === true)) return;
  filter.since = silentSince(watch);
  filter.deadline = filter.since + condition.afterMs;
}

function orNull(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
