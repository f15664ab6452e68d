import { Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type CatalogueChange, Commissioning } from '@watchfire/commissioning';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { catalogueReloadReply } from '../openapi/rule-schemas.js';

@Controller('catalogue')
@ApiTags('rules')
export class CatalogueController {
  constructor(private readonly commissioning: Commissioning) {}

  @Post('reload')
  @Roles('administrator')
  @Endpoint({
    summary: 'Read the files of the catalogue again; a bad file changes nothing and says where',
    reply: catalogueReloadReply,
    audit: 'catalogue-reloaded',
  })
  reload(@Who() { user }: Principal): Promise<CatalogueChange> {
    return this.commissioning.catalogue.reload(user.username);
  }
}
