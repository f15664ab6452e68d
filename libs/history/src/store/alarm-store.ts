import { type AlarmPosition } from '../alarm-page.js';
import { type AlarmEventRange, type AlarmHistoryQuery } from '../history.js';
import { type AlarmRow, type StoredAlarmEvent } from '../worker-protocol.js';
import { type Database } from './database.js';

/** Alarms that are looked at in one slice of `openBefore`. */
const OPEN_SLICE = 1_000;

/** Transitions of alarms, append-only by `seq`, and of each alarm the view after its newest one. */
export class AlarmStore {
  private readonly statements;

  constructor(private readonly database: Database) {
    const prepare = (sql: string) => database.prepare(sql);
    const event = `seq, event_id AS eventId, alarm_id AS alarmId, type, at, actor, comment, alarm AS view`;
    this.statements = {
      append: prepare(
        `INSERT INTO alarm_event (seq, event_id, alarm_id, type, at, actor, comment, alarm)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
      ),
      view: prepare(
        `INSERT INTO alarm (id, seq, at, state, class, site_id, enterprise_id, device_id, raised_at, view)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET
           seq = excluded.seq, at = excluded.at, state = excluded.state, class = excluded.class,
           site_id = excluded.site_id, enterprise_id = excluded.enterprise_id, device_id = excluded.device_id,
           raised_at = excluded.raised_at, view = excluded.view
         WHERE excluded.seq > alarm.seq`,
      ),
      ofAlarm: prepare(`SELECT ${event} FROM alarm_event WHERE alarm_id = ? ORDER BY seq`),
      after: prepare(`SELECT ${event} FROM alarm_event WHERE seq > ? ORDER BY seq LIMIT ?`),
      // Journal time never falls, so that the order of `at` is that of `seq`; without the hint all events before it are read.
      between: prepare(
        `SELECT ${event} FROM alarm_event INDEXED BY alarm_event_by_age
         WHERE at >= ? AND at < ? AND seq > ? ORDER BY at, seq LIMIT ?`,
      ),
      lastBefore: prepare('SELECT seq FROM alarm_event WHERE at < ? ORDER BY at DESC, seq DESC LIMIT 1'),
      present: prepare(`SELECT id FROM alarm WHERE state <> 'NORM'`),
      changedSince: prepare('SELECT at, id FROM alarm WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT ?'),
      // The ids come as JSON: a statement is prepared once, whatever their number.
      openAt: prepare(
        `SELECT ${event} FROM alarm_event WHERE seq IN (
           SELECT (SELECT max(seq) FROM alarm_event WHERE alarm_id = value AND seq <= ?) FROM json_each(?)
         ) AND json_extract(alarm, '$.state') <> 'NORM'`,
      ),
      alarm: prepare('SELECT view FROM alarm WHERE id = ?'),
      removeEvents: prepare(
        'DELETE FROM alarm_event WHERE seq IN (SELECT seq FROM alarm_event WHERE at < ? ORDER BY at LIMIT ?)',
      ),
      removeAlarms: prepare(
        'DELETE FROM alarm WHERE id IN (SELECT id FROM alarm WHERE at < ? ORDER BY at LIMIT ?)',
      ),
    };
  }

  /** Takes transitions, in a transaction of the caller. One whose `seq` is there already changes nothing [HI3]. */
  append(events: readonly StoredAlarmEvent[]): void {
    for (const event of events) {
      const { seq, at, alarmId, view, key } = event;
      this.statements.append.run(
        seq,
        event.eventId,
        alarmId,
        event.type,
        at,
        event.actor,
        event.comment,
        view,
      );
      this.statements.view.run(
        alarmId,
        seq,
        at,
        key.state,
        key.class,
        key.siteId,
        key.enterpriseId,
        key.deviceId,
        key.raisedAt,
        view,
      );
    }
  }

  eventsOf(alarmId: string): readonly StoredAlarmEvent[] {
    return this.statements.ofAlarm.all(alarmId) as StoredAlarmEvent[];
  }

  eventsAfter(seq: number, limit: number): readonly StoredAlarmEvent[] {
    return this.statements.after.all(seq, limit) as StoredAlarmEvent[];
  }

  eventsBetween({ from, to, afterSeq, limit }: AlarmEventRange): readonly StoredAlarmEvent[] {
    return this.statements.between.all(from, to, afterSeq, limit) as StoredAlarmEvent[];
  }

  /**
   * The last event before `time` of each alarm that was open then, in slices and in no order. An alarm that changes between two
   * slices may come twice.
   */
  *openBefore(time: number): Iterable<readonly StoredAlarmEvent[]> {
    const { lastBefore, present, changedSince, openAt } = this.statements;
    const last = (lastBefore.get(time) as { seq: number } | undefined)?.seq;
    if (last === undefined) return;
    const of = (alarms: readonly { id: string }[]): readonly StoredAlarmEvent[] =>
      openAt.all(last, JSON.stringify(alarms.map(({ id }) => id))) as StoredAlarmEvent[];
    yield of(present.all() as { id: string }[]);
    let position: readonly [at: number, id: string] = [time, ''];
    for (;;) {
      const alarms = changedSince.all(...position, OPEN_SLICE) as { at: number; id: string }[];
      yield of(alarms);
      const end = alarms.at(-1);
      if (end === undefined || alarms.length < OPEN_SLICE) return;
      position = [end.at, end.id];
    }
  }

  /** The view as JSON. */
  alarm(alarmId: string): string | undefined {
    return (this.statements.alarm.get(alarmId) as { view: string } | undefined)?.view;
  }

  /** Newest `raisedAt` first; `total` counts all that match, whatever the position. */
  alarms(query: AlarmHistoryQuery, after: AlarmPosition | undefined): { rows: AlarmRow[]; total: number } {
    const { where, values } = conditions(query);
    const total = this.database.prepare(`SELECT count(*) AS total FROM alarm ${where}`).get(...values) as {
      total: number;
    };
    const page = after ? `${where === '' ? 'WHERE' : `${where} AND`} (raised_at, id) < (?, ?)` : where;
    const rows = this.database
      .prepare(
        `SELECT id, raised_at AS raisedAt, view FROM alarm ${page} ORDER BY raised_at DESC, id DESC LIMIT ?`,
      )
      .all(...values, ...(after ?? []), query.limit) as AlarmRow[];
    return { rows, total: total.total };
  }

  /** Deletes at most `limit` events older than `before`, and alarms without a newer one. Returns whether there may be more. */
  removeOlder(before: number, limit: number): boolean {
    const events = Number(this.statements.removeEvents.run(before, limit).changes);
    const alarms = Number(this.statements.removeAlarms.run(before, limit).changes);
    return events === limit || alarms === limit;
  }
}

function conditions(query: AlarmHistoryQuery): { where: string; values: (string | number)[] } {
  const terms: string[] = [];
  const values: (string | number)[] = [];
  const add = (term: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    terms.push(term);
    values.push(value);
  };
  add('site_id IN (SELECT value FROM json_each(?))', query.siteIds && JSON.stringify(query.siteIds));
  add('enterprise_id = ?', query.enterpriseId);
  add('device_id = ?', query.deviceId);
  add('class = ?', query.class);
  add('raised_at >= ?', query.from);
  add('raised_at <= ?', query.to);
  return { where: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, values };
}
