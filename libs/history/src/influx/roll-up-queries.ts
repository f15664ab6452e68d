import { type HistorySample } from '../history.js';
import { type RollUp, RollUpFold, type Tier, TIERS } from '../roll-up.js';
import { type InfluxConnection, type Row } from './influx-connection.js';
import { MEASUREMENTS } from './places.js';
import { between, foldSamples } from './telemetry-queries.js';

/** Rows by the tag value of the point. */
export type RollUpsByPoint = ReadonlyMap<string, readonly RollUp[]>;

/** Windows that are read at once. */
const WINDOWS_A_QUERY = 5_000;

/**
 * Rolls the stored samples of points up to windows from the epoch, those of `[from, to)`, ascending. The server tells neither of a
 * number nor of a text which is later: a window that holds both is folded from its samples.
 */
export async function rollUpSamples(
  connection: InfluxConnection,
  keys: readonly string[],
  range: { readonly from: number; readonly to: number; readonly every: number },
): Promise<RollUpsByPoint> {
  const { from, to, every } = range;
  const rolledUp = new Map<string, RollUp[]>();
  if (keys.length === 0 || !(from < to)) return rolledUp;
  const { anyOf, params } = selection(keys);
  const query =
    `SELECT COUNT("q") AS "count", COUNT("v") AS "numbers", MEAN("v") AS "mean", MIN("v") AS "min", MAX("v") AS "max", ` +
    `LAST("v") AS "last", COUNT("s") AS "texts", LAST("s") AS "s" FROM "${MEASUREMENTS.samples}" ` +
    `WHERE (${anyOf}) AND "q" < 2 AND ${between(from, to)} GROUP BY time(${every}ms), "point" fill(none)`;
  const rows = await connection.query('samples', query, params);
  for (const row of rows) {
    const key = String(row['point']);
    const window = toRollUp(Number(row['time']), row, Number(row['texts'] ?? 0) > 0);
    if (window.count === 0) continue;
    const isMixed = window.numbers > 0 && typeof window.last === 'string';
    const folded = isMixed ? await foldWindow(connection, key, window.start, range) : window;
    if (folded !== undefined) rolledUp.set(key, [...(rolledUp.get(key) ?? []), folded]);
  }
  return rolledUp;
}

/** What is stored of the windows of a tier in `[from, to)`, ascending, in portions. */
export async function* storedRollUps(
  connection: InfluxConnection,
  tier: Tier,
  key: string,
  range: { readonly from: number; readonly to: number },
): AsyncGenerator<readonly RollUp[]> {
  for (let { from } = range; from < range.to; from += WINDOWS_A_QUERY * TIERS[tier]) {
    const to = Math.min(range.to, from + WINDOWS_A_QUERY * TIERS[tier]);
    yield (await rowsOf(connection, tier, [key], { from, to })).get(key) ?? [];
  }
}

/** The windows that something is stored of, by point. */
export async function storedWindows(
  connection: InfluxConnection,
  tier: Tier,
  keys: readonly string[],
  range: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rows = await rowsOf(connection, tier, keys, range);
  return new Map([...rows].map(([key, windows]) => [key, windows.map(({ start }) => start)]));
}

/** Rolls what is stored of the minutes of points up to hours. */
export async function rollUpMinutes(
  connection: InfluxConnection,
  keys: readonly string[],
  range: { readonly from: number; readonly to: number },
): Promise<RollUpsByPoint> {
  const rolledUp = new Map<string, readonly RollUp[]>();
  for (const [key, minutes] of await rowsOf(connection, 'minutes', keys, range)) {
    const fold = new RollUpFold(range.from, TIERS.hours);
    fold.addRollUps(minutes);
    rolledUp.set(key, fold.finish());
  }
  return rolledUp;
}

/** Of the lines of a window the last one counts; none is left of one in which every sample turned out to be bad. */
async function rowsOf(
  connection: InfluxConnection,
  tier: Tier,
  keys: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<RollUpsByPoint> {
  const { anyOf, params } = selection(keys);
  const columns = '"count", "numbers", "mean", "min", "max", "last", "s", "text"';
  const query = `SELECT ${columns} FROM "${MEASUREMENTS[tier]}" WHERE (${anyOf}) AND ${between(from, to)} GROUP BY "point"`;
  const last = new Map<string, Map<number, RollUp>>();
  for (const row of await connection.query(tier, query, params)) {
    const [key, start] = [String(row['point']), Math.floor(Number(row['time']) / TIERS[tier]) * TIERS[tier]];
    let windows = last.get(key);
    if (windows === undefined) last.set(key, (windows = new Map<number, RollUp>()));
    windows.set(start, toRollUp(start, row, Number(row['text']) === 1));
  }
  return new Map(
    [...last].map(([key, windows]) => [key, [...windows.values()].filter(({ count }) => count > 0)]),
  );
}

function selection(keys: readonly string[]): { anyOf: string; params: Readonly<Record<string, string>> } {
  const params = Object.fromEntries(keys.map((key, index) => [`p${index}`, key]));
  return { anyOf: keys.map((_, index) => `"point" = $p${index}`).join(' OR '), params };
}

/** The tag values of all points that have samples. */
export async function storedPoints(connection: InfluxConnection): Promise<readonly string[]> {
  const query = `SHOW TAG VALUES FROM "${MEASUREMENTS.samples}" WITH KEY = "point"`;
  const rows = await connection.query('samples', query);
  return rows.map((row) => String(row['value']));
}

async function foldWindow(
  connection: InfluxConnection,
  key: string,
  start: number,
  { from, to, every }: { readonly from: number; readonly to: number; readonly every: number },
): Promise<RollUp | undefined> {
  const fold = new RollUpFold(start, every);
  const range = { from: Math.max(from, start), to: Math.min(to, start + every) };
  await foldSamples(connection, key, range, (columns) => fold.add(columns));
  return fold.finish()[0];
}

function toRollUp(start: number, row: Row, isText: boolean): RollUp {
  const number = (name: string): number => Number(row[name] ?? 0);
  const last: HistorySample['value'] = isText ? String(row['s'] ?? '') : number('last');
  return {
    start,
    count: number('count'),
    numbers: number('numbers'),
    mean: number('mean'),
    min: number('min'),
    max: number('max'),
    last,
  };
}
