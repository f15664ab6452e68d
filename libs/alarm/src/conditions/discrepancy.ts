import { type ConditionOf, type PointValue } from '../model.js';
import { type WholeKind } from '../watch.js';
import { durationText } from '../wording.js';
import { differs } from './change.js';
import { badAfter, badAmount, badSeverities } from './checks.js';
import { pointValue } from './operand.js';

type Discrepancy = ConditionOf<'discrepancy'>;

/**
 * A damper, pump, shutter or release does not do what it was told (OPC UA DiscrepancyAlarm), or does what it was not told. A new
 * command gives the expected time anew; the alarm itself ends only when both agree. [AL76]
 */
export const discrepancy: WholeKind<Discrepancy> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ feedbackId, commandId }) => [feedbackId, commandId],
  faultOf: ({ expectedMs, offDelayMs, tolerance, severity }) =>
    badAfter(expectedMs) ??
    badAmount('off_delay', offDelayMs) ??
    badAmount('tolerance', tolerance) ??
    badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ expectedMs, offDelayMs }, isOn) => (isOn ? offDelayMs : expectedMs),
  stepAt(watch, condition) {
    const command = pointValue(watch, condition.commandId);
    const feedback = pointValue(watch, condition.feedbackId);
    if (command === undefined || feedback === undefined) return undefined;
    if (command !== watch.memory) {
      const [filter] = watch.filters;
      if (filter?.on === false) filter.endPending();
      watch.memory = command;
    }
    return differs(wanted(condition, command), feedback, condition.tolerance) ? 0 : -1;
  },
  messageOf(watch, condition) {
    const { title } = watch.rule;
    const command = String(pointValue(watch, condition.commandId) ?? '?');
    const feedback = String(pointValue(watch, condition.feedbackId) ?? '?');
    const within = durationText(condition.expectedMs);
    return {
      zh: `${title.zh}：命令 ${command}，${within.zh}内反馈为 ${feedback}`,
      en: `${title.en}: commanded ${command}, feedback ${feedback} after ${within.en}`,
    };
  },
};

function wanted({ pairs = [] }: Discrepancy, command: PointValue): PointValue {
  return pairs.find((pair) => pair.command === command)?.feedback ?? command;
}
