import { BOOLEAN, NUMBER, type NamedSource, PackedColumns, type PackedReadings } from '../packed-readings.js';
import { type Columns, isTime, lowerBound, merge, slice } from '../sample-columns.js';
import { type SampleRows } from '../worker-protocol.js';
import { type BlockHead, type BlockTable } from './block-table.js';
import { storeInBlocks } from './block-writer.js';
import { type Database } from './database.js';
import { DAY_MS, dayOf, type DueDays } from './due-days.js';
import { pack } from './packed-block.js';
import { EMPTY, type Sample, SeriesHead } from './series-head.js';

/** One point; its samples that are not yet in blocks are in `head`. */
export interface Series {
  /** No row has the id 0: until the first flush there are no blocks to find. */
  id: number;
  readonly pointId: string;
  deviceId: string;
  readonly head: SeriesHead;
  /** The newest sample that is in a block; absent until somebody asks. */
  stored: Sample | undefined;
  /** The row of the series has this device. */
  named: boolean;
}

/** What samples of one `ReadingSource` are added to. */
interface BoundSource {
  readonly deviceId: string;
  readonly pointIds: readonly string[];
  /** In the order of the points; absent until one has its first sample. */
  readonly series: (Series | undefined)[];
}

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** Samples by series: those not yet in blocks in memory, the others in the table. Readers see both as one. */
export class TelemetryStore {
  private readonly series = new Map<string, Series>();
  /** By `ReadingSource.index` of the process. */
  private readonly sources: (BoundSource | undefined)[] = [];
  private readonly dirty = new Set<Series>();
  private buffered = 0;
  private readonly statements;

  constructor(
    database: Database,
    private readonly blocks: BlockTable,
    private readonly due: DueDays,
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

  /** Cannot fail: a source is told only once. */
  bind(sources: readonly NamedSource[]): void {
    for (const [index, deviceId, pointIds] of sources) {
      this.sources[index] = { deviceId, pointIds, series: pointIds.map(() => undefined) };
    }
  }

  /** Takes readings of bound sources; returns how many samples of them cannot be stored [HI5]. */
  take(readings: PackedReadings): number {
    const { count, samples, texts } = readings;
    const columns = new PackedColumns(readings.buffer, count, samples);
    const { value, point, quality, type, sampleEnd } = columns;
    let leftOut = 0;
    let sample = 0;
    for (let reading = 0; reading < count; reading += 1) {
      const end = sampleEnd[reading]!;
      const ts = columns.ts[reading]!;
      const receivedAt = columns.receivedAt[reading]!;
      const source = this.sources[columns.source[reading]!];
      if (source === undefined || !isTime(ts) || !isTime(receivedAt)) {
        leftOut += end - sample;
        sample = end;
        continue;
      }
      for (; sample < end; sample += 1) {
        const series = source.series[point[sample]!] ?? this.seriesOf(source, point[sample]!);
        const number = value[sample]!;
        const kind = type[sample]!;
        if (series === undefined || (kind === NUMBER && !Number.isFinite(number))) {
          leftOut += 1;
          continue;
        }
        this.expect(series, source.deviceId);
        if (kind === NUMBER) series.head.addNumber(ts, receivedAt, quality[sample]!, number);
        else {
          const other = kind === BOOLEAN ? number !== 0 : (texts[number] ?? '');
          series.head.addOther(ts, receivedAt, quality[sample]!, other);
        }
      }
    }
    return leftOut;
  }

  /** Takes samples that came one by one, all of which can be stored. */
  takeRows(rows: SampleRows): void {
    const series = rows.points.map(([pointId, deviceId]) => this.find(pointId, deviceId));
    for (let row = 0; row < rows.ts.length; row += 1) {
      const index = rows.point[row]!;
      const { head } = this.expect(series[index]!, rows.points[index]![1]);
      const value = rows.values[row]!;
      if (typeof value === 'number')
        head.addNumber(rows.ts[row]!, rows.receivedAt[row]!, rows.quality[row]!, value);
      else head.addOther(rows.ts[row]!, rows.receivedAt[row]!, rows.quality[row]!, value);
    }
  }

  /** The series with samples that wait for a flush. */
  waiting(): readonly Series[] {
    return [...this.dirty];
  }

  /** Writes what is buffered of a series into blocks, and notes its days as due to be rolled up. To be called in a transaction; `settle` when it has been committed. */
  store(series: Series): number {
    const id = series.named ? series.id : this.name(series);
    const columns = series.head.columns();
    storeInBlocks(this.blocks, id, columns);
    this.due.add(id, columns.ts);
    return id;
  }

  /** Forgets what has been committed: `store` gave the id. */
  settle(series: Series, id: number): void {
    const newest = series.head.newest();
    // Where nobody has asked for it, it stays unknown: what is in older blocks may be newer.
    if (newest && (series.id === 0 || (series.stored && newest.ts >= series.stored.ts)))
      series.stored = newest;
    series.id = id;
    series.named = true;
    this.buffered -= series.head.rows;
    series.head.clear();
    this.dirty.delete(series);
  }

  /** The row of the series of a point; 0 where there is none. */
  idOf(pointId: string): number {
    return this.find(pointId)?.id ?? 0;
  }

  /** The days that begin before `to` and have a sample at or after `from` that is not in a block, ascending. */
  bufferedDays(pointId: string, from: number, to: number): readonly number[] {
    const head = this.find(pointId)?.head;
    const ts = head === undefined || head.rows === 0 ? EMPTY.ts : head.columns().ts;
    const days: number[] = [];
    for (let index = lowerBound(ts, from); index < ts.length && ts[index]! < to;) {
      const day = dayOf(ts[index]!);
      days.push(day);
      index = lowerBound(ts, day + DAY_MS);
    }
    return days;
  }

  deviceOf(pointId: string): string | undefined {
    return this.find(pointId)?.deviceId;
  }

  last(pointId: string): Sample | undefined {
    const series = this.find(pointId);
    if (series === undefined) return undefined;
    const newest = series.head.newest();
    series.stored ??= this.newestBlock(series);
    return newest && (series.stored === undefined || newest.ts >= series.stored.ts) ? newest : series.stored;
  }

  /** Samples of a point with `from <= ts < to`, ascending, in portions of at most a few blocks. */
  *scan(pointId: string, from: number, to: number): Generator<Columns> {
    const series = this.find(pointId);
    if (series === undefined) return;
    const all = series.head.rows > 0 ? series.head.columns() : EMPTY;
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
    for (const head of heads) this.shorten(head.series, head, before);
    return heads.length === limit;
  }

  /** Deletes samples of one series that are older than `before`, in a transaction of the caller. */
  removeOlderOf(series: number, before: number): void {
    for (const head of this.blocks.olderOf(series, before)) this.shorten(series, head, before);
  }

  /** Drops remembered last values that may be among what `removeOlder` has deleted. */
  forgetOlder(before: number): void {
    for (const series of this.series.values())
      if (series.stored && series.stored.ts < before) series.stored = undefined;
  }

  /** Called with each sample: counts it, and notes the device that sent it. */
  private expect(series: Series, deviceId: string): Series {
    if (series.deviceId !== deviceId) {
      series.deviceId = deviceId;
      series.named = false;
    }
    if (series.head.rows === 0) this.dirty.add(series);
    this.buffered += 1;
    return series;
  }

  private seriesOf(source: BoundSource, point: number): Series | undefined {
    const pointId = source.pointIds[point];
    return pointId === undefined ? undefined : (source.series[point] = this.find(pointId, source.deviceId));
  }

  /** The series of a point; made where there is none and a device is given. */
  private find(pointId: string, deviceId: string): Series;
  private find(pointId: string): Series | undefined;
  private find(pointId: string, maker?: string): Series | undefined {
    const known = this.series.get(pointId);
    if (known) return known;
    const row = this.statements.find.get(pointId) as { id: number; deviceId: string } | undefined;
    const deviceId = row?.deviceId ?? maker;
    if (deviceId === undefined) return undefined;
    const head = new SeriesHead();
    const series = { id: row?.id ?? 0, pointId, deviceId, head, stored: undefined, named: row !== undefined };
    this.series.set(pointId, series);
    return series;
  }

  private shorten(series: number, head: BlockHead, before: number): void {
    if (head.last < before) {
      this.blocks.remove(head);
      return;
    }
    const columns = this.blocks.read(series, head);
    if (columns === undefined) return;
    const rest = slice(columns, lowerBound(columns.ts, before), columns.ts.length);
    this.blocks.replace(head, pack(rest));
  }

  private name({ pointId, deviceId }: Series): number {
    return (this.statements.upsert.get(pointId, deviceId) as { id: number }).id;
  }

  private newestBlock({ id }: Series): Sample | undefined {
    const newest = id === 0 ? undefined : this.blocks.at(id, EVERYTHING);
    const columns = newest && this.blocks.read(id, newest);
    if (columns === undefined) return undefined;
    const last = columns.ts.length - 1;
    return {
      ts: columns.ts[last]!,
      receivedAt: columns.receivedAt[last]!,
      quality: columns.quality[last]!,
      value: columns.values[last]!,
    };
  }
}
