import { decodePosition, encodePosition } from './alarm-page.js';
import {
  type AlarmEventRange,
  type AlarmHistoryQuery,
  History,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  type HistoryBatch,
  type HistoryHealth,
  type HistorySample,
  type RetentionLimits,
} from './history.js';
import { type HistoryError } from './history-error.js';
import { type HistoryLog, SILENT } from './history-log.js';
import { historyWorkerEntry } from './history-worker-entry.js';
import { ReadingPacker } from './packed-readings.js';
import { type Columns } from './sample-columns.js';
import { packRows, toSamples, unpackRows } from './sample-rows.js';
import { type Bucket, type BucketQuery } from './buckets.js';
import { WorkerClient } from './worker-client.js';
import { type StoredAlarmEvent } from './worker-protocol.js';

export interface EmbeddedHistoryOptions {
  /** Made where it does not exist; holds `history.db`. */
  readonly directory: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly log?: HistoryLog;
  /** Samples wait in memory for at most so long before they are written to disk; 30,000 ms when left out. */
  readonly flushAfterMs?: number;
  /** More samples than this never wait in memory (about 30 bytes each); 500,000 when left out. */
  readonly maxBufferedSamples?: number;
  /** The file grows no further, writes then fail with `disk_full`; unbounded when left out. */
  readonly maxFileBytes?: number;
}

/** A file that does not change while it is pinned. */
export interface PinnedFile {
  readonly file: string;
  /** False when the file may have changed in the meantime: what was copied is of no use. */
  release(): Promise<boolean>;
}

const FLUSH_AFTER_MS = 30_000;
const MAX_BUFFERED_SAMPLES = 500_000;
/** How late a flush may be while nobody writes. */
const CHECK_EVERY_MS = 1_000;
/** Days are looked for that can be rolled up, so often and not before they have ended so long ago: most late samples are there. */
const ROLL_UP_EVERY_MS = 600_000;

/** History in one SQLite file of compressed blocks, in a thread of its own. Rules: docs/spec/history.md. */
export class EmbeddedHistory extends History {
  private flushedAt: number;
  private rolledUpAt = -Infinity;
  private rollingUp: Promise<void> | undefined;
  private leftOut = 0;
  private failure: HistoryError | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly packer = new ReadingPacker();

  private constructor(
    private readonly worker: WorkerClient,
    private readonly now: () => number,
    private readonly flushAfterMs: number,
    private readonly log: HistoryLog,
  ) {
    super();
    this.flushedAt = now();
    const check = (): void => {
      this.flushWhenDue();
      this.rollUpWhenDue();
    };
    this.timer = setInterval(check, Math.min(flushAfterMs, CHECK_EVERY_MS));
    this.timer.unref();
  }

  /** Rejects with a `HistoryError` that names the file when it is damaged, newer than the program, or held by another process. */
  static async open(options: EmbeddedHistoryOptions): Promise<EmbeddedHistory> {
    const log = options.log ?? SILENT;
    const settings = {
      directory: options.directory,
      maxBufferedSamples: options.maxBufferedSamples ?? MAX_BUFFERED_SAMPLES,
      ...(options.maxFileBytes === undefined ? {} : { maxFileBytes: options.maxFileBytes }),
    };
    const worker = await WorkerClient.start(historyWorkerEntry, settings, (message) =>
      log.error({}, message),
    );
    return new EmbeddedHistory(worker, options.now, options.flushAfterMs ?? FLUSH_AFTER_MS, log);
  }

  async write(batch: HistoryBatch): Promise<void> {
    const { rows, leftOut: leftOutHere } = packRows(batch.samples);
    const readings = this.packer.pack(batch.readings);
    const packed = { offset: batch.offset, readings, rows, events: batch.events.map(toStored) };
    const transfer = readings === undefined ? [] : [readings.buffer];
    const leftOut = leftOutHere + (await this.watch(this.worker.ask('write', packed, transfer)));
    if (leftOut > 0) {
      this.leftOut += leftOut;
      this.log.warn({ leftOut, offset: batch.offset }, 'samples that cannot be stored were left out');
    }
    this.flushWhenDue();
  }

  cursor(): Promise<number> {
    return this.worker.ask('cursor', null);
  }

  async flush(): Promise<void> {
    this.flushedAt = this.now();
    await this.watch(this.worker.ask('flush', null));
  }

  async range(pointId: string, from: number, to: number, limit: number): Promise<readonly HistorySample[]> {
    const { deviceId, columns } = await this.worker.ask('range', { pointId, from, to, limit });
    return toSamples(pointId, deviceId, columns);
  }

  async columns(pointId: string, from: number, to: number, limit: number): Promise<Columns> {
    return (await this.worker.ask('range', { pointId, from, to, limit })).columns;
  }

  async latest(pointIds: readonly string[]): Promise<readonly HistorySample[]> {
    return unpackRows(await this.worker.ask('latest', pointIds));
  }

  aggregate(query: BucketQuery & { readonly pointId: string }): Promise<readonly Bucket[]> {
    return this.worker.ask('aggregate', query);
  }

  async alarmEvents(alarmId: string): Promise<readonly HistoryAlarmEvent[]> {
    return (await this.worker.ask('alarmEvents', alarmId)).map(fromStored);
  }

  async alarmEventsAfter(afterSeq: number, limit: number): Promise<readonly HistoryAlarmEvent[]> {
    return (await this.worker.ask('alarmEventsAfter', { seq: afterSeq, limit })).map(fromStored);
  }

  async alarmEventsBetween(query: AlarmEventRange): Promise<readonly HistoryAlarmEvent[]> {
    return (await this.worker.ask('alarmEventsBetween', query)).map(fromStored);
  }

  async openAlarmsBefore(time: number): Promise<readonly HistoryAlarmEvent[]> {
    return (await this.worker.ask('openAlarmsBefore', time)).map(fromStored);
  }

  async alarm(alarmId: string): Promise<HistoryAlarm | undefined> {
    const view = await this.worker.ask('alarm', alarmId);
    return view === undefined ? undefined : (JSON.parse(view) as HistoryAlarm);
  }

  async alarms(query: AlarmHistoryQuery): ReturnType<History['alarms']> {
    const after = decodePosition(query.cursor);
    const { rows, total } = await this.worker.ask('alarms', { query, after });
    const last = rows.at(-1);
    return {
      items: rows.map((row) => JSON.parse(row.view) as HistoryAlarm),
      total,
      nextCursor: last && rows.length === query.limit ? encodePosition([last.raisedAt, last.id]) : null,
    };
  }

  missing(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async retain(limits: RetentionLimits): Promise<void> {
    await this.watch(this.worker.ask('retain', limits));
  }

  /** Rolls up the days that have ended for a while, in the background of everything else [HI24]. */
  rollUp(): Promise<void> {
    this.rollingUp ??= this.rollUpClosed().finally(() => (this.rollingUp = undefined));
    return this.rollingUp;
  }

  /** For a copy by another process: until it is released the file does not change, and what is written goes beside it. */
  async pin(): Promise<PinnedFile> {
    const file = await this.worker.ask('pin', null);
    // Closing is the only thing that writes to the file all the same.
    const released = (): Promise<boolean> =>
      this.worker.ask('unpin', null).then(
        () => true,
        () => false,
      );
    let release: Promise<boolean> | undefined;
    return { file, release: () => (release ??= released()) };
  }

  async health(): Promise<HistoryHealth> {
    const { bufferedSamples, damagedBlocks } = await this.worker.ask('health', null);
    const reasons = [
      ...(this.failure ? [`${this.failure.code}: ${this.failure.message}`] : []),
      ...(damagedBlocks > 0 ? [`${damagedBlocks} damaged blocks were set aside`] : []),
      ...(this.leftOut > 0 ? [`${this.leftOut} samples could not be stored`] : []),
    ];
    const ok = this.failure === undefined;
    return { ok, bufferedSamples, ...(reasons.length > 0 ? { reason: reasons.join('; ') } : {}) };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.worker.close();
  }

  /** Nobody waits for this flush: what goes wrong is told by health, and tried again when it is due again. */
  private flushWhenDue(): void {
    const since = this.now() - this.flushedAt;
    // A clock that was set back says nothing of how long samples have waited.
    if (since >= 0 && since < this.flushAfterMs) return;
    this.flush().catch((error: unknown) => this.log.error({ err: error }, 'history could not be flushed'));
  }

  private rollUpWhenDue(): void {
    if (Math.abs(this.now() - this.rolledUpAt) < ROLL_UP_EVERY_MS) return;
    this.rolledUpAt = this.now();
    this.rollUp().catch((error: unknown) => this.log.error({ err: error }, 'history could not be rolled up'));
  }

  private async rollUpClosed(): Promise<void> {
    while (await this.worker.ask('rollUp', this.now() - ROLL_UP_EVERY_MS));
  }

  /** Remembers a failure of the store until something was stored again. */
  private async watch<T>(stored: Promise<T>): Promise<T> {
    try {
      const result = await stored;
      this.failure = undefined;
      return result;
    } catch (error) {
      this.failure = error as HistoryError;
      throw error;
    }
  }
}

function toStored({ alarm, ...event }: HistoryAlarmEvent): StoredAlarmEvent {
  const { state, class: signalClass, siteId, enterpriseId, deviceId, raisedAt } = alarm;
  return {
    ...event,
    view: JSON.stringify(alarm),
    key: { state, class: signalClass, siteId, enterpriseId, deviceId, raisedAt },
  };
}

function fromStored({ view, ...event }: Omit<StoredAlarmEvent, 'key'>): HistoryAlarmEvent {
  return { ...event, alarm: JSON.parse(view) as HistoryAlarm };
}
