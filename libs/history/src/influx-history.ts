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
import { HistoryError } from './history-error.js';
import { type HistoryLog, SILENT } from './history-log.js';
import {
  readAlarms,
  readEventsAfter,
  readEventsBetween,
  readEventsOf,
  readOpenBefore,
} from './influx/alarm-queries.js';
import { InfluxConnection, type InfluxServer } from './influx/influx-connection.js';
import { ALARM_EVENT, TELEMETRY, alarmEventLine, sampleLine } from './influx/line-protocol.js';
import { ReadingLines } from './influx/reading-lines.js';
import { inRequests } from './influx/requests.js';
import { readBuckets, readLatest, readRange } from './influx/telemetry-queries.js';
import { type Columns, columnsOf, isStorable } from './sample-columns.js';
import { type Bucket, type BucketQuery } from './buckets.js';
import { Turns } from './turns.js';

/** Where the position of this projection is kept: InfluxDB itself has no transaction to put it in. */
export interface HistoryCursorStore {
  load(): Promise<number>;
  save(offset: number): Promise<void>;
}

export interface InfluxHistoryOptions extends InfluxServer {
  readonly cursor: HistoryCursorStore;
  readonly log?: HistoryLog;
}

/**
 * History in InfluxDB. A batch is durable when `write` resolves: every line was answered with 204, then the cursor was saved.
 * When `write` rejects, the caller writes the same batch again. Rules: docs/spec/history.md.
 */
export class InfluxHistory extends History {
  private readonly turns = new Turns();
  private readonly readingLines = new ReadingLines();
  private waiting = 0;
  private leftOut = 0;
  private failure: HistoryError | undefined;
  private closed = false;
  private databaseMade = false;

  private constructor(
    private readonly connection: InfluxConnection,
    private readonly options: InfluxHistoryOptions,
    private readonly log: HistoryLog,
    private offset: number,
  ) {
    super();
  }

  /** Does not wait for the server: a centre starts, raises alarms and journals while InfluxDB is away. */
  static async open(options: InfluxHistoryOptions): Promise<InfluxHistory> {
    const log = options.log ?? SILENT;
    const offset = await options.cursor.load();
    const history = new InfluxHistory(new InfluxConnection(options, log), options, log, offset);
    await history.makeDatabase().catch((error: unknown) => {
      history.failure = error as HistoryError;
      log.warn({ err: error }, 'InfluxDB does not answer yet');
    });
    return history;
  }

  write(batch: HistoryBatch): Promise<void> {
    const samples = batch.readings.reduce((sum, { value }) => sum + value.length, batch.samples.length);
    this.waiting += samples;
    return this.inOrder(async () => {
      try {
        await this.makeDatabase();
        const { lines, leftOut } = this.linesOf(batch);
        for (const request of inRequests(lines)) await this.connection.write(request);
        await this.save(batch.offset);
        this.countLeftOut(batch, leftOut);
        this.failure = undefined;
      } catch (error) {
        this.remember(error);
        throw error;
      } finally {
        this.waiting -= samples;
      }
    });
  }

  cursor(): Promise<number> {
    return this.closed ? Promise.reject(closedError()) : Promise.resolve(this.offset);
  }

  /** Waits for the writes that were begun; there is nothing that waits longer. */
  flush(): Promise<void> {
    return this.inOrder(() => Promise.resolve());
  }

  async columns(pointId: string, from: number, to: number, limit: number): Promise<Columns> {
    return columnsOf(await this.range(pointId, from, to, limit));
  }

  range(pointId: string, from: number, to: number, limit: number): Promise<readonly HistorySample[]> {
    return this.ask((connection) => readRange(connection, pointId, from, to, limit));
  }

  latest(pointIds: readonly string[]): Promise<readonly HistorySample[]> {
    return this.ask((connection) => readLatest(connection, pointIds));
  }

  aggregate({ pointId, ...query }: BucketQuery & { readonly pointId: string }): Promise<readonly Bucket[]> {
    return this.ask((connection) => readBuckets(connection, pointId, query));
  }

  alarmEvents(alarmId: string): Promise<readonly HistoryAlarmEvent[]> {
    return this.ask((connection) => readEventsOf(connection, alarmId));
  }

  alarmEventsAfter(afterSeq: number, limit: number): Promise<readonly HistoryAlarmEvent[]> {
    return this.ask((connection) => readEventsAfter(connection, afterSeq, limit));
  }

  alarmEventsBetween(query: AlarmEventRange): Promise<readonly HistoryAlarmEvent[]> {
    return this.ask((connection) => readEventsBetween(connection, query));
  }

  openAlarmsBefore(time: number): Promise<readonly HistoryAlarmEvent[]> {
    return this.ask((connection) => readOpenBefore(connection, time));
  }

  async alarm(alarmId: string): Promise<HistoryAlarm | undefined> {
    return (await this.alarmEvents(alarmId)).at(-1)?.alarm;
  }

  async alarms(query: AlarmHistoryQuery): ReturnType<History['alarms']> {
    const after = decodePosition(query.cursor);
    const { items, total, last } = await this.ask((connection) => readAlarms(connection, query, after));
    return { items, total, nextCursor: last ? encodePosition(last) : null };
  }

  missing(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async retain({ samples, events }: RetentionLimits): Promise<void> {
    await this.ask((connection) => connection.deleteBefore(TELEMETRY, samples));
    await this.ask((connection) => connection.deleteBefore(ALARM_EVENT, events));
  }

  health(): Promise<HistoryHealth> {
    const reasons = [
      ...(this.failure ? [`${this.failure.code}: ${this.failure.message}`] : []),
      ...(this.leftOut > 0 ? [`${this.leftOut} samples could not be stored`] : []),
    ];
    return Promise.resolve({
      ok: this.failure === undefined && !this.closed,
      bufferedSamples: this.waiting,
      ...(reasons.length > 0 ? { reason: reasons.join('; ') } : {}),
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.turns.done();
    this.connection.close();
  }

  private linesOf({ readings, samples, events }: HistoryBatch): {
    lines: readonly string[];
    leftOut: number;
  } {
    const lines: string[] = [];
    let leftOut = 0;
    for (const columns of readings) leftOut += this.readingLines.append(columns, lines);
    for (const sample of samples) {
      if (isStorable(sample)) lines.push(sampleLine(sample));
      else leftOut += 1;
    }
    for (const event of events) lines.push(alarmEventLine(event));
    return { lines, leftOut };
  }

  /** One write after the other: a cursor may only pass what was stored before it. */
  private inOrder(work: () => Promise<void>): Promise<void> {
    return this.closed ? Promise.reject(closedError()) : this.turns.take(work);
  }

  private ask<T>(question: (connection: InfluxConnection) => Promise<T>): Promise<T> {
    return this.closed ? Promise.reject(closedError()) : question(this.connection);
  }

  private async save(offset: number): Promise<void> {
    if (offset <= this.offset) return;
    await this.options.cursor.save(offset);
    this.offset = offset;
  }

  private async makeDatabase(): Promise<void> {
    if (this.databaseMade || this.options.api !== 'v1') return;
    try {
      await this.connection.createDatabase();
    } catch (error) {
      // An account that may only write is a good account: the database is then made by whoever made the account.
      if (!(error instanceof HistoryError) || (error.code !== 'unauthorised' && error.code !== 'refused'))
        throw error;
      this.log.warn({ err: error }, 'the database was not made, it must be there');
    }
    this.databaseMade = true;
  }

  private remember(error: unknown): void {
    if (!(error instanceof HistoryError)) return;
    this.failure = error;
    // It may have been dropped under our feet: it is made again before the next attempt.
    if (error.code === 'missing') this.databaseMade = false;
  }

  private countLeftOut(batch: HistoryBatch, count: number): void {
    if (count === 0) return;
    this.leftOut += count;
    this.log.warn({ leftOut: count, offset: batch.offset }, 'samples that cannot be stored were left out');
  }
}

function closedError(): HistoryError {
  return new HistoryError('closed', 'the history is closed', false);
}
