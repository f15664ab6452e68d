import { type Database } from './database.js';

/** What roll-ups are made of at once, and kept together: a day, counted from the epoch. */
export const DAY_MS = 86_400_000;

/** One day of one series. */
export interface SeriesDay {
  readonly series: number;
  readonly day: number;
}

/** A day is rolled up within six hours after it is closed: not all series at once. */
const SPREAD_MINUTES = 360;

export function dayOf(time: number): number {
  return time - (time % DAY_MS);
}

/** The days whose roll-ups lack samples that are in blocks. Written in the transaction that writes those [HI24]. */
export class DueDays {
  private readonly statements;
  private watched: { readonly series: number; readonly day: number; touched: boolean } | undefined;

  constructor(database: Database) {
    const prepare = (sql: string) => database.prepare(sql);
    this.statements = {
      add: prepare('INSERT INTO roll_up_due (day, series) VALUES (?, ?) ON CONFLICT DO NOTHING'),
      remove: prepare('DELETE FROM roll_up_due WHERE day = ? AND series = ?'),
      of: prepare('SELECT day FROM roll_up_due WHERE series = ? AND day >= ? AND day < ? ORDER BY day'),
      closed: prepare(
        `SELECT day, series FROM roll_up_due
         WHERE day <= ?1 - ${DAY_MS} AND day + (series % ${SPREAD_MINUTES}) * 60000 <= ?1 - ${DAY_MS}
         ORDER BY day, series LIMIT ?2`,
      ),
      before: prepare('SELECT day, series FROM roll_up_due WHERE day < ? ORDER BY day, series LIMIT ?'),
    };
  }

  /** The days of ascending times. */
  add(series: number, ts: Float64Array): void {
    let end = -1;
    for (const time of ts) {
      if (time < end) continue;
      const day = dayOf(time);
      this.statements.add.run(day, series);
      if (this.watched?.series === series && this.watched.day === day) this.watched.touched = true;
      end = day + DAY_MS;
    }
  }

  /** Tells whether samples come to this day from now on; of one day at a time. */
  watch({ series, day }: SeriesDay): { readonly touched: boolean } {
    this.watched = { series, day, touched: false };
    return this.watched;
  }

  remove({ series, day }: SeriesDay): void {
    this.statements.remove.run(day, series);
  }

  has({ series, day }: SeriesDay): boolean {
    return this.of(series, day, day + 1).length > 0;
  }

  /** The due days of a series that begin in `[from, to)`, ascending. */
  of(series: number, from: number, to: number): readonly number[] {
    return (this.statements.of.all(series, from, to) as { day: number }[]).map(({ day }) => day);
  }

  /** Days that ended by `time` and whose turn it is then, oldest first. */
  closed(time: number, limit: number): readonly SeriesDay[] {
    return this.statements.closed.all(time, limit) as SeriesDay[];
  }

  /** Days that begin before `time`, oldest first. */
  before(time: number, limit: number): readonly SeriesDay[] {
    return this.statements.before.all(time, limit) as SeriesDay[];
  }
}
