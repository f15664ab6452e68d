import { type Limit } from '@watchfire/alarm';
import { z } from 'zod';
import { operandProblems, reference, toReference, type Quantity } from './operand-file.js';
import { type ProvenanceList } from './provenance-list.js';
import { under, type ReadableProfile, type RuleProblem } from './rule-problem.js';
import { natural, number, priority } from './sourced-schema.js';
import { bilingual } from './text-schema.js';

/** High limits first, in the order of their severity. */
export const LEVELS = ['HH', 'H', 'L', 'LL'] as const;
const RISING = ['LL', 'L', 'H', 'HH'] as const;

/** Limits of one quantity. */
export const ladder = {
  limits: z.partialRecord(
    z.enum(LEVELS),
    z.strictObject({
      limit: number,
      /** The limit is what this says; `limit` is then what was designed. */
      by: reference.optional(),
      priority,
      /** Of limits that stand apart: in the place of the rule's. */
      title: bilingual.optional(),
      guidance: bilingual.optional(),
    }),
  ),
  deadband: natural,
  /** false: each limit is an alarm of its own, for levels that ask different people. Absent: the outer level counts. */
  exclusive: z.boolean().optional(),
};

export type LadderFile = z.output<z.ZodObject<typeof ladder>>;

export function toLimits(file: LadderFile, provenance: ProvenanceList): Limit[] {
  const deadband = provenance.take('deadband', file.deadband);
  return LEVELS.flatMap((level) => {
    const one = file.limits[level];
    if (one === undefined) return [];
    return [
      {
        level,
        limit: provenance.take(`limits.${level}`, one.limit),
        severity: provenance.severity(`limits.${level}.severity`, one.priority),
        deadband,
        ...(one.by && { from: toReference(`limits.${level}.by`, one.by, provenance) }),
      },
    ];
  });
}

/** `quantity` is what the limits are compared with; undefined where another check speaks of it. */
export function ladderProblems(
  profile: ReadableProfile,
  { limits, exclusive }: LadderFile,
  quantity: Quantity | undefined,
): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const ordered = RISING.flatMap((level) => limits[level]?.limit.value ?? []);
  if (ordered.length === 0) problems.push({ path: ['limits'], message: 'names no limit' });
  if (ordered.some((value, index) => index > 0 && value <= (ordered[index - 1] ?? value))) {
    problems.push({ path: ['limits'], message: 'must rise from LL over L and H to HH' });
  }
  for (const level of LEVELS) {
    const one = limits[level];
    if (one?.by !== undefined) {
      problems.push(...under(['limits', level, 'by'], operandProblems(profile, one.by, quantity)));
    }
    for (const name of ['title', 'guidance'] as const) {
      if (one?.[name] === undefined || exclusive === false) continue;
      problems.push({
        path: ['limits', level, name],
        message: 'only of a limit that stands apart (`exclusive: false`)',
      });
    }
  }
  return problems;
}

/** Of a rule whose limits stand apart one rule for each of them; any other rule as it is. */
export function apart<
  R extends { key: string; title: unknown; guidance: unknown; condition: { readonly kind: string } },
>(rule: R): R[] {
  const condition = rule.condition as R['condition'] & Partial<LadderFile>;
  const { limits, exclusive, ...rest } = condition;
  if (limits === undefined || exclusive === undefined) return [rule];
  if (exclusive) return [{ ...rule, condition: { ...rest, limits } }];
  return LEVELS.flatMap((level) => {
    if (limits[level] === undefined) return [];
    const { title = rule.title, guidance = rule.guidance, ...limit } = limits[level];
    return [
      {
        ...rule,
        key: keyApart(rule.key, level),
        title,
        guidance,
        condition: { ...rest, limits: { [level]: limit } },
      },
    ];
  });
}

function keyApart(key: string, level: string): string {
  return `${key}-${level.toLowerCase()}`;
}
