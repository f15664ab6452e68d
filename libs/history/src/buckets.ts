import { type AggregateFunction } from './history.js';
import { HistoryError } from './history-error.js';
import { type RollUp, RollUpFold } from './roll-up.js';
import { type Columns } from './sample-columns.js';

export type Bucket = readonly [start: number, value: number | string];

/** An answer holds no more buckets than this, so that its size is bounded whatever was asked. */
export const MOST_BUCKETS = 100_000;

export interface BucketQuery {
  readonly from: number;
  readonly to: number;
  readonly every: number;
  readonly fn: AggregateFunction;
}

export function checkBuckets(query: BucketQuery): void {
  if (!(query.every >= 1) || !Number.isInteger(query.every) || !Number.isInteger(query.from)) {
    throw new HistoryError('invalid', 'a bucket is a whole number of milliseconds, at least 1', false);
  }
}

export function tooManyBuckets(): HistoryError {
  return new HistoryError('too_many_buckets', `more than ${MOST_BUCKETS} buckets`, false);
}

/** Folds samples, or roll-ups, that come in ascending order into buckets `[from + n·every, from + (n+1)·every)` [HI8]. */
export class Buckets {
  private readonly fold: RollUpFold;

  constructor(private readonly query: BucketQuery) {
    checkBuckets(query);
    this.fold = new RollUpFold(query.from, query.every);
  }

  add(columns: Columns): void {
    this.fold.add(columns);
    this.check();
  }

  addRollUps(rows: readonly RollUp[]): void {
    this.fold.addRollUps(rows);
    this.check();
  }

  finish(): readonly Bucket[] {
    const { fn } = this.query;
    const takesText = fn === 'last' || fn === 'count';
    const rows = this.fold.finish();
    return (takesText ? rows : rows.filter(({ numbers }) => numbers > 0)).map((row) => [row.start, row[fn]]);
  }

  private check(): void {
    if (this.fold.windows > MOST_BUCKETS) throw tooManyBuckets();
  }
}
