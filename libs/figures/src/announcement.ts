import { type AlarmView, type Transition, type TransitionType } from '@watchfire/alarm';

/**
 * What a transition asks of the people at the screen: `new` is something to look at, `again` the same once more, `covered` a
 * new occurrence that nobody was told of, since its rule is shelved, suppressed by design or out of service. [KP4]
 */
export type Announcement = 'new' | 'again' | 'covered' | 'none';

/** Transitions that come back from under a cover, or take an acknowledgement back: with the same event id, and to be looked at. */
const RETURNS: ReadonlySet<TransitionType> = new Set<TransitionType>([
  'unshelved',
  'shelve-expired',
  'unsuppressed',
  'in-service',
  'service-due',
  'acknowledgement-withdrawn',
]);

export function announcementOf({ type, eventId, alarm }: Transition): Announcement {
  if (alarm.acked) return 'none';
  if (type === 're-alarmed') return 'again';
  const occurs = eventId === alarm.eventId;
  if (isCovered(alarm)) return occurs ? 'covered' : 'none';
  return occurs || RETURNS.has(type) ? 'new' : 'none';
}

/** Quiet, and not blind. False in views of journals that know of no cover. */
export function isCovered({ suppressedOrShelved }: Partial<AlarmView>): boolean {
  return suppressedOrShelved === true;
}

/** Drills and tests are kept out of every figure and counted apart. [KP2] */
export function isApart({ drill, class: signalClass }: AlarmView): boolean {
  return drill || signalClass === 'test';
}

/** Event ids of the occurrences that wait for somebody: the present one, and older ones of a rule that keeps them. */
export function waitingIn(alarm: AlarmView): readonly string[] {
  const { olderOccurrences = [] } = alarm as Partial<AlarmView>;
  const older = olderOccurrences.map(({ eventId }) => eventId);
  return alarm.acked ? older : [alarm.eventId, ...older];
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
