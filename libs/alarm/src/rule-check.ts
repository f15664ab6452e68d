import { kindOf } from './conditions/kinds.js';
import { fault, faultText, type Fault } from './fault.js';
import { type Rule } from './model.js';

/** A rule that cannot be evaluated: it is unknown, never true and never false, and is listed as a fault. */
export interface RuleFault {
  readonly deviceId: string;
  readonly ruleKey: string;
  readonly fault: Fault;
  /** The fault in words, Chinese and English. */
  readonly message: string;
  readonly messageEn: string;
}

export function ruleFaultOf(deviceId: string, ruleKey: string, fault: Fault): RuleFault {
  const { zh, en } = faultText(fault);
  return { deviceId, ruleKey, fault, message: zh, messageEn: en };
}

/** Why a rule cannot be evaluated, or undefined. A journal may name a kind of condition of a newer program. */
export function ruleFault(rule: Rule, isKnownPoint: (pointId: string) => boolean): Fault | undefined {
  const { condition } = rule;
  const kind = kindOf(condition);
  if (kind === undefined) {
    return fault('kind_unknown', { kind: JSON.stringify(condition.kind) });
  }
  const unknown =
    kind.ofSite === true ? undefined : kind.pointsOf(condition).find((pointId) => !isKnownPoint(pointId));
  if (unknown !== undefined) return noSuchPoint(unknown);
  return kind.faultOf(condition);
}

export function noSuchPoint(pointId: string): Fault {
  return fault('point_unknown', { point: JSON.stringify(pointId) });
}
