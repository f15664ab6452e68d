import { ALARM_HANDLERS, SIGNAL_CLASSES, type Alarm, type Role } from '@watchfire/contracts';
import { isCovered } from './cover.js';

/** What is done about an alarm after, or beside, its acknowledgement. */
export type FollowUp = 'confirm' | 'withdraw-acknowledgement';

export function followUps(alarm: Alarm, role: Role): FollowUp[] {
  if (!(ALARM_HANDLERS as readonly Role[]).includes(role)) return [];
  const acts: FollowUp[] = [];
  if (alarm.acked && !alarm.confirmed) acts.push('confirm');
  // Only of what is still there: what is over was not acknowledged in error.
  if (alarm.acked && alarm.active && !isCovered(alarm) && SIGNAL_CLASSES[alarm.class].withdrawable)
    acts.push('withdraw-acknowledgement');
  return acts;
}
