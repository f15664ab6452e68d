import { type HistoryFunction } from '@watchfire/contracts';
import { bucketLine, type HistorySample, sampleLine } from '@watchfire/history';
import { BYTE_ORDER_MARK, type CsvCell, csvRow } from '../figures/csv.js';
import { type VisiblePoint } from './visible-points.js';

export type Bucket = readonly [start: number, value: number | string];

/** How an export is written: what comes first, and a line with its end for each sample or bucket. */
export interface HistoryFormat {
  readonly contentType: string;
  readonly fileName: string;
  readonly head: (isBuckets: boolean) => string;
  readonly sample: (sample: HistorySample, point: VisiblePoint) => string;
  readonly bucket: (bucket: Bucket, point: VisiblePoint, fn: HistoryFunction) => string;
}

const rowOf = (at: number, { pointId, unit }: VisiblePoint, value: CsvCell, last: string): string =>
  csvRow([new Date(at).toISOString(), at, pointId, value, unit, last]);

export const HISTORY_FORMATS: Readonly<Record<'csv' | 'lines', HistoryFormat>> = {
  csv: {
    contentType: 'text/csv; charset=utf-8',
    fileName: 'history.csv',
    head: (isBuckets) =>
      BYTE_ORDER_MARK + csvRow(['time', 'ts', 'point', 'value', 'unit', isBuckets ? 'function' : 'quality']),
    sample: ({ ts, value, quality }, point) => rowOf(ts, point, value, quality),
    bucket: ([start, value], point, fn) => rowOf(start, point, value, fn),
  },
  lines: {
    contentType: 'text/plain; charset=utf-8',
    fileName: 'history.lines',
    head: () => '',
    sample: (sample) => `${sampleLine(sample)}\n`,
    bucket: ([start, value], { deviceId, pointId }, fn) =>
      `${bucketLine({ deviceId, pointId, fn, start, value })}\n`,
  },
};
