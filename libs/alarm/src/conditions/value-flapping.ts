import { type ConditionOf } from '../model.js';
import { type WholeKind } from '../watch.js';
import { durationText } from '../wording.js';
import { differs } from './change.js';
import { badAmount, badCount, badSeverities, badWindow } from './checks.js';
import { countLook, countStep } from './window-count.js';

/** A value that changes again and again. It is an alarm of its own; the other rules of the point go on telling theirs. [AL78] */
export const valueFlapping: WholeKind<ConditionOf<'value-flapping'>> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: ({ count, windowMs, tolerance, severity }) =>
    badCount(count) ?? badWindow(windowMs) ?? badAmount('tolerance', tolerance) ?? badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: () => 0,
  stepAt: (watch, { count, windowMs, tolerance }, { now }) =>
    countStep(watch, now, {
      count,
      windowMs,
      counts: (before, after) => differs(before, after, tolerance),
    }),
  nextLookAt: (watch, _condition, now) => countLook(watch, now),
  messageOf({ rule: { title } }, { count, windowMs }) {
    const within = durationText(windowMs);
    return {
      zh: `${title.zh}：${within.zh}内变化 ${count} 次或更多`,
      en: `${title.en}: changed ${count} times or more within ${within.en}`,
    };
  },
};
