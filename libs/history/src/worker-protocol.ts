import { type AlarmPosition } from './alarm-page.js';
import {
  type AlarmEventRange,
  type AlarmHistoryQuery,
  type HistoryAlarmEvent,
  type RetentionLimits,
} from './history.js';
import { type HistoryErrorCode } from './history-error.js';
import { type PackedReadings } from './packed-readings.js';
import { type Columns } from './sample-columns.js';
import { type Bucket, type BucketQuery } from './buckets.js';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly directory: string;
  readonly maxBufferedSamples: number;
  readonly maxFileBytes?: number;
}

/** Samples of many points: row `i` belongs to `points[point[i]]`. In order of writing, not of time. */
export interface SampleRows extends Columns {
  readonly points: readonly (readonly [pointId: string, deviceId: string])[];
  readonly point: Uint32Array;
}

/** A transition with its alarm as JSON, and what alarms are selected by. */
export interface StoredAlarmEvent extends Omit<HistoryAlarmEvent, 'alarm'> {
  readonly view: string;
  readonly key: {
    readonly state: string;
    readonly class: string;
    readonly siteId: string;
    readonly enterpriseId: string;
    readonly deviceId: string;
    readonly raisedAt: number;
  };
}

/** What a list of alarms needs of one: where it stands in the list, and its view as JSON. */
export interface AlarmRow {
  readonly id: string;
  readonly raisedAt: number;
  readonly view: string;
}

export interface StoreHealth {
  readonly bufferedSamples: number;
  /** Blocks that could not be read and were set aside. */
  readonly damagedBlocks: number;
}

/** A batch in the form in which it goes to the thread. What is absent is empty. */
export interface PackedBatch {
  readonly offset: number;
  readonly readings: PackedReadings | undefined;
  /** Taken after `readings`. */
  readonly rows: SampleRows | undefined;
  readonly events: readonly StoredAlarmEvent[];
}

/** Each call of the worker with what it is given and what it answers. */
export interface WorkerCalls {
  /** Answers how many samples of `readings` cannot be stored. */
  write: { give: PackedBatch; get: number };
  cursor: { give: null; get: number };
  flush: { give: null; get: null };
  range: {
    give: { pointId: string; from: number; to: number; limit: number };
    get: { deviceId: string; columns: Columns };
  };
  latest: { give: readonly string[]; get: SampleRows };
  aggregate: { give: BucketQuery & { pointId: string }; get: readonly Bucket[] };
  alarmEvents: { give: string; get: readonly StoredAlarmEvent[] };
  alarmEventsAfter: { give: { seq: number; limit: number }; get: readonly StoredAlarmEvent[] };
  alarmEventsBetween: { give: AlarmEventRange; get: readonly StoredAlarmEvent[] };
  openAlarmsBefore: { give: number; get: readonly StoredAlarmEvent[] };
  alarm: { give: string; get: string | undefined };
  alarms: {
    give: { query: AlarmHistoryQuery; after: AlarmPosition | undefined };
    get: { rows: AlarmRow[]; total: number };
  };
  retain: { give: RetentionLimits; get: null };
  /** Rolls up days that ended by the given time; answers whether there is more to do at once. */
  rollUp: { give: number; get: boolean };
  /** Answers what SQLite says of the pages of the file: `ok`, or the first thing that is wrong. */
  check: { give: null; get: string };
  /** Answers the path of the file. */
  pin: { give: null; get: string };
  unpin: { give: null; get: null };
  health: { give: null; get: StoreHealth };
  close: { give: null; get: null };
}

export type WorkerCall = keyof WorkerCalls;

export interface WorkerRequest {
  readonly id: number;
  readonly call: WorkerCall;
  readonly give: unknown;
}

export interface WorkerFailure {
  readonly code: HistoryErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** `opened` comes once and first; `damaged` whenever a block was set aside. */
export type WorkerMessage =
  | { readonly kind: 'opened'; readonly failure?: WorkerFailure }
  | { readonly kind: 'answer'; readonly id: number; readonly get?: unknown; readonly failure?: WorkerFailure }
  | { readonly kind: 'damaged'; readonly message: string };
