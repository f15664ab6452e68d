import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type InfluxHealth, type ServerHealth } from '@watchfire/contracts';
import { SignedIn } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { INFLUX_HEALTH } from '../dependencies.js';
import { serverHealthReply } from '../openapi/schemas.js';
import { Readiness } from './readiness.js';

@Controller('server')
@ApiTags('server')
export class ServerHealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(INFLUX_HEALTH) private readonly influx: () => InfluxHealth | null,
  ) {}

  @Get('health')
  @SignedIn()
  @Endpoint({
    summary: 'Whether the server does its whole work, and how far InfluxDB is behind',
    reply: serverHealthReply,
  })
  async health(): Promise<ServerHealth> {
    const reasons = await this.readiness.reasons();
    return { ready: reasons.length === 0, reasons, influx: this.influx() };
  }
}
