import { type ConditionOf } from '../model.js';
import { type SilenceKind } from '../watch.js';
import { durationText } from '../wording.js';
import { badAfter, badSeverities } from './checks.js';

/** No usable sample of a point for so long, also of one that never reported. [AL8] */
export const stale: SilenceKind<ConditionOf<'stale'>> = {
  judges: 'silence',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: ({ afterMs, severity }) => badAfter(afterMs) ?? badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ afterMs }) => afterMs,
  messageOf({ rule: { title } }, { afterMs }) {
    const after = durationText(afterMs);
    return {
      zh: `${title.zh}：超过 ${after.zh}无有效数据`,
      en: `${title.en}: no usable data for ${after.en}`,
    };
  },
};
