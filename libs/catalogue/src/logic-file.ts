import { type Logic } from '@watchfire/alarm';
import { z } from 'zod';
import {
  kindOfOperand,
  nameOf,
  operand,
  operandProblems,
  toOperand,
  unitText,
  type OperandFile,
} from './operand-file.js';
import { type ProvenanceList, type Sourced } from './provenance-list.js';
import {
  pointProblems,
  under,
  valueProblems,
  type ReadableProfile,
  type RuleProblem,
} from './rule-problem.js';
import { pointKey, sourced, states } from './sourced-schema.js';
import { isZone, spanOf, weekOf } from './week.js';

const COMPARISONS = ['<', '<=', '>', '>=', '=', '!='] as const;

/** What is true of the present values, as a file says it. */
export type LogicFile =
  | { is: 'and' | 'or'; terms: LogicFile[] }
  | { is: 'not'; term: LogicFile }
  | { is: (typeof COMPARISONS)[number]; left: OperandFile; right: OperandFile }
  | { is: 'one-of'; point: string; values: Sourced<(number | boolean | string)[]> }
  | { is: 'within'; zone: Sourced<string>; spans: Sourced<string[]> };

export const logic: z.ZodType<LogicFile> = z.lazy(() =>
  z.discriminatedUnion(
    'is',
    [
      z.strictObject({ is: z.enum(['and', 'or']), terms: z.array(logic).min(1).max(64) }),
      z.strictObject({ is: z.literal('not'), term: logic }),
      z.strictObject({ is: z.enum(COMPARISONS), left: operand, right: operand }),
      z.strictObject({ is: z.literal('one-of'), point: pointKey, values: states }),
      z.strictObject({
        is: z.literal('within'),
        zone: sourced(z.string().min(1).max(64)),
        spans: sourced(z.array(z.string()).min(1).max(32)),
      }),
    ],
    { error: 'must be one of and, or, not, one-of, within, <, <=, >, >=, = and !=' },
  ),
);

export function toLogic(of: string, file: LogicFile, provenance: ProvenanceList): Logic {
  switch (file.is) {
    case 'and':
    case 'or':
      return {
        is: file.is,
        terms: file.terms.map((term, index) => toLogic(`${of}.terms.${index}`, term, provenance)),
      };
    case 'not':
      return { is: 'not', term: toLogic(`${of}.term`, file.term, provenance) };
    case 'one-of':
      return { is: 'one-of', pointId: file.point, values: provenance.take(`${of}.values`, file.values) };
    case 'within': {
      const zone = provenance.take(`${of}.zone`, file.zone);
      return { is: 'within', schedule: weekOf(zone, provenance.take(`${of}.spans`, file.spans)) };
    }
    default:
      return {
        is: file.is,
        left: toOperand(`${of}.left`, file.left, provenance),
        right: toOperand(`${of}.right`, file.right, provenance),
      };
  }
}

export function logicProblems(profile: ReadableProfile, file: LogicFile): readonly RuleProblem[] {
  switch (file.is) {
    case 'and':
    case 'or':
      return file.terms.flatMap((term, index) => under(['terms', index], logicProblems(profile, term)));
    case 'not':
      return under(['term'], logicProblems(profile, file.term));
    case 'one-of':
      return [
        ...under(['point'], pointProblems(profile, file.point)),
        ...under(['values'], valueProblems(profile, file.point, file.values.value)),
      ];
    case 'within':
      return scheduleProblems(file.zone.value, file.spans.value);
    default:
      return [
        ...under(['left'], operandProblems(profile, file.left)),
        ...under(['right'], operandProblems(profile, file.right)),
        ...comparisonProblems(profile, file),
      ];
  }
}

function scheduleProblems(zone: string, spans: readonly string[]): readonly RuleProblem[] {
  return [
    ...(isZone(zone)
      ? []
      : [{ path: ['zone'], message: `${zone} is no time zone (IANA), as Asia/Shanghai` }]),
    ...spans.flatMap((text, index) => {
      const span = spanOf(text);
      return typeof span === 'string' ? [{ path: ['spans', 'value', index], message: span }] : [];
    }),
  ];
}

/** Sides that can never be compared would be unknown for ever. */
function comparisonProblems(
  profile: ReadableProfile,
  { is, left, right }: Extract<LogicFile, { left: unknown }>,
): readonly RuleProblem[] {
  const [one, other] = [kindOfOperand(profile, left), kindOfOperand(profile, right)];
  if (one === undefined || other === undefined) return [];
  const [name, otherName] = [nameOf(left), nameOf(right)];
  if (one.type !== other.type) {
    const message = `${name} is a ${one.type} and ${otherName} is a ${other.type}`;
    return [{ path: ['right'], message }];
  }
  if (is !== '=' && is !== '!=' && one.type !== 'number') {
    return [{ path: ['is'], message: `only numbers have an order, and ${name} is a ${one.type}` }];
  }
  if (one.unit === undefined || other.unit === undefined || one.unit === other.unit) return [];
  const message = `${name} is in ${unitText(one.unit)}, ${otherName} in ${unitText(other.unit)}`;
  return [{ path: ['right'], message }];
}
