import { type Condition, expressionProblem } from '@watchfire/alarm';
import { z } from 'zod';
import { ladder, ladderProblems, toLimits } from './ladder-file.js';
import { numericOperand, operandProblems, quantityOf, toOperand } from './operand-file.js';
import { countedDelaysOf, type ProvenanceList } from './provenance-list.js';
import { pointProblems, under, type ReadableProfile, type RuleProblem } from './rule-problem.js';
import { countedDelays, natural, pointKey, priority, sourced, window } from './sourced-schema.js';

const PERIODS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;
const PERIOD_UNITS = { second: 's', minute: 'min', hour: 'h' } as const;

/** Conditions about how much something is. */
export const numberConditions = [
  z.strictObject({
    kind: z.literal('deviation'),
    point: pointKey,
    setPoint: numericOperand,
    ...ladder,
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('band'),
    point: pointKey,
    alarm: sourced(z.enum(['inside', 'outside'])),
    low: numericOperand,
    high: numericOperand,
    deadband: natural,
    priority,
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('rate'),
    point: pointKey,
    windowSeconds: window,
    per: sourced(z.enum(['second', 'minute', 'hour'])),
    ...ladder,
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('derived'),
    /** See libs/alarm/src/conditions/expression.ts for the language. */
    expression: sourced(z.string().min(1).max(500)),
    /** The names in the expression, each of a point. */
    variables: z.record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/, 'a name: letters, digits and _'),
      pointKey,
    ),
    unit: z.string().min(1).max(16).nullable().default(null),
    ...ladder,
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('drift'),
    point: pointKey,
    target: numericOperand,
    direction: sourced(z.enum(['up', 'down', 'both'])),
    slack: natural,
    threshold: sourced(z.number().gt(0)),
    priority,
  }),
] as const;

export type NumberConditionFile = z.output<(typeof numberConditions)[number]>;

export function toNumberCondition(
  file: NumberConditionFile,
  provenance: ProvenanceList,
): Extract<Condition, { kind: NumberConditionFile['kind'] }> {
  switch (file.kind) {
    case 'deviation':
      return {
        kind: 'deviation',
        pointId: file.point,
        setPoint: toOperand('setPoint', file.setPoint, provenance),
        limits: toLimits(file, provenance),
        ...countedDelaysOf(file, provenance),
      };
    case 'band':
      return {
        kind: 'band',
        pointId: file.point,
        alarm: provenance.take('alarm', file.alarm),
        low: toOperand('low', file.low, provenance),
        high: toOperand('high', file.high, provenance),
        deadband: provenance.take('deadband', file.deadband),
        severity: provenance.severity('severity', file.priority),
        ...countedDelaysOf(file, provenance),
      };
    case 'rate':
      return {
        kind: 'rate',
        pointId: file.point,
        windowMs: provenance.milliseconds('windowMs', file.windowSeconds),
        perMs: PERIODS[provenance.take('perMs', file.per)],
        limits: toLimits(file, provenance),
        ...countedDelaysOf(file, provenance),
      };
    case 'derived':
      return {
        kind: 'derived',
        expression: provenance.take('expression', file.expression),
        variables: file.variables,
        unit: file.unit,
        limits: toLimits(file, provenance),
        ...countedDelaysOf(file, provenance),
      };
    case 'drift':
      return {
        kind: 'drift',
        pointId: file.point,
        target: toOperand('target', file.target, provenance),
        direction: provenance.take('direction', file.direction),
        slack: provenance.take('slack', file.slack),
        threshold: provenance.take('threshold', file.threshold),
        severity: provenance.severity('severity', file.priority),
      };
  }
}

export function numberProblems(profile: ReadableProfile, file: NumberConditionFile): readonly RuleProblem[] {
  if (file.kind === 'derived') return derivedProblems(profile, file);
  const quantity = quantityOf(profile, file.point);
  const problems = [...under(['point'], pointProblems(profile, file.point, 'number'))];
  switch (file.kind) {
    case 'deviation':
      problems.push(
        ...under(['setPoint'], operandProblems(profile, file.setPoint, quantity)),
        ...ladderProblems(profile, file, quantity),
        ...signProblems(file),
      );
      break;
    case 'band':
      problems.push(
        ...under(['low'], operandProblems(profile, file.low, quantity)),
        ...under(['high'], operandProblems(profile, file.high, quantity)),
      );
      if ('value' in file.low && 'value' in file.high && file.low.value >= file.high.value) {
        problems.push({ path: ['high'], message: 'the high end of the band must be above the low one' });
      }
      break;
    case 'rate': {
      const unit = `${quantity?.unit ?? ''}/${PERIOD_UNITS[file.per.value]}`;
      problems.push(
        ...ladderProblems(profile, file, quantity && { name: `the rate of ${file.point}`, unit }),
        ...signProblems(file),
      );
      break;
    }
    case 'drift':
      problems.push(...under(['target'], operandProblems(profile, file.target, quantity)));
      break;
  }
  return problems;
}

function derivedProblems(
  profile: ReadableProfile,
  file: Extract<NumberConditionFile, { kind: 'derived' }>,
): readonly RuleProblem[] {
  const fault = expressionProblem(file.expression.value, Object.keys(file.variables));
  return [
    ...(fault === undefined ? [] : [{ path: ['expression', 'value'], message: fault }]),
    ...Object.entries(file.variables).flatMap(([name, key]) =>
      under(['variables', name], pointProblems(profile, key)),
    ),
    ...ladderProblems(profile, file, { name: 'the derived value', unit: file.unit }),
  ];
}

/** High limits are above what should be, low ones below it: the other way round they would be in alarm when all is well. */
function signProblems({ limits }: Pick<z.output<(typeof numberConditions)[0]>, 'limits'>): RuleProblem[] {
  return Object.entries(limits).flatMap(([level, one]) => {
    const isRight = level.startsWith('H') ? one.limit.value > 0 : one.limit.value < 0;
    if (isRight) return [];
    const message = level.startsWith('H') ? 'a high limit must be above 0' : 'a low limit must be below 0';
    return [{ path: ['limits', level, 'limit', 'value'], message }];
  });
}
