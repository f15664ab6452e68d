import { decodeBlock } from '../block/block-codec.js';
import { type Columns } from '../sample-columns.js';
import { type Database } from './database.js';
import { type PackedBlock } from './packed-block.js';

/** Where a block is and what it holds; blocks of one series never overlap. */
export interface BlockHead {
  readonly id: number;
  /** `ts` of the first and of the last sample. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Of the block itself. */
  readonly bytes: number;
}

interface BlockRow extends BlockHead {
  readonly body: Uint8Array;
}

const HEAD = 'id, first, last, count, length(body) AS bytes';
/** Blocks that are read at once, about 60 kB. */
const READ_AHEAD = 32;

/** The rows of compressed blocks. A block that cannot be read is set aside and answers as if it held nothing [HI16]. */
export class BlockTable {
  private readonly statements;

  constructor(
    private readonly database: Database,
    private readonly onDamage: (series: number, head: BlockHead, error: unknown) => void,
  ) {
    const prepare = (sql: string) => database.prepare(sql);
    this.statements = {
      at: prepare(`SELECT ${HEAD} FROM block WHERE series = ? AND first <= ? ORDER BY first DESC LIMIT 1`),
      after: prepare(`SELECT ${HEAD} FROM block WHERE series = ? AND first > ? ORDER BY first LIMIT 1`),
      body: prepare('SELECT body FROM block WHERE id = ?'),
      within: prepare(
        `SELECT ${HEAD}, body FROM block WHERE series = ? AND first >= ? AND first < ?
         ORDER BY first LIMIT ${READ_AHEAD}`,
      ),
      older: prepare(`SELECT ${HEAD}, series FROM block WHERE first < ? ORDER BY first LIMIT ?`),
      olderOf: prepare(`SELECT ${HEAD} FROM block WHERE series = ? AND first < ? ORDER BY first`),
      insert: prepare('INSERT INTO block (series, first, last, count, body) VALUES (?, ?, ?, ?, ?)'),
      update: prepare('UPDATE block SET first = ?, last = ?, count = ?, body = ? WHERE id = ?'),
      remove: prepare('DELETE FROM block WHERE id = ?'),
      setAside: prepare(
        `INSERT INTO damaged_block (point_id, first, last, count, body)
         SELECT point_id, first, last, count, body FROM block JOIN series ON series.id = series
         WHERE block.id = ?`,
      ),
      damaged: prepare('SELECT count(*) AS count FROM damaged_block'),
      dropDamaged: prepare('DELETE FROM damaged_block WHERE last < ?'),
    };
  }

  /** The block that begins last at or before `ts`. */
  at(series: number, ts: number): BlockHead | undefined {
    return this.statements.at.get(series, ts) as BlockHead | undefined;
  }

  /** The first block that begins after `ts`. */
  after(series: number, ts: number): BlockHead | undefined {
    return this.statements.after.get(series, ts) as BlockHead | undefined;
  }

  read(series: number, head: BlockHead): Columns | undefined {
    const row = this.statements.body.get(head.id) as { body: Uint8Array } | undefined;
    return row && this.decode(series, { ...head, body: row.body });
  }

  /** The readable blocks with samples in `[from, to)`, oldest first. */
  *within(series: number, from: number, to: number): Generator<Columns> {
    let begin = this.at(series, from)?.first ?? from;
    for (;;) {
      // By portions and not by an open statement: a damaged block is moved, and a caller may stop in the middle.
      const rows = this.statements.within.all(series, begin, to) as BlockRow[];
      for (const row of rows) {
        if (row.last < from) continue;
        const columns = this.decode(series, row);
        if (columns) yield columns;
      }
      const newest = rows[READ_AHEAD - 1];
      if (newest === undefined) return;
      begin = newest.first + 1;
    }
  }

  /** At most `limit` blocks that begin before `time`, oldest first. */
  older(time: number, limit: number): readonly (BlockHead & { readonly series: number })[] {
    return this.statements.older.all(time, limit) as (BlockHead & { series: number })[];
  }

  /** The blocks of a series that begin before `time`, oldest first. */
  olderOf(series: number, time: number): readonly BlockHead[] {
    return this.statements.olderOf.all(series, time) as BlockHead[];
  }

  insert(series: number, { columns, body }: PackedBlock): void {
    this.statements.insert.run(series, ...bounds(columns), columns.ts.length, body);
  }

  replace(head: BlockHead, { columns, body }: PackedBlock): void {
    this.statements.update.run(...bounds(columns), columns.ts.length, body, head.id);
  }

  remove(head: BlockHead): void {
    this.statements.remove.run(head.id);
  }

  /** How many blocks were set aside. */
  damaged(): number {
    return (this.statements.damaged.get() as { count: number }).count;
  }

  dropDamaged(before: number): void {
    this.statements.dropDamaged.run(before);
  }

  private decode(series: number, row: BlockRow): Columns | undefined {
    try {
      return decodeBlock(row.body);
    } catch (error) {
      this.setAside(row);
      this.onDamage(series, row, error);
      return undefined;
    }
  }

  private setAside(head: BlockHead): void {
    // A savepoint, since a flush may be in the middle of its transaction.
    this.database.exec('SAVEPOINT set_aside');
    try {
      this.statements.setAside.run(head.id);
      this.statements.remove.run(head.id);
    } finally {
      this.database.exec('RELEASE set_aside');
    }
  }
}

function bounds(columns: Columns): readonly [number, number] {
  return [columns.ts[0]!, columns.ts[columns.ts.length - 1]!];
}
