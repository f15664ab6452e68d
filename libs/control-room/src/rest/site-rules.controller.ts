import { Body, Controller, Get, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import { layerChange, ruleRevert, type RuleVersionView, type SiteRuleView } from '@watchfire/contracts';
import { z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { ruleVersionReply, siteRuleReply } from '../openapi/rule-schemas.js';
import { Problem } from '../problem/problem.js';
import { pathId } from './parameters.js';

/** What a site says of the rules of a profile, for all of its devices that do not say otherwise themselves. */
@Controller('sites')
@ApiTags('rules')
export class SiteRulesController {
  constructor(
    private readonly commissioning: Commissioning,
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
  @Endpoint({
    summary: 'Say all that a site has otherwise in a rule of a profile, with the reason',
    reply: siteRuleReply,
    audit: 'rule-overridden',
  })
  async override(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('profile', pathId) profile: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: layerChange }) body: z.infer<typeof layerChange>,
  ): Promise<SiteRuleView> {
    await this.objects.site(siteId, visibility);
    const target = { layer: 'site', siteId, profile, ruleKey } as const;
    await this.commissioning.rules.change(target, body, user.username);
    return this.#one(siteId, profile, ruleKey);
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
  @Endpoint({
    summary: 'Give the site again what it had otherwise in an older version; that is a new version',
    reply: siteRuleReply,
    audit: 'rule-reverted',
  })
  async revert(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('profile', pathId) profile: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleRevert }) body: z.infer<typeof ruleRevert>,
  ): Promise<SiteRuleView> {
    await this.objects.site(siteId, visibility);
    const target = { layer: 'site', siteId, profile, ruleKey } as const;
    await this.commissioning.rules.revert(target, body, user.username);
    return this.#one(siteId, profile, ruleKey);
  }

  async #one(siteId: string, profile: string, ruleKey: string): Promise<SiteRuleView> {
    const rules = await this.commissioning.rules.ofSite(siteId);
    const rule = rules.find((one) => one.profile === profile && one.key === ruleKey);
    if (rule === undefined) throw new Problem('rule_unknown');
    return rule;
  }
}
