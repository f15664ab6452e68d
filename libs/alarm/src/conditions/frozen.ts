import { type ConditionOf, type PointValue } from '../model.js';
import { isUsable, type Watch, type WholeKind } from '../watch.js';
import { durationText } from '../wording.js';
import { differs } from './change.js';
import { badAfter, badAmount, badSeverities } from './checks.js';

/** The value from which it has not moved, and the device time of its first sample. */
interface Still {
  readonly value: PointValue;
  readonly since: number;
  readonly [key: string]: PointValue;
}

/**
 * A sensor that goes on saying the same: shown by samples alone, by their device times. Without samples it is stale, which is
 * another rule's to say. [AL77]
 */
export const frozen: WholeKind<ConditionOf<'frozen'>> = {
  judges: 'whole',
  calm: 'never',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: ({ afterMs, tolerance, severity }) =>
    badAfter(afterMs) ?? badAmount('tolerance', tolerance) ?? badSeverities(severity),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: () => 0,
  stepAt(watch, { tolerance, afterMs }) {
    const [point] = watch.points;
    if (point?.value === undefined || !isUsable(point)) return undefined;
    const still = stillOf(watch);
    if (still === undefined || differs(still.value, point.value, tolerance)) {
      watch.memory = { value: point.value, since: point.ts };
      return -1;
    }
    return point.ts - still.since >= afterMs ? 0 : -1;
  },
  messageOf({ rule: { title } }, { afterMs }, _step, value) {
    const after = durationText(afterMs);
    return {
      zh: `${title.zh}：${after.zh}内数值不变（${String(value)}）`,
      en: `${title.en}: unchanged for ${after.en} (${String(value)})`,
    };
  },
};

function stillOf({ memory }: Watch): Still | undefined {
  return memory as Still | undefined;
}
