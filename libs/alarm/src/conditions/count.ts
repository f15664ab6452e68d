import { fault } from '../fault.js';
import { type ConditionOf } from '../model.js';
import { type WholeKind } from '../watch.js';
import { durationText } from '../wording.js';
import { badCount, badSeverities, badWindow } from './checks.js';
import { countLook, countStep } from './window-count.js';

/** A value was entered too often: a pump that starts and starts again. [AL78] */
export const count: WholeKind<ConditionOf<'count'>> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: ({ values, count: needed, windowMs, severity }) =>
    (values.length === 0 ? fault('values_missing') : undefined) ??
    badCount(needed) ??
    badWindow(windowMs) ??
    badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: () => 0,
  stepAt: (watch, { count: needed, windowMs, values }, { now }) =>
    countStep(watch, now, {
      count: needed,
      windowMs,
      counts: (before, after) => !values.includes(before) && values.includes(after),
    }),
  nextLookAt: (watch, _condition, now) => countLook(watch, now),
  messageOf({ rule: { title } }, { count: needed, windowMs, values }) {
    const within = durationText(windowMs);
    const what = values.map(String).join(', ');
    return {
      zh: `${title.zh}：${within.zh}内变为 ${what} 达 ${needed} 次或更多`,
      en: `${title.en}: became ${what} ${needed} times or more within ${within.en}`,
    };
  },
};
