import { Injectable } from '@nestjs/common';
import { type historyExportQuery, type HistoryFunction } from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { type z } from 'zod';
import { refuseGap } from '../views/history-gap.js';
import { type BucketPlan } from './bucket-plan.js';
import { HISTORY_FORMATS, type HistoryFormat } from './history-table.js';
import { type VisiblePoint } from './visible-points.js';

export type ExportQuery = z.infer<typeof historyExportQuery>;

/** Samples, or buckets, that are in memory at once of one export. */
const PAGE = 5_000;

/** Reads an export page by page. */
@Injectable()
export class HistoryParts {
  constructor(
    private readonly engine: EngineHost,
    private readonly history: History,
  ) {}

  /** Point after point, each ascending in time. */
  async *of(
    points: readonly VisiblePoint[],
    query: ExportQuery,
    plan: BucketPlan | undefined,
  ): AsyncGenerator<string> {
    const format = HISTORY_FORMATS[query.format];
    await this.engine.historyCaughtUp();
    let head = format.head(plan !== undefined);
    for (const point of points) {
      const parts =
        plan === undefined
          ? this.#samples(point, query, format)
          : this.#buckets(point, { ...plan, to: query.to, fn: query.fn }, format);
      // The head comes with the first values: when these cannot be read, nothing was sent.
      for await (const part of parts) {
        yield head + part;
        head = '';
      }
    }
    if (head !== '') yield head;
  }

  async *#samples(
    point: VisiblePoint,
    { from, to }: { readonly from: number; readonly to: number },
    format: HistoryFormat,
  ): AsyncGenerator<string> {
    for (let next = from; next < to;) {
      const samples = await this.history.range(point.pointId, next, to, PAGE);
      await refuseGap(this.history, next, to);
      if (samples.length === 0) return;
      yield samples.map((sample) => format.sample(sample, point)).join('');
      if (samples.length < PAGE) return;
      next = samples.at(-1)!.ts + 1;
    }
  }

  async *#buckets(
    point: VisiblePoint,
    { from, to, every, fn }: BucketPlan & { readonly to: number; readonly fn: HistoryFunction },
    format: HistoryFormat,
  ): AsyncGenerator<string> {
    const { pointId } = point;
    for (let next = from; next < to; next += PAGE * every) {
      const end = Math.min(to, next + PAGE * every);
      const buckets = await this.history.aggregate({ pointId, from: next, to: end, every, fn });
      await refuseGap(this.history, next, end);
      if (buckets.length > 0) yield buckets.map((bucket) => format.bucket(bucket, point, fn)).join('');
    }
  }
}
