import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Command } from '@watchfire/alarm';
import {
  acknowledgeRequest,
  type Alarm,
  type AlarmEventView,
  alarmQuery,
  commentRequest,
  type Page,
  pageQuery,
  resetRequest,
} from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { alarmEventReply, alarmReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { toAlarm } from '../views/alarm-view.js';
import { AlarmLists } from './alarm-lists.js';
import { pathId } from './parameters.js';

/** Who handles alarms; a supervisor stands in where a shift is thin. */
const HANDLERS = ['operator', 'dispatcher', 'supervisor', 'administrator'] as const;

@Controller('alarms')
@ApiTags('alarms')
export class AlarmsController {
  constructor(
    private readonly engine: EngineHost,
    private readonly objects: VisibleObjects,
    private readonly lists: AlarmLists,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary: 'Alarms: the present ones in the order of the operator’s list, `all` from the history by time',
    reply: pageOf(alarmReply),
  })
  list(
    @Who() { visibility }: Principal,
    @Query({ schema: alarmQuery }) query: z.infer<typeof alarmQuery>,
  ): Promise<Page<Alarm>> {
    return this.lists.alarms(query, visibility);
  }

  @Get(':id')
  @SignedIn()
  @Endpoint({ summary: 'One alarm, also when it is over', reply: alarmReply })
  async one(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<Alarm> {
    return toAlarm(await this.objects.alarm(id, visibility));
  }

  @Get(':id/events')
  @SignedIn()
  @Endpoint({
    summary: 'Everything that happened to an alarm, with stage times',
    reply: pageOf(alarmEventReply),
  })
  async events(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<AlarmEventView>> {
    await this.objects.alarm(id, visibility);
    return this.lists.events(id, page);
  }

  @Post(':id/acknowledge')
  @Roles(...HANDLERS)
  @Endpoint({
    summary: 'Acknowledge this occurrence of an alarm',
    reply: alarmReply,
    audit: 'alarm-acknowledged',
  })
  acknowledge(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: acknowledgeRequest }) { eventId, comment }: z.infer<typeof acknowledgeRequest>,
  ): Promise<Alarm> {
    return this.#submit({ kind: 'acknowledge', alarmId, eventId }, who, comment);
  }

  @Post(':id/reset')
  @Roles(...HANDLERS)
  @Endpoint({
    summary: 'Reset a latched alarm whose condition is over',
    reply: alarmReply,
    audit: 'alarm-reset',
  })
  reset(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: resetRequest }) { eventId, comment }: z.infer<typeof resetRequest>,
  ): Promise<Alarm> {
    const command = { kind: 'reset' as const, alarmId, ...(eventId === undefined ? {} : { eventId }) };
    return this.#submit(command, who, comment);
  }

  @Post(':id/comment')
  @Roles(...HANDLERS)
  @Endpoint({
    summary: 'Add a comment to the record of an alarm',
    reply: alarmReply,
    audit: 'alarm-commented',
  })
  comment(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: commentRequest }) { comment }: z.infer<typeof commentRequest>,
  ): Promise<Alarm> {
    return this.#submit({ kind: 'comment', alarmId }, who, comment);
  }

  async #submit(
    command: Extract<Command, { readonly alarmId: string }>,
    { user, visibility }: Principal,
    comment?: string,
  ): Promise<Alarm> {
    // Asked before the journal is: a person must not leave a trace in an alarm that they may not see.
    await this.objects.alarm(command.alarmId, visibility);
    const { alarm, refused } = await this.engine.submit(command, user.username, comment ?? null);
    if (refused !== undefined) throw new Problem(refused.code, refused.message);
    return toAlarm(alarm ?? (await this.objects.alarm(command.alarmId, visibility)));
  }
}
