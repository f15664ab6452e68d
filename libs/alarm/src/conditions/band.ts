import { fault, type Fault } from '../fault.js';
import { type BilingualText, type ConditionOf } from '../model.js';
import { type WholeKind, type Watch } from '../watch.js';
import { withUnit } from '../wording.js';
import { badAmount, badDelays, badSeverities } from './checks.js';
import { badOperand, operandNumber, operandPoints, pointNumber } from './operand.js';

type Band = ConditionOf<'band'>;

/** Inside or outside a range, both ends included. A value beyond every end is outside: it never counts as no value. [AL72] */
export const band: WholeKind<Band> = {
  judges: 'whole',
  calm: 'same-value',
  pointsOf: ({ pointId, low, high }) => [pointId, ...operandPoints(low, high)],
  faultOf: (condition) =>
    badDelays(condition) ??
    badOperand(condition.low, condition.high) ??
    badAmount('deadband', condition.deadband) ??
    badSeverities(condition.severity) ??
    badRange(condition),
  stepsOf: ({ severity }) => [{ level: null, severity, limit: undefined }],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, condition) {
    const value = pointNumber(watch, condition.pointId);
    const low = operandNumber(watch, condition.low);
    const high = operandNumber(watch, condition.high);
    if (value === undefined || low === undefined || high === undefined) return undefined;
    const margin = isHeld(watch) ? condition.deadband : 0;
    const isTrue =
      condition.alarm === 'inside'
        ? value >= low - margin && value <= high + margin
        : value < low + margin || value > high - margin;
    return isTrue ? 0 : -1;
  },
  messageOf(watch, condition, _step, value) {
    const { title } = watch.rule;
    const unit = watch.points[0]?.point.unit ?? null;
    const range = rangeText(watch, condition, unit);
    const present = typeof value === 'number' ? withUnit(value, unit) : '';
    const inside: BilingualText = { zh: `在 ${range} 之内`, en: `within ${range}` };
    const outside: BilingualText = { zh: `不在 ${range} 之内`, en: `not within ${range}` };
    const words = condition.alarm === 'inside' ? inside : outside;
    return { zh: `${title.zh}：${present} ${words.zh}`, en: `${title.en}: ${present} ${words.en}` };
  },
};

/** True, and not on its way to false or the other way round: then the deadband holds it. */
export function isHeld({ filters: [filter] }: Watch): boolean {
  return filter !== undefined && filter.on !== (filter.deadline !== Infinity);
}

function badRange({ low, high }: Band): Fault | undefined {
  if (!('value' in low) || !('value' in high)) return undefined;
  if (typeof low.value !== 'number' || typeof high.value !== 'number') return fault('range_end_invalid');
  return low.value < high.value ? undefined : fault('range_empty');
}

function rangeText(watch: Watch, { low, high }: Band, unit: string | null): string {
  const text = (end: number | undefined): string => (end === undefined ? '?' : withUnit(end, unit));
  return `${text(operandNumber(watch, low))} … ${text(operandNumber(watch, high))}`;
}
