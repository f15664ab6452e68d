import { fault, faultIn, type Fault } from '../fault.js';
import { type ConditionOf, type PointValue } from '../model.js';
import { type LevelsKind, type Watch } from '../watch.js';
import { badDelays } from './checks.js';
import { compile, ExpressionError, type Compiled } from './expression.js';
import { badLadder, ladderMessage, ladderSteps, limitPoints } from './ladder.js';
import { pointValue } from './operand.js';

type Derived = ConditionOf<'derived'>;

/** A value that is calculated from points of the site. [AL83] */
export const derived: LevelsKind<Derived> = {
  judges: 'levels',
  calm: 'same-value',
  pointsOf: ({ variables, limits }) => [...new Set([...Object.values(variables), ...limitPoints(limits)])],
  faultOf: (condition) => badDelays(condition) ?? badExpression(condition) ?? badLadder(condition.limits),
  stepsOf: ({ limits }) => ladderSteps(limits),
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  quantityOf: (watch, condition) => valueOf(watch, condition).value,
  troubleOf: (watch, condition) => valueOf(watch, condition).trouble,
  presentOf: (watch, condition) => ({ value: valueOf(watch, condition).value, unit: condition.unit }),
  messageOf(watch, { unit }, step, value) {
    return ladderMessage(watch, step, value, unit);
  },
};

/** What was read of each condition: the text of a rule does not change. */
const read = new WeakMap<Derived, Compiled>();

function compiled(condition: Derived): Compiled {
  const known = read.get(condition);
  if (known !== undefined) return known;
  const result = compile(condition.expression, new Set(Object.keys(condition.variables)));
  read.set(condition, result);
  return result;
}

function badExpression(condition: Derived): Fault | undefined {
  try {
    compiled(condition);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return faultIn('expression_unreadable', error.fault);
    throw error;
  }
}

function valueOf(watch: Watch, condition: Derived): { value?: number; trouble?: Fault } {
  const values = new Map<string, PointValue>();
  for (const [name, pointId] of Object.entries(condition.variables)) {
    const value = pointValue(watch, pointId);
    if (value !== undefined) values.set(name, value);
  }
  try {
    const value = compiled(condition)(values);
    if (value === undefined) return {};
    if (typeof value === 'string') return { trouble: fault('expression_gave_text') };
    return { value: Number(value) };
  } catch (error) {
    if (error instanceof ExpressionError) return { trouble: faultIn('expression_failed', error.fault) };
    throw error;
  }
}
