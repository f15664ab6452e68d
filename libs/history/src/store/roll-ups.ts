import { type RollUp, RollUpFold, type Tier, TIERS } from '../roll-up.js';
import { type Columns, lowerBound, slice } from '../sample-columns.js';
import { type BlockTable } from './block-table.js';
import { type Database, transaction } from './database.js';
import { DAY_MS, dayOf, type DueDays, type SeriesDay } from './due-days.js';
import { type DayRollUps, type RollUpTable } from './roll-up-table.js';
import { type TelemetryStore } from './telemetry-store.js';

export interface RollUpQuery {
  readonly pointId: string;
  readonly from: number;
  readonly to: number;
}

/** Writing the roll-ups of a day is so much work as folding so many samples. */
const WRITE_WEIGHT = 5_000;

/** Roll-ups of days: those in the table, and for days that are due those of the samples [HI23]–[HI25]. */
export class RollUps {
  private readonly readFloor;
  private readonly saveFloor;
  private floor: number;

  constructor(
    private readonly database: Database,
    private readonly blocks: BlockTable,
    private readonly telemetry: TelemetryStore,
    private readonly due: DueDays,
    private readonly table: RollUpTable,
  ) {
    this.readFloor = database.prepare('SELECT samples_from AS floor FROM progress');
    this.saveFloor = database.prepare('UPDATE progress SET samples_from = ?');
    this.floor = (this.readFloor.get() as { floor: number }).floor;
  }

  /**
   * What buckets of `[from, to)` are made of, ascending: roll-ups of a day, or samples where they are not rolled up yet.
   * `from` is a border of windows; a window that `to` cuts is made of samples as long as there are any.
   */
  *scan({ pointId, from, to }: RollUpQuery, tier: Tier): Generator<Columns | readonly RollUp[]> {
    const whole = to - (to % TIERS[tier]);
    const rest = whole >= this.floor ? whole : to;
    for (const day of this.days({ pointId, from, to }, tier)) {
      const begin = Math.max(day, from);
      const end = Math.min(day + DAY_MS, to);
      if (day >= this.floor && this.isOpen(pointId, day)) yield* this.telemetry.scan(pointId, begin, end);
      else {
        const rows = this.windowsOf(pointId, day, tier);
        yield rows.filter(({ start }) => start >= begin && start < Math.min(end, rest));
        if (end > rest) yield* this.telemetry.scan(pointId, Math.max(rest, begin), end);
      }
    }
  }

  /**
   * Rolls a due day up. Yields how much was done, in samples: others may have a turn then. A day that samples come to meanwhile
   * stays due.
   */
  *rollUp(of: SeriesDay): Generator<number> {
    const watched = this.due.watch(of);
    const fold = new RollUpFold(of.day, TIERS.minutes);
    for (const part of this.samplesOf(of)) {
      fold.add(part);
      yield part.ts.length;
    }
    if (watched.touched) return;
    const rollUps = this.madeOf(of, fold);
    transaction(this.database, () => {
      this.table.write(of, rollUps);
      this.due.remove(of);
    });
    yield WRITE_WEIGHT;
  }

  /**
   * Rolls a due day up whose samples before `before` go: first they, so that a full disk has room for the rest. In a transaction
   * of the caller.
   */
  rollUpAndRemove(of: SeriesDay, before: number): void {
    const fold = new RollUpFold(of.day, TIERS.minutes);
    for (const part of this.samplesOf(of)) fold.add(part);
    const rollUps = this.madeOf(of, fold);
    this.telemetry.removeOlderOf(of.series, Math.min(before, of.day + DAY_MS));
    this.table.write(of, rollUps);
    this.due.remove(of);
  }

  /** From now on, samples before `time` may be gone. */
  raiseFloor(time: number): void {
    if (time <= this.floor) return;
    this.saveFloor.run(time);
    this.floor = time;
  }

  private days({ pointId, from, to }: RollUpQuery, tier: Tier): readonly number[] {
    const series = this.telemetry.idOf(pointId);
    const first = dayOf(from);
    const days = new Set(this.telemetry.bufferedDays(pointId, from, to));
    for (const day of this.due.of(series, first, to)) days.add(day);
    for (const day of this.table.days(series, tier, first, to)) days.add(day);
    return [...days].sort((a, b) => a - b);
  }

  /** Whether the row of a day says less than its samples. */
  private isOpen(pointId: string, day: number): boolean {
    return (
      this.due.has({ series: this.telemetry.idOf(pointId), day }) ||
      this.telemetry.bufferedDays(pointId, day, day + DAY_MS).length > 0
    );
  }

  private windowsOf(pointId: string, day: number, tier: Tier): readonly RollUp[] {
    const stored = this.table.read({ series: this.telemetry.idOf(pointId), day }, tier);
    if (!this.isOpen(pointId, day)) return stored;
    const fold = new RollUpFold(day, TIERS[tier]);
    for (const part of this.telemetry.scan(pointId, day, day + DAY_MS)) fold.add(part);
    return reconcile(stored, fold.finish(), this.floor);
  }

  /** From blocks alone: what waits for a flush makes its day due again. */
  private *samplesOf({ series, day }: SeriesDay): Generator<Columns> {
    for (const { ts, ...block } of this.blocks.within(series, day, day + DAY_MS)) {
      yield slice({ ts, ...block }, lowerBound(ts, day), lowerBound(ts, day + DAY_MS));
    }
  }

  private madeOf(of: SeriesDay, fold: RollUpFold): DayRollUps {
    const minutes = fold.finish();
    const hours = new RollUpFold(of.day, TIERS.hours);
    hours.addRollUps(minutes);
    const made = { minutes, hours: hours.finish() };
    return of.day >= this.floor ? made : this.withStored(of, made);
  }

  private withStored(of: SeriesDay, made: DayRollUps): DayRollUps {
    const merged = (tier: Tier): readonly RollUp[] =>
      reconcile(this.table.read(of, tier), made[tier], this.floor);
    return { minutes: merged('minutes'), hours: merged('hours') };
  }
}

/**
 * What holds of two accounts of the same windows, both ascending. Where samples may be gone, that is before `floor`, the one of
 * more samples; elsewhere `made`, which is of all of them [HI25].
 */
export function reconcile(
  stored: readonly RollUp[],
  made: readonly RollUp[],
  floor: number,
): readonly RollUp[] {
  const windows = new Map<number, RollUp>();
  for (const row of stored) if (row.start < floor) windows.set(row.start, row);
  for (const row of made) {
    const other = windows.get(row.start);
    if (other === undefined || row.count >= other.count) windows.set(row.start, row);
  }
  return [...windows.values()].sort((a, b) => a.start - b.start);
}
