import { Injectable } from '@nestjs/common';
import {
  Commissioning,
  type RuleChange,
  type RuleRevert,
  type RuleTarget,
  RuleApprovalError,
} from '@watchfire/commissioning';
import { type ApprovalView } from '@watchfire/contracts';
import { type ApprovalRow } from '@watchfire/registry';
import { type Principal } from '../access/principal.js';
import { Approvals } from '../approvals/approvals.js';

const RULE_CHANGE = 'rule-change';

/** Which rule, for whom, and whose it is. */
export interface AboutRule {
  readonly target: RuleTarget;
  readonly enterpriseId: string;
}

/** As the registry keeps it; `weaker` and `changes` are for the person who is asked to agree. */
type Asked = { readonly target: RuleTarget } & Pick<RuleApprovalError, 'weaker' | 'changes' | 'seen'> &
  ({ readonly change: RuleChange } | { readonly revert: RuleRevert });

/** Changes of rules. One of a safety class waits for a second person; commissioning says which that is. */
@Injectable()
export class RuleChanges {
  constructor(
    private readonly commissioning: Commissioning,
    private readonly approvals: Approvals,
  ) {
    approvals.offer({
      kind: RULE_CHANGE,
      roles: ['supervisor', 'administrator'],
      perform: (request, approvedBy) => this.#perform(request, approvedBy),
    });
  }

  /** The request that a second person must agree to; `undefined` where the change is made. */
  change(about: AboutRule, change: RuleChange, who: Principal): Promise<ApprovalView | undefined> {
    const make = () => this.commissioning.rules.change(about.target, change, who.user.username);
    return this.#makeOrAsk(about, make, { change }, who);
  }

  revert(about: AboutRule, revert: RuleRevert, who: Principal): Promise<ApprovalView | undefined> {
    const make = () => this.commissioning.rules.revert(about.target, revert, who.user.username);
    return this.#makeOrAsk(about, make, { revert }, who);
  }

  async #makeOrAsk(
    { target, enterpriseId }: AboutRule,
    make: () => Promise<void>,
    what: { readonly change: RuleChange } | { readonly revert: RuleRevert },
    who: Principal,
  ): Promise<ApprovalView | undefined> {
    try {
      await make();
      return undefined;
    } catch (error) {
      if (!(error instanceof RuleApprovalError)) throw error;
      const { weaker, changes, seen } = error;
      const body = { target, ...what, weaker, changes, seen } satisfies Asked;
      const { reason } = 'change' in what ? what.change : what.revert;
      return this.approvals.ask(
        { kind: RULE_CHANGE, subject: subjectOf(target), enterpriseId, body, reason },
        who,
      );
    }
  }

  async #perform({ body, requestedBy }: ApprovalRow, approvedBy: string): Promise<void> {
    // Written by `#makeOrAsk` and by nobody else.
    const asked = body as unknown as Asked;
    const { target, seen } = asked;
    const approval = { by: approvedBy, seen };
    const { rules } = this.commissioning;
    if ('change' in asked) await rules.change(target, asked.change, requestedBy, approval);
    else await rules.revert(target, asked.revert, requestedBy, approval);
  }
}

function subjectOf(target: RuleTarget): string {
  switch (target.layer) {
    case 'site':
      return `${target.siteId}/${target.profile}/${target.ruleKey}`;
    case 'device':
      return `${target.deviceId}/${target.ruleKey}`;
    case 'point':
      return `${target.deviceId}/${target.ruleKey}/${target.pointKey}`;
  }
}
