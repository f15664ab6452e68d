import { type AlarmView, type Command, type RuleAddress } from '@watchfire/alarm';
import { type Random } from './random.js';

/** What somebody does with an alarm that is on their list: mostly the right thing, sometimes with an id that has passed. */
export function actOf(alarm: AlarmView, passedEventId: string, random: Random): Command {
  const alarmId = random.chance(0.01) ? 'A1-999' : alarm.id;
  const eventId = random.chance(0.05) ? passedEventId : alarm.eventId;
  const [older] = alarm.olderOccurrences;
  if (random.chance(0.3)) return rareAct(alarm, { alarmId, eventId }, random);
  if (older !== undefined) return { kind: 'acknowledge', alarmId, eventId: older.eventId };
  if (!alarm.acked) return { kind: 'acknowledge', alarmId, eventId };
  return alarm.confirmed ? { kind: 'reset', alarmId, eventId } : { kind: 'confirm', alarmId, eventId };
}

/** Everything else that may be done, whether it fits or not: by the alarm, or by the name of the rule. */
function rareAct(alarm: AlarmView, named: { alarmId: string; eventId: string }, random: Random): Command {
  const rule = { deviceId: alarm.deviceId, ruleKey: alarm.rule };
  const address: RuleAddress = random.chance(0.5) ? named : rule;
  // Sometimes longer than any rule allows.
  const seconds = random.of([60, 600, 3_600, 7_200, 864_000]);
  const agreed = random.chance(0.7) ? { approvedBy: 'chief' } : {};
  const acts: readonly (() => Command)[] = [
    () => ({ kind: 'comment', alarmId: named.alarmId }),
    () => ({ kind: 'acknowledge', ...named }),
    () => ({ kind: 'reset', alarmId: named.alarmId }),
    () => ({ kind: 'confirm', ...named }),
    () => ({ kind: 'withdraw-acknowledgement', ...named }),
    () => ({ kind: 'silence', ...named }),
    () => ({
      kind: 'shelve',
      mode: random.of(['timed', 'oneShot'] as const),
      seconds,
      ...address,
      ...agreed,
    }),
    () => ({ kind: 'unshelve', ...address }),
    () => ({ kind: 'out-of-service', seconds, compensatingMeasure: '人工巡检', ...address, ...agreed }),
    () => ({ kind: 'in-service', ...address }),
    () => ({ kind: 'disable', ...rule, ...agreed }),
    () => ({ kind: 'enable', ...rule }),
    // Who switches something off switches it on again.
    () => ({ kind: 'enable', ...rule }),
  ];
  return random.of(acts)();
}
