import { kindOf } from './conditions/kinds.js';
import { type Rule } from './model.js';

/** A rule that cannot be evaluated: it is unknown, never true and never false, and is listed as a fault. */
export interface RuleFault {
  readonly deviceId: string;
  readonly ruleKey: string;
  readonly message: string;
}

/** Why a rule cannot be evaluated, or undefined. A journal may name a kind of condition of a newer program. */
export function ruleFault(rule: Rule, isKnownPoint: (pointId: string) => boolean): string | undefined {
  const { condition } = rule;
  const kind = kindOf(condition);
  if (kind === undefined) {
    return `its kind of condition, ${JSON.stringify(condition.kind)}, is not known to this version`;
  }
  const unknown =
    kind.ofSite === true ? undefined : kind.pointsOf(condition).find((pointId) => !isKnownPoint(pointId));
  if (unknown !== undefined) return noSuchPoint(unknown);
  return kind.faultOf(condition);
}

export function noSuchPoint(pointId: string): string {
  return `no device of the site has a point ${JSON.stringify(pointId)}`;
}
