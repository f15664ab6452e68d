import { Injectable } from '@nestjs/common';
import { type AlarmView, type Transition } from '@watchfire/alarm';
import { type AcceptanceView, type newAcceptance } from '@watchfire/contracts';
import { type AcceptanceRow, type NewAcceptance, Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { type Principal } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Problem } from '../problem/problem.js';

type Entered = z.infer<typeof newAcceptance>;
type Occurrence = Pick<
  NewAcceptance,
  'firstAlarmAt' | 'acceptedAt' | 'informationType' | 'information' | 'drill'
>;

const MOST_RECORDS = 1_000;

/** Writes down what was made of fire alarms: what the centre knows comes from its records, the rest from who handled it. */
@Injectable()
export class AcceptanceDesk {
  constructor(
    private readonly registry: Registry,
    private readonly objects: VisibleObjects,
  ) {}

  async record(alarmId: string, { eventId, ...entered }: Entered, who: Principal): Promise<AcceptanceView> {
    const alarm = await this.objects.alarm(alarmId, who.visibility);
    if (alarm.class !== 'fire') throw new Problem('alarm_not_of_fire');
    const occurrence =
      occurrenceOf(alarm, eventId) ??
      (await this.#recorded(alarmId, eventId)) ??
      pastOccurrence(await this.objects.alarmEvents(alarmId), eventId);
    if (occurrence === undefined) throw new Problem('event_id_unknown');
    const { siteId, enterpriseId } = alarm;
    const operator = who.user.displayName;
    return acceptanceView(
      await this.registry.acceptance.append({
        ...{ alarmId, eventId, siteId, enterpriseId, operator },
        ...occurrence,
        ...entered,
      }),
    );
  }

  /** Of one that is over and was recorded before: a correction. */
  async #recorded(alarmId: string, eventId: string): Promise<Occurrence | undefined> {
    const { items } = await this.registry.acceptance.list({ limit: MOST_RECORDS, alarmId });
    const found = items.find((each) => each.eventId === eventId);
    if (found === undefined) return undefined;
    const { firstAlarmAt, acceptedAt, informationType, information, drill } = found;
    return { firstAlarmAt, acceptedAt, informationType, information, drill };
  }
}

export function acceptanceView({ enterpriseId, ...view }: AcceptanceRow): AcceptanceView {
  void enterpriseId;
  return view;
}

/** Of one that another place has taken the place of: as it was when it was last the present one. [AL146] */
function pastOccurrence(events: readonly Transition[], eventId: string): Occurrence | undefined {
  const last = events.findLast(({ alarm }) => alarm.eventId === eventId);
  return last === undefined ? undefined : occurrenceOf(last.alarm, eventId);
}

function occurrenceOf(alarm: AlarmView, eventId: string): Occurrence | undefined {
  const { drill, class: informationType } = alarm;
  if (alarm.eventId === eventId) {
    const { raisedAt: firstAlarmAt, ackedAt: acceptedAt, message: information } = alarm;
    return { firstAlarmAt, acceptedAt, informationType, information, drill };
  }
  const older = alarm.olderOccurrences.find((each) => each.eventId === eventId);
  if (older === undefined) return undefined;
  // One that waits among the older ones was not acknowledged.
  return {
    ...{ firstAlarmAt: older.raisedAt, acceptedAt: null, information: older.message },
    ...{ informationType, drill },
  };
}
