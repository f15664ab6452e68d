import { fault } from '../fault.js';
import { type ConditionOf } from '../model.js';
import { type DeviceKind } from '../watch.js';
import { durationText, rounded } from '../wording.js';
import { badSeverities, badWindow } from './checks.js';

/** The clock of the device is wrong: judged by clock-check.ts. [AL34] */
export const clock: DeviceKind<ConditionOf<'clock'>> = {
  judges: 'device',
  check: 'clocks',
  pointsOf: () => [],
  faultOf: ({ limitMs, windowMs, severity }) =>
    (Number.isFinite(limitMs) && limitMs >= 0 ? undefined : fault('clock_limit_invalid')) ??
    badWindow(windowMs) ??
    badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ windowMs }, isOn) => (isOn ? windowMs : 0),
  messageOf({ rule: { title }, device }, { limitMs }) {
    const { skew } = device.clock;
    const by = durationText(rounded(Math.abs(skew)));
    const limit = durationText(limitMs);
    return skew < 0
      ? {
          zh: `${title.zh}：快 ${by.zh}（限值 ${limit.zh}）`,
          en: `${title.en}: ${by.en} ahead (limit ${limit.en})`,
        }
      : {
          zh: `${title.zh}：慢 ${by.zh}（限值 ${limit.zh}）`,
          en: `${title.en}: ${by.en} behind (limit ${limit.en})`,
        };
  },
};
