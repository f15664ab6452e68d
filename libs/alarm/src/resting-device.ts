import { type AlarmQuality, type DeviceConfiguration, type Point } from './model.js';
import { type PackedConfiguration, type Plans, type Silence } from './plan.js';
import { SILENT_SINCE, type Rows } from './rows.js';
import {
  hasState,
  snapshotPoint,
  snapshotWatch,
  type DevicePartsSnapshot,
  type WatchSnapshot,
} from './snapshot.js';
import { delayOf, isDeadMan, PointState, type DeviceState, type Resting } from './watch.js';

const QUALITY_CODES: readonly AlarmQuality[] = ['good', 'uncertain', 'bad', 'stale'];
const NO_WATCHES: readonly WatchSnapshot[] = [];

/** What is left of a device besides its rows; most devices need nothing but their configuration. */
export class RestingDevice implements Resting {
  readonly watches: readonly WatchSnapshot[];
  private readonly rowsOf: Int32Array | undefined;
  /** A digit a point; undefined: all are good. */
  private readonly qualities: string | undefined;
  /** Values that are texts, by the number of their point. */
  private readonly texts: ReadonlyMap<number, string> | undefined;

  constructor(
    private readonly home: { readonly rows: Rows; readonly plans: Plans },
    readonly packed: PackedConfiguration,
    private readonly device: DeviceState,
  ) {
    const { points, watches } = device.awake;
    const states = [...points.values()];
    const isInRow = states.every(({ row }, index) => row === device.row + 1 + index);
    this.rowsOf = isInRow ? undefined : Int32Array.from(states, ({ row }) => row);
    const qualities = states.map(({ quality }) => QUALITY_CODES.indexOf(quality)).join('');
    this.qualities = /^0*$/.test(qualities) ? undefined : qualities;
    const texts = states.flatMap(({ value }, index) =>
      typeof value === 'string' ? [[index, value] as const] : [],
    );
    this.texts = texts.length === 0 ? undefined : new Map(texts);
    const snapshots = watches.map(snapshotWatch).filter(hasState);
    this.watches = snapshots.length === 0 ? NO_WATCHES : snapshots;
    packed.plan.silences ??= watches.filter(isDeadMan).map((watch) => {
      const [point] = watch.points;
      return { point: point && states.indexOf(point), afterMs: delayOf(watch, false) };
    });
  }

  get clockLimitMs(): number {
    return this.packed.plan.clockLimitMs;
  }

  configuration(): DeviceConfiguration {
    return this.home.plans.unpack(this.packed);
  }

  snapshot(): DevicePartsSnapshot {
    const { packed } = this;
    const ids = this.home.plans.pointIds(packed);
    return {
      configuration: packed,
      points: packed.plan.parts.points.map((point, index) =>
        snapshotPoint(this.point(index, { ...point, pointId: ids[index]! })),
      ),
      watches: this.watches,
    };
  }

  has(pointId: string): boolean {
    return this.home.plans.has(this.packed, pointId);
  }

  /** Its point of that number, as it was. */
  point(index: number, point: Point): PointState {
    const state = new PointState(this.home.rows, this.rowOf(index), point);
    const text = this.texts?.get(index);
    if (text !== undefined) state.value = text;
    state.quality = QUALITY_CODES[Number(this.qualities?.[index] ?? 0)]!;
    return state;
  }

  deadline(): number {
    let first = Infinity;
    for (const silence of this.packed.plan.silences ?? []) first = Math.min(first, this.deadlineOf(silence));
    return first;
  }

  /** The server was away: see `DeadMen.excuse`. */
  excuse(now: number): void {
    for (const silence of this.packed.plan.silences ?? []) {
      if (this.deadlineOf(silence) > now) continue;
      if (silence.point === undefined) this.device.silentSince = now;
      else this.home.rows.set(this.rowOf(silence.point), SILENT_SINCE, now);
    }
  }

  private deadlineOf({ point, afterMs }: Silence): number {
    if (point !== undefined) return this.home.rows.get(this.rowOf(point), SILENT_SINCE) + afterMs;
    return this.device.connected === true ? Infinity : this.device.silentSince + afterMs;
  }

  private rowOf(index: number): number {
    return this.rowsOf?.[index] ?? this.device.row + 1 + index;
  }
}
