import { type AlarmView, type Command } from '@watchfire/alarm';
import { type Random } from './random.js';

/** What somebody does with an alarm that is on their list: mostly the right thing, sometimes with an id that has passed. */
export function actOf(alarm: AlarmView, passedEventId: string, random: Random): Command {
  const alarmId = random.chance(0.01) ? 'A1-999' : alarm.id;
  const eventId = random.chance(0.05) ? passedEventId : alarm.eventId;
  const dice = random.next();
  if (dice < 0.05) return { kind: 'comment', alarmId };
  if (dice < 0.1)
    return random.chance(0.5) ? { kind: 'acknowledge', alarmId, eventId } : { kind: 'reset', alarmId };
  return alarm.acked ? { kind: 'reset', alarmId, eventId } : { kind: 'acknowledge', alarmId, eventId };
}
