import { type HistorySample } from '../history.js';
import { type Columns, columnsOf, LAST_TIME, QUALITIES } from '../sample-columns.js';
import {
  type Bucket,
  type BucketQuery,
  Buckets,
  MOST_BUCKETS,
  checkBuckets,
  tooManyBuckets,
} from '../buckets.js';
import { type InfluxConnection, type Row } from './influx-connection.js';
import { tagValue } from './line-protocol.js';
import { MEASUREMENTS } from './places.js';

const COLUMNS = '"v", "b", "s", "q", "rx", "device"';
/** Points that one query asks for, so that its text stays short. */
const POINTS_A_QUERY = 500;
/** Samples of a portion where they are folded here. */
const PORTION = 10_000;
const DAY_MS = 86_400_000;

/** Samples with `from <= ts < to`, oldest first, at most `limit`. */
export async function readRange(
  connection: InfluxConnection,
  pointId: string,
  from: number,
  to: number,
  limit: number,
): Promise<HistorySample[]> {
  if (!(limit >= 1) || !(from < to)) return [];
  const query = `SELECT ${COLUMNS} FROM "${MEASUREMENTS.samples}" WHERE "point" = $point AND ${between(from, to)} LIMIT ${Math.floor(limit)}`;
  const rows = await connection.query('samples', query, { point: tagValue(pointId) });
  return rows.map((row) => sampleOf(pointId, row));
}

/** The newest sample of each point: looked for in ever longer times, so that few of the server's files are opened for most of them. */
export async function readLatest(
  connection: InfluxConnection,
  pointIds: readonly string[],
  now: number,
): Promise<HistorySample[]> {
  const samples: HistorySample[] = [];
  const open = new Set(pointIds.map(tagValue));
  for (const since of [now - DAY_MS, now - 30 * DAY_MS, 0]) {
    const keys = [...open];
    for (let from = 0; from < keys.length; from += POINTS_A_QUERY) {
      const found = await latestSince(connection, keys.slice(from, from + POINTS_A_QUERY), since);
      for (const row of found) {
        samples.push(sampleOf(String(row['point']), row));
        open.delete(String(row['point']));
      }
    }
  }
  return samples;
}

function latestSince(
  connection: InfluxConnection,
  keys: readonly string[],
  since: number,
): Promise<readonly Row[]> {
  const params = Object.fromEntries(keys.map((key, index) => [`p${index}`, key]));
  const anyOf = keys.map((_, index) => `"point" = $p${index}`).join(' OR ');
  // With GROUP BY the limit counts for each point alone.
  const query =
    `SELECT ${COLUMNS} FROM "${MEASUREMENTS.samples}" WHERE (${anyOf}) AND time >= ${storedTime(since)}ms ` +
    `GROUP BY "point" ORDER BY time DESC LIMIT 1`;
  return connection.query('samples', query, params);
}

/** Buckets that are folded by the server, from the samples. */
export async function bucketsOfSamples(
  connection: InfluxConnection,
  pointId: string,
  query: BucketQuery,
): Promise<readonly Bucket[]> {
  checkBuckets(query);
  const { from, to, every, fn } = query;
  if (!(from < to)) return [];
  const select = (what: string): string =>
    `SELECT ${what} AS "bucket" FROM "${MEASUREMENTS.samples}" WHERE "point" = $point AND "q" < 2 AND ${between(from, to)} ` +
    `GROUP BY time(${every}ms, ${modulo(from, every)}ms) fill(none) LIMIT ${MOST_BUCKETS + 1}`;
  const statements = {
    mean: [select('MEAN("v")')],
    min: [select('MIN("v")')],
    max: [select('MAX("v")')],
    count: [select('COUNT("q")')],
    last: [select('LAST("v")'), select('LAST("s")')],
  }[fn];
  const [first = [], second = []] = await connection.queryAll('samples', statements, {
    point: tagValue(pointId),
  });
  if (first.length > 0 && second.length > 0) {
    // The type was changed in the range, and of a number and a text the server does not tell which is later.
    const buckets = new Buckets(query);
    await foldSamples(connection, pointId, query, (columns) => buckets.add(columns));
    return buckets.finish();
  }
  const buckets = [...first, ...second].map((row): Bucket => [
    Number(row['time']),
    row['bucket'] as number | string,
  ]);
  if (buckets.length > MOST_BUCKETS) throw tooManyBuckets();
  return buckets;
}

/** Reads samples in portions. */
export async function foldSamples(
  connection: InfluxConnection,
  pointId: string,
  range: { readonly from: number; readonly to: number },
  add: (columns: Columns) => void,
): Promise<void> {
  for (let { from } = range; ;) {
    const samples = await readRange(connection, pointId, from, range.to, PORTION);
    add(columnsOf(samples));
    const last = samples[PORTION - 1];
    if (last === undefined) return;
    from = last.ts + 1;
  }
}

function sampleOf(pointId: string, row: Row): HistorySample {
  return {
    pointId,
    ts: Number(row['time']),
    receivedAt: Number(row['rx']),
    value: row['b'] ?? row['s'] ?? row['v'] ?? 0,
    quality: QUALITIES[Number(row['q'])] ?? 'bad',
    deviceId: String(row['device'] ?? ''),
  };
}

/** Numbers only: nothing of it can be anything but a number. */
export function between(from: number, to: number): string {
  return `time >= ${storedTime(from)}ms AND time < ${storedTime(to)}ms`;
}

function storedTime(time: number): number {
  return Math.min(Math.max(Math.ceil(time), 0), LAST_TIME);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
