import { escape } from '@influxdata/influxdb-client';
import { type AggregateFunction } from '../history.js';
import { seriesKey } from './line-protocol.js';
import { MEASUREMENTS } from './places.js';

export interface BucketLine {
  readonly deviceId: string;
  readonly pointId: string;
  readonly fn: AggregateFunction;
  readonly start: number;
  readonly value: number | string;
}

/**
 * A bucket as a line, for exports: in a measurement of its own, since a mean is no sample. The field is the function; text has
 * another one, since the first write of a field fixes its type.
 */
export function bucketLine({ deviceId, pointId, fn, start, value }: BucketLine): string {
  const series = seriesKey(deviceId, pointId).replace(
    MEASUREMENTS.samples,
    `${MEASUREMENTS.samples}_buckets`,
  );
  const field = typeof value === 'number' ? `${fn}=${value}` : `${fn}_s=${escape.quoted(value)}`;
  return `${series} ${field} ${start}000000`;
}
