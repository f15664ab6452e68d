import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ALARM_HANDLERS,
  approvalDecision,
  approvalQuery,
  type ApprovalView,
  type Page,
} from '@watchfire/contracts';
import { type z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { approvalReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { pathId } from '../rest/parameters.js';
import { Approvals } from './approvals.js';

/** Acts that wait for a second person. */
@Controller('approvals')
@ApiTags('approvals')
@Roles(...ALARM_HANDLERS)
export class ApprovalsController {
  constructor(private readonly approvals: Approvals) {}

  @Get()
  @Endpoint({ summary: 'What waits for a second person, newest first', reply: pageOf(approvalReply) })
  list(
    @Who() who: Principal,
    @Query({ schema: approvalQuery }) { state, ...page }: z.infer<typeof approvalQuery>,
  ): Promise<Page<ApprovalView>> {
    return this.approvals.list({ ...page, pending: state === 'pending' }, who);
  }

  @Post(':id/approve')
  @Endpoint({ summary: 'Agree to it: it is done at once', reply: approvalReply, audit: 'request-approved' })
  approve(
    @Who() who: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: approvalDecision }) { comment }: z.infer<typeof approvalDecision>,
  ): Promise<ApprovalView> {
    return this.approvals.approve(id, comment ?? null, who);
  }

  @Post(':id/reject')
  @Endpoint({ summary: 'Refuse it', reply: approvalReply, audit: 'request-rejected' })
  reject(
    @Who() who: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: approvalDecision }) { comment }: z.infer<typeof approvalDecision>,
  ): Promise<ApprovalView> {
    return this.approvals.reject(id, comment ?? null, who);
  }
}
