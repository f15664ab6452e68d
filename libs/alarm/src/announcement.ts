import { type AlarmView, type Transition, type TransitionType } from './model.js';

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

export function announcementOf({
  type,
  eventId,
  alarm,
}: Pick<Transition, 'type' | 'eventId' | 'alarm'>): Announcement {
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
export function isApart({ drill, class: signalClass }: Pick<AlarmView, 'drill' | 'class'>): boolean {
  return drill || signalClass === 'test';
}
