import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FireDialectView } from '@watchfire/contracts';
import { Roles } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { FIRE_DIALECTS, type FireDialects } from '../dependencies.js';
import { fireDialectReply } from '../openapi/fire-schemas.js';

/** What the fire-control rooms that may be registered here speak. */
@Controller('fire-dialects')
@ApiTags('fire units')
export class FireDialectsController {
  constructor(@Inject(FIRE_DIALECTS) private readonly dialects: FireDialects) {}

  @Get()
  @Roles('administrator')
  @Endpoint({
    summary: 'Device profiles of GB/T 26875.3, by the name to register a device with',
    reply: fireDialectReply.array(),
  })
  list(): FireDialectView[] {
    return [...this.dialects.values()].map(({ key, name, deviation }) => ({
      ...{ key, name: name.zh, nameEn: name.en, identifiedBy: deviation.identifiedBy },
    }));
  }
}
