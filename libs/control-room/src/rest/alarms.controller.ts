import { Body, Controller, Get, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Command } from '@watchfire/alarm';
import {
  acknowledgeRequest,
  ALARM_HANDLERS,
  type Alarm,
  alarmActRequest,
  type AlarmEventView,
  alarmQuery,
  type ApprovalView,
  commentRequest,
  MAINTAINERS,
  occurrenceRequest,
  outOfServiceRequest,
  type Page,
  pageQuery,
  resetRequest,
  shelveRequest,
  SHELVERS,
  type WithGap,
} from '@watchfire/contracts';
import { type Response } from 'express';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Asks } from '../approvals/asks.js';
import { Endpoint } from '../conduct/endpoint.js';
import { alarmEventReply, alarmReply } from '../openapi/alarm-schemas.js';
import { historyPageOf } from '../openapi/history-schemas.js';
import { toAlarm } from '../views/alarm-view.js';
import { AlarmDesk } from './alarm-desk.js';
import { AlarmLists } from './alarm-lists.js';
import { pathId } from './parameters.js';

type AboutAlarm = Extract<Command, { readonly alarmId: string }>;

@Controller('alarms')
@ApiTags('alarms')
export class AlarmsController {
  constructor(
    private readonly desk: AlarmDesk,
    private readonly objects: VisibleObjects,
    private readonly lists: AlarmLists,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary: 'Alarms: the present ones in the order of the operator’s list, `all` from the history by time',
    reply: historyPageOf(alarmReply),
  })
  list(
    @Who() { visibility }: Principal,
    @Query({ schema: alarmQuery }) query: z.infer<typeof alarmQuery>,
  ): Promise<Page<Alarm> & WithGap> {
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
    reply: historyPageOf(alarmEventReply),
  })
  async events(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<AlarmEventView> & WithGap> {
    await this.objects.alarm(id, visibility);
    return this.lists.events(id, page);
  }

  @Post(':id/acknowledge')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Acknowledge this occurrence of an alarm',
    reply: alarmReply,
    audit: 'alarm-acknowledged',
  })
  acknowledge(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: acknowledgeRequest }) body: z.infer<typeof acknowledgeRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'acknowledge', alarmId, eventId: body.eventId }, who, body.comment ?? null);
  }

  @Post(':id/withdraw-acknowledgement')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Withdraw the acknowledgement of an active alarm',
    reply: alarmReply,
    audit: 'alarm-acknowledgement-withdrawn',
  })
  withdraw(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: occurrenceRequest }) body: z.infer<typeof occurrenceRequest>,
  ): Promise<Alarm> {
    return this.desk.act(
      { kind: 'withdraw-acknowledgement', alarmId, eventId: body.eventId },
      who,
      body.comment ?? null,
    );
  }

  @Post(':id/confirm')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Confirm that what the alarm asked for is done',
    reply: alarmReply,
    audit: 'alarm-confirmed',
  })
  confirm(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: occurrenceRequest }) body: z.infer<typeof occurrenceRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'confirm', alarmId, eventId: body.eventId }, who, body.comment ?? null);
  }

  @Post(':id/reset')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Reset a latched alarm whose condition is over',
    reply: alarmReply,
    audit: 'alarm-reset',
  })
  reset(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: resetRequest }) body: z.infer<typeof resetRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'reset', alarmId, ...event(body) }, who, body.comment ?? null);
  }

  @Post(':id/silence')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Silence its horn for a time; it goes on flashing',
    reply: alarmReply,
    audit: 'alarm-silenced',
  })
  silence(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: alarmActRequest }) body: z.infer<typeof alarmActRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'silence', alarmId, ...event(body) }, who, body.comment ?? null);
  }

  @Post(':id/comment')
  @Roles(...ALARM_HANDLERS)
  @Endpoint({
    summary: 'Add a comment to the record of an alarm',
    reply: alarmReply,
    audit: 'alarm-commented',
  })
  comment(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: commentRequest }) body: z.infer<typeof commentRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'comment', alarmId }, who, body.comment);
  }

  @Post(':id/shelve')
  @Roles(...SHELVERS)
  @Asks()
  @Endpoint({
    summary: 'Shelve its rule for a time, or for one activation',
    reply: alarmReply,
    audit: 'alarm-shelved',
  })
  shelve(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: shelveRequest }) body: z.infer<typeof shelveRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Alarm | ApprovalView> {
    const { mode, seconds, reason } = body;
    return this.#actOrAsk({ kind: 'shelve', alarmId, mode, seconds, ...event(body) }, who, reason, response);
  }

  @Post(':id/unshelve')
  @Roles(...SHELVERS)
  @Endpoint({ summary: 'End its shelving', reply: alarmReply, audit: 'alarm-unshelved' })
  unshelve(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: alarmActRequest }) body: z.infer<typeof alarmActRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'unshelve', alarmId, ...event(body) }, who, body.comment ?? null);
  }

  @Post(':id/out-of-service')
  @Roles(...MAINTAINERS)
  @Asks()
  @Endpoint({
    summary: 'Take its rule out of service, with what watches over the place meanwhile',
    reply: alarmReply,
    audit: 'alarm-out-of-service',
  })
  outOfService(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: outOfServiceRequest }) body: z.infer<typeof outOfServiceRequest>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Alarm | ApprovalView> {
    const { seconds, compensatingMeasure, reason } = body;
    const command = {
      kind: 'out-of-service',
      alarmId,
      seconds,
      compensatingMeasure,
      ...event(body),
    } as const;
    return this.#actOrAsk(command, who, reason, response);
  }

  @Post(':id/in-service')
  @Roles(...MAINTAINERS)
  @Endpoint({ summary: 'Place its rule in service again', reply: alarmReply, audit: 'alarm-in-service' })
  inService(
    @Who() who: Principal,
    @Param('id', pathId) alarmId: string,
    @Body({ schema: alarmActRequest }) body: z.infer<typeof alarmActRequest>,
  ): Promise<Alarm> {
    return this.desk.act({ kind: 'in-service', alarmId, ...event(body) }, who, body.comment ?? null);
  }

  async #actOrAsk(
    command: AboutAlarm,
    who: Principal,
    reason: string,
    response: Response,
  ): Promise<Alarm | ApprovalView> {
    const answer = await this.desk.actOrAsk(command, who, reason);
    if ('done' in answer) return answer.done;
    response.status(HttpStatus.ACCEPTED);
    return answer.waits;
  }
}

/** The occurrence that was named, where one was. */
function event({ eventId }: { readonly eventId?: string | undefined }): { readonly eventId?: string } {
  return eventId === undefined ? {} : { eventId };
}
