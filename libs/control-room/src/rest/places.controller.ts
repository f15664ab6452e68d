import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  type EnterpriseView,
  type GridCell,
  newEnterprise,
  newSite,
  type Page,
  pageQuery,
  siteQuery,
  type SiteView,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { enterpriseReply, gridReply, pageOf, siteReply } from '../openapi/schemas.js';
import { enterpriseView, mapPage, siteView } from '../views/record-views.js';
import { byKey, pageOfList } from './paging.js';
import { asArgument, given } from './parameters.js';

/** Where things are: the grid of the district, the enterprises and their sites. */
@Controller()
@ApiTags('places')
export class PlacesController {
  constructor(
    private readonly registry: Registry,
    private readonly commissioning: Commissioning,
  ) {}

  @Get('grid')
  @SignedIn()
  @Endpoint({ summary: 'Districts, streets and communities', reply: pageOf(gridReply) })
  async grid(@Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>): Promise<Page<GridCell>> {
    const cells = await this.registry.grid.all();
    const order = byKey((cell: GridCell) => cell.code);
    return pageOfList(
      cells.toSorted((a, b) => order.compare(a.code, b.code)),
      page,
      order,
    );
  }

  @Get('enterprises')
  @SignedIn()
  @Endpoint({ summary: 'Enterprises under supervision', reply: pageOf(enterpriseReply) })
  async enterprises(
    @Who() { visibility }: Principal,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<EnterpriseView>> {
    const { enterpriseId } = visibility;
    return mapPage(await this.registry.enterprises.list({ ...page, enterpriseId }), enterpriseView);
  }

  @Post('enterprises')
  @Roles('administrator')
  @Endpoint({
    summary: 'Register an enterprise',
    reply: enterpriseReply,
    status: 201,
    audit: 'enterprise-created',
  })
  async createEnterprise(
    @Body({ schema: newEnterprise }) body: z.infer<typeof newEnterprise>,
  ): Promise<EnterpriseView> {
    return enterpriseView(await this.commissioning.createEnterprise(body));
  }

  @Get('sites')
  @SignedIn()
  @Endpoint({ summary: 'Sites of the enterprises', reply: pageOf(siteReply) })
  async sites(
    @Who() { visibility }: Principal,
    @Query({ schema: siteQuery }) query: z.infer<typeof siteQuery>,
  ): Promise<Page<SiteView>> {
    const { enterpriseId: asked, ...page } = query;
    if (asked !== undefined && !visibility.allows(asked)) return { items: [], total: 0, nextCursor: null };
    const enterpriseId = visibility.enterpriseId ?? asked;
    return mapPage(await this.registry.sites.list({ ...page, enterpriseId }), siteView);
  }

  @Post('sites')
  @Roles('administrator')
  @Endpoint({
    summary: 'Register a site of an enterprise',
    reply: siteReply,
    status: 201,
    audit: 'site-created',
  })
  async createSite(@Body({ schema: newSite }) body: z.infer<typeof newSite>): Promise<SiteView> {
    return siteView(await asArgument(this.commissioning.createSite(given(body))));
  }
}
