import { fault } from '../fault.js';
import { type ConditionOf } from '../model.js';
import { type DeviceKind } from '../watch.js';
import { durationText } from '../wording.js';
import { badSeverities, badWindow } from './checks.js';

/** The engine keeps the time of each. */
const MAX_TAKE_OVERS = 100;

/** One connection takes over from the other again and again: judged by flapping-check.ts. [AL35] */
export const flapping: DeviceKind<ConditionOf<'flapping'>> = {
  judges: 'device',
  check: 'flapping',
  pointsOf: () => [],
  faultOf: ({ count, windowMs, severity }) =>
    (Number.isInteger(count) && count >= 2 && count <= MAX_TAKE_OVERS
      ? undefined
      : fault('take_overs_invalid', { most: MAX_TAKE_OVERS })) ??
    badWindow(windowMs) ??
    badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ windowMs }, isOn) => (isOn ? windowMs : 0),
  messageOf({ rule: { title } }, { windowMs, count }) {
    const within = durationText(windowMs);
    return {
      zh: `${title.zh}：${within.zh}内连接被顶替 ${count} 次或更多`,
      en: `${title.en}: taken over ${count} times or more within ${within.en}`,
    };
  },
};
