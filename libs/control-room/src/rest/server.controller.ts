import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { type ServerInfo } from '@watchfire/contracts';
import { z } from 'zod';
import { Public } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { OpenApi } from '../openapi/open-api.js';
import { serverInfoReply } from '../openapi/schemas.js';

@Controller()
@ApiTags('server')
@Public()
export class ServerController {
  constructor(
    private readonly openApi: OpenApi,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  @Get('server/info')
  @Endpoint({
    summary: 'What a page must know before sign-in; demo accounts in a demo only',
    reply: serverInfoReply,
  })
  info(): ServerInfo {
    const { version, demoAccounts, mqttPort } = this.settings;
    const demo = demoAccounts === null ? null : { accounts: demoAccounts };
    return { name: 'Watchfire', version, mqttPort: mqttPort(), demo };
  }

  @Get('openapi.json')
  @Endpoint({ summary: 'This document', reply: z.record(z.string(), z.unknown()) })
  document(): OpenAPIObject {
    return this.openApi.document;
  }
}
