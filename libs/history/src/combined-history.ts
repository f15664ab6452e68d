import { type Bucket, type BucketQuery } from './buckets.js';
import {
  alarmOver,
  alarmsOver,
  type AlarmSeam,
  eventsAfterOver,
  eventsBetweenOver,
  eventsOver,
  openBeforeOver,
} from './combined/alarms.js';
import { DistantHistory } from './combined/distant-history.js';
import { aggregateOver, columnsOver, latestOver, rangeOver, type Seam } from './combined/telemetry.js';
import { oldestTs, Unconfirmed } from './combined/unconfirmed.js';
import {
  type AlarmEventRange,
  type AlarmHistoryQuery,
  History,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  type HistoryBatch,
  type HistoryGap,
  type HistoryHealth,
  type HistorySample,
  type RetentionLimits,
} from './history.js';
import { type HistoryLog, SILENT } from './history-log.js';
import { type Columns } from './sample-columns.js';

/** From when on the local history has everything, epoch ms: samples by device time, transitions by journal time. */
export interface LocalSince {
  readonly samples: number;
  readonly events: number;
}

export interface LocalSinceStore {
  /** Undefined before the first `save`. */
  load(): Promise<LocalSince | undefined>;
  save(since: LocalSince): Promise<void>;
}

/** What the distant history has, as far as it has said so: only ever rising. */
export interface Confirmed {
  /** The journal offset up to which it has the samples. */
  readonly offset: number;
  /** The `seq` up to which it has the transitions. */
  readonly seq: number;
  /** Whether everything that the local history held before the journal's oldest record is there too. */
  readonly whole: boolean;
}

export interface CombinedHistoryOptions {
  readonly local: History;
  readonly distant: History;
  readonly confirmed: Confirmed;
  readonly since: LocalSinceStore;
  /** How long samples and transitions are kept locally, ms. */
  readonly localMs: number;
  /** The journal offset up to which the local history may hold what was not confirmed. */
  readonly head: number;
  readonly clock: { now(): number; monotonicMs(): number };
  readonly log?: HistoryLog;
  /** Resolves after so long; by the timers of the process when left out. */
  readonly later?: (ms: number) => Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
const HOUR_MS = 3_600_000;

/**
 * Recent history on this machine, all of it in a distant store that somebody else fills (the outbox). Writing never waits for the
 * distant one; a question does only where it reaches back beyond what is here. Rules: docs/spec/history.md, HI40 to HI42.
 */
export class CombinedHistory extends History {
  private readonly distant: DistantHistory;
  private readonly unconfirmed: Unconfirmed;
  private trimming: { readonly before: number; readonly done: Promise<void> } | undefined;

  private constructor(
    private readonly options: CombinedHistoryOptions,
    private readonly log: HistoryLog,
    private since: LocalSince,
  ) {
    super();
    const { clock, later = wait } = options;
    this.distant = new DistantHistory(options.distant, () => clock.monotonicMs(), log, later);
    this.unconfirmed = new Unconfirmed(options.head, () => options.confirmed.offset);
  }

  static async open(options: CombinedHistoryOptions): Promise<CombinedHistory> {
    const { local, since, clock, log = SILENT } = options;
    const saved = await since.load();
    // An empty local history begins now: whether the distant one has something of before is not for us to know.
    const begin = (await local.cursor()) === 0 ? clock.now() : 0;
    const from = {
      samples: Math.max(begin, saved?.samples ?? 0),
      events: Math.max(begin, saved?.events ?? 0),
    };
    await since.save(from);
    return new CombinedHistory(options, log, from);
  }

  async write(batch: HistoryBatch): Promise<void> {
    const oldest = oldestTs(batch);
    this.unconfirmed.take(batch.offset, oldest);
    // What came so late that it would be among what is being deleted comes after that.
    while (this.trimming !== undefined && oldest < this.trimming.before) await this.trimming.done;
    await this.options.local.write(batch);
  }

  cursor(): Promise<number> {
    return this.options.local.cursor();
  }

  flush(): Promise<void> {
    return this.options.local.flush();
  }

  range(pointId: string, from: number, to: number, limit: number): Promise<readonly HistorySample[]> {
    return this.askBoth((seam) => rangeOver(seam, pointId, from, to, limit));
  }

  columns(pointId: string, from: number, to: number, limit: number): Promise<Columns> {
    return this.askBoth((seam) => columnsOver(seam, pointId, from, to, limit));
  }

  latest(pointIds: readonly string[]): Promise<readonly HistorySample[]> {
    return this.askBoth((seam) => latestOver(seam, pointIds));
  }

  aggregate(query: BucketQuery & { readonly pointId: string }): Promise<readonly Bucket[]> {
    return this.askBoth((seam) => aggregateOver(seam, query));
  }

  alarmEvents(alarmId: string): Promise<readonly HistoryAlarmEvent[]> {
    return this.askAlarms((seam) => eventsOver(seam, alarmId));
  }

  alarmEventsAfter(afterSeq: number, limit: number): Promise<readonly HistoryAlarmEvent[]> {
    return this.askAlarms((seam) => eventsAfterOver(seam, afterSeq, limit));
  }

  alarmEventsBetween(query: AlarmEventRange): Promise<readonly HistoryAlarmEvent[]> {
    return this.askAlarms((seam) => eventsBetweenOver(seam, query));
  }

  openAlarmsBefore(time: number): Promise<readonly HistoryAlarmEvent[]> {
    return this.askAlarms((seam) => openBeforeOver(seam, time));
  }

  alarm(alarmId: string): Promise<HistoryAlarm | undefined> {
    return this.askAlarms((seam) => alarmOver(seam, alarmId));
  }

  alarms(query: AlarmHistoryQuery): ReturnType<History['alarms']> {
    return this.askAlarms((seam) => alarmsOver(seam, query));
  }

  missing(from: number, to: number): Promise<HistoryGap | undefined> {
    const before = Math.max(this.since.samples, this.since.events);
    const reason = from < Math.min(to, before) ? this.distant.lacking() : undefined;
    return Promise.resolve(reason === undefined ? undefined : { before, reason });
  }

  /** The limits are those of the distant history. A failure of it does not keep the local one from giving space back. */
  async retain(limits: RetentionLimits): Promise<void> {
    const { distant } = this.options;
    const [, trimmed] = await Promise.allSettled([
      distant.retain(limits).catch((error: unknown) => {
        this.log.warn({ err: error }, 'what is too old was not deleted in the distant history');
      }),
      this.trim(limits),
    ]);
    if (trimmed.status === 'rejected') throw trimmed.reason;
  }

  health(): Promise<HistoryHealth> {
    return this.options.local.health();
  }

  async close(): Promise<void> {
    await this.options.local.close();
    await this.options.distant.close();
  }

  /** Only what the distant history has. Where that is not all of an older local history, that is kept as long as it would be there. */
  private async trim(limits: RetentionLimits): Promise<void> {
    const { local, clock, localMs, confirmed } = this.options;
    if (!confirmed.whole) return local.retain(limits);
    const wanted = Math.floor((clock.now() - localMs) / HOUR_MS) * HOUR_MS;
    const [unsent] = await local.alarmEventsAfter(confirmed.seq, 1);
    const events = Math.min(wanted, unsent?.at ?? Infinity);
    const oldest = this.unconfirmed.oldest();
    const samples = Math.max(0, Math.min(wanted, Math.floor(oldest / HOUR_MS) * HOUR_MS));
    // Said before it is done: a time too late only means that both are asked.
    const since = {
      samples: Math.max(this.since.samples, samples),
      events: Math.max(this.since.events, events),
    };
    let done = (): void => undefined;
    this.trimming = { before: samples, done: new Promise((resolve) => (done = resolve)) };
    try {
      await this.options.since.save(since);
      this.since = since;
      await local.retain({ samples, minutes: samples, hours: samples, events });
    } finally {
      this.trimming = undefined;
      done();
    }
  }

  private askBoth<T>(question: (seam: Seam) => Promise<T>): Promise<T> {
    const { local } = this.options;
    return this.consistently('samples', (since) => question({ local, distant: this.distant, since }));
  }

  private askAlarms<T>(question: (seam: AlarmSeam) => Promise<T>): Promise<T> {
    const { local, confirmed } = this.options;
    return this.consistently('events', (since) =>
      question({ local, distant: this.distant, since, sent: confirmed.seq }),
    );
  }

  /** Again where the seam has moved meanwhile: what was asked of the local history may have been deleted under the question. */
  private async consistently<T>(what: keyof LocalSince, question: (since: number) => Promise<T>): Promise<T> {
    for (;;) {
      const since = this.since[what];
      const answer = await question(since);
      if (since === this.since[what]) return answer;
    }
  }
}
