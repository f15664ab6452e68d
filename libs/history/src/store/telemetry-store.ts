import { type Columns, type PointValue, lowerBound, merge, slice } from '../sample-columns.js';
import { cut, isFull } from './block-shape.js';
import { type BlockTable } from './block-table.js';
import { EMPTY, SeriesHead } from './series-head.js';
import { type Database } from './database.js';

export interface LastSample {
  readonly ts: number;
  readonly receivedAt: number;
  readonly quality: number;
  readonly value: PointValue;
}

interface Series {
  id: number;
  readonly pointId: string;
  deviceId: string;
  /** Absent while everything is in blocks. */
  head?: SeriesHead;
  /** Absent until somebody asks or writes. */
  last?: LastSample;
  /** The row of the series is written with its first block. */
  stored: boolean;
}

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** Samples by series: those not yet in blocks in memory, the others in the table. Readers see both as one. */
export class TelemetryStore {
  private readonly series = new Map<string, Series>();
  private readonly dirty = new Set<Series>();
  private buffered = 0;
  private readonly statements;

  constructor(
    database: Database,
    private readonly blocks: BlockTable,
  ) {
    this.statements = {
      find: database.prepare('SELECT id, device_id AS deviceId FROM series WHERE point_id = ?'),
      upsert: database.prepare(
        `INSERT INTO series (point_id, device_id) VALUES (?, ?)
         ON CONFLICT (point_id) DO UPDATE SET device_id = excluded.device_id RETURNING id`,
      ),
    };
  }

  /** Rows that wait for a flush. */
  get bufferedRows(): number {
    return this.buffered;
  }

  add(pointId: string, deviceId: string, sample: LastSample): void {
    const series = this.find(pointId) ?? this.create(pointId, deviceId);
    if (series.deviceId !== deviceId) {
      series.deviceId = deviceId;
      series.stored = false;
    }
    // Before the sample is added, so that it is compared with what is stored.
    const last = this.lastOf(series);
    if (last === undefined || sample.ts >= last.ts) series.last = sample;
    series.head ??= new SeriesHead();
    series.head.add(sample.ts, sample.receivedAt, sample.quality, sample.value);
    this.buffered += 1;
    this.dirty.add(series);
  }

  /** Writes what is buffered into blocks. To be called in a transaction; `settle` when it has been committed. */
  flush(): void {
    for (const series of this.dirty) {
      if (!series.stored) {
        const row = this.statements.upsert.get(series.pointId, series.deviceId) as { id: number };
        series.id = row.id;
      }
      if (series.head) this.store(series.id, series.head.columns());
    }
  }

  /** Forgets what a flush has made durable. */
  settle(): void {
    for (const series of this.dirty) {
      delete series.head;
      series.stored = true;
    }
    this.dirty.clear();
    this.buffered = 0;
  }

  deviceOf(pointId: string): string | undefined {
    return this.find(pointId)?.deviceId;
  }

  last(pointId: string): LastSample | undefined {
    const series = this.find(pointId);
    return series && this.lastOf(series);
  }

  /** Samples of a point with `from <= ts < to`, ascending, in portions of at most a few blocks. */
  *scan(pointId: string, from: number, to: number): Generator<Columns> {
    const series = this.find(pointId);
    if (series === undefined) return;
    const all = series.head?.columns() ?? EMPTY;
    const head = slice(all, lowerBound(all.ts, from), lowerBound(all.ts, to));
    let taken = 0;
    for (const block of this.blocks.within(series.id, from, to)) {
      const part = slice(block, lowerBound(block.ts, from), lowerBound(block.ts, to));
      if (part.ts.length === 0) continue;
      const upTo = lowerBound(head.ts, part.ts[part.ts.length - 1]! + 1);
      yield upTo > taken ? merge(part, slice(head, taken, upTo)) : part;
      taken = upTo;
    }
    if (taken < head.ts.length) yield slice(head, taken, head.ts.length);
  }

  /**
   * Deletes samples older than `before` from at most `limit` blocks, in a transaction of the caller. Returns whether there may
   * be more.
   */
  removeOlder(before: number, limit: number): boolean {
    const heads = this.blocks.older(before, limit);
    for (const head of heads) {
      if (head.last < before) this.blocks.remove(head);
      else {
        const columns = this.blocks.read(head.series, head);
        if (columns)
          this.blocks.replace(head, slice(columns, lowerBound(columns.ts, before), columns.ts.length));
      }
    }
    return heads.length === limit;
  }

  /** Drops remembered last values that may be among what `removeOlder` has deleted. */
  forgetOlder(before: number): void {
    for (const series of this.series.values()) if (series.last && series.last.ts < before) delete series.last;
  }

  private find(pointId: string): Series | undefined {
    const known = this.series.get(pointId);
    if (known) return known;
    const row = this.statements.find.get(pointId) as { id: number; deviceId: string } | undefined;
    if (row === undefined) return undefined;
    const series = { ...row, pointId, stored: true };
    this.series.set(pointId, series);
    return series;
  }

  private create(pointId: string, deviceId: string): Series {
    // No row has the id 0: until the first flush there are no blocks to find.
    const series: Series = { id: 0, pointId, deviceId, stored: false };
    this.series.set(pointId, series);
    return series;
  }

  private lastOf(series: Series): LastSample | undefined {
    if (series.last) return series.last;
    const head = series.head?.columns();
    if (head) series.last = sampleAt(head, head.ts.length - 1);
    const newest = this.blocks.at(series.id, EVERYTHING);
    const columns = newest && this.blocks.read(series.id, newest);
    const stored = columns && sampleAt(columns, columns.ts.length - 1);
    if (stored && (series.last === undefined || stored.ts > series.last.ts)) series.last = stored;
    return series.last;
  }

  /** Puts ascending samples into the blocks that they belong to. */
  private store(series: number, samples: Columns): void {
    let from = 0;
    while (from < samples.ts.length) {
      const ts = samples.ts[from]!;
      const before = this.blocks.at(series, ts);
      const next = this.blocks.after(series, ts);
      const to = next ? lowerBound(samples.ts, next.first) : samples.ts.length;
      const group = slice(samples, from, to);
      from = to;
      const target = before && (ts <= before.last || !isFull(before, ts)) ? before : undefined;
      const present = target && this.blocks.read(series, target);
      const [first, ...more] = cut(present ? merge(present, group) : group, next === undefined);
      if (target && present && first) this.blocks.replace(target, first);
      else if (first) this.blocks.insert(series, first);
      for (const part of more) this.blocks.insert(series, part);
    }
  }
}

function sampleAt(columns: Columns, index: number): LastSample {
  return {
    ts: columns.ts[index]!,
    receivedAt: columns.receivedAt[index]!,
    quality: columns.quality[index]!,
    value: columns.values[index]!,
  };
}
