import { ALARM_CLASSES } from '@watchfire/contracts';
import { z } from 'zod';
import { groupConditions, groupProblem } from './group-conditions.js';
import { apart, ladder, ladderProblems } from './ladder-file.js';
import { logic, logicProblems } from './logic-file.js';
import { numberConditions, numberProblems } from './number-conditions.js';
import { quantityOf } from './operand-file.js';
import { type ReadableProfile } from './rule-problem.js';
import {
  countedDelays,
  from,
  key,
  level,
  number,
  pointKey,
  priority,
  seconds,
  sourced,
  state,
  states,
  times,
  window,
} from './sourced-schema.js';
import { stateConditions, stateProblems } from './state-conditions.js';
import { bilingual, text } from './text-schema.js';

const source = z.strictObject({
  /** Standard and clause, or `default`. */
  source: z.string().min(1).max(200),
  confidence: z.enum(['standard', 'secondary', 'memory', 'default']),
  note: z.string().min(1).max(400).optional(),
});

const point = z.strictObject({
  key: pointKey,
  name: bilingual,
  unit: z.string().min(1).max(16).nullable().default(null),
  type: z.enum(['number', 'boolean', 'string']),
  plausible: z.strictObject({ min: number, max: number }).optional(),
  span: z.strictObject({ min: number, max: number }).optional(),
  decimals: z.strictObject({ value: z.number().int().min(0).max(6), from }).optional(),
  /** Values are held for so long and applied in the order of their device times; every alarm of the point is as much later. */
  reorderSeconds: sourced(z.number().gt(0).max(600)).optional(),
});

/** What is known of a device and not measured: its design. Rules refer to it. */
const attribute = z.strictObject({
  key: pointKey,
  name: bilingual,
  unit: z.string().min(1).max(16).nullable().default(null),
  value: sourced(state),
});

const condition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('limit'),
    point: pointKey,
    ...ladder,
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('discrete'),
    point: pointKey,
    alarms: z
      .array(
        z.strictObject({
          values: states,
          level,
          priority,
        }),
      )
      .min(1),
    /** Anything that is neither normal nor listed is an alarm of `unknown`. */
    normal: states.optional(),
    unknown: priority.optional(),
    /** While it is in alarm each rise of this number is another occurrence; `place`: a text that names the newest. */
    again: z.strictObject({ count: pointKey, place: pointKey.optional() }).optional(),
    ...countedDelays,
  }),
  z.strictObject({
    kind: z.literal('all'),
    terms: z.array(z.strictObject({ point: pointKey, values: states })).min(1),
    level,
    priority,
    ...countedDelays,
  }),
  z.strictObject({ kind: z.literal('stale'), point: pointKey, afterSeconds: seconds, priority }),
  z.strictObject({ kind: z.literal('offline'), afterSeconds: seconds, priority }),
  z.strictObject({
    kind: z.literal('clock'),
    limitSeconds: seconds,
    windowSeconds: window,
    priority,
  }),
  z.strictObject({
    kind: z.literal('flapping'),
    count: times,
    windowSeconds: window,
    priority,
  }),
  ...numberConditions,
  ...stateConditions,
  ...groupConditions,
]);

/** Why the rule is as it is (ISA-18.2 rationalisation); without all of it the rule runs as provisional. */
const rationalisation = z
  .strictObject({
    consequence: text,
    cause: text,
    action: text,
    timeToActSeconds: z.number().int().min(1).max(2_592_000),
    approver: text,
    reviewBy: z.iso.date(),
  })
  .partial();

const rule = z.strictObject({
  key,
  enabled: z.boolean().default(true),
  class: z.enum(ALARM_CLASSES),
  title: bilingual,
  guidance: bilingual,
  latching: z.boolean().default(false),
  rationalisation: rationalisation.default({}),
  condition,
  /** While this is false the alarm is suppressed by design; absent: never. */
  enabledWhen: logic.optional(),
});

/** What a point of another device can be for the rules of a profile of logic. */
const role = z.strictObject({
  key: pointKey,
  name: bilingual,
  reads: z.enum(['values', 'alarms']),
  /** With fewer members the rules say nothing. */
  least: z.number().int().min(1),
});

/**
 * The file of one profile. No number stands alone: each is a mapping with its `value` and the key of the source that it
 * comes `from`, so a threshold without provenance cannot be written down.
 */
const shape = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)*$/),
  version: z.number().int().min(1),
  name: bilingual,
  sources: z.record(z.string().min(1), source),
  /** Of devices without hardware: their rules read points of other devices, their members. */
  logic: z.boolean().default(false),
  roles: z.array(role).default([]),
  points: z.array(point),
  attributes: z.array(attribute).optional(),
  events: z.record(z.string().min(1).max(64), z.record(pointKey, state)).default({}),
  rules: z.array(rule).min(1),
});

export type ProfileFile = z.output<typeof shape>;
export type RuleFile = z.output<typeof rule>;
export type ConditionFile = z.output<typeof condition>;
export type PointFile = z.output<typeof point>;

/** A rule whose limits stand apart (`exclusive: false`) comes out as one rule for each of them. */
export const profileFile = shape
  .superRefine((file, context) => {
    const report = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    checkSources(file, report);
    checkLogic(file, report);
    checkPoints(file, report);
    checkAttributes(file, report);
    checkRules(file, report);
  })
  .transform((file) => ({ ...file, rules: file.rules.flatMap(apart) }));

/** A rule of the file with other values, checked as the file was; or everything that is wrong with it. */
export function checkedRule(
  file: ProfileFile,
  changed: unknown,
): { readonly rule: RuleFile } | { readonly issues: readonly RuleIssue[] } {
  const parsed = rule.safeParse(changed);
  if (!parsed.success) return { issues: parsed.error.issues };
  const issues: RuleIssue[] = [];
  checkRule(file, parsed.data, (path, message) => issues.push({ path, message }));
  return issues.length > 0 ? { issues } : { rule: parsed.data };
}

export interface RuleIssue {
  /** From the rule on. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Report = (path: (string | number)[], message: string) => void;

/** Every `from`, however deep, names a source of the file; every source is used. */
function checkSources(file: ProfileFile, report: Report): void {
  const used = new Set<string>();
  const walk = (node: unknown, path: (string | number)[]): void => {
    if (Array.isArray(node)) node.forEach((child, index) => walk(child, [...path, index]));
    else if (typeof node === 'object' && node !== null) {
      for (const [name, child] of Object.entries(node)) {
        if (name === 'from' && typeof child === 'string') {
          used.add(child);
          if (!Object.hasOwn(file.sources, child)) report([...path, name], `source ${child} does not exist`);
        } else walk(child, [...path, name]);
      }
    }
  };
  walk(file.points, ['points']);
  walk(file.attributes ?? [], ['attributes']);
  walk(file.rules, ['rules']);
  for (const name of Object.keys(file.sources)) {
    if (!used.has(name)) report(['sources', name], 'is not used');
  }
}

function checkLogic(file: ProfileFile, report: Report): void {
  if (file.logic !== file.roles.length > 0) report(['roles'], 'a profile of logic, and no other, has roles');
  if (!file.logic && file.points.length === 0) report(['points'], 'it has no point');
  const keys = file.roles.map(({ key }) => key);
  if (new Set(keys).size < keys.length) report(['roles'], 'a role is there twice');
}

function checkPoints(file: ProfileFile, report: Report): void {
  const keys = new Set<string>();
  file.points.forEach((point, index) => {
    if (keys.has(point.key)) report(['points', index], `${point.key} is there twice`);
    keys.add(point.key);
    const numeric = point.type === 'number';
    if (numeric !== (point.plausible !== undefined)) {
      report(['points', index, 'plausible'], 'a number, and nothing else, has a plausible range');
    }
    if (!numeric && point.span) report(['points', index, 'span'], 'only a number has a span');
    for (const range of [point.plausible, point.span]) {
      if (range && range.min.value >= range.max.value) report(['points', index], 'a range must not be empty');
    }
  });
  for (const [event, values] of Object.entries(file.events)) {
    for (const [key, value] of Object.entries(values)) {
      checkValue(file, { key, value, path: ['events', event, key] }, report);
    }
  }
}

function checkAttributes({ attributes = [] }: ProfileFile, report: Report): void {
  const keys = attributes.map((one) => one.key);
  keys.forEach((one, index) => {
    if (keys.indexOf(one) < index) report(['attributes', index], `${one} is there twice`);
  });
}

function checkRules(file: ProfileFile, report: Report): void {
  const keys = new Set<string>();
  file.rules.forEach((one, index) => {
    const at = (...rest: (string | number)[]): (string | number)[] => ['rules', index, ...rest];
    for (const { key: each } of apart(one)) {
      if (keys.has(each)) report(at('key'), `${each} is there twice`);
      keys.add(each);
    }
    checkRule(file, one, (path, message) => report(at(...path), message));
    checkVotes(file, one.condition, (path, message) => report(at('condition', ...path), message));
  });
  // What has no hardware has neither a link nor points of its own that could fall silent.
  if (file.logic) return;
  for (const kind of ['stale', 'offline'] as const) {
    if (!file.rules.some((one) => one.enabled && one.condition.kind === kind)) {
      report(['rules'], `a profile without a rule of kind ${kind} is blind without saying so`);
    }
  }
}

function checkRule(file: ProfileFile, { condition, enabledWhen }: RuleFile, report: Report): void {
  checkCondition(file, condition, (path, message) => report(['condition', ...path], message));
  if ('onCount' in condition && condition.onCount && condition.onDelaySeconds.value === 0) {
    report(['condition', 'onCount'], 'a count of samples needs an on-delay to count in');
  }
  if (enabledWhen === undefined) return;
  for (const { path, message } of logicProblems(readable(file), enabledWhen)) {
    report(['enabledWhen', ...path], message);
  }
}

/** With the fewest members that a group may have its vote must be possible; what a site says is judged by the members that it has. */
function checkVotes(file: ProfileFile, condition: ConditionFile, report: Report): void {
  if (condition.kind !== 'voting' && condition.kind !== 'coincidence') return;
  const role = file.roles.find((one) => one.key === condition.role);
  if (role === undefined || condition.need.value <= role.least) return;
  const message = `${condition.need.value} of ${role.least} is impossible, and ${role.key} may have as few members`;
  report(['need', 'value'], message);
}

function readable({ points, attributes = [] }: ProfileFile): ReadableProfile {
  return { points, attributes };
}

function checkCondition(file: ProfileFile, condition: ConditionFile, report: Report): void {
  switch (condition.kind) {
    case 'limit': {
      const point = file.points.find((one) => one.key === condition.point);
      if (point?.type !== 'number') report(['point'], `${condition.point} is no number of this profile`);
      const quantity = quantityOf(readable(file), condition.point);
      for (const { path, message } of ladderProblems(readable(file), condition, quantity)) {
        report([...path], message);
      }
      for (const [level, one] of Object.entries(condition.limits)) {
        const { value } = one.limit;
        if (
          value < (point?.plausible?.min.value ?? -Infinity) ||
          value > (point?.plausible?.max.value ?? Infinity)
        ) {
          report(['limits', level, 'limit', 'value'], 'outside what the point can ever read');
        }
      }
      return;
    }
    case 'discrete':
      for (const [index, alarm] of condition.alarms.entries()) {
        for (const value of alarm.values.value) {
          checkValue(file, { key: condition.point, value, path: ['alarms', index, 'values'] }, report);
        }
      }
      if ((condition.normal === undefined) !== (condition.unknown === undefined)) {
        report(['unknown'], '`normal` and `unknown` belong together');
      }
      for (const [name, type] of [
        ['count', 'number'],
        ['place', 'string'],
      ] as const) {
        const key = condition.again?.[name];
        if (key !== undefined && file.points.find((one) => one.key === key)?.type !== type)
          report(['again', name], `${key} is no ${type} of this profile`);
      }
      return;
    case 'all':
      for (const [index, term] of condition.terms.entries()) {
        for (const value of term.values.value) {
          checkValue(file, { key: term.point, value, path: ['terms', index, 'values'] }, report);
        }
      }
      return;
    case 'stale':
      if (!file.points.some((one) => one.key === condition.point)) {
        report(['point'], `${condition.point} is no point of this profile`);
      }
      return;
    case 'offline':
    case 'clock':
    case 'flapping':
      return;
    case 'deviation':
    case 'band':
    case 'rate':
    case 'derived':
    case 'drift':
      for (const { path, message } of numberProblems(readable(file), condition)) report([...path], message);
      return;
    case 'voting':
    case 'voting-degraded':
    case 'coincidence':
    case 'colours': {
      const problem = groupProblem(condition, file);
      if (problem !== undefined) report([problem.path], problem.message);
      return;
    }
    default:
      for (const { path, message } of stateProblems(readable(file), condition)) report([...path], message);
  }
}

function checkValue(
  file: ProfileFile,
  use: { key: string; value: number | boolean | string; path: (string | number)[] },
  report: Report,
): void {
  const point = file.points.find((one) => one.key === use.key);
  if (point === undefined) report(use.path, `${use.key} is no point of this profile`);
  else if (typeof use.value !== point.type) report(use.path, `${use.key} is a ${point.type}`);
}
