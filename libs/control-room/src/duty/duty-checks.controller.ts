import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  COMMAND_SENDERS,
  type DutyBoard,
  dutyBoardQuery,
  dutyGroup,
  type DutyGroupReply,
  maySendCommand,
} from '@watchfire/contracts';
import { DUTY_CHECK } from '@watchfire/duty';
import { newId } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { ActId } from '../conduct/act-id.js';
import { Endpoint } from '../conduct/endpoint.js';
import { dutyBoardReply, dutyGroupReply } from '../openapi/duty-schemas.js';
import { Problem } from '../problem/problem.js';
import { DutyDesk } from './duty-desk.js';

/** Whether somebody is at the panel (查岗), of many units. */
@Controller('duty-checks')
@ApiTags('fire units')
export class DutyChecksController {
  constructor(private readonly desk: DutyDesk) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary:
      'Duty checks of a range in all units: those that are open, the newest that are not, and the on-post rates',
    reply: dutyBoardReply,
  })
  board(
    @Who() { visibility }: Principal,
    @Query({ schema: dutyBoardQuery }) query: z.infer<typeof dutyBoardQuery>,
  ): Promise<DutyBoard> {
    return this.desk.board(query, visibility);
  }

  @Post()
  @Roles(...COMMAND_SENDERS)
  @Endpoint({
    summary:
      'Ask several units whether somebody is there; each is told apart, and one that is not connected is not asked later',
    reply: dutyGroupReply,
    audit: 'duty-checks-asked',
  })
  async ask(
    @Who() { user, visibility }: Principal,
    @ActId('dty') actId: string | undefined,
    @Body({ schema: dutyGroup }) { scope, minutes, reason }: z.infer<typeof dutyGroup>,
  ): Promise<DutyGroupReply> {
    if (!maySendCommand(user.role, DUTY_CHECK)) throw new Problem('forbidden');
    const order = { minutes, reason, actor: user.username, actId: actId ?? newId('cmd') };
    return this.desk.ask(scope, order, visibility);
  }
}
