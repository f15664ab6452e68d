import { type BilingualText, type Condition } from '@watchfire/alarm';
import { ALARM_CLASSES, SEVERITY } from '@watchfire/contracts';
import { z } from 'zod';
import { delays, key, pointKey, priority, sourced, window } from './sourced-schema.js';
import { delaysOf, type ProvenanceList } from './provenance-list.js';

const count = (least: number) => sourced(z.number().int().min(least).max(100));
const level = z.string().min(1).max(32);

/** Conditions about the members of a device of logic. `role` says which members. */
export const groupConditions = [
  z.strictObject({
    kind: z.literal('voting'),
    role: pointKey,
    need: count(1),
    onBad: sourced(z.enum(['vote', 'drop'])),
    level,
    priority,
    ...delays,
  }),
  z.strictObject({
    kind: z.literal('voting-degraded'),
    /** Key of the rule of kind `voting` that it speaks of: its members and the numbers of its vote are that one's. */
    of: key,
    priority,
    blind: priority,
    ...delays,
  }),
  z.strictObject({
    kind: z.literal('coincidence'),
    role: pointKey,
    need: count(1),
    windowSeconds: window,
    level,
    priority,
    ...delays,
  }),
  z.strictObject({
    kind: z.literal('colours'),
    role: pointKey,
    classes: sourced(z.array(z.enum(ALARM_CLASSES)).min(1)),
    bluesToYellow: count(2),
    yellowsToOrange: count(2),
    orangesToRed: count(2),
    ...delays,
  }),
] as const;

export type GroupConditionFile = z.output<(typeof groupConditions)[number]>;
type GroupCondition = Extract<Condition, { kind: GroupConditionFile['kind'] }>;

/** As for every condition of the catalogue, names stand where ids will be: the role in the place of each member's point. */
export function toGroupCondition(file: GroupConditionFile, provenance: ProvenanceList): GroupCondition {
  switch (file.kind) {
    case 'voting':
      return {
        kind: 'voting',
        members: [{ pointId: file.role }],
        need: provenance.take('need', file.need),
        onBad: provenance.take('onBad', file.onBad),
        level: file.level,
        severity: provenance.severity('severity', file.priority),
        ...delaysOf(file, provenance),
      };
    case 'voting-degraded':
      return {
        kind: 'voting-degraded',
        of: file.of,
        members: [],
        need: 1,
        onBad: 'drop',
        severity: provenance.severity('severity', file.priority),
        blindSeverity: provenance.severity('blindSeverity', file.blind),
        ...delaysOf(file, provenance),
      };
    case 'coincidence':
      return {
        kind: 'coincidence',
        members: [{ pointId: file.role }],
        need: provenance.take('need', file.need),
        windowMs: provenance.milliseconds('windowMs', file.windowSeconds),
        level: file.level,
        severity: provenance.severity('severity', file.priority),
        ...delaysOf(file, provenance),
      };
    case 'colours':
      return {
        kind: 'colours',
        members: [file.role],
        classes: provenance.take('classes', file.classes),
        bluesToYellow: provenance.take('bluesToYellow', file.bluesToYellow),
        yellowsToOrange: provenance.take('yellowsToOrange', file.yellowsToOrange),
        orangesToRed: provenance.take('orangesToRed', file.orangesToRed),
        yellow: SEVERITY.yellow,
        orange: SEVERITY.orange,
        red: SEVERITY.red,
        ...delaysOf(file, provenance),
      };
  }
}

/** What the file must hold for such a condition to make sense. */
export function groupProblem(
  condition: GroupConditionFile,
  file: {
    readonly roles: readonly { readonly key: string; readonly name: BilingualText; readonly reads: string }[];
    readonly rules: readonly { readonly key: string; readonly condition: { readonly kind: string } }[];
  },
): { readonly path: string; readonly message: string } | undefined {
  if (condition.kind === 'voting-degraded') {
    return file.rules.some((rule) => rule.key === condition.of && rule.condition.kind === 'voting')
      ? undefined
      : { path: 'of', message: `${condition.of} is no rule of kind voting of this profile` };
  }
  const reads = condition.kind === 'colours' ? 'alarms' : 'values';
  return file.roles.some((role) => role.key === condition.role && role.reads === reads)
    ? undefined
    : { path: 'role', message: `${condition.role} is no role of this profile that reads ${reads}` };
}
