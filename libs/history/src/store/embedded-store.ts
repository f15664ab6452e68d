import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Bucket, type BucketQuery, Buckets } from '../buckets.js';
import { tierOf } from '../roll-up.js';
import { type Columns, type PointValue, compactValues, concatenate, slice } from '../sample-columns.js';
import { Turns } from '../turns.js';
import {
  type PackedBatch,
  type SampleRows,
  type StoredAlarmEvent,
  type StoreHealth,
  type WorkerCall,
  type WorkerCalls,
  type WorkerSettings,
} from '../worker-protocol.js';
import { AlarmStore } from './alarm-store.js';
import { BlockTable } from './block-table.js';
import { type Database, HISTORY_FILE, durably, openDatabase, pragma, transaction } from './database.js';
import { DueDays } from './due-days.js';
import { removeOlder, type RetentionParts } from './retention.js';
import { RollUpTable } from './roll-up-table.js';
import { RollUps } from './roll-ups.js';
import { Pins } from './pins.js';
import { sqliteError } from './sqlite-errors.js';
import { type Series, TelemetryStore } from './telemetry-store.js';

type Handlers = {
  readonly [Call in WorkerCall]: (
    give: WorkerCalls[Call]['give'],
  ) => WorkerCalls[Call]['get'] | Promise<WorkerCalls[Call]['get']>;
};

/** Samples that an answer is folded from before the next question has its turn: some milliseconds. */
const FOLD_SLICE = 50_000;
/** A roll-up that is read is so much work as so many samples. */
const ROLL_UP_WEIGHT = 5;
/** Samples that are rolled up before somebody else has a turn: one or two milliseconds, since nobody waits for it. */
const ROLL_UP_SLICE = 15_000;
/** Days that one pass of rolling up takes on. */
const ROLL_UP_DAYS = 10_000;
/** What one slice of a flush stores, in samples; a series counts as more, since its open block is packed anew. */
const FLUSH_SLICE = 20_000;
const SERIES_WEIGHT = 500;

/** The whole embedded history inside its thread; every call is from one message of the other side. */
export class EmbeddedStore {
  private readonly file: string;
  private readonly telemetry: TelemetryStore;
  private readonly blocks: BlockTable;
  private readonly alarms: AlarmStore;
  private readonly parts: RetentionParts;
  private readonly readCursor;
  private readonly saveCursor;
  private newestOffset: number;
  private closing = false;
  private readonly writes = new Turns();
  private readonly flushes = new Turns();

  private constructor(
    private readonly database: Database,
    private readonly settings: WorkerSettings,
    onDamage: (message: string) => void,
  ) {
    this.file = join(settings.directory, HISTORY_FILE);
    const told = (what: string, error: unknown): void =>
      onDamage(
        `${this.file}: ${what} was set aside: ${error instanceof Error ? error.message : String(error)}`,
      );
    this.parts = partsOf(database, told);
    ({ telemetry: this.telemetry, blocks: this.blocks, alarms: this.alarms } = this.parts);
    this.readCursor = database.prepare('SELECT journal_offset AS offset FROM progress');
    this.saveCursor = database.prepare('UPDATE progress SET journal_offset = ?');
    this.newestOffset = this.cursor();
  }

  /** Throws a `HistoryError` that names the file. */
  static open(settings: WorkerSettings, onDamage: (message: string) => void): EmbeddedStore {
    const limits = settings.maxFileBytes === undefined ? {} : { maxFileBytes: settings.maxFileBytes };
    const database = openDatabase(settings.directory, limits);
    try {
      return new EmbeddedStore(database, settings, onDamage);
    } catch (error) {
      database.close();
      throw sqliteError(error, join(settings.directory, HISTORY_FILE));
    }
  }

  async call(call: WorkerCall, give: unknown): Promise<unknown> {
    try {
      return await (this.handlers[call] as (give: unknown) => unknown)(give);
    } catch (error) {
      throw sqliteError(error, this.file);
    }
  }

  private readonly handlers: Handlers = {
    write: (batch) => {
      // Now, and not in its turn: the batches behind it count on it.
      if (batch.readings) this.telemetry.bind(batch.readings.sources);
      return this.writes.take(() => this.take(batch));
    },
    cursor: async () => {
      await this.writes.done();
      return this.flushes.take(() => this.cursor());
    },
    flush: async () => {
      await this.writes.done();
      return this.flush();
    },
    range: ({ pointId, from, to, limit }) => {
      const parts: Columns[] = [];
      let left = limit;
      for (const part of this.telemetry.scan(pointId, from, to)) {
        if (left <= 0) break;
        const taken = slice(part, 0, Math.min(left, part.ts.length));
        parts.push(taken);
        left -= taken.ts.length;
      }
      return { deviceId: this.telemetry.deviceOf(pointId) ?? '', columns: concatenate(parts) };
    },
    latest: (pointIds) => this.latest(pointIds),
    aggregate: (query) => this.aggregate(query),
    alarmEvents: (alarmId) => this.alarms.eventsOf(alarmId),
    alarmEventsAfter: ({ seq, limit }) => this.alarms.eventsAfter(seq, limit),
    alarmEventsBetween: (range) => this.alarms.eventsBetween(range),
    openAlarmsBefore: (time) => this.openAlarmsBefore(time),
    alarm: (alarmId) => this.alarms.alarm(alarmId),
    alarms: ({ query, after }) => this.alarms.alarms(query, after),
    retain: (limits) => this.retain(limits),
    rollUp: (closedBefore) => this.rollUp(closedBefore),
    check: () => String(pragma(this.database, 'quick_check(1)')),
    pin: () => {
      this.parts.pins.take();
      return this.file;
    },
    unpin: () => this.parts.pins.leave(),
    health: (): StoreHealth => ({
      bufferedSamples: this.telemetry.bufferedRows,
      damagedBlocks: this.blocks.damaged(),
    }),
    close: async () => {
      this.closing = true;
      try {
        await this.writes.take(() => this.flush());
      } finally {
        this.database.close();
      }
      return null;
    },
  };

  private cursor(): number {
    return (this.readCursor.get() as { offset: number }).offset;
  }

  private async take({ offset, readings, rows, events }: PackedBatch): Promise<number> {
    const more = (readings?.samples ?? 0) + (rows?.ts.length ?? 0);
    const isTooMuch = (): boolean => this.telemetry.bufferedRows + more > this.settings.maxBufferedSamples;
    // Flushed before anything is taken: when that fails the batch was not taken at all.
    if (isTooMuch()) await this.flushes.take(() => (isTooMuch() ? this.storeWaiting() : null));
    if (events.length > 0) transaction(this.database, () => this.alarms.append(events));
    const leftOut = readings ? this.telemetry.take(readings) : 0;
    if (rows) this.telemetry.takeRows(rows);
    this.newestOffset = Math.max(this.newestOffset, offset);
    return leftOut;
  }

  private flush(): Promise<null> {
    return this.flushes.take(() => this.storeWaiting());
  }

  /**
   * Stores what waits, in slices of some milliseconds, each a transaction; between them questions are answered and batches are
   * taken. The cursor comes with the last slice, and only that waits for the disk, for all of them: after a crash in between
   * there are samples above the cursor, and those are written again unchanged [HI3].
   */
  private async storeWaiting(): Promise<null> {
    const offset = this.newestOffset;
    const waiting = this.telemetry.waiting();
    if (waiting.length === 0 && offset === this.cursor()) return null;
    for (let from = 0; from < waiting.length || from === 0;) {
      const slice = sliceFrom(waiting, from);
      from += slice.length;
      const isLast = from === waiting.length;
      const store = (): readonly number[] => slice.map((series) => this.telemetry.store(series));
      const ids = isLast
        ? durably(this.database, () => {
            this.saveCursor.run(offset);
            return store();
          })
        : transaction(this.database, store);
      slice.forEach((series, index) => this.telemetry.settle(series, ids[index]!));
      if (isLast) break;
      await nextTurn();
    }
    return null;
  }

  /** In slices: a year of samples takes seconds. */
  private async aggregate(query: BucketQuery & { readonly pointId: string }): Promise<readonly Bucket[]> {
    const buckets = new Buckets(query);
    const { pointId, from, to } = query;
    const tier = tierOf(query);
    const { telemetry, rollUps } = this.parts;
    let work = 0;
    for (const part of tier ? rollUps.scan({ pointId, from, to }, tier) : telemetry.scan(pointId, from, to)) {
      if ('ts' in part) {
        buckets.add(part);
        work += part.ts.length;
      } else {
        buckets.addRollUps(part);
        work += part.length * ROLL_UP_WEIGHT;
      }
      if (work < FOLD_SLICE) continue;
      work = 0;
      await nextTurn();
    }
    return buckets.finish();
  }

  /** In slices; each day is a transaction: what a crash leaves undone is still due. Returns whether there is more to do at once. */
  private async rollUp(closedBefore: number): Promise<boolean> {
    const { due, rollUps } = this.parts;
    const days = due.closed(closedBefore, ROLL_UP_DAYS);
    let work = 0;
    for (const day of days) {
      for (const samples of rollUps.rollUp(day)) {
        work += samples;
        if (work < ROLL_UP_SLICE) continue;
        work = 0;
        await nextTurn();
        if (this.closing) return false;
      }
    }
    return days.length === ROLL_UP_DAYS;
  }

  /** In slices of some milliseconds: a time long ago asks for every alarm since. */
  private async openAlarmsBefore(time: number): Promise<readonly StoredAlarmEvent[]> {
    const open = new Map<number, StoredAlarmEvent>();
    for (const part of this.alarms.openBefore(time)) {
      for (const event of part) open.set(event.seq, event);
      await nextTurn();
    }
    return [...open.values()].sort((a, b) => a.seq - b.seq);
  }

  private latest(pointIds: readonly string[]): SampleRows {
    const found = pointIds.flatMap((pointId) => {
      const last = this.telemetry.last(pointId);
      return last ? [{ pointId, deviceId: this.telemetry.deviceOf(pointId) ?? '', ...last }] : [];
    });
    return {
      points: found.map(({ pointId, deviceId }) => [pointId, deviceId] as const),
      point: Uint32Array.from(found, (_, index) => index),
      ts: Float64Array.from(found, (row) => row.ts),
      receivedAt: Float64Array.from(found, (row) => row.receivedAt),
      quality: Uint8Array.from(found, (row) => row.quality),
      values: compactValues(found.map((row): PointValue => row.value)),
    };
  }

  private async retain(limits: WorkerCalls['retain']['give']): Promise<null> {
    try {
      await this.flush();
    } catch {
      // On a full disk it is this deletion that makes room; the flush below tells whether it did.
    }
    await removeOlder(this.parts, limits);
    return this.flush();
  }
}

function partsOf(database: Database, onDamage: (what: string, error: unknown) => void): RetentionParts {
  const blocks = new BlockTable(database, (series, { id, count, first, last }, error) =>
    onDamage(`block ${id} of series ${series}, ${count} samples from ${first} to ${last},`, error),
  );
  const table = new RollUpTable(database, (series, day, error) =>
    onDamage(`roll-ups of series ${series} of the day from ${day}`, error),
  );
  const due = new DueDays(database);
  const telemetry = new TelemetryStore(database, blocks, due);
  const rollUps = new RollUps(database, blocks, telemetry, due, table);
  return {
    database,
    telemetry,
    blocks,
    alarms: new AlarmStore(database),
    due,
    table,
    rollUps,
    pins: new Pins(database),
  };
}

/** The next series to be stored together, at least one. */
function sliceFrom(waiting: readonly Series[], from: number): readonly Series[] {
  let to = from;
  for (let weight = 0; to < waiting.length && weight < FLUSH_SLICE; to += 1) {
    weight += SERIES_WEIGHT + waiting[to]!.head.rows;
  }
  return waiting.slice(from, to);
}
