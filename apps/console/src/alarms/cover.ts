import {
  MAINTAINERS,
  SHELVERS,
  SIGNAL_CLASSES,
  type Alarm,
  type AlarmClass,
  type ApprovalView,
  type ExposureKindName,
  type Role,
} from '@watchfire/contracts';

/** Something lies over it: it is quiet. */
export const isCovered = ({ shelving, suppressed, outOfService }: Alarm): boolean =>
  shelving !== 'unshelved' || suppressed || outOfService;

/** What makes an alarm quiet, and what ends that. */
export type CoverAct = 'shelve' | 'unshelve' | 'out-of-service' | 'in-service';

/** The acts that this person may do with the alarm as it is. A rule may allow less than its class; the server decides again. */
export function coverActs(alarm: Alarm, role: Role): CoverAct[] {
  const shelves = (SHELVERS as readonly Role[]).includes(role);
  const maintains = (MAINTAINERS as readonly Role[]).includes(role);
  const acts: CoverAct[] = [];
  if (shelves && alarm.shelving !== 'unshelved') acts.push('unshelve');
  else if (shelves && SIGNAL_CLASSES[alarm.class].shelvable) acts.push('shelve');
  if (maintains) acts.push(alarm.outOfService ? 'in-service' : 'out-of-service');
  return acts;
}

export type RuleCoverAct = CoverAct | 'disable' | 'enable';

/** The acts that this person may do with a rule of a device, with or without an alarm; `covers`: what lies over it now. */
export function ruleCoverActs(
  signalClass: AlarmClass,
  covers: readonly ExposureKindName[],
  role: Role,
): RuleCoverAct[] {
  const shelves = (SHELVERS as readonly Role[]).includes(role);
  const maintains = (MAINTAINERS as readonly Role[]).includes(role);
  const acts: RuleCoverAct[] = [];
  if (shelves && covers.includes('shelved')) acts.push('unshelve');
  else if (shelves && SIGNAL_CLASSES[signalClass].shelvable) acts.push('shelve');
  if (!maintains) return acts;
  acts.push(covers.includes('out-of-service') ? 'in-service' : 'out-of-service');
  acts.push(covers.includes('disabled') ? 'enable' : 'disable');
  return acts;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const TIMES = [10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY];

/** Times to choose from, seconds, up to the longest that the class allows, the shortest first. */
export function coverTimes(signalClass: AlarmClass, act: 'shelve' | 'out-of-service'): number[] {
  const policy = SIGNAL_CLASSES[signalClass];
  const most = act === 'shelve' ? policy.maxShelveSeconds : policy.maxOutOfServiceSeconds;
  return TIMES.filter((seconds) => seconds <= most);
}

export const needsSecondPerson = (signalClass: AlarmClass): boolean =>
  SIGNAL_CLASSES[signalClass].people === 2;

export const allowsOneShot = (signalClass: AlarmClass): boolean => SIGNAL_CLASSES[signalClass].oneShot;

export interface Duration {
  readonly unit: 'minutes' | 'hours' | 'days';
  readonly count: number;
}

/** In the largest unit that it is whole in. */
export function durationOf(seconds: number): Duration {
  if (seconds >= DAY && seconds % DAY === 0) return { unit: 'days', count: seconds / DAY };
  if (seconds >= HOUR && seconds % HOUR === 0) return { unit: 'hours', count: seconds / HOUR };
  return { unit: 'minutes', count: Math.max(1, Math.round(seconds / MINUTE)) };
}

/** A request that a second person must agree to, and not the thing itself. */
export const isRequest = (answer: unknown): answer is ApprovalView =>
  typeof answer === 'object' && answer !== null && 'requestedBy' in answer;

/** What waits for a second person about an alarm, or about its rule. */
export function requestsAbout(
  requests: readonly ApprovalView[],
  { id, deviceId, rule }: Pick<Alarm, 'id' | 'deviceId' | 'rule'>,
): ApprovalView[] {
  return requests.filter(
    ({ subject, state }) => state === 'pending' && (subject === id || subject === `${deviceId}/${rule}`),
  );
}
