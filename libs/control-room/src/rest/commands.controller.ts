import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeviceCommands } from '@watchfire/commands';
import {
  cancelRequest,
  COMMAND_SENDERS,
  commandRequest,
  type CommandView,
  maySendCommand,
  type Page,
  pageQuery,
} from '@watchfire/contracts';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { ActId } from '../conduct/act-id.js';
import { Endpoint } from '../conduct/endpoint.js';
import { commandReply, pageOf } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { commandView, mapPage } from '../views/record-views.js';
import { CommandDesk } from './command-desk.js';
import { pathId } from './parameters.js';

@Controller('devices/:id/commands')
@ApiTags('commands')
export class CommandsController {
  constructor(
    private readonly commands: DeviceCommands,
    private readonly objects: VisibleObjects,
    private readonly desk: CommandDesk,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary: 'Commands of a device and what became of them, newest first',
    reply: pageOf(commandReply),
  })
  async list(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<CommandView>> {
    await this.objects.device(id, visibility);
    return mapPage(await this.commands.list(id, page), commandView);
  }

  @Post()
  @Roles(...COMMAND_SENDERS)
  @Endpoint({
    summary:
      'Send a command: accepted when it is on disk, sent when the device listens, never after `expires`',
    reply: commandReply,
    status: 201,
    audit: 'command-issued',
  })
  async send(
    @Who() { user, visibility }: Principal,
    @ActId('cmd') commandId: string | undefined,
    @Param('id', pathId) deviceId: string,
    @Body({ schema: commandRequest }) body: z.infer<typeof commandRequest>,
  ): Promise<CommandView> {
    const { device } = await this.objects.device(deviceId, visibility);
    const { replyTimeoutSeconds, ...asked } = body;
    if (!maySendCommand(user.role, asked.command)) throw new Problem('forbidden');
    if (!this.desk.offered(device.profile).includes(asked.command)) throw new Problem('command_not_offered');
    if (device.disabled) throw new Problem('device_disabled');
    const replyTimeoutMs = replyTimeoutSeconds * 1_000;
    const command = { ...asked, deviceId, commandId, actor: user.username, replyTimeoutMs };
    return commandView(await this.commands.issue(command));
  }

  @Post(':commandId/cancel')
  @Roles(...COMMAND_SENDERS)
  @Endpoint({
    summary: 'Take back a command that has not been sent',
    reply: commandReply,
    audit: 'command-cancelled',
  })
  async cancel(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) deviceId: string,
    @Param('commandId', pathId) commandId: string,
    @Body({ schema: cancelRequest }) { reason }: z.infer<typeof cancelRequest>,
  ): Promise<CommandView> {
    await this.objects.device(deviceId, visibility);
    return commandView(await this.commands.cancel(deviceId, commandId, { actor: user.username, reason }));
  }
}
