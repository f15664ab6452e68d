import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  COMMAND_SENDERS,
  dutyPlanChange,
  type DutyPlanView,
  type DutyRunView,
  MAINTAINERS,
  newDutyPlan,
  type Page,
  pageQuery,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { dutyPlanReply, dutyRunReply } from '../openapi/duty-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { byKey, pageOfList } from '../rest/paging.js';
import { pathId } from '../rest/parameters.js';
import { mapPage } from '../views/record-views.js';
import { DutyDesk, planView } from './duty-desk.js';

/** When units are asked by themselves. Not for those who are asked: the guards must not know. */
@Controller('duty-plans')
@ApiTags('fire units')
export class DutyPlansController {
  constructor(
    private readonly registry: Registry,
    private readonly desk: DutyDesk,
  ) {}

  @Get()
  @Roles(...COMMAND_SENDERS)
  @Endpoint({ summary: 'Plans for duty checks', reply: pageOf(dutyPlanReply) })
  async list(@Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>): Promise<Page<DutyPlanView>> {
    const plans = await this.registry.dutyPlans.all();
    const order = byKey((plan: DutyPlanView) => plan.id);
    return pageOfList(
      plans.map(planView).sort((a, b) => order.compare(a.id, b.id)),
      page,
      order,
    );
  }

  @Get(':id')
  @Roles(...COMMAND_SENDERS)
  @Endpoint({ summary: 'A plan for duty checks', reply: dutyPlanReply })
  one(@Param('id', pathId) id: string): Promise<DutyPlanView> {
    return this.desk.plan(id);
  }

  @Get(':id/runs')
  @Roles(...COMMAND_SENDERS)
  @Endpoint({
    summary: 'Moments of a plan that are over and what was done at each, newest first',
    reply: pageOf(dutyRunReply),
  })
  async runs(
    @Param('id', pathId) planId: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<DutyRunView>> {
    await this.desk.plan(planId);
    return mapPage(await this.registry.dutyPlans.runs({ ...page, planId }), ({ planId: of, ...run }) => {
      void of;
      return run;
    });
  }

  @Post()
  @Roles(...MAINTAINERS)
  @Endpoint({
    summary: 'Ask units by themselves, at times or at moments within windows that nobody can know',
    reply: dutyPlanReply,
    status: 201,
    audit: 'duty-plan-created',
  })
  async create(
    @Who() { user }: Principal,
    @Body({ schema: newDutyPlan }) body: z.infer<typeof newDutyPlan>,
  ): Promise<DutyPlanView> {
    await this.desk.requireScope(body.scope);
    return planView(await this.registry.dutyPlans.create(body, user.username));
  }

  @Put(':id')
  @Roles(...MAINTAINERS)
  @Endpoint({
    summary: 'Change a plan; `revision` is that of the plan as it was read',
    reply: dutyPlanReply,
    audit: 'duty-plan-changed',
  })
  async change(
    @Who() { user }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: dutyPlanChange }) body: z.infer<typeof dutyPlanChange>,
  ): Promise<DutyPlanView> {
    const { revision, ...plan } = body;
    await this.desk.plan(id);
    await this.desk.requireScope(plan.scope);
    return this.desk.change(id, revision, plan, user.username);
  }

  @Post(':id/remove')
  @Roles(...MAINTAINERS)
  @Endpoint({ summary: 'Remove a plan; what it did stays on record', audit: 'duty-plan-removed' })
  remove(@Param('id', pathId) id: string): Promise<void> {
    return this.desk.remove(id);
  }
}
