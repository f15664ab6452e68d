import { Body, Controller, Get, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Command } from '@watchfire/alarm';
import {
  type ApprovalView,
  type CoveredRuleView,
  MAINTAINERS,
  type Page,
  pageQuery,
  ruleActRequest,
  ruleDisableRequest,
  ruleOutOfServiceRequest,
  ruleShelveRequest,
  SHELVERS,
} from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { type Response } from 'express';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Asks } from '../approvals/asks.js';
import { Endpoint } from '../conduct/endpoint.js';
import { coveredRuleReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { toCoveredRule } from '../views/alarm-view.js';
import { AlarmDesk } from './alarm-desk.js';
import { byKey, pageOfList } from './paging.js';
import { pathId } from './parameters.js';

type AboutRule = Extract<Command, { readonly deviceId: string }>;
/** A request for a second person; 204 where it is done. */
type Answer = Promise<ApprovalView | undefined>;

const keyOf = ({ deviceId, rule }: CoveredRuleView): string => `${deviceId} ${rule}`;

/** Rules whose alarms are quiet or blind by what people or logic have put over them. */
@Controller()
@ApiTags('alarms')
export class CoveredRulesController {
  constructor(
    private readonly engine: EngineHost,
    private readonly desk: AlarmDesk,
  ) {}

  @Get('covered-rules')
  @SignedIn()
  @Endpoint({
    summary: 'Every rule that is shelved, suppressed by design, out of service or disabled',
    reply: pageOf(coveredRuleReply),
  })
  list(
    @Who() { visibility }: Principal,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Page<CoveredRuleView> {
    const shown = this.engine
      .covered()
      .filter(({ device }) => visibility.allows(device.enterpriseId))
      .map(toCoveredRule);
    return pageOfList(shown, page, byKey(keyOf));
  }

  @Post('devices/:id/rules/:ruleKey/shelve')
  @Roles(...SHELVERS)
  @Asks()
  @Endpoint({ summary: 'Shelve a rule', audit: 'rule-shelved' })
  shelve(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleShelveRequest }) body: z.infer<typeof ruleShelveRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    const { mode, seconds, reason } = body;
    return this.#act({ kind: 'shelve', deviceId, ruleKey, mode, seconds }, who, reason, response);
  }

  @Post('devices/:id/rules/:ruleKey/unshelve')
  @Roles(...SHELVERS)
  @Endpoint({ summary: 'Unshelve a rule', audit: 'rule-unshelved' })
  unshelve(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleActRequest }) { comment }: z.infer<typeof ruleActRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    return this.#act({ kind: 'unshelve', deviceId, ruleKey }, who, comment, response);
  }

  @Post('devices/:id/rules/:ruleKey/out-of-service')
  @Roles(...MAINTAINERS)
  @Asks()
  @Endpoint({
    summary: 'Take a rule out of service, with what watches over the place meanwhile',
    audit: 'rule-out-of-service',
  })
  outOfService(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleOutOfServiceRequest }) body: z.infer<typeof ruleOutOfServiceRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    const { seconds, compensatingMeasure, reason } = body;
    const command = { kind: 'out-of-service', deviceId, ruleKey, seconds, compensatingMeasure } as const;
    return this.#act(command, who, reason, response);
  }

  @Post('devices/:id/rules/:ruleKey/in-service')
  @Roles(...MAINTAINERS)
  @Endpoint({ summary: 'Place a rule in service again', audit: 'rule-in-service' })
  inService(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleActRequest }) { comment }: z.infer<typeof ruleActRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    return this.#act({ kind: 'in-service', deviceId, ruleKey }, who, comment, response);
  }

  @Post('devices/:id/rules/:ruleKey/disable')
  @Roles(...MAINTAINERS)
  @Asks()
  @Endpoint({ summary: 'Stop evaluating a rule: blind, not only quiet', audit: 'rule-disabled' })
  disable(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleDisableRequest }) { reason }: z.infer<typeof ruleDisableRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    return this.#act({ kind: 'disable', deviceId, ruleKey }, who, reason, response);
  }

  @Post('devices/:id/rules/:ruleKey/enable')
  @Roles(...MAINTAINERS)
  @Endpoint({ summary: 'Evaluate a rule again, at once', audit: 'rule-enabled' })
  enable(
    @Who() who: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('ruleKey', pathId) ruleKey: string,
    @Body({ schema: ruleActRequest }) { comment }: z.infer<typeof ruleActRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Answer {
    return this.#act({ kind: 'enable', deviceId, ruleKey }, who, comment, response);
  }

  async #act(command: AboutRule, who: Principal, comment: string | undefined, response: Response): Answer {
    const answer = await this.desk.actOnRule(command, who, comment ?? null);
    const waits = 'waits' in answer;
    response.status(waits ? HttpStatus.ACCEPTED : HttpStatus.NO_CONTENT);
    return waits ? answer.waits : undefined;
  }
}
