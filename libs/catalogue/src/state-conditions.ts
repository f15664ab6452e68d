import { type Condition } from '@watchfire/alarm';
import { z } from 'zod';
import { logic, logicProblems, toLogic } from './logic-file.js';
import { countedDelaysOf, type ProvenanceList } from './provenance-list.js';
import {
  pointProblems,
  under,
  valueProblems,
  type ReadablePoint,
  type ReadableProfile,
  type RuleProblem,
} from './rule-problem.js';
import {
  after,
  countedDelays,
  level,
  natural,
  pointKey,
  priority,
  seconds,
  sourced,
  state,
  states,
  times,
  window,
} from './sourced-schema.js';
import { unitText } from './operand-file.js';

/** A whole number of which a bit is looked at, up to 32 bits. */
const mask = z.number().int().min(1).max(0xffff_ffff);

/** Conditions about what something is, and about how it changes. */
export const stateConditions = [
  z.strictObject({
    kind: z.literal('bits'),
    point: pointKey,
    bits: z
      .array(z.strictObject({ mask: sourced(mask), when: sourced(z.boolean()).optional(), level, priority }))
      .min(1),
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('change'),
    point: pointKey,
    tolerance: natural.optional(),
    holdSeconds: after,
    priority,
  }),
  z.strictObject({
    kind: z.literal('discrepancy'),
    command: pointKey,
    feedback: pointKey,
    /** Which feedback belongs to a command; a command that is not named asks for itself. */
    pairs: z.array(z.strictObject({ command: state, feedback: sourced(state) })).optional(),
    tolerance: natural.optional(),
    expectedSeconds: after,
    offDelaySeconds: seconds,
    priority,
  }),
  z.strictObject({
    kind: z.literal('frozen'),
    point: pointKey,
    afterSeconds: after,
    tolerance: natural.optional(),
    priority,
  }),
  z.strictObject({
    kind: z.literal('count'),
    point: pointKey,
    values: states,
    count: times,
    windowSeconds: window,
    priority,
  }),
  z.strictObject({
    kind: z.literal('value-flapping'),
    point: pointKey,
    tolerance: natural.optional(),
    count: times,
    windowSeconds: window,
    priority,
  }),
  z.strictObject({ kind: z.literal('boolean'), logic, level, priority, ...countedDelays }),
] as const;

export type StateConditionFile = z.output<(typeof stateConditions)[number]>;

export function toStateCondition(
  file: StateConditionFile,
  provenance: ProvenanceList,
): Extract<Condition, { kind: StateConditionFile['kind'] }> {
  const tolerance = (): number =>
    'tolerance' in file && file.tolerance !== undefined ? provenance.take('tolerance', file.tolerance) : 0;
  switch (file.kind) {
    case 'bits':
      return {
        kind: 'bits',
        pointId: file.point,
        bits: file.bits.map((bit) => ({
          mask: provenance.take(`bits.${bit.level}.mask`, bit.mask),
          ...(bit.when && { when: provenance.take(`bits.${bit.level}.when`, bit.when) }),
          level: bit.level,
          severity: provenance.severity(`bits.${bit.level}.severity`, bit.priority),
        })),
        ...countedDelaysOf(file, provenance),
      };
    case 'change':
      return {
        kind: 'change',
        pointId: file.point,
        tolerance: tolerance(),
        holdMs: provenance.milliseconds('holdMs', file.holdSeconds),
        severity: provenance.severity('severity', file.priority),
      };
    case 'discrepancy':
      return {
        kind: 'discrepancy',
        commandId: file.command,
        feedbackId: file.feedback,
        ...(file.pairs && {
          pairs: file.pairs.map(({ command, feedback }) => ({
            command,
            feedback: provenance.take(`pairs.${String(command)}`, feedback),
          })),
        }),
        tolerance: tolerance(),
        expectedMs: provenance.milliseconds('expectedMs', file.expectedSeconds),
        offDelayMs: provenance.milliseconds('offDelayMs', file.offDelaySeconds),
        severity: provenance.severity('severity', file.priority),
      };
    case 'frozen':
      return {
        kind: 'frozen',
        pointId: file.point,
        afterMs: provenance.milliseconds('afterMs', file.afterSeconds),
        tolerance: tolerance(),
        severity: provenance.severity('severity', file.priority),
      };
    case 'count':
      return {
        kind: 'count',
        pointId: file.point,
        values: provenance.take('values', file.values),
        count: provenance.take('count', file.count),
        windowMs: provenance.milliseconds('windowMs', file.windowSeconds),
        severity: provenance.severity('severity', file.priority),
      };
    case 'value-flapping':
      return {
        kind: 'value-flapping',
        pointId: file.point,
        tolerance: tolerance(),
        count: provenance.take('count', file.count),
        windowMs: provenance.milliseconds('windowMs', file.windowSeconds),
        severity: provenance.severity('severity', file.priority),
      };
    case 'boolean':
      return {
        kind: 'boolean',
        logic: toLogic('logic', file.logic, provenance),
        level: file.level,
        severity: provenance.severity('severity', file.priority),
        ...countedDelaysOf(file, provenance),
      };
  }
}

export function stateProblems(profile: ReadableProfile, file: StateConditionFile): readonly RuleProblem[] {
  switch (file.kind) {
    case 'boolean':
      return under(['logic'], logicProblems(profile, file.logic));
    case 'discrepancy':
      return discrepancyProblems(profile, file);
    case 'bits': {
      const levels = file.bits.map((bit) => bit.level);
      return [
        ...under(['point'], pointProblems(profile, file.point, 'number')),
        ...levels.flatMap((one, index) =>
          levels.indexOf(one) < index
            ? [{ path: ['bits', index, 'level'], message: `the level ${one} is there twice` }]
            : [],
        ),
      ];
    }
    case 'count':
      return [
        ...under(['point'], pointProblems(profile, file.point)),
        ...under(['values'], valueProblems(profile, file.point, file.values.value)),
      ];
    default:
      return [
        ...under(['point'], pointProblems(profile, file.point)),
        ...toleranceProblems(
          file,
          profile.points.find(({ key }) => key === file.point),
        ),
      ];
  }
}

function discrepancyProblems(
  profile: ReadableProfile,
  file: Extract<StateConditionFile, { kind: 'discrepancy' }>,
): readonly RuleProblem[] {
  const [command, feedback] = [file.command, file.feedback].map((key) =>
    profile.points.find((one) => one.key === key),
  );
  const problems: RuleProblem[] = [
    ...under(['command'], pointProblems(profile, file.command)),
    ...under(['feedback'], pointProblems(profile, file.feedback)),
    ...toleranceProblems(file, feedback),
  ];
  if (command === undefined || feedback === undefined) return problems;
  if (command.key === feedback.key) {
    problems.push({ path: ['feedback'], message: `${feedback.key} cannot be its own feedback` });
  }
  for (const [index, pair] of (file.pairs ?? []).entries()) {
    problems.push(
      ...under(['pairs', index, 'command'], valueProblems(profile, command.key, [pair.command])),
      ...under(['pairs', index, 'feedback'], valueProblems(profile, feedback.key, [pair.feedback.value])),
    );
  }
  if (file.pairs === undefined && command.type !== feedback.type) {
    const message = `${feedback.key} is a ${feedback.type} and ${command.key} a ${command.type}: \`pairs\` must say which belong together`;
    problems.push({ path: ['feedback'], message });
  } else if (file.pairs === undefined && command.unit !== feedback.unit) {
    const message = `${feedback.key} is in ${unitText(feedback.unit)}, ${command.key} in ${unitText(command.unit)}`;
    problems.push({ path: ['feedback'], message });
  }
  return problems;
}

/** By how much a state may differ means nothing. */
function toleranceProblems(
  { tolerance }: { readonly tolerance?: { readonly value: number } | undefined },
  point: ReadablePoint | undefined,
): readonly RuleProblem[] {
  if (tolerance === undefined || point === undefined || point.type === 'number') return [];
  return [{ path: ['tolerance'], message: `${point.key} is a ${point.type}, which has no tolerance` }];
}
