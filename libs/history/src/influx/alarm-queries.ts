import { type AlarmPosition } from '../alarm-page.js';
import {
  type AlarmEventRange,
  type AlarmHistoryQuery,
  type HistoryAlarm,
  type HistoryAlarmEvent,
} from '../history.js';
import { type InfluxConnection, type Row } from './influx-connection.js';
import { eventTime, tagValue } from './line-protocol.js';
import { MEASUREMENTS } from './places.js';

const COLUMNS = '"seq", "event_id", "alarm_id", "ev", "at", "actor", "comment", "alarm"';
/** Transitions that are read at once while alarms are folded. */
const PORTION = 10_000;
/** Views that are fetched by one request. */
const VIEWS_A_QUERY = 100;

/** The newest transition of an alarm, without the alarm itself. */
interface Newest {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly raisedAt: number;
}

export async function readEventsOf(
  connection: InfluxConnection,
  alarmId: string,
): Promise<HistoryAlarmEvent[]> {
  const query = `SELECT ${COLUMNS} FROM "${MEASUREMENTS.alarms}" WHERE "alarm_id" = $id`;
  const rows = await connection.query('alarms', query, { id: alarmId });
  return rows.map(eventOf).sort((a, b) => a.seq - b.seq);
}

/**
 * Transitions with `seq > afterSeq` in order. The time of a line orders like `seq`, but for two of one millisecond on either
 * side of a million: a full page is therefore cut where a number is missing in its middle, which the next page begins with.
 */
export async function readEventsAfter(
  connection: InfluxConnection,
  afterSeq: number,
  limit: number,
): Promise<HistoryAlarmEvent[]> {
  return readInOrder(connection, `"seq" > ${Math.floor(afterSeq)}`, limit);
}

/** Transitions of a range of journal time, in order. */
export function readEventsBetween(
  connection: InfluxConnection,
  { from, to, afterSeq, limit }: AlarmEventRange,
): Promise<HistoryAlarmEvent[]> {
  const range = `time >= ${Math.floor(from)}ms AND time < ${Math.floor(to)}ms`;
  return readInOrder(connection, `${range} AND "seq" > ${Math.floor(afterSeq)}`, limit);
}

async function readInOrder(
  connection: InfluxConnection,
  where: string,
  limit: number,
): Promise<HistoryAlarmEvent[]> {
  if (!(limit >= 1)) return [];
  const asked = Math.max(Math.floor(limit), 2);
  const query = `SELECT ${COLUMNS} FROM "${MEASUREMENTS.alarms}" WHERE ${where} ORDER BY time ASC LIMIT ${asked}`;
  const rows = await connection.query('alarms', query);
  const events = rows.map(eventOf).sort((a, b) => a.seq - b.seq);
  const hole = events.findIndex((event, index) => index > 0 && event.seq !== events[index - 1]!.seq + 1);
  const whole = events.length === asked && hole > 0 ? events.slice(0, hole) : events;
  return whole.slice(0, limit);
}

/** The last transition before `time` of each alarm that was open then: the fold of all of them, of which the open ones are kept. */
export async function readOpenBefore(
  connection: InfluxConnection,
  time: number,
): Promise<HistoryAlarmEvent[]> {
  const open = new Map<string, { readonly seq: number; readonly at: number }>();
  const before = `time < ${Math.floor(time)}ms`;
  let after = '-1';
  for (;;) {
    const portion = `SELECT "alarm_id", "seq", "at", "state" FROM "${MEASUREMENTS.alarms}" WHERE ${before} AND time > ${after} ORDER BY time ASC LIMIT ${PORTION}`;
    const rows = await connection.query('alarms', portion);
    const read = rows.map((row) => ({
      id: String(row['alarm_id']),
      seq: Number(row['seq']),
      at: Number(row['at']),
      state: row['state'],
    }));
    for (const event of read.toSorted((a, b) => a.seq - b.seq)) {
      if (event.state === 'NORM') open.delete(event.id);
      else open.set(event.id, event);
    }
    const last = read[PORTION - 1];
    if (last === undefined) break;
    after = eventTime(last);
  }
  const events = await readAt(connection, COLUMNS, [...open.values()]);
  return events.map(eventOf).sort((a, b) => a.seq - b.seq);
}

/** A page of alarms by their last view, and how many there are: the fold of all transitions that the tags select. */
export async function readAlarms(
  connection: InfluxConnection,
  query: AlarmHistoryQuery,
  after: AlarmPosition | undefined,
): Promise<{ items: HistoryAlarm[]; total: number; last: AlarmPosition | undefined }> {
  if (query.siteIds?.length === 0) return { items: [], total: 0, last: undefined };
  const { from = -Infinity, to = Infinity } = query;
  const matching = [...(await newestOfEach(connection, query)).values()]
    .filter(({ raisedAt }) => raisedAt >= from && raisedAt <= to)
    .sort(newestFirst);
  const rest = after
    ? matching.filter((alarm) => newestFirst({ raisedAt: after[0], id: after[1] }, alarm) < 0)
    : matching;
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: await readViews(connection, page),
    total: matching.length,
    last: last && page.length === query.limit ? [last.raisedAt, last.id] : undefined,
  };
}

async function newestOfEach(
  connection: InfluxConnection,
  query: AlarmHistoryQuery,
): Promise<ReadonlyMap<string, Newest>> {
  const { where, params } = selection(query);
  const newest = new Map<string, Newest>();
  let after = '-1';
  for (;;) {
    const portion = `SELECT "alarm_id", "seq", "at", "raised_at" FROM "${MEASUREMENTS.alarms}" WHERE ${where}time > ${after} ORDER BY time ASC LIMIT ${PORTION}`;
    const rows = await connection.query('alarms', portion, params);
    const read = rows.map((row) => ({
      id: String(row['alarm_id']),
      seq: Number(row['seq']),
      at: Number(row['at']),
      raisedAt: Number(row['raised_at']),
    }));
    for (const alarm of read) if (alarm.seq > (newest.get(alarm.id)?.seq ?? -1)) newest.set(alarm.id, alarm);
    const last = read[PORTION - 1];
    if (last === undefined) return newest;
    after = eventTime(last);
  }
}

async function readViews(connection: InfluxConnection, alarms: readonly Newest[]): Promise<HistoryAlarm[]> {
  const rows = await readAt(connection, '"alarm"', alarms);
  return rows.map((row) => JSON.parse(String(row['alarm'])) as HistoryAlarm);
}

/** Single transitions by time and number, in the order given. */
async function readAt(
  connection: InfluxConnection,
  columns: string,
  places: readonly { readonly at: number; readonly seq: number }[],
): Promise<Row[]> {
  const found: Row[] = [];
  for (let from = 0; from < places.length; from += VIEWS_A_QUERY) {
    const statements = places
      .slice(from, from + VIEWS_A_QUERY)
      .map(
        (place) =>
          `SELECT ${columns} FROM "${MEASUREMENTS.alarms}" WHERE time = ${eventTime(place)} AND "seq" = ${place.seq}`,
      );
    const results = await connection.queryAll('alarms', statements);
    for (const [row] of results) if (row) found.push(row);
  }
  return found;
}

function selection(query: AlarmHistoryQuery): { where: string; params: Record<string, string> } {
  const params: Record<string, string> = {};
  const equals = (tag: string, value: string): string => {
    const name = `p${Object.keys(params).length}`;
    params[name] = tagValue(value);
    return `"${tag}" = $${name}`;
  };
  const terms = [
    ...(query.siteIds ? [`(${query.siteIds.map((id) => equals('site', id)).join(' OR ')})`] : []),
    ...(query.enterpriseId === undefined ? [] : [equals('enterprise', query.enterpriseId)]),
    ...(query.deviceId === undefined ? [] : [equals('device', query.deviceId)]),
    ...(query.class === undefined ? [] : [equals('class', query.class)]),
  ];
  return { where: terms.map((term) => `${term} AND `).join(''), params };
}

function newestFirst(a: { raisedAt: number; id: string }, b: { raisedAt: number; id: string }): number {
  if (a.raisedAt !== b.raisedAt) return b.raisedAt - a.raisedAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

function eventOf(row: Row): HistoryAlarmEvent {
  return {
    seq: Number(row['seq']),
    eventId: String(row['event_id']),
    alarmId: String(row['alarm_id']),
    type: String(row['ev']),
    at: Number(row['at']),
    actor: String(row['actor']),
    comment: row['comment'] == null ? null : String(row['comment']),
    alarm: JSON.parse(String(row['alarm'])) as HistoryAlarm,
  };
}
