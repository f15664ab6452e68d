import { Body, Controller, Get, HttpStatus, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { spelledOut } from '@watchfire/catalogue';
import { Commissioning, RuleOverrideError } from '@watchfire/commissioning';
import {
  type ApprovalView,
  layerChange,
  type Page,
  ruleOverride,
  ruleQuery,
  ruleRevert,
  type RuleVersionView,
  type RuleView,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type Response } from 'express';
import { z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Asks } from '../approvals/asks.js';
import { Endpoint } from '../conduct/endpoint.js';
import { ruleReply, ruleVersionReply } from '../openapi/rule-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { pathId } from './parameters.js';
import { type AboutRule, RuleChanges } from './rule-changes.js';

/** The rules of devices and of their points. */
@Controller()
@ApiTags('rules')
export class RulesController {
  constructor(
    private readonly registry: Registry,
    private readonly commissioning: Commissioning,
    private readonly changes: RuleChanges,
    private readonly objects: VisibleObjects,
  ) {}

  @Get('rules')
  @SignedIn()
  @Endpoint({
    summary: 'Effective rules with the origin of each value; `limit` counts devices',
    reply: pageOf(ruleReply),
  })
  async list(
    @Who() { visibility }: Principal,
    @Query({ schema: ruleQuery }) { deviceId, ...page }: z.infer<typeof ruleQuery>,
  ): Promise<Page<RuleView>> {
    const { rules } = this.commissioning;
    if (deviceId !== undefined) {
      await this.objects.device(deviceId, visibility);
      const items = await rules.ofDevice(deviceId);
      return { items, total: items.length, nextCursor: null };
    }
    const { enterpriseId } = visibility;
    const devices = await this.registry.devices.list({ ...page, enterpriseId });
    const found = await Promise.all(devices.items.map(({ device }) => rules.ofDevice(device.id)));
    return { items: found.flat(), total: devices.total, nextCursor: devices.nextCursor };
  }

  @Put('devices/:id/rules/:ruleKey')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Say all that one device has otherwise in a rule, with the reason',
    reply: ruleReply,
    audit: 'rule-overridden',
  })
  async override(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleOverride }) body: z.infer<typeof ruleOverride>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView | ApprovalView> {
    const { given, values } = spelledOut(body);
    const { reason, source, confidence, baseVersion } = body;
    const change = { values, reason, source, confidence, baseVersion };
    try {
      const waits = await this.changes.change(await this.#ofDevice(deviceId, ruleKey, who), change, who);
      return await this.#answer(waits, response, deviceId, ruleKey);
    } catch (error) {
      throw inWordsOf(given, error);
    }
  }

  @Get('devices/:id/rules/:ruleKey/versions')
  @SignedIn()
  @Endpoint({
    summary: 'Every version of a rule of one device, newest first: what changed, who, when and why',
    reply: z.array(ruleVersionReply),
  })
  async versions(
    @Who() { visibility }: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
  ): Promise<RuleVersionView[]> {
    await this.objects.device(deviceId, visibility);
    return this.commissioning.rules.versions({ layer: 'device', deviceId, ruleKey });
  }

  @Post('devices/:id/rules/:ruleKey/revert')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Give the device again what it had otherwise in an older version; that is a new version',
    reply: ruleReply,
    audit: 'rule-reverted',
  })
  async revert(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleRevert }) body: z.infer<typeof ruleRevert>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView | ApprovalView> {
    const waits = await this.changes.revert(await this.#ofDevice(deviceId, ruleKey, who), body, who);
    return this.#answer(waits, response, deviceId, ruleKey);
  }

  @Put('points/:pointId/rules/:ruleKey')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Say all that one point has otherwise in a rule that is about it, with the reason',
    reply: ruleReply,
    audit: 'rule-overridden',
  })
  async overridePoint(
    @Who() who: Principal,
    @Param('pointId', pathId) pointId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: layerChange }) body: z.infer<typeof layerChange>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView | ApprovalView> {
    const about = await this.#ofPoint(pointId, ruleKey, who);
    const waits = await this.changes.change(about, body, who);
    return this.#answer(waits, response, about.target.deviceId, ruleKey);
  }

  @Post('points/:pointId/rules/:ruleKey/revert')
  @Roles('administrator', 'supervisor')
  @Asks()
  @Endpoint({
    summary: 'Give the point again what it had otherwise in an older version; that is a new version',
    reply: ruleReply,
    audit: 'rule-reverted',
  })
  async revertPoint(
    @Who() who: Principal,
    @Param('pointId', pathId) pointId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleRevert }) body: z.infer<typeof ruleRevert>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView | ApprovalView> {
    const about = await this.#ofPoint(pointId, ruleKey, who);
    const waits = await this.changes.revert(about, body, who);
    return this.#answer(waits, response, about.target.deviceId, ruleKey);
  }

  async #ofDevice(deviceId: string, ruleKey: string, { visibility }: Principal): Promise<AboutRule> {
    const { enterprise } = await this.objects.device(deviceId, visibility);
    return { target: { layer: 'device', deviceId, ruleKey }, enterpriseId: enterprise.id };
  }

  async #ofPoint(
    pointId: string,
    ruleKey: string,
    { visibility }: Principal,
  ): Promise<AboutRule & { readonly target: { readonly deviceId: string } }> {
    const { context, key } = await this.objects.deviceOfPoint(pointId, visibility);
    const { device, enterprise } = context;
    const target = { layer: 'point', deviceId: device.id, pointKey: key, ruleKey } as const;
    return { target, enterpriseId: enterprise.id };
  }

  async #answer(
    waits: ApprovalView | undefined,
    response: Response,
    deviceId: string,
    ruleKey: string,
  ): Promise<RuleView | ApprovalView> {
    if (waits === undefined) return this.#one(deviceId, ruleKey);
    response.status(HttpStatus.ACCEPTED);
    return waits;
  }

  async #one(deviceId: string, ruleKey: string): Promise<RuleView> {
    const rules = await this.commissioning.rules.ofDevice(deviceId);
    const rule = rules.find(({ key }) => key === ruleKey);
    if (rule === undefined) throw new Problem('rule_unknown');
    return rule;
  }
}

/** Names each wrong value as the client did. */
function inWordsOf(given: ReadonlyMap<string, string>, error: unknown): unknown {
  if (!(error instanceof RuleOverrideError)) return error;
  const problems = error.problems.map(({ path, message }) => ({ path: given.get(path) ?? path, message }));
  return new RuleOverrideError(error.ruleKey, problems);
}
