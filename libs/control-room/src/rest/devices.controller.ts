import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  deviceChange,
  deviceQuery,
  type DeviceView,
  newDevice,
  type NewDeviceReply,
  type Page,
  type PointView,
} from '@watchfire/contracts';
import { z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { deviceReply, newDeviceReply, pageOf, pointReply } from '../openapi/schemas.js';
import { mapPage } from '../views/record-views.js';
import { DeviceDesk } from './device-desk.js';
import { asArgument, given, pathId } from './parameters.js';

@Controller('devices')
@ApiTags('devices')
export class DevicesController {
  constructor(
    private readonly desk: DeviceDesk,
    private readonly commissioning: Commissioning,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({ summary: 'Devices with connection state and live values', reply: pageOf(deviceReply) })
  async list(
    @Who() { visibility }: Principal,
    @Query({ schema: deviceQuery }) query: z.infer<typeof deviceQuery>,
  ): Promise<Page<DeviceView>> {
    const { enterpriseId } = visibility;
    const page = await this.desk.registry.devices.list({ ...query, enterpriseId });
    const views = this.desk.views();
    return mapPage(page, (context) => views.device(context));
  }

  @Post()
  @Roles('administrator')
  @Endpoint({
    summary: 'Bring a device into service; its credential, where it has one, is shown this once',
    reply: newDeviceReply,
    status: 201,
    audit: 'device-created',
  })
  async create(
    @Who() { user }: Principal,
    @Body({ schema: newDevice }) body: z.infer<typeof newDevice>,
  ): Promise<NewDeviceReply | DeviceView> {
    return this.desk.created(await asArgument(this.commissioning.createDevice(given(body), user.username)));
  }

  @Get(':id')
  @SignedIn()
  @Endpoint({ summary: 'One device', reply: deviceReply })
  async one(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<DeviceView> {
    const context = await this.desk.objects.device(id, visibility);
    return this.desk.views().device(context);
  }

  @Get(':id/points')
  @SignedIn()
  @Endpoint({ summary: 'Points with latest value and worst alarm state', reply: z.array(pointReply) })
  async points(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<PointView[]> {
    const context = await this.desk.objects.device(id, visibility);
    return this.desk.views().points(context);
  }

  @Patch(':id')
  @Roles('administrator')
  @Endpoint({
    summary: 'Rename a device, put it behind a gateway, or change what it calls its points',
    reply: deviceReply,
    audit: 'device-changed',
  })
  async change(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: deviceChange }) body: z.infer<typeof deviceChange>,
  ): Promise<DeviceView> {
    await this.desk.objects.device(id, visibility);
    return this.desk.views().device(await this.commissioning.changeDevice(id, given(body)));
  }
}
