import { type AggregateFunction } from '../history.js';
import { HistoryError } from '../history-error.js';
import { BAD, type Columns, type PointValue } from '../sample-columns.js';

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

/** Folds samples that come in ascending order into buckets `[from + n·every, from + (n+1)·every)` [HI8]. */
export class Buckets {
  private readonly done: Bucket[] = [];
  private bucket = -1;
  private count = 0;
  private sum = 0;
  private least = Infinity;
  private most = -Infinity;
  private last: PointValue = 0;

  constructor(private readonly query: BucketQuery) {
    checkBuckets(query);
  }

  add(columns: Columns): void {
    const { from, every, fn } = this.query;
    const { ts, quality, values } = columns;
    const takesText = fn === 'last' || fn === 'count';
    for (let index = 0; index < ts.length; index += 1) {
      if (quality[index] === BAD) continue;
      const value = values[index]!;
      if (typeof value === 'string' && !takesText) continue;
      const bucket = Math.floor((ts[index]! - from) / every);
      if (bucket !== this.bucket) this.next(bucket);
      this.count += 1;
      this.last = value;
      if (typeof value === 'string') continue;
      const number = Number(value);
      this.sum += number;
      if (number < this.least) this.least = number;
      if (number > this.most) this.most = number;
    }
  }

  finish(): readonly Bucket[] {
    this.next(-1);
    return this.done;
  }

  private next(bucket: number): void {
    if (this.bucket >= 0) {
      if (this.done.length === MOST_BUCKETS) throw tooManyBuckets();
      this.done.push([this.query.from + this.bucket * this.query.every, this.result()]);
    }
    this.bucket = bucket;
    this.count = 0;
    this.sum = 0;
    this.least = Infinity;
    this.most = -Infinity;
  }

  private result(): number | string {
    switch (this.query.fn) {
      case 'mean':
        return this.sum / this.count;
      case 'min':
        return this.least;
      case 'max':
        return this.most;
      case 'count':
        return this.count;
      case 'last':
        return typeof this.last === 'string' ? this.last : Number(this.last);
    }
  }
}
