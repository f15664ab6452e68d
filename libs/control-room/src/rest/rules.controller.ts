import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import { type Page, ruleOverride, ruleQuery, type RuleView } from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { pageOf, ruleReply } from '../openapi/schemas.js';
import { pathId } from './parameters.js';

@Controller()
@ApiTags('rules')
export class RulesController {
  constructor(
    private readonly registry: Registry,
    private readonly commissioning: Commissioning,
    private readonly objects: VisibleObjects,
  ) {}

  @Get('rules')
  @SignedIn()
  @Endpoint({
    summary: 'Effective rules with the source of each figure; `limit` counts devices',
    reply: pageOf(ruleReply),
  })
  async list(
    @Who() { visibility }: Principal,
    @Query({ schema: ruleQuery }) { deviceId, ...page }: z.infer<typeof ruleQuery>,
  ): Promise<Page<RuleView>> {
    if (deviceId !== undefined) {
      await this.objects.device(deviceId, visibility);
      const items = await this.commissioning.rules(deviceId);
      return { items, total: items.length, nextCursor: null };
    }
    const { enterpriseId } = visibility;
    const devices = await this.registry.devices.list({ ...page, enterpriseId });
    const rules = await Promise.all(devices.items.map(({ device }) => this.commissioning.rules(device.id)));
    return { items: rules.flat(), total: devices.total, nextCursor: devices.nextCursor };
  }

  @Put('devices/:id/rules/:ruleKey')
  @Roles('administrator', 'supervisor')
  @Endpoint({
    summary: 'Override a rule of one device, with the reason',
    reply: ruleReply,
    audit: 'rule-overridden',
  })
  async override(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) id: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleOverride }) { reason, ...body }: z.infer<typeof ruleOverride>,
  ): Promise<RuleView> {
    await this.objects.device(id, visibility);
    return this.commissioning.overrideRule(id, ruleKey, body, { by: user.username, reason });
  }
}
