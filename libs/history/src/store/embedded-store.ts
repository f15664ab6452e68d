import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Columns, type PointValue, compactValues, concatenate, slice } from '../sample-columns.js';
import {
  type SampleRows,
  type StoreHealth,
  type WorkerCall,
  type WorkerCalls,
  type WorkerSettings,
} from '../worker-protocol.js';
import { AlarmStore } from './alarm-store.js';
import { BlockTable } from './block-table.js';
import { Buckets } from './buckets.js';
import { type Database, HISTORY_FILE, durably, openDatabase, pragma, transaction } from './database.js';
import { sqliteError } from './sqlite-errors.js';
import { TelemetryStore } from './telemetry-store.js';

type Handlers = {
  readonly [Call in WorkerCall]: (
    give: WorkerCalls[Call]['give'],
  ) => WorkerCalls[Call]['get'] | Promise<WorkerCalls[Call]['get']>;
};

/** Rows or blocks that one slice of a retention run deletes: some milliseconds, then the next question has its turn. */
const RETAIN_SLICE = 200;
const VACUUM_PAGES = 500;

/** The whole embedded history inside its thread; every call is from one message of the other side. */
export class EmbeddedStore {
  private readonly file: string;
  private readonly telemetry: TelemetryStore;
  private readonly blocks: BlockTable;
  private readonly alarms: AlarmStore;
  private readonly readCursor;
  private readonly saveCursor;
  private newestOffset: number;

  private constructor(
    private readonly database: Database,
    private readonly settings: WorkerSettings,
    onDamage: (message: string) => void,
  ) {
    this.file = join(settings.directory, HISTORY_FILE);
    this.blocks = new BlockTable(database, (series, head, error) =>
      onDamage(
        `${this.file}: block ${head.id} of series ${series}, ${head.count} samples from ${head.first} to ${head.last}, ` +
          `was set aside: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
    this.telemetry = new TelemetryStore(database, this.blocks);
    this.alarms = new AlarmStore(database);
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
    write: ({ offset, rows, events }) => {
      // Flushed before anything is taken: when that fails the batch was not taken at all.
      if (this.telemetry.bufferedRows + rows.ts.length > this.settings.maxBufferedSamples) this.flush();
      if (events.length > 0) transaction(this.database, () => this.alarms.append(events));
      for (let row = 0; row < rows.ts.length; row += 1) {
        const [pointId, deviceId] = rows.points[rows.point[row]!]!;
        this.telemetry.add(pointId, deviceId, {
          ts: rows.ts[row]!,
          receivedAt: rows.receivedAt[row]!,
          quality: rows.quality[row]!,
          value: rows.values[row]!,
        });
      }
      this.newestOffset = Math.max(this.newestOffset, offset);
      return null;
    },
    cursor: () => this.cursor(),
    flush: () => this.flush(),
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
    aggregate: (query) => {
      const buckets = new Buckets(query);
      for (const part of this.telemetry.scan(query.pointId, query.from, query.to)) buckets.add(part);
      return buckets.finish();
    },
    alarmEvents: (alarmId) => this.alarms.eventsOf(alarmId),
    alarmEventsAfter: ({ seq, limit }) => this.alarms.eventsAfter(seq, limit),
    alarm: (alarmId) => this.alarms.alarm(alarmId),
    alarms: ({ query, after }) => this.alarms.alarms(query, after),
    retain: (limits) => this.retain(limits),
    health: (): StoreHealth => ({
      bufferedSamples: this.telemetry.bufferedRows,
      damagedBlocks: this.blocks.damaged(),
    }),
    close: () => {
      try {
        this.flush();
      } finally {
        this.database.close();
      }
      return null;
    },
  };

  private cursor(): number {
    return (this.readCursor.get() as { offset: number }).offset;
  }

  private flush(): null {
    if (this.telemetry.bufferedRows === 0 && this.newestOffset === this.cursor()) return null;
    durably(this.database, () => {
      this.telemetry.flush();
      this.saveCursor.run(this.newestOffset);
    });
    this.telemetry.settle();
    return null;
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
    const { telemetryBefore, eventsBefore } = limits;
    try {
      this.flush();
    } catch {
      // On a full disk it is this deletion that makes room; the flush below tells whether it did.
    }
    const inSlices = async (slice: () => boolean): Promise<void> => {
      while (transaction(this.database, slice)) await nextTurn();
    };
    await inSlices(() => this.telemetry.removeOlder(telemetryBefore, RETAIN_SLICE));
    await inSlices(() => this.alarms.removeOlder(eventsBefore, RETAIN_SLICE));
    this.telemetry.forgetOlder(telemetryBefore);
    this.blocks.dropDamaged(telemetryBefore);
    while (pragma(this.database, 'freelist_count') > 0) {
      // The pragma frees a page a row that it returns.
      this.database.prepare(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`).all();
      await nextTurn();
    }
    // Without this the log beside the file would keep the space.
    this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    return this.flush();
  }
}
