import { fault, type Fault } from '../fault.js';
import { type BilingualText, type Limit, type LimitLevel, type PointValue } from '../model.js';
import { isHigh, type AlarmStep, type Watch } from '../watch.js';
import { withUnit } from '../wording.js';
import { badSeverities } from './checks.js';
import { badOperand, operandNumber, operandPoints } from './operand.js';

/** What decides first stands first: the outer levels before the inner ones. */
const PRECEDENCE = ['HH', 'LL', 'H', 'L'] as const;
const RISING = ['LL', 'L', 'H', 'HH'] as const;

const LEVEL_NAMES: Readonly<Record<LimitLevel, BilingualText>> = {
  HH: { zh: '高高报 HH', en: 'high-high (HH)' },
  H: { zh: '高报 H', en: 'high (H)' },
  L: { zh: '低报 L', en: 'low (L)' },
  LL: { zh: '低低报 LL', en: 'low-low (LL)' },
};

export function ladderSteps(limits: readonly Limit[]): readonly AlarmStep[] {
  return PRECEDENCE.flatMap((level) => {
    const limit = limits.find((entry) => entry.level === level);
    return limit === undefined ? [] : [{ level, severity: limit.severity, limit }];
  });
}

export function badLadder(limits: readonly Limit[]): Fault | undefined {
  if (limits.length === 0) return fault('limits_missing');
  if (new Set(limits.map(({ level }) => level)).size < limits.length) return fault('level_twice');
  if (!limits.every(({ limit, deadband }) => Number.isFinite(limit) && deadband >= 0)) {
    return fault('limit_invalid');
  }
  const ladder = RISING.flatMap((level) => limits.find((entry) => entry.level === level) ?? []);
  for (const [index, upper] of ladder.entries()) {
    const lower = ladder[index - 1];
    // What is read is not known here: each of its levels stands for itself.
    if (lower === undefined || lower.from !== undefined || upper.from !== undefined) continue;
    const meets = isHigh(lower) !== isHigh(upper) ? lower.limit >= upper.limit : lower.limit > upper.limit;
    if (meets) return fault('limits_disordered', { lower: lower.level, upper: upper.level });
  }
  return (
    badOperand(...limits.map(({ from }) => from)) ?? badSeverities(...limits.map(({ severity }) => severity))
  );
}

/** The limit as it is now; undefined while what it refers to is not known. */
export function presentLimit(watch: Watch, limit: Limit): Limit | undefined {
  if (limit.from === undefined) return limit;
  const present = operandNumber(watch, limit.from);
  return present === undefined ? undefined : { ...limit, limit: present };
}

/** The points that limits refer to. */
export function limitPoints(limits: readonly Limit[]): readonly string[] {
  return operandPoints(...limits.map(({ from }) => from));
}

/** A value is at or beyond a limit, or, once it was, not yet back behind the deadband. [AL3] */
export function isBeyond(limit: Limit, value: number, wasBeyond: boolean): boolean {
  const band = wasBeyond ? limit.deadband : 0;
  return isHigh(limit) ? value >= limit.limit - band : value <= limit.limit + band;
}

/** `{title} 高报 H：32 ℃ ≥ 30 ℃`. */
export function ladderMessage(
  watch: Watch,
  step: AlarmStep,
  value: PointValue | undefined,
  unit: string | null,
): BilingualText {
  const { title } = watch.rule;
  if (step.limit === undefined) return title;
  const limit = presentLimit(watch, step.limit) ?? step.limit;
  const name = LEVEL_NAMES[limit.level];
  const bound = withUnit(limit.limit, unit);
  if (typeof value !== 'number') {
    return {
      zh: `${title.zh} ${name.zh}：限值 ${bound}`,
      en: `${title.en}, ${name.en}: limit ${bound}`,
    };
  }
  const present = withUnit(value, unit);
  const beyond = isHigh(limit) ? value >= limit.limit : value <= limit.limit;
  if (beyond) {
    const comparison = `${present} ${isHigh(limit) ? '≥' : '≤'} ${bound}`;
    return { zh: `${title.zh} ${name.zh}：${comparison}`, en: `${title.en}, ${name.en}: ${comparison}` };
  }
  // Inside the deadband, or back already when the delay ran out: a comparison would state what is not so.
  return {
    zh: `${title.zh} ${name.zh}：${present}（限值 ${bound}）`,
    en: `${title.en}, ${name.en}: ${present} (limit ${bound})`,
  };
}
