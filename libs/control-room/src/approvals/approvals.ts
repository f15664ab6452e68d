import { Injectable } from '@nestjs/common';
import { type ApprovalView, type Page, type Role } from '@watchfire/contracts';
import { type ApprovalRow, type NewApproval, Registry, RegistryError } from '@watchfire/registry';
import { type Principal } from '../access/principal.js';
import { type Visibility } from '../access/visibility.js';
import { Problem } from '../problem/problem.js';
import { toProblem } from '../problem/translate.js';
import { mapPage } from '../views/record-views.js';
import { type PageAsked } from '../rest/paging.js';

/** A kind of act that needs a second person. */
export interface TwoPersonAct {
  readonly kind: string;
  /** Who may agree to it. */
  readonly roles: readonly Role[];
  /** Does it. Throws a `Problem` when it cannot be done any more. */
  perform(request: ApprovalRow, approvedBy: string): Promise<void>;
}

/** How long a request may be agreed to: about a shift's part, so that nobody agrees to what they do not remember. default */
const LIFE_MS = 3_600_000;

/**
 * Acts that two people must agree to. Who wants one asks for it here with everything that it needs; it is done when another person,
 * of a role that may, agrees in time. Requests are kept in the registry and outlive a restart.
 */
@Injectable()
export class Approvals {
  readonly #acts = new Map<string, TwoPersonAct>();

  constructor(private readonly registry: Registry) {}

  /** To be called once for each kind, before the first request. */
  offer(act: TwoPersonAct): void {
    this.#acts.set(act.kind, act);
  }

  async ask(request: Omit<NewApproval, 'lifeMs' | 'by'>, who: Principal): Promise<ApprovalView> {
    const by = who.user.username;
    const row = await this.registry.approvals.ask({ ...request, by, lifeMs: LIFE_MS });
    return this.#view(row, who);
  }

  async list(query: PageAsked & { readonly pending: boolean }, who: Principal): Promise<Page<ApprovalView>> {
    const { enterpriseId } = who.visibility;
    const page = await this.registry.approvals.list({ ...query, enterpriseId });
    return mapPage(page, (row) => this.#view(row, who));
  }

  async approve(id: string, comment: string | null, who: Principal): Promise<ApprovalView> {
    const asked = await this.#request(id, who.visibility);
    const act = this.#mayDecide(asked, who);
    const row = await this.#decide(id, { state: 'approved', by: who.user.username, comment });
    try {
      await act.perform(row, who.user.username);
    } catch (error) {
      const problem = toProblem(error);
      await this.registry.approvals.failed(id, problem.message);
      throw error;
    }
    return this.#view(row, who);
  }

  async reject(id: string, comment: string | null, who: Principal): Promise<ApprovalView> {
    this.#mayDecide(await this.#request(id, who.visibility), who);
    const row = await this.#decide(id, { state: 'rejected', by: who.user.username, comment });
    return this.#view(row, who);
  }

  async #request(id: string, visibility: Visibility): Promise<ApprovalRow> {
    const row = await this.registry.approvals.find(id);
    const isVisible =
      row !== undefined &&
      (row.enterpriseId === null
        ? visibility.enterpriseId === undefined
        : visibility.allows(row.enterpriseId));
    if (!isVisible) throw new Problem('approval_unknown');
    return row;
  }

  #mayDecide({ kind, requestedBy }: ApprovalRow, { user }: Principal): TwoPersonAct {
    const act = this.#acts.get(kind);
    if (act === undefined) throw new Problem('approval_unknown');
    if (requestedBy === user.username) throw new Problem('own_request');
    if (!act.roles.includes(user.role)) throw new Problem('forbidden');
    return act;
  }

  async #decide(id: string, decision: Parameters<Registry['approvals']['decide']>[1]): Promise<ApprovalRow> {
    try {
      return await this.registry.approvals.decide(id, decision);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'conflict') throw error;
      throw new Problem('already_decided', error.message, { cause: error });
    }
  }

  #view(row: ApprovalRow, { user }: Principal): ApprovalView {
    const roles = this.#acts.get(row.kind)?.roles ?? [];
    const decidable =
      row.state === 'pending' && row.requestedBy !== user.username && roles.includes(user.role);
    return { ...row, decidable };
  }
}
