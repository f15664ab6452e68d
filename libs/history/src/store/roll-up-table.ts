import { decodeRollUps, encodeRollUps } from '../block/roll-up-codec.js';
import { type RollUp, type Tier, TIERS } from '../roll-up.js';
import { type Database } from './database.js';
import { DAY_MS, type SeriesDay } from './due-days.js';

/** The roll-ups of a day, by tier. */
export type DayRollUps = Readonly<Record<Tier, readonly RollUp[]>>;

/** How the tiers are numbered in the file. */
const CODES: Readonly<Record<Tier, number>> = { minutes: 0, hours: 1 };

/** The rows of compressed roll-ups, one for each series, tier and day that has samples. */
export class RollUpTable {
  private readonly statements;

  constructor(
    private readonly database: Database,
    private readonly onDamage: (series: number, day: number, error: unknown) => void,
  ) {
    const prepare = (sql: string) => database.prepare(sql);
    this.statements = {
      read: prepare('SELECT body FROM roll_up WHERE series = ? AND tier = ? AND day = ?'),
      days: prepare(
        'SELECT day FROM roll_up WHERE series = ? AND tier = ? AND day >= ? AND day < ? ORDER BY day',
      ),
      write: prepare(
        `INSERT INTO roll_up (series, tier, day, body) VALUES (?, ?, ?, ?)
         ON CONFLICT (series, tier, day) DO UPDATE SET body = excluded.body`,
      ),
      remove: prepare('DELETE FROM roll_up WHERE series = ? AND tier = ? AND day = ?'),
      removeOlder: prepare(
        `DELETE FROM roll_up WHERE id IN (
           SELECT id FROM roll_up WHERE tier = ? AND day < ? ORDER BY day LIMIT ?
         )`,
      ),
      setAside: prepare(
        `INSERT INTO damaged_block (point_id, first, last, count, body)
         SELECT point_id, day, day + ${DAY_MS - 1}, 0, body FROM roll_up JOIN series ON series.id = series
         WHERE series = ? AND tier = ? AND day = ?`,
      ),
      due: prepare('INSERT INTO roll_up_due (day, series) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    };
  }

  /** Ascending; nothing where there is no row. */
  read({ series, day }: SeriesDay, tier: Tier): readonly RollUp[] {
    const row = this.statements.read.get(series, CODES[tier], day) as { body: Uint8Array } | undefined;
    if (row === undefined) return [];
    try {
      return decodeRollUps(row.body, day, TIERS[tier]);
    } catch (error) {
      this.setAside({ series, day }, tier);
      this.onDamage(series, day, error);
      return [];
    }
  }

  /** The days of a series with a row that begin in `[from, to)`, ascending. */
  days(series: number, tier: Tier, from: number, to: number): readonly number[] {
    const rows = this.statements.days.all(series, CODES[tier], from, to) as { day: number }[];
    return rows.map(({ day }) => day);
  }

  write({ series, day }: SeriesDay, rollUps: DayRollUps): void {
    for (const [tier, rows] of Object.entries(rollUps) as [Tier, readonly RollUp[]][]) {
      if (rows.length === 0) this.statements.remove.run(series, CODES[tier], day);
      else this.statements.write.run(series, CODES[tier], day, encodeRollUps(rows, day, TIERS[tier]));
    }
  }

  /** Deletes at most `limit` rows whose day ended by `before`. Returns whether there may be more. */
  removeOlder(tier: Tier, before: number, limit: number): boolean {
    // A limit before the epoch has no days behind it.
    const firstKept = Math.max(0, before - DAY_MS + 1);
    return Number(this.statements.removeOlder.run(CODES[tier], firstKept, limit).changes) === limit;
  }

  /** Keeps the bytes, and has the day rolled up again from the samples that are left of it. */
  private setAside({ series, day }: SeriesDay, tier: Tier): void {
    this.database.exec('SAVEPOINT set_aside');
    try {
      this.statements.setAside.run(series, CODES[tier], day);
      this.statements.remove.run(series, CODES[tier], day);
      this.statements.due.run(day, series);
    } finally {
      this.database.exec('RELEASE set_aside');
    }
  }
}
