import { Injectable } from '@nestjs/common';
import { type AlarmView, type Transition } from '@watchfire/alarm';
import {
  type Alarm,
  type AlarmEventView,
  type alarmQuery,
  type Page,
  type WithGap,
} from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { type z } from 'zod';
import { type Visibility } from '../access/visibility.js';
import { compareForOperator, toAlarm, toAlarmEvent } from '../views/alarm-view.js';
import { gapOf } from '../views/history-gap.js';
import { byKey, type PageAsked, pageOfList } from './paging.js';

type AlarmQuery = z.infer<typeof alarmQuery>;

/** Lists of alarms: the present ones from the engine, which is the truth of now; the past ones from the history. */
@Injectable()
export class AlarmLists {
  constructor(
    private readonly engine: EngineHost,
    private readonly history: History,
  ) {}

  async alarms(query: AlarmQuery, visibility: Visibility): Promise<Page<Alarm> & WithGap> {
    if (query.state === 'all') return this.#past(query, visibility);
    const shown = this.engine
      .alarms()
      .filter((alarm) => visibility.allows(alarm.enterpriseId) && matches(alarm, query))
      .sort(compareForOperator);
    const page = pageOfList(shown, query, { keyOf: operatorKey, compare: compareForOperator });
    return { ...page, items: page.items.map(toAlarm) };
  }

  async events(alarmId: string, page: PageAsked): Promise<Page<AlarmEventView> & WithGap> {
    await this.engine.historyCaughtUp();
    // The history keeps transitions of this engine as they were, whole.
    const events = (await this.history.alarmEvents(alarmId)) as unknown as readonly Transition[];
    // An alarm that is told from its birth on is told whole.
    const isWhole = events[0]?.type === 'raised';
    const gap = isWhole ? {} : await gapOf(this.history, 0, Infinity);
    const { items, ...rest } = pageOfList(
      events,
      page,
      byKey(({ seq }: Transition) => seq),
    );
    return { ...rest, ...gap, items: items.map((event) => this.#event(event)) };
  }

  async #past(query: AlarmQuery, visibility: Visibility): Promise<Page<Alarm> & WithGap> {
    const { limit, cursor, siteId, deviceId, class: signalClass, from, to } = query;
    const { enterpriseId } = visibility;
    await this.engine.historyCaughtUp();
    const page = await this.history.alarms({
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(siteId === undefined ? {} : { siteIds: [siteId] }),
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(enterpriseId === undefined ? {} : { enterpriseId }),
      ...(signalClass === undefined ? {} : { class: signalClass }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    const gap = await gapOf(this.history, from ?? 0, to ?? Infinity);
    return { ...page, ...gap, items: page.items.map((alarm) => toAlarm(alarm as unknown as AlarmView)) };
  }

  #event(event: Transition): AlarmEventView {
    const stages = this.engine.stageTimes(event.eventId);
    return {
      ...toAlarmEvent(event),
      alarm: toAlarm(event.alarm),
      stages: {
        receivedAt: stages?.receivedAt ?? (event.type === 'raised' ? event.alarm.receivedAt : event.at),
        journalledAt: stages?.journalledAt ?? event.at,
        evaluatedAt: stages?.evaluatedAt ?? null,
        pushedAt: stages?.pushedAt ?? null,
        drawnAt: stages?.drawnAt ?? null,
        drawnBy: stages?.drawnBy ?? null,
      },
    };
  }
}

function matches(
  alarm: AlarmView,
  { state, siteId, deviceId, class: signalClass, from, to }: AlarmQuery,
): boolean {
  return (
    inState(alarm, state) &&
    (siteId === undefined || alarm.siteId === siteId) &&
    (deviceId === undefined || alarm.deviceId === deviceId) &&
    (signalClass === undefined || alarm.class === signalClass) &&
    (from === undefined || alarm.raisedAt >= from) &&
    (to === undefined || alarm.raisedAt <= to)
  );
}

function inState(alarm: AlarmView, state: AlarmQuery['state']): boolean {
  switch (state) {
    case 'active':
      return alarm.active;
    case 'unacknowledged':
      return !alarm.acked;
    case 'suppressed':
      return alarm.suppressedOrShelved;
    case 'all':
      return true;
  }
}

type OperatorKey = Parameters<typeof compareForOperator>[0];

function operatorKey({ acked, class: signalClass, severity, raisedAt, id }: AlarmView): OperatorKey {
  return { acked, class: signalClass, severity, raisedAt, id };
}
