import { announcementOf, isApart, type AlarmView, type Transition } from '@watchfire/alarm';

/** Event ids of the occurrences that wait for somebody: the present one, and older ones of a rule that keeps them. */
export function waitingIn(alarm: AlarmView): readonly string[] {
  const { olderOccurrences = [] } = alarm as Partial<AlarmView>;
  const older = olderOccurrences.map(({ eventId }) => eventId);
  return alarm.acked ? older : [alarm.eventId, ...older];
}

/** Since when it is active as far as it says so itself: an older place that has not cleared was there before. [AL146] */
export function activeSince(alarm: AlarmView): number {
  const { olderOccurrences = [] } = alarm as Partial<AlarmView>;
  const standing = olderOccurrences.filter(({ clearedAt }) => clearedAt === null);
  return Math.min(alarm.raisedAt, ...standing.map(({ raisedAt }) => raisedAt));
}

/**
 * When the occurrences of one alarm that may wait were announced, by event id; of its transitions in their order. Those of drills
 * and tests are not among them, also when a real occurrence follows while they still wait. [KP2]
 */
export function announcementTimes(transitions: readonly Transition[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const transition of transitions) {
    const { eventId } = transition.alarm;
    if (isApart(transition.alarm)) continue;
    const announcement = announcementOf(transition);
    if (announcement === 'new' || (announcement === 'again' && !times.has(eventId))) {
      times.set(eventId, transition.at);
    }
  }
  return times;
}
