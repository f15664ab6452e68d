import { type ReadingColumns } from '@watchfire/readings';

/** One stored value of one point. */
export interface HistorySample {
  readonly pointId: string;
  /** Device time, epoch ms: with the point the identity of a sample. */
  readonly ts: number;
  readonly receivedAt: number;
  readonly value: number | boolean | string;
  readonly quality: 'good' | 'uncertain' | 'bad';
  /** Tags of adapters that have tags. */
  readonly deviceId: string;
}

/** Samples of one series as columns, ascending in `ts`, each `ts` once. */
export interface SampleColumns {
  readonly ts: Float64Array;
  readonly receivedAt: Float64Array;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: Uint8Array;
  readonly values: Float64Array | readonly HistorySample['value'][];
}

/** One alarm transition as the history keeps it: `alarm` is the view after it, stored as JSON. */
export interface HistoryAlarmEvent {
  readonly seq: number;
  readonly eventId: string;
  readonly alarmId: string;
  readonly type: string;
  readonly at: number;
  readonly actor: string;
  readonly comment: string | null;
  readonly alarm: HistoryAlarm;
}

/** The fields that queries select by; the rest is carried along. */
export interface HistoryAlarm {
  readonly id: string;
  readonly deviceId: string;
  readonly siteId: string;
  readonly enterpriseId: string;
  readonly class: string;
  readonly state: string;
  readonly severity: number;
  readonly raisedAt: number;
  readonly [field: string]: unknown;
}

export interface HistoryBatch {
  /** The journal offset up to which this batch completes the history. */
  readonly offset: number;
  /** In the order of the journal, before `samples`; shared with others, never changed. */
  readonly readings: readonly ReadingColumns[];
  /** What came one by one. */
  readonly samples: readonly HistorySample[];
  readonly events: readonly HistoryAlarmEvent[];
}

export type AggregateFunction = 'mean' | 'min' | 'max' | 'last' | 'count';

export interface AlarmHistoryQuery {
  readonly siteIds?: readonly string[];
  readonly enterpriseId?: string;
  readonly deviceId?: string;
  readonly class?: string;
  /** By `raisedAt`, inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** By journal time, epoch ms. */
export interface AlarmEventRange {
  readonly from: number;
  readonly to: number;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Before which time each tier is deleted, epoch ms. */
export interface RetentionLimits {
  /** Samples, by `ts`. */
  readonly samples: number;
  /** Roll-ups of a minute and of an hour, by the end of their window. */
  readonly minutes: number;
  readonly hours: number;
  /** Transitions, by `at`. */
  readonly events: number;
}

/** What is out of reach at present. */
export interface HistoryGap {
  /** Answers about times before this may lack something, epoch ms. */
  readonly before: number;
  readonly reason: string;
}

export interface HistoryHealth {
  readonly ok: boolean;
  readonly reason?: string;
  /** What is written but not yet durable. */
  readonly bufferedSamples: number;
}

/**
 * Telemetry and alarm events for years. A projection of the journal: writing the same batch twice changes nothing, and
 * everything above `cursor()` is written again after a restart.
 */
export abstract class History {
  /** Takes a batch; queries see it at once. It is durable when `cursor()` has reached its offset. */
  abstract write(batch: HistoryBatch): Promise<void>;
  /** The journal offset up to which everything is durable; 0 at first. */
  abstract cursor(): Promise<number>;
  /** Makes durable what was written. */
  abstract flush(): Promise<void>;
  /** Samples with `from <= ts < to`, oldest first, each `ts` once, at most `limit`. */
  abstract range(pointId: string, from: number, to: number, limit: number): Promise<readonly HistorySample[]>;
  /** The same as `range`, in arrays that belong to the caller: for who reads much and may hand them to a thread. */
  abstract columns(pointId: string, from: number, to: number, limit: number): Promise<SampleColumns>;
  /** The sample with the highest `ts` of each point that has one. */
  abstract latest(pointIds: readonly string[]): Promise<readonly HistorySample[]>;
  /**
   * Buckets `[from + n·every, from + (n+1)·every)` that hold a sample, as `[start, value]`; bad samples and, but for `last`
   * and `count`, values that are no numbers are left out (a boolean counts as 0 or 1).
   */
  abstract aggregate(query: {
    readonly pointId: string;
    readonly from: number;
    readonly to: number;
    readonly every: number;
    readonly fn: AggregateFunction;
  }): Promise<readonly (readonly [number, number | string])[]>;
  /** The transitions of one alarm, oldest first. */
  abstract alarmEvents(alarmId: string): Promise<readonly HistoryAlarmEvent[]>;
  /** Transitions with `seq > afterSeq`, in order, at most `limit`. */
  abstract alarmEventsAfter(afterSeq: number, limit: number): Promise<readonly HistoryAlarmEvent[]>;
  /**
   * Transitions with `from <= at < to` and `seq > afterSeq`, in order, at most `limit`; none is only answered when there are no
   * more. Who reads on begins at the `at` of the last one.
   */
  abstract alarmEventsBetween(query: AlarmEventRange): Promise<readonly HistoryAlarmEvent[]>;
  /** Of each alarm that was not `NORM` just before `time`, its last transition before it; in order. */
  abstract openAlarmsBefore(time: number): Promise<readonly HistoryAlarmEvent[]>;
  /** The last view of one alarm. */
  abstract alarm(alarmId: string): Promise<HistoryAlarm | undefined>;
  /** Alarms by their last view, newest `raisedAt` first. */
  abstract alarms(query: AlarmHistoryQuery): Promise<{
    readonly items: readonly HistoryAlarm[];
    readonly total: number;
    readonly nextCursor: string | null;
  }>;
  /** Deletes what is older, of each tier for itself, and gives the space back. */
  abstract retain(limits: RetentionLimits): Promise<void>;
  /** What answers for `from <= time < to` may lack, and why; to be asked after them. Undefined where nothing is out of reach. */
  abstract missing(from: number, to: number): Promise<HistoryGap | undefined>;
  abstract health(): Promise<HistoryHealth>;
  abstract close(): Promise<void>;
}
