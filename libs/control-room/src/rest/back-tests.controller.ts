import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { backTestRequest, type BackTestView } from '@watchfire/contracts';
import { type z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { backTestReply } from '../openapi/back-test-schemas.js';
import { BackTestDesk } from './back-test-desk.js';
import { pathId } from './parameters.js';

@Controller('back-tests')
@ApiTags('rules')
@Roles('administrator', 'supervisor')
export class BackTestsController {
  constructor(private readonly desk: BackTestDesk) {}

  @Post()
  @Endpoint({
    summary:
      'Try a changed rule on stored telemetry; it runs until it is done, cancelled, or nobody asks for it',
    reply: backTestReply,
    status: 201,
    audit: 'back-test-started',
  })
  start(
    @Who() { user, visibility }: Principal,
    @Body({ schema: backTestRequest }) body: z.infer<typeof backTestRequest>,
  ): Promise<BackTestView> {
    return this.desk.start(body, user.username, visibility);
  }

  @Get(':id')
  @Endpoint({
    summary:
      'How far a back-test is, and what came of it; one that nobody asks for within a minute is given up',
    reply: backTestReply,
  })
  find(@Param('id', pathId) id: string): BackTestView {
    return this.desk.find(id);
  }

  @Post(':id/cancel')
  @Endpoint({ summary: 'Give a back-test up', reply: backTestReply, audit: 'back-test-cancelled' })
  cancel(@Param('id', pathId) id: string): Promise<BackTestView> {
    return this.desk.cancel(id);
  }
}
