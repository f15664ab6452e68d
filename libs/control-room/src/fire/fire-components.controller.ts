import { Body, Controller, Get, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  COMPONENT_CSV_LIMIT_BYTES,
  componentImportQuery,
  type ComponentImportReply,
  fireComponentChange,
  type FireComponentView,
  newFireComponent,
  type Page,
  pageQuery,
} from '@watchfire/contracts';
import { printedAddress } from '@watchfire/protocol';
import { Registry } from '@watchfire/registry';
import { type Request } from 'express';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { componentImportReply, fireComponentReply } from '../openapi/fire-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { given, pathId } from '../rest/parameters.js';
import { readComponentCsv } from './component-csv.js';
import { componentAddress, toComponents } from './component-import.js';
import { FireDesk } from './fire-desk.js';
import { readUpload } from './upload.js';

const MOST_ERRORS = 100;

/** Detectors, modules, pumps and valves of fire units, where they are and what they are in. */
@Controller('fire-units/:id/components')
@ApiTags('fire units')
export class FireComponentsController {
  constructor(
    private readonly registry: Registry,
    private readonly desk: FireDesk,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary: 'Components of the devices of a fire unit with their present condition',
    reply: pageOf(fireComponentReply),
  })
  async list(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>,
  ): Promise<Page<FireComponentView>> {
    await this.desk.require(siteId, visibility);
    return this.desk.components(siteId, page);
  }

  @Post()
  @Roles('administrator')
  @Endpoint({
    summary: 'Enter a component that its device has not spoken of',
    reply: fireComponentReply,
    status: 201,
    audit: 'fire-component-created',
  })
  async create(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Body({ schema: newFireComponent }) { address: text, ...body }: z.infer<typeof newFireComponent>,
  ): Promise<FireComponentView> {
    await this.desk.require(siteId, visibility);
    const { deviation } = await this.desk.device(siteId, body.deviceId);
    const address = componentAddress(text, deviation);
    if (address === undefined) {
      throw new Problem('invalid_request', `"${text}" is no component address.`, {
        errors: [{ path: 'address', message: 'no component address' }],
      });
    }
    await this.desk.requirePoint(siteId, body.pointId);
    const addressText = printedAddress(address, deviation.address);
    const { id } = await this.registry.fireComponents.create(given({ ...body, address, addressText }));
    return this.desk.componentView(siteId, id);
  }

  @Patch(':componentId')
  @Roles('administrator')
  @Endpoint({
    summary: 'Name a component, say of which type it is, or place it; null takes it from where it is',
    reply: fireComponentReply,
    audit: 'fire-component-changed',
  })
  async change(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('componentId', pathId) componentId: string,
    @Body({ schema: fireComponentChange }) body: z.infer<typeof fireComponentChange>,
  ): Promise<FireComponentView> {
    await this.desk.component(siteId, componentId, visibility);
    await this.desk.requirePoint(siteId, body.pointId);
    await this.registry.fireComponents.change(componentId, given(body));
    return this.desk.componentView(siteId, componentId);
  }

  @Post(':componentId/remove')
  @Roles('administrator')
  @Endpoint({
    summary: 'Remove a component; it comes back, in no place, when its device speaks of it',
    audit: 'fire-component-removed',
  })
  async remove(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('componentId', pathId) componentId: string,
  ): Promise<void> {
    await this.desk.component(siteId, componentId, visibility);
    await this.registry.fireComponents.remove(componentId);
  }

  @Post('import')
  @Roles('administrator')
  @ApiConsumes('text/csv')
  @ApiBody({
    description:
      'A header of address, type, description, building, floor, zone, x, y in any order, in English or Chinese; UTF-8 or ' +
      'GB 18030; at most 2 MiB.',
    schema: { type: 'string' },
  })
  @Endpoint({
    summary: 'Import components of a device from a CSV table, whole or not at all; wrong lines are named',
    reply: componentImportReply,
    audit: 'fire-components-imported',
  })
  async import(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Query({ schema: componentImportQuery }) query: z.infer<typeof componentImportQuery>,
    @Req() request: Request,
  ): Promise<ComponentImportReply> {
    await this.desk.require(siteId, visibility);
    const { deviation } = await this.desk.device(siteId, query.deviceId);
    const table = readComponentCsv(await readUpload(request, COMPONENT_CSV_LIMIT_BYTES));
    const places = await this.registry.firePlaces.ofUnit(siteId);
    const { components, problems } = toComponents(table.lines, { ...query, deviation, places });
    const errors = [...table.problems, ...problems];
    if (errors.length > 0) {
      throw new Problem('import_invalid', `${errors.length} problems; nothing was taken.`, {
        errors: errors.slice(0, MOST_ERRORS),
      });
    }
    return this.registry.fireComponents.import(components);
  }
}
