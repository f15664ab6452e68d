import { fault } from '../fault.js';
import { type AlarmBit, type ConditionOf } from '../model.js';
import { type WholeKind } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';
import { pointNumber } from './operand.js';

const MAX_MASK = 0xffff_ffff;

/** States that are packed in the bits of a number, as in GB/T 26875.3. What is no such number is unknown. [AL73] */
export const bits: WholeKind<ConditionOf<'bits'>> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId }) => [pointId],
  faultOf: (condition) =>
    badDelays(condition) ??
    (condition.bits.length === 0 ? fault('bits_missing') : undefined) ??
    (condition.bits.every(({ mask }) => isWord(mask) && mask > 0) ? undefined : fault('mask_invalid')) ??
    (new Set(condition.bits.map(({ level }) => level)).size < condition.bits.length
      ? fault('level_twice')
      : undefined) ??
    badSeverities(...condition.bits.map(({ severity }) => severity)),
  stepsOf: (condition) =>
    bySeverity(condition.bits).map(({ level, severity }) => ({ level, severity, limit: undefined })),
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, condition) {
    const value = pointNumber(watch, condition.pointId);
    if (value === undefined || !isWord(value)) return undefined;
    return bySeverity(condition.bits).findIndex(({ mask, when }) => hasBit(value, mask) === (when ?? true));
  },
  messageOf({ rule: { title } }, _condition, { level }) {
    return { zh: `${title.zh}：${level ?? ''}`, en: `${title.en}: ${level ?? ''}` };
  },
};

/** The most severe first; in the order of the rule where they are equal. */
function bySeverity(list: readonly AlarmBit[]): readonly AlarmBit[] {
  return [...list].sort((a, b) => b.severity - a.severity);
}

function hasBit(value: number, mask: number): boolean {
  return (value & mask) !== 0;
}

function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_MASK;
}
