import { fault, type Fault } from '../fault.js';
import { type Operand, type PointValue, type Reference } from '../model.js';
import { isUsable, type PointState, type Watch } from '../watch.js';

/** The value of a point that the rule reads, or by which it is enabled; undefined when it is not known, bad or outdated. */
export function pointValue(watch: Watch, pointId: string): PointValue | undefined {
  const isIt = (one: PointState): boolean => one.point.pointId === pointId;
  const point = watch.points.find(isIt) ?? watch.enabling?.find(isIt);
  return point !== undefined && isUsable(point) ? point.value : undefined;
}

/** The number of a point that the rule reads; undefined when it is not known, or is no number. */
export function pointNumber(watch: Watch, pointId: string): number | undefined {
  return numberOf(pointValue(watch, pointId));
}

export function operandValue(watch: Watch, operand: Operand): PointValue | undefined {
  if ('value' in operand) return operand.value;
  return referred(watch, operand) ?? operand.fallback;
}

export function operandNumber(watch: Watch, operand: Operand): number | undefined {
  if ('value' in operand) return numberOf(operand.value);
  return numberOf(referred(watch, operand)) ?? operand.fallback;
}

/** The points that an operand reads. */
export function operandPoints(...operands: readonly (Operand | undefined)[]): readonly string[] {
  return operands.flatMap((operand) =>
    operand !== undefined && 'pointId' in operand ? operand.pointId : [],
  );
}

/** Why a reference cannot be read, apart from a point that is not there. */
export function badOperand(...operands: readonly (Operand | undefined)[]): Fault | undefined {
  for (const operand of operands) {
    if (operand === undefined) continue;
    if ('value' in operand) {
      if (typeof operand.value === 'number' && !Number.isFinite(operand.value)) return fault('value_invalid');
    } else if (operand.fallback !== undefined && !Number.isFinite(operand.fallback)) {
      return fault('fallback_invalid');
    }
  }
  return undefined;
}

function referred(watch: Watch, reference: Reference): PointValue | undefined {
  if ('pointId' in reference) return pointValue(watch, reference.pointId);
  const attributes = watch.device.configuration.attributes ?? {};
  return Object.hasOwn(attributes, reference.attribute) ? attributes[reference.attribute] : undefined;
}

function numberOf(value: PointValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
