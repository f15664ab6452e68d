import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  type DeviceView,
  type NewDeviceReply,
  type Page,
  quarantineQuery,
  quarantineRegistration,
  type QuarantineView,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { quarantineReply } from '../openapi/device-life-schemas.js';
import { newDeviceReply, pageOf } from '../openapi/schemas.js';
import { quarantineView } from '../views/device-life-views.js';
import { mapPage } from '../views/record-views.js';
import { DeviceDesk } from './device-desk.js';
import { asArgument, given, pathId } from './parameters.js';

/** Who spoke and is not registered. */
@Controller('quarantine')
@ApiTags('devices')
@Roles('administrator')
export class QuarantineController {
  constructor(
    private readonly registry: Registry,
    private readonly commissioning: Commissioning,
    private readonly desk: DeviceDesk,
  ) {}

  @Get()
  @Endpoint({
    summary: 'Who spoke and is not registered; seen last, first',
    reply: pageOf(quarantineReply),
  })
  async list(
    @Query({ schema: quarantineQuery }) query: z.infer<typeof quarantineQuery>,
  ): Promise<Page<QuarantineView>> {
    return mapPage(await this.registry.quarantine.list(query), quarantineView);
  }

  @Post(':id/register')
  @Endpoint({
    summary: 'Make a device of it, under the name by which it was heard',
    reply: newDeviceReply,
    status: 201,
    audit: 'device-registered-from-quarantine',
  })
  async register(
    @Who() { user }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: quarantineRegistration }) body: z.infer<typeof quarantineRegistration>,
  ): Promise<NewDeviceReply | DeviceView> {
    return this.desk.created(await asArgument(this.commissioning.register(id, given(body), user.username)));
  }
}
