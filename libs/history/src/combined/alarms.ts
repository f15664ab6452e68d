import { type AlarmPosition, decodePosition, encodePosition } from '../alarm-page.js';
import {
  type AlarmEventRange,
  type AlarmHistoryQuery,
  type History,
  type HistoryAlarm,
  type HistoryAlarmEvent,
} from '../history.js';
import { type DistantHistory } from './distant-history.js';

const PAGE = 500;
/** default; far more than what a device's clock is believed to be ahead */
const AHEAD_MS = 3_600_000;
/** More transitions than this that are still to be sent are not looked through for a total. */
const MOST_UNSENT = 20_000;

/** Both histories, and the journal time from which on the local one has every transition: the distant one has all before. */
export interface AlarmSeam {
  readonly local: History;
  readonly distant: DistantHistory;
  readonly since: number;
  /** The `seq` up to which the distant history has the transitions. */
  readonly sent: number;
}

/** What every alarm begins with. */
const BIRTH = 'raised';

export async function eventsOver(
  { local, distant, since }: AlarmSeam,
  alarmId: string,
): Promise<readonly HistoryAlarmEvent[]> {
  const near = await local.alarmEvents(alarmId);
  if (since <= 0 || near[0]?.type === BIRTH) return near;
  return bySeq(near, (await distant.ask((history) => history.alarmEvents(alarmId))) ?? []);
}

export async function eventsAfterOver(
  { local, distant, since }: AlarmSeam,
  afterSeq: number,
  limit: number,
): Promise<readonly HistoryAlarmEvent[]> {
  const near = await local.alarmEventsAfter(afterSeq, limit);
  if (since <= 0 || near[0]?.seq === afterSeq + 1) return near;
  const far = await distant.ask((history) => history.alarmEventsAfter(afterSeq, limit));
  return bySeq(near, far ?? []).slice(0, limit);
}

export async function eventsBetweenOver(
  { local, distant, since }: AlarmSeam,
  query: AlarmEventRange,
): Promise<readonly HistoryAlarmEvent[]> {
  if (query.from < since) {
    const far = await distant.ask((history) =>
      history.alarmEventsBetween({ ...query, to: Math.min(query.to, since) }),
    );
    if (far !== undefined && far.length > 0) return far;
  }
  if (query.to <= since) return [];
  return local.alarmEventsBetween({ ...query, from: Math.max(query.from, since) });
}

export async function openBeforeOver(
  { local, distant, since }: AlarmSeam,
  time: number,
): Promise<readonly HistoryAlarmEvent[]> {
  const near = time > since ? await local.openAlarmsBefore(time) : [];
  if (since <= 0) return near;
  const far = (await distant.ask((history) => history.openAlarmsBefore(Math.min(time, since)))) ?? [];
  const untouched: HistoryAlarmEvent[] = [];
  for (const event of far) {
    const later = time > since ? await local.alarmEvents(event.alarmId) : [];
    if (!later.some(({ at }) => at >= since && at < time)) untouched.push(event);
  }
  return bySeq(near, untouched);
}

export async function alarmOver(
  { local, distant, since }: AlarmSeam,
  alarmId: string,
): Promise<HistoryAlarm | undefined> {
  const near = await local.alarm(alarmId);
  return near ?? (since > 0 ? distant.ask((history) => history.alarm(alarmId)) : undefined);
}

/**
 * A page of each, as one. The local view of an alarm is the newer one, and may stand at another place in the list: what the distant
 * history says of an alarm that the local one has too is left out.
 */
export async function alarmsOver(seam: AlarmSeam, query: AlarmHistoryQuery): ReturnType<History['alarms']> {
  const { local, distant, since } = seam;
  const near = await local.alarms(query);
  // An alarm that was raised since has all its transitions since. Its time is that of a device, which may be ahead.
  if (since <= 0 || (query.from !== undefined && query.from - AHEAD_MS >= since)) return near;
  const far = await distant.ask((history) => history.alarms(query));
  if (far === undefined) return near;
  const others: HistoryAlarm[] = [];
  for (const alarm of far.items) if ((await local.alarm(alarm.id)) === undefined) others.push(alarm);
  const bound = nearestEnd(near.nextCursor, far.nextCursor);
  const all = [...near.items, ...others].sort((a, b) => inList(positionOf(a), positionOf(b)));
  const known = bound === undefined ? all : all.filter((alarm) => inList(positionOf(alarm), bound) <= 0);
  const items = known.slice(0, query.limit);
  const last = items.at(-1);
  const end = known.length > query.limit && last !== undefined ? positionOf(last) : bound;
  return {
    items,
    total: far.total + (await unsentTotal(seam, query)),
    nextCursor: end === undefined ? null : encodePosition(end),
  };
}

/**
 * What is still to be sent adds to the list of the distant history: alarms that it does not know yet, and those that stand elsewhere in
 * the list since then, because they occurred again or an older occurrence came forward.
 */
async function unsentTotal(seam: AlarmSeam, query: AlarmHistoryQuery): Promise<number> {
  const { local, sent } = seam;
  const born = new Set<string>();
  const changed = new Set<string>();
  let after = sent;
  for (let looked = 0; looked < MOST_UNSENT; looked += PAGE) {
    const events = await local.alarmEventsAfter(after, PAGE);
    for (const { type, alarmId } of events) (type === BIRTH ? born : changed).add(alarmId);
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) break;
    after = last.seq;
  }
  const isTimeAsked = query.from !== undefined || query.to !== undefined;
  let total = 0;
  for (const alarmId of isTimeAsked ? new Set([...born, ...changed]) : born) {
    const before = born.has(alarmId) ? undefined : await asSent(seam, alarmId);
    total += countIn(query, await local.alarm(alarmId)) - countIn(query, before);
  }
  return total;
}

/** An alarm as the distant history has it. */
async function asSent(
  { local, distant, sent }: AlarmSeam,
  alarmId: string,
): Promise<HistoryAlarm | undefined> {
  const near = await local.alarmEvents(alarmId);
  const last = near.findLast(({ seq }) => seq <= sent);
  return last?.alarm ?? distant.ask((history) => history.alarm(alarmId));
}

function countIn(query: AlarmHistoryQuery, alarm: HistoryAlarm | undefined): number {
  return alarm !== undefined && matches(alarm, query) ? 1 : 0;
}

function matches(alarm: HistoryAlarm, query: AlarmHistoryQuery): boolean {
  const { siteIds, enterpriseId, deviceId, class: signalClass, from, to } = query;
  return (
    (siteIds?.includes(alarm.siteId) ?? true) &&
    (enterpriseId === undefined || alarm.enterpriseId === enterpriseId) &&
    (deviceId === undefined || alarm.deviceId === deviceId) &&
    (signalClass === undefined || alarm.class === signalClass) &&
    (from === undefined || alarm.raisedAt >= from) &&
    (to === undefined || alarm.raisedAt <= to)
  );
}

/** Where the first of two pages ends: behind it the other may lack what comes next. */
function nearestEnd(...cursors: readonly (string | null)[]): AlarmPosition | undefined {
  const ends = cursors.flatMap((cursor) => {
    const end = decodePosition(cursor ?? undefined);
    return end === undefined ? [] : [end];
  });
  return ends.sort(inList)[0];
}

function positionOf({ raisedAt, id }: HistoryAlarm): AlarmPosition {
  return [raisedAt, id];
}

/** Newest first. */
function inList([timeA, idA]: AlarmPosition, [timeB, idB]: AlarmPosition): number {
  return timeB - timeA || (idA < idB ? 1 : idA > idB ? -1 : 0);
}

function bySeq(
  near: readonly HistoryAlarmEvent[],
  far: readonly HistoryAlarmEvent[],
): readonly HistoryAlarmEvent[] {
  if (far.length === 0) return near;
  const events = new Map(far.map((event) => [event.seq, event]));
  for (const event of near) events.set(event.seq, event);
  return [...events.values()].sort((a, b) => a.seq - b.seq);
}
