import { Body, Controller, Get, HttpStatus, Param, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  type ApprovalView,
  layerChange,
  ruleRevert,
  type RuleVersionView,
  type SiteRuleView,
} from '@watchfire/contracts';
import { type Response } from 'express';
import { z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Asks } from '../approvals/asks.js';
import { Endpoint } from '../conduct/endpoint.js';
import { ruleVersionReply, siteRuleReply } from '../openapi/rule-schemas.js';
import { Problem } from '../problem/problem.js';
import { pathId } from './parameters.js';
import { type AboutRule, RuleChanges } from './rule-changes.js';

const siteRulePath = z.object({ id: pathId.schema, profile: pathId.schema, ruleKey: pathId.schema });

/** What a site says of the rules of a profile, for all of its devices that do not say otherwise themselves. */
@Controller('sites')
@ApiTags('rules')
export class SiteRulesController {
  constructor(
    private readonly commissioning: Commissioning,
    private readonly changes: RuleChanges,
    private readonly objects: VisibleObjects,
  ) {}

  @Get(':id/rules')
  @SignedIn()
  @Endpoint({
    summary: 'The rules of a site for each profile that it has devices of, with the origin of each value',
    reply: z.array(siteRuleReply),
  })
  async list(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<SiteRuleView[]> {
    await this.objects.site(id, visibility);
    return this.commissioning.rules.ofSite(id);
  }

  @Put(':id/rules/:profile/:ruleKey')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Say all that a site has otherwise in a rule of a profile, with the reason',
    reply: siteRuleReply,
    audit: 'rule-overridden',
  })
  async override(
    @Who() who: Principal,
    @Param({ schema: siteRulePath }) { id, ...rule }: z.infer<typeof siteRulePath>,
    @Body({ schema: layerChange }) body: z.infer<typeof layerChange>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SiteRuleView | ApprovalView> {
    const about = await this.#about({ siteId: id, ...rule }, who);
    return this.#answer(about.target, await this.changes.change(about, body, who), response);
  }

  @Get(':id/rules/:profile/:ruleKey/versions')
  @SignedIn()
  @Endpoint({
    summary: 'Every version of a rule of a site, newest first: what changed, who, when and why',
    reply: z.array(ruleVersionReply),
  })
  async versions(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('profile', pathId) profile: string,
    @Param('ruleKey', pathId) ruleKey: string,
  ): Promise<RuleVersionView[]> {
    await this.objects.site(siteId, visibility);
    return this.commissioning.rules.versions({ layer: 'site', siteId, profile, ruleKey });
  }

  @Post(':id/rules/:profile/:ruleKey/revert')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Give the site again what it had otherwise in an older version; that is a new version',
    reply: siteRuleReply,
    audit: 'rule-reverted',
  })
  async revert(
    @Who() who: Principal,
    @Param({ schema: siteRulePath }) { id, ...rule }: z.infer<typeof siteRulePath>,
    @Body({ schema: ruleRevert }) body: z.infer<typeof ruleRevert>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SiteRuleView | ApprovalView> {
    const about = await this.#about({ siteId: id, ...rule }, who);
    return this.#answer(about.target, await this.changes.revert(about, body, who), response);
  }

  async #about(
    rule: { readonly siteId: string; readonly profile: string; readonly ruleKey: string },
    { visibility }: Principal,
  ): Promise<AboutRule & { readonly target: typeof rule }> {
    const { enterpriseId } = await this.objects.site(rule.siteId, visibility);
    return { target: { layer: 'site', ...rule }, enterpriseId };
  }

  async #answer(
    rule: { readonly siteId: string; readonly profile: string; readonly ruleKey: string },
    waits: ApprovalView | undefined,
    response: Response,
  ): Promise<SiteRuleView | ApprovalView> {
    if (waits === undefined) return this.#one(rule.siteId, rule.profile, rule.ruleKey);
    response.status(HttpStatus.ACCEPTED);
    return waits;
  }

  async #one(siteId: string, profile: string, ruleKey: string): Promise<SiteRuleView> {
    const rules = await this.commissioning.rules.ofSite(siteId);
    const rule = rules.find((one) => one.profile === profile && one.key === ruleKey);
    if (rule === undefined) throw new Problem('rule_unknown');
    return rule;
  }
}
