import { type OverrideProblem } from '@watchfire/catalogue';
import { type RuleVersionView } from '@watchfire/contracts';

export type CommissioningErrorCode =
  | 'device_unknown'
  | 'profile_unknown'
  | 'dialect_unknown'
  | 'rule_unknown'
  | 'rule_invalid'
  | 'rule_moved_on'
  | 'rule_version_unknown'
  | 'approval_required'
  | 'site_unknown'
  | 'gateway_invalid'
  | 'keys_invalid'
  | 'members_invalid'
  | 'credential_unknown'
  | 'too_many_credentials'
  | 'claim_invalid'
  | 'claim_refused'
  | 'provisioning_off'
  | 'too_many_attempts'
  | 'quarantine_unknown';

export class CommissioningError extends Error {
  readonly code: CommissioningErrorCode;

  constructor(code: CommissioningErrorCode, message: string) {
    super(message);
    this.name = 'CommissioningError';
    this.code = code;
  }
}

/** The override cannot be put on this rule, for each of these reasons. */
export class RuleOverrideError extends CommissioningError {
  readonly ruleKey: string;
  readonly problems: readonly OverrideProblem[];

  constructor(ruleKey: string, problems: readonly OverrideProblem[]) {
    super('rule_invalid', `The override does not fit rule ${ruleKey}.`);
    this.name = 'RuleOverrideError';
    this.ruleKey = ruleKey;
    this.problems = problems;
  }
}

/** What a change of a rule would do, as somebody was shown it. */
export interface SeenChange {
  /** The version of the layer that is to be changed. */
  readonly layerVersion: number;
  /** Stands for each rule that it touches, as it is and as it would be: another one when anything of that has moved on. */
  readonly effect: string;
}

/** The change makes another rule of one of which two people must say so. */
export class RuleApprovalError extends CommissioningError {
  /** What becomes weaker by it; empty where nothing does. */
  readonly weaker: readonly string[];
  /** What becomes of the values of the effective rule. */
  readonly changes: RuleVersionView['changes'];
  readonly seen: SeenChange;

  constructor(
    ruleKey: string,
    { weaker, changes }: Pick<RuleApprovalError, 'weaker' | 'changes'>,
    seen: SeenChange,
  ) {
    super(
      'approval_required',
      weaker.length === 0
        ? `This changes rule ${ruleKey}, of a safety class: a second person must agree.`
        : `This makes rule ${ruleKey} weaker (${weaker.join(', ')}): a second person must agree.`,
    );
    this.name = 'RuleApprovalError';
    this.weaker = weaker;
    this.changes = changes;
    this.seen = seen;
  }
}

/** Too many wrong claim codes came from this address. */
export class TooManyAttemptsError extends CommissioningError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('too_many_attempts', 'Too many wrong codes from this address: wait.');
    this.name = 'TooManyAttemptsError';
    this.retryAfterMs = retryAfterMs;
  }
}
