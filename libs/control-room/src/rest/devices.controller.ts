import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  type CredentialReply,
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
import { type ControlRoomDependencies, DISCONNECT_DEVICE } from '../dependencies.js';
import { credentialReply, deviceReply, newDeviceReply, pageOf, pointReply } from '../openapi/schemas.js';
import { mapPage } from '../views/record-views.js';
import { DeviceDesk } from './device-desk.js';
import { asArgument, given, pathId } from './parameters.js';

@Controller('devices')
@ApiTags('devices')
export class DevicesController {
  constructor(
    private readonly desk: DeviceDesk,
    private readonly commissioning: Commissioning,
    @Inject(DISCONNECT_DEVICE) private readonly disconnect: ControlRoomDependencies['disconnectDevice'],
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
    summary: 'Bring a device into service; its credential is shown this once',
    reply: newDeviceReply,
    status: 201,
    audit: 'device-created',
  })
  async create(@Body({ schema: newDevice }) body: z.infer<typeof newDevice>): Promise<NewDeviceReply> {
    const { context, credential } = await asArgument(this.commissioning.createDevice(given(body)));
    return { ...this.desk.views().device(context), credential };
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

  @Post(':id/credential')
  @Roles('administrator')
  @Endpoint({
    summary: 'Make a new credential; the old one no longer works and its connection is ended',
    reply: credentialReply,
    status: 201,
    audit: 'device-credential-rotated',
  })
  async rotate(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<CredentialReply> {
    await this.desk.objects.device(id, visibility);
    const credential = await this.commissioning.rotateCredential(id);
    this.disconnect(id, 'credential_rotated');
    return { deviceId: id, credential };
  }
}
