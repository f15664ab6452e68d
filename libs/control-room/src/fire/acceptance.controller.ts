import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  acceptanceQuery,
  type AcceptanceView,
  ALARM_HANDLERS,
  newAcceptance,
  type Page,
  pageQuery,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { acceptanceReply } from '../openapi/fire-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { pathId } from '../rest/parameters.js';
import { mapPage } from '../views/record-views.js';
import { AcceptanceDesk, acceptanceView } from './acceptance-desk.js';

/** What was made of fire alarms: appended, and never changed. */
@Controller()
@ApiTags('fire units')
export class AcceptanceController {
  constructor(
    private readonly registry: Registry,
    private readonly objects: VisibleObjects,
    private readonly desk: AcceptanceDesk,
  ) {}

  @Get('acceptance-records')
  @SignedIn()
  @Endpoint({ summary: 'Acceptance records of fire alarms, newest first', reply: pageOf(acceptanceReply) })
  async list(
    @Who() { visibility }: Principal,
    @Query({ schema: acceptanceQuery }) query: z.infer<typeof acceptanceQuery>,
  ): Promise<Page<AcceptanceView>> {
    const { enterpriseId } = visibility;
    return mapPage(await this.registry.acceptance.list({ ...query, enterpriseId }), acceptanceView);
  }

  @Get('alarms/:id/acceptance')
  @SignedIn()
  @Endpoint({ summary: 'Acceptance records of one alarm, newest first', reply: pageOf(acceptanceReply) })
  async ofAlarm(
    @Who() { visibility }: Principal,
    @Param('id', pathId) alarmId: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<AcceptanceView>> {
    await this.objects.alarm(alarmId, visibility);
    return mapPage(await this.registry.acceptance.list({ ...page, alarmId }), acceptanceView);
  }

  @Post('alarms/:id/acceptance')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Record what a fire alarm was found to be; a correction is a further record',
    reply: acceptanceReply,
    status: 201,
    audit: 'alarm-acceptance-recorded',
  })
  record(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: newAcceptance }) body: z.infer<typeof newAcceptance>,
  ): Promise<AcceptanceView> {
    return this.desk.record(alarmId, body, who);
  }
}
