import { canonical, sameJson } from './canonical.js';
import {
  type Again,
  type AlarmBit,
  type AlarmValue,
  type Condition,
  type ConditionOf,
  type Limit,
  type Operand,
  type Rule,
} from './model.js';
import { isHigh, isOuter } from './watch.js';

/** What of a rule decides when there is an alarm, how severe it is, and what is asked of people. */
export type RuleStrength = Omit<Rule, 'key' | 'version' | 'title'>;

/** Where within the value it is weaker, `''` for the value as a whole; empty where it is as strict or stricter. */
type Judge<T> = (before: T, after: T) => readonly string[];
type Judges<T> = { readonly [Field in keyof T]?: Judge<T[Field]> };

const NOWHERE: readonly string[] = [];
const WHOLE: readonly string[] = [''];

/** Text that nobody is warned by. */
const IGNORED: ReadonlySet<string> = new Set(['key', 'version', 'title', 'firstOutGroup']);

/**
 * What of the rule is weaker than it was, by its path; empty where nothing is. Weaker is what may be no alarm, or a less severe
 * one, where there was one before. `undefined` is a rule that is not there or is switched off. A field for which nothing is said
 * here may not change at all: what cannot be judged counts as weaker. [RU19]
 */
export function weakenings(
  before: RuleStrength | undefined,
  after: RuleStrength | undefined,
): readonly string[] {
  if (before === undefined) return NOWHERE;
  if (after === undefined) return ['enabled'];
  const { condition: was, ...ruleBefore } = before;
  const { condition: is, ...ruleAfter } = after;
  const ofRule = compared(OF_THE_RULE, ruleBefore, ruleAfter);
  if (was.kind !== is.kind) return [...ofRule, 'kind'];
  return [...new Set([...ofRule, ...compared(judgesOf(was, is), was, is), ...countedDelay(was, is)])];
}

/** Those of a field that mean one thing or another by what stands beside it as well. */
function judgesOf(was: Condition, is: Condition): object {
  const judges = OF_CONDITION[was.kind];
  if (was.kind === 'band') return { ...judges, ...(was.alarm === 'inside' ? INSIDE : OUTSIDE) };
  if (was.kind === 'discrete' && is.kind === 'discrete') {
    return { ...judges, alarmValues: () => alarmValues(was, is) };
  }
  return judges;
}

/** So many samples within the delay: a shorter one proves what is true without a break sooner, and counts fewer samples. [AL70] */
function countedDelay(was: Condition, is: Condition): readonly string[] {
  const counts = 'onCount' in was && was.onCount !== undefined;
  return counts && 'onDelayMs' in is && is.onDelayMs !== was.onDelayMs ? ['onDelayMs'] : NOWHERE;
}

function compared(judges: object, before: object, after: object): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => {
    if (IGNORED.has(field)) return NOWHERE;
    const was = (before as Readonly<Record<string, unknown>>)[field];
    const is = (after as Readonly<Record<string, unknown>>)[field];
    if (sameJson(canonical(was), canonical(is))) return NOWHERE;
    const judge = (judges as Readonly<Record<string, Judge<unknown> | undefined>>)[field];
    if (judge === undefined) return [field];
    return judge(was, is).map((within) => (within === '' ? field : `${field}.${within}`));
  });
}

/** Undefined, and what is no number, is comparable with nothing: then it is weaker. */
const higher: Judge<number | undefined> = (before, after) =>
  before !== undefined && after !== undefined && after >= before ? NOWHERE : WHOLE;
const lower: Judge<number | undefined> = (before, after) =>
  before !== undefined && after !== undefined && after <= before ? NOWHERE : WHOLE;
/** As `judge`; what was not there before makes more alarms. */
const added =
  <T>(judge: Judge<T>): Judge<T> =>
  (before, after) =>
    before === undefined ? NOWHERE : judge(before, after);
const more: Judge<readonly unknown[]> = (before, after) =>
  before.every((one) => after.includes(one)) ? NOWHERE : WHOLE;
const fewer: Judge<readonly unknown[] | undefined> = (before, after) =>
  before !== undefined && after?.every((one) => before.includes(one)) === true ? NOWHERE : WHOLE;
const becomes =
  (...stricter: readonly unknown[]): Judge<unknown> =>
  (_before, after) =>
    stricter.includes(after) ? NOWHERE : WHOLE;

const limits: Judge<readonly Limit[]> = (before, after) => {
  // Where an outer level is the less severe one, reaching it sooner is no gain.
  if (!risesOutward(after)) return WHOLE;
  return before.flatMap((was) => {
    const is = after.find(({ level }) => level === was.level);
    if (is === undefined) return [was.level];
    return compared(isHigh(was) ? HIGH_LIMIT : LOW_LIMIT, was, is).map((field) => `${was.level}.${field}`);
  });
};
const HIGH_LIMIT: Judges<Limit> = { limit: lower, severity: higher, deadband: higher };
const LOW_LIMIT: Judges<Limit> = { limit: higher, severity: higher, deadband: higher };

function risesOutward(all: readonly Limit[]): boolean {
  return all.every((outer) =>
    all.every(
      (inner) =>
        isHigh(outer) !== isHigh(inner) ||
        !isOuter(outer) ||
        isOuter(inner) ||
        inner.severity <= outer.severity,
    ),
  );
}

const bits: Judge<readonly AlarmBit[]> = (before, after) =>
  before.flatMap((was) => {
    const is = after.find(
      ({ mask, when = true, level }) =>
        mask === was.mask && when === (was.when ?? true) && level === was.level,
    );
    return is !== undefined && is.severity >= was.severity ? NOWHERE : [was.level];
  });

/** A value that had an alarm has the same one, at least as severe. */
function alarmValues(before: ConditionOf<'discrete'>, after: ConditionOf<'discrete'>): readonly string[] {
  const kept = before.alarmValues.flatMap((was) => {
    const is = listed(after, was);
    return is !== undefined && is.level === was.level && is.severity >= was.severity ? NOWHERE : [was.level];
  });
  // What was none of the normal values and is now listed must not thereby become less severe.
  const lessened = after.alarmValues.filter(
    (is) =>
      listed(before, is) === undefined &&
      before.normal?.includes(is.value) === false &&
      is.severity < (before.offNormalSeverity ?? 0),
  );
  return [...kept, ...lessened.map(({ level }) => level)];
}

function listed(
  { alarmValues: all }: ConditionOf<'discrete'>,
  { value }: AlarmValue,
): AlarmValue | undefined {
  return all.find((one) => one.value === value);
}

type Terms = ConditionOf<'all'>['terms'];
/** Each term that is left was asked for before, and holds for at least the same values. */
const terms: Judge<Terms> = (before, after) =>
  after.flatMap(({ pointId, values }) => {
    const was = before.find((one) => one.pointId === pointId);
    return was === undefined || more(was.values, values).length > 0 ? [pointId] : NOWHERE;
  });

/** The same number tells the same occurrences; what people call the places is text. */
const again: Judge<Again | undefined> = (before, after) =>
  before?.countId === after?.countId ? NOWHERE : WHOLE;

const end =
  (judge: Judge<number | undefined>): Judge<Operand> =>
  (before, after) =>
    'value' in before &&
    typeof before.value === 'number' &&
    'value' in after &&
    typeof after.value === 'number'
      ? judge(before.value, after.value)
      : WHOLE;

const INSIDE: Judges<ConditionOf<'band'>> = { low: end(lower), high: end(higher) };
const OUTSIDE: Judges<ConditionOf<'band'>> = { low: end(higher), high: end(lower) };

const OF_THE_RULE: Judges<Omit<RuleStrength, 'condition'>> = {
  latching: becomes(true),
  enabledWhen: becomes(undefined),
  inhibitedBy: becomes(undefined),
};

const DELAYS = { onDelayMs: lower, offDelayMs: higher };
const COUNTED = { ...DELAYS, onCount: added(lower) };
const SEVERE = { severity: higher };

/** By kind and field; a field that is not here may not change. */
const OF_CONDITION: { readonly [Kind in Condition['kind']]: Judges<ConditionOf<Kind>> } = {
  limit: { ...COUNTED, limits },
  discrete: { ...COUNTED, normal: added(fewer), offNormalSeverity: added(higher), again: added(again) },
  all: { ...COUNTED, ...SEVERE, terms },
  stale: { ...SEVERE, afterMs: lower },
  offline: { ...SEVERE, afterMs: lower },
  clock: { ...SEVERE, limitMs: lower },
  flapping: { ...SEVERE, count: lower, windowMs: higher },
  voting: { ...DELAYS, ...SEVERE, need: lower, onBad: becomes('vote') },
  'voting-degraded': { ...DELAYS, ...SEVERE, blindSeverity: higher },
  coincidence: { ...DELAYS, ...SEVERE, need: lower, windowMs: higher },
  colours: { ...DELAYS, bluesToYellow: lower, yellowsToOrange: lower, orangesToRed: lower, classes: more },
  deviation: { ...COUNTED, limits },
  band: { ...COUNTED, ...SEVERE, deadband: higher },
  bits: { ...COUNTED, bits },
  change: { ...SEVERE, tolerance: lower, holdMs: higher },
  rate: { ...COUNTED, limits },
  discrepancy: { ...SEVERE, tolerance: lower, expectedMs: lower, offDelayMs: higher },
  frozen: { ...SEVERE, afterMs: lower, tolerance: higher },
  count: { ...SEVERE, values: more, count: lower, windowMs: higher },
  'value-flapping': { ...SEVERE, tolerance: lower, count: lower, windowMs: higher },
  boolean: { ...COUNTED, ...SEVERE },
  derived: { ...COUNTED, limits },
  drift: { ...SEVERE, slack: lower, threshold: lower, direction: becomes('both') },
};
