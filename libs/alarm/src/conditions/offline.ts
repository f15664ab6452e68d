import { type ConditionOf } from '../model.js';
import { type SilenceKind } from '../watch.js';
import { durationText } from '../wording.js';
import { badAfter, badSeverities } from './checks.js';

/** The device is not connected for so long. [AL22] */
export const offline: SilenceKind<ConditionOf<'offline'>> = {
  judges: 'silence',
  pointsOf: () => [],
  faultOf: ({ afterMs, severity }) => badAfter(afterMs) ?? badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ afterMs }) => afterMs,
  messageOf({ rule: { title } }, { afterMs }) {
    const after = durationText(afterMs);
    return {
      zh: `${title.zh}：超过 ${after.zh}未连接`,
      en: `${title.en}: not connected for ${after.en}`,
    };
  },
};
