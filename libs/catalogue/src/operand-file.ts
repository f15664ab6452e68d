import { type Operand, type Reference } from '@watchfire/alarm';
import { z } from 'zod';
import { type ProvenanceList, type Sourced } from './provenance-list.js';
import { type ReadableProfile, type RuleProblem } from './rule-problem.js';
import { number, pointKey, sourced, state } from './sourced-schema.js';

/** What is read from another point, or from an attribute; `fallback` holds while that is not known. */
export const reference = z.union([
  z.strictObject({ point: pointKey, fallback: number.optional() }),
  z.strictObject({ attribute: pointKey, fallback: number.optional() }),
]);

export const numericOperand = z.union([number, reference], {
  error: 'must be { value, from }, { point } or { attribute }, the latter two with a fallback or without',
});
export const operand = z.union([sourced(state), reference], {
  error: 'must be { value, from }, { point } or { attribute }, the latter two with a fallback or without',
});

export type ReferenceFile = z.output<typeof reference>;
export type OperandFile = z.output<typeof operand>;

export function toReference(of: string, file: ReferenceFile, provenance: ProvenanceList): Reference {
  return {
    ...('point' in file ? { pointId: file.point } : { attribute: file.attribute }),
    ...(file.fallback && { fallback: provenance.take(`${of}.fallback`, file.fallback) }),
  };
}

export function toOperand(of: string, file: OperandFile, provenance: ProvenanceList): Operand {
  return 'value' in file
    ? { value: provenance.take(of, file as Sourced<string>) }
    : toReference(of, file, provenance);
}

/** What an operand is: its type, and its unit where it has one of its own. */
export interface OperandKind {
  readonly type: 'number' | 'boolean' | 'string';
  /** Undefined: a written value, which is in whatever unit it is compared with. */
  readonly unit?: string | null;
}

/** Undefined where it refers to what is not there. */
export function kindOfOperand(profile: ReadableProfile, file: OperandFile): OperandKind | undefined {
  if ('value' in file) return { type: typeof file.value as OperandKind['type'] };
  if ('point' in file) return profile.points.find(({ key }) => key === file.point);
  const attribute = profile.attributes.find(({ key }) => key === file.attribute);
  return attribute && { type: typeof attribute.value.value as OperandKind['type'], unit: attribute.unit };
}

/** A quantity beside which an operand stands: it must be a number in the same unit. */
export interface Quantity {
  readonly name: string;
  readonly unit: string | null;
}

/** Undefined where there is no such point: another check says so. */
export function quantityOf(profile: ReadableProfile, key: string): Quantity | undefined {
  const point = profile.points.find((one) => one.key === key);
  return point && { name: key, unit: point.unit };
}

/** None where it can be read, and stands for the same quantity. */
export function operandProblems(
  profile: ReadableProfile,
  file: OperandFile,
  beside?: Quantity,
): readonly RuleProblem[] {
  const kind = kindOfOperand(profile, file);
  const path = 'value' in file ? ['value'] : 'point' in file ? ['point'] : ['attribute'];
  const name = nameOf(file);
  if (kind === undefined) {
    return [{ path, message: `${name} is no ${'point' in file ? 'point' : 'attribute'} of this profile` }];
  }
  if (beside === undefined) return [];
  if (kind.type !== 'number')
    return [{ path, message: `${name} is a ${kind.type}, and this needs a number` }];
  if (kind.unit === undefined || kind.unit === beside.unit) return [];
  return [
    { path, message: `${name} is in ${unitText(kind.unit)}, ${beside.name} in ${unitText(beside.unit)}` },
  ];
}

export function nameOf(file: OperandFile): string {
  if ('value' in file) return JSON.stringify(file.value);
  return 'point' in file ? file.point : file.attribute;
}

export function unitText(unit: string | null): string {
  return unit ?? 'no unit';
}
