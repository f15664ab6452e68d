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
import { readBuckets } from './influx/bucket-queries.js';
import { InfluxConnection } from './influx/influx-connection.js';
import { type InfluxServer } from './influx/influx-server.js';
import { type LineOrigin, sampleOrigins } from './influx/line-origins.js';
import { alarmEventLine, sampleLine } from './influx/line-protocol.js';
import { LineWriter, type OnRefused } from './influx/line-writer.js';
import { provision, type RetentionDays } from './influx/provision.js';
import { ReadingLines } from './influx/reading-lines.js';
import { type RollUpFailure, type RollUpStore, RollUps } from './influx/roll-ups.js';
import { readLatest, readRange } from './influx/telemetry-queries.js';
import { type Columns, columnsOf, isStorable } from './sample-columns.js';
import { MEASUREMENTS, PLACES } from './influx/places.js';
import { storeLines } from './influx/store-lines.js';
import { type Bucket, type BucketQuery } from './buckets.js';
import { TIERS } from './roll-up.js';
import { Turns } from './turns.js';

/** Where the position of this projection is kept: InfluxDB itself has no transaction to put it in. */
export interface HistoryCursorStore {
  load(): Promise<number>;
  save(offset: number): Promise<void>;
}

export interface InfluxHistoryOptions extends InfluxServer {
  readonly cursor: HistoryCursorStore;
  readonly log?: HistoryLog;
  /** Days that the server keeps samples, roll-ups and transitions; a place that is left out is kept for ever. */
  readonly retentionDays?: RetentionDays;
  /** Takes the lines that the server will never store; left out, they are counted and logged only. */
  readonly onRefused?: OnRefused;
  /** Remembers what is rolled up; left out, it begins anew with the next start. */
  readonly rollUps?: RollUpStore;
  readonly now?: () => number;
}

const DAY_MS = 86_400_000;
const FORGETFUL: RollUpStore = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

/**
 * History in InfluxDB. A batch is durable when `write` resolves: every line is stored (204) or was given to `onRefused`, then the
 * cursor was saved. When `write` rejects, the caller writes the same batch again. Rules: docs/spec/history.md.
 */
export class InfluxHistory extends History {
  private readonly turns = new Turns();
  /** Transitions do not wait for samples. */
  private readonly eventTurns = new Turns();
  private readonly log: HistoryLog;
  private readonly now: () => number;
  private readonly readingLines = new ReadingLines();
  private waiting = 0;
  private leftOut = 0;
  private failure: HistoryError | undefined;
  private closed = false;
  private provisioned = false;
  private commandsTold = false;

  private constructor(
    private readonly connection: InfluxConnection,
    private readonly options: InfluxHistoryOptions,
    private readonly writer: LineWriter,
    private readonly rollUps: RollUps,
    private offset: number,
  ) {
    super();
    this.log = options.log ?? SILENT;
    this.now = options.now ?? Date.now;
  }

  /** Does not wait for the server: a centre starts, raises alarms and journals while InfluxDB is away. */
  static async open(options: InfluxHistoryOptions): Promise<InfluxHistory> {
    const { log = SILENT, onRefused = () => {}, rollUps: store = FORGETFUL, now = Date.now } = options;
    const offset = await options.cursor.load();
    const connection = new InfluxConnection(options);
    const writer = new LineWriter(connection, onRefused, log);
    const days = options.retentionDays?.samples;
    const samplesMs = days === undefined ? undefined : days * DAY_MS;
    const rollUps = await RollUps.open({ connection, writer, store, now, log, samplesMs });
    const history = new InfluxHistory(connection, options, writer, rollUps, offset);
    await history.provide().catch((error: unknown) => {
      history.failure = error as HistoryError;
      log.warn({ err: error }, 'InfluxDB does not answer yet');
    });
    return history;
  }

  write(batch: HistoryBatch): Promise<void> {
    const samples = batch.readings.reduce((sum, { value }) => sum + value.length, batch.samples.length);
    this.waiting += samples;
    return this.inOrder(samples > 0 || batch.events.length === 0 ? this.turns : this.eventTurns, async () => {
      try {
        await this.provide();
        await this.rollUps.note(batch);
        const leftOut = await this.store(batch);
        await this.save(batch.offset);
        if (samples > 0) this.rollUps.stored();
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

  /** Lines that were refused, as they were. Resolves with why the first of them is refused again, undefined where all are stored. */
  writeAgain(lines: readonly string[]): Promise<string | undefined> {
    return this.inOrder(this.turns, async () => {
      await this.provide();
      for (const place of PLACES) {
        const here = lines.filter((line) => line.startsWith(`${MEASUREMENTS[place]},`));
        if (place === 'samples') await this.rollUps.noteLines(here);
        const refused = await storeLines(here, (part) => this.connection.write(place, part));
        for (const reason of refused.values()) return reason;
      }
      this.rollUps.stored();
      return undefined;
    });
  }

  cursor(): Promise<number> {
    return this.closed ? Promise.reject(closedError()) : Promise.resolve(this.offset);
  }

  /** Waits for the writes that were begun; there is nothing that waits longer. */
  async flush(): Promise<void> {
    await this.inOrder(this.turns, () => Promise.resolve());
    await this.inOrder(this.eventTurns, () => Promise.resolve());
  }

  async columns(pointId: string, from: number, to: number, limit: number): Promise<Columns> {
    return columnsOf(await this.range(pointId, from, to, limit));
  }

  range(pointId: string, from: number, to: number, limit: number): Promise<readonly HistorySample[]> {
    return this.ask((connection) => readRange(connection, pointId, from, to, limit));
  }

  latest(pointIds: readonly string[]): Promise<readonly HistorySample[]> {
    return this.ask((connection) => readLatest(connection, pointIds, this.now()));
  }

  aggregate(query: BucketQuery & { readonly pointId: string }): Promise<readonly Bucket[]> {
    return this.ask((connection) => readBuckets(connection, this.rollUps, query));
  }

  /** Rolls up what time has passed and what came late, now; by itself that happens as batches come, and late ones are gathered. */
  rollUp(): Promise<void> {
    return this.closed ? Promise.reject(closedError()) : this.rollUps.run(true);
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

  async retain({ samples, minutes, hours, events }: RetentionLimits): Promise<void> {
    this.rollUps.deleted(samples);
    await this.ask((connection) => connection.deleteBefore('samples', samples));
    for (const [tier, before] of [
      ['minutes', minutes],
      ['hours', hours],
    ] as const) {
      const window = TIERS[tier];
      // Windows that ended by then: a line lies within its window.
      await this.ask((connection) => connection.deleteBefore(tier, Math.floor(before / window) * window));
    }
    await this.ask((connection) => connection.deleteBefore('alarms', events));
  }

  /** Why nothing is rolled up at present. */
  get rollUpFailure(): RollUpFailure | undefined {
    return this.rollUps.failure;
  }

  health(): Promise<HistoryHealth> {
    const reasons = [
      ...(this.failure ? [`${this.failure.code}: ${this.failure.message}`] : []),
      ...(this.leftOut > 0 ? [`${this.leftOut} samples could not be stored`] : []),
      ...(this.writer.refused > 0 ? [`${this.writer.refused} lines were refused`] : []),
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
    await this.eventTurns.done();
    const rolling = this.rollUps.close();
    // What is being rolled up is cut off: it is made again.
    this.connection.close();
    await rolling;
  }

  /** @returns how many samples cannot be stored by any adapter [HI5]. */
  private async store({ readings, samples, events }: HistoryBatch): Promise<number> {
    await this.writer.write('alarms', events.map(alarmEventLine), () =>
      events.map((event): LineOrigin => ({ kind: 'transition', event })),
    );
    const lines: string[] = [];
    let leftOut = 0;
    for (const columns of readings) leftOut += this.readingLines.append(columns, lines);
    for (const sample of samples) {
      if (isStorable(sample)) lines.push(sampleLine(sample));
      else leftOut += 1;
    }
    await this.writer.write('samples', lines, () => sampleOrigins(readings, samples));
    return leftOut;
  }

  /** One write after the other: a cursor may only pass what was stored before it. */
  private inOrder<T>(turns: Turns, work: () => Promise<T>): Promise<T> {
    return this.closed ? Promise.reject(closedError()) : turns.take(work);
  }

  private ask<T>(question: (connection: InfluxConnection) => Promise<T>): Promise<T> {
    return this.closed ? Promise.reject(closedError()) : question(this.connection);
  }

  private async save(offset: number): Promise<void> {
    if (offset <= this.offset) return;
    await this.options.cursor.save(offset);
    this.offset = offset;
  }

  /** Makes what is written into, once; an account that may only write is a good account, and somebody else does it then. */
  private async provide(): Promise<void> {
    if (this.provisioned) return;
    const commands = await provision(this.connection, this.options.retentionDays ?? {});
    if (commands.length > 0 && !this.commandsTold) {
      this.log.warn(
        { commands },
        'this account may not set InfluxDB up: somebody who may has to run these commands',
      );
      this.commandsTold = true;
    }
    this.provisioned = true;
  }

  private remember(error: unknown): void {
    if (!(error instanceof HistoryError)) return;
    this.failure = error;
    // It may have been dropped under our feet: it is made again before the next attempt.
    if (error.code === 'missing') this.provisioned = false;
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
