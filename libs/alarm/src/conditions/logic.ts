import { fault, type Fault } from '../fault.js';
import { type Comparison, type Logic, type PointValue } from '../model.js';
import { type Watch } from '../watch.js';
import { badOperand, operandPoints, operandValue, pointValue } from './operand.js';
import { badSchedule, isScheduled, nextBoundary } from './schedule.js';

/** Deeper, or with more parts, is nothing that a person has thought through; and the work of a sample stays bounded. */
const MAX_PARTS = 64;

/** The points that it reads, each once. */
export function logicPoints(logic: Logic): readonly string[] {
  return [...new Set(parts(logic).flatMap(pointsOfPart))];
}

export function badLogic(logic: Logic): Fault | undefined {
  const all = parts(logic);
  if (all.length > MAX_PARTS) return fault('logic_too_long', { most: MAX_PARTS });
  for (const part of all) {
    const fault = badPart(part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** True, false, or undefined for unknown (Kleene): what is known decides where it can. `now` undefined: whatever the time. [AL80] */
export function logicValue(watch: Watch, logic: Logic, now: number | undefined): boolean | undefined {
  switch (logic.is) {
    case 'and':
      return decided(watch, logic.terms, now, false);
    case 'or':
      return decided(watch, logic.terms, now, true);
    case 'not': {
      const value = logicValue(watch, logic.term, now);
      return value === undefined ? undefined : !value;
    }
    case 'one-of': {
      const value = pointValue(watch, logic.pointId);
      return value === undefined ? undefined : logic.values.includes(value);
    }
    case 'within':
      return now === undefined ? undefined : isScheduled(logic.schedule, now);
    default: {
      const left = operandValue(watch, logic.left);
      const right = operandValue(watch, logic.right);
      return left === undefined || right === undefined ? undefined : compare(logic.is, left, right);
    }
  }
}

/** When time alone may make it otherwise; Infinity for never. */
export function logicLook(logic: Logic, now: number): number {
  return Math.min(
    Infinity,
    ...parts(logic).map((part) => (part.is === 'within' ? nextBoundary(part.schedule, now) : Infinity)),
  );
}

export function hasSchedule(logic: Logic): boolean {
  return parts(logic).some(({ is }) => is === 'within');
}

/** `deciding` of one term decides for all of them; otherwise all must be known. */
function decided(
  watch: Watch,
  terms: readonly Logic[],
  now: number | undefined,
  deciding: boolean,
): boolean | undefined {
  let isUnknown = false;
  for (const term of terms) {
    const value = logicValue(watch, term, now);
    if (value === deciding) return deciding;
    if (value === undefined) isUnknown = true;
  }
  return isUnknown ? undefined : !deciding;
}

/** Only numbers have an order: comparing others for it is unknown. */
function compare(is: Comparison, left: PointValue, right: PointValue): boolean | undefined {
  if (is === '=') return left === right;
  if (is === '!=') return left !== right;
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  if (is === '<') return left < right;
  if (is === '<=') return left <= right;
  if (is === '>') return left > right;
  return left >= right;
}

function parts(logic: Logic): readonly Logic[] {
  switch (logic.is) {
    case 'and':
    case 'or':
      return [logic, ...logic.terms.flatMap(parts)];
    case 'not':
      return [logic, ...parts(logic.term)];
    default:
      return [logic];
  }
}

function pointsOfPart(part: Logic): readonly string[] {
  if ('left' in part) return operandPoints(part.left, part.right);
  return part.is === 'one-of' ? [part.pointId] : [];
}

function badPart(part: Logic): Fault | undefined {
  switch (part.is) {
    case 'and':
    case 'or':
      return part.terms.length === 0 ? fault('logic_terms_missing', { part: part.is }) : undefined;
    case 'not':
      return undefined;
    case 'one-of':
      return part.values.length === 0 ? fault('logic_values_missing') : undefined;
    case 'within':
      return badSchedule(part.schedule);
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '=':
    case '!=':
      return badOperand(part.left, part.right);
    default:
      return fault('logic_unknown', { part: String(JSON.stringify((part as { is?: unknown }).is)) });
  }
}
