import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  fireContacts,
  type FireDutyCheck,
  fireFiguresQuery,
  fireUnit,
  type FireSystemView,
  type FireUnitFigures,
  fireUnitQuery,
  type FireUnitSummary,
  type FireUnitView,
  type Page,
  pageQuery,
} from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import {
  fireDutyCheckReply,
  fireSystemReply,
  fireUnitFiguresReply,
  fireUnitReply,
  fireUnitSummaryReply,
} from '../openapi/fire-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { pathId } from '../rest/parameters.js';
import { FireDesk } from './fire-desk.js';

/** Sites under fire supervision. */
@Controller('fire-units')
@ApiTags('fire units')
export class FireUnitsController {
  constructor(
    private readonly registry: Registry,
    private readonly objects: VisibleObjects,
    private readonly desk: FireDesk,
  ) {}

  @Get()
  @SignedIn()
  @Endpoint({ summary: 'Sites under fire supervision', reply: pageOf(fireUnitSummaryReply) })
  list(
    @Who() { visibility }: Principal,
    @Query({ schema: fireUnitQuery }) query: z.infer<typeof fireUnitQuery>,
  ): Promise<Page<FireUnitSummary>> {
    return this.desk.units({ ...query, enterpriseId: visibility.enterpriseId });
  }

  @Get(':id')
  @SignedIn()
  @Endpoint({
    summary: 'A fire unit with its call list, buildings, floors and fire zones; the id is that of the site',
    reply: fireUnitReply,
  })
  one(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<FireUnitView> {
    return this.desk.unit(id, visibility);
  }

  @Put(':id')
  @Roles('administrator')
  @Endpoint({
    summary: 'Make a site a fire unit, or change what is said of it',
    reply: fireUnitReply,
    audit: 'fire-unit-changed',
  })
  async put(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: fireUnit }) body: z.infer<typeof fireUnit>,
  ): Promise<FireUnitView> {
    await this.objects.site(id, visibility);
    await this.registry.fireUnits.put({ siteId: id, ...body });
    return this.desk.unit(id, visibility);
  }

  @Put(':id/contacts')
  @Roles('administrator')
  @Endpoint({
    summary: 'Replace the call list of a fire unit, in the order in which people are called',
    reply: fireUnitReply,
    audit: 'fire-contacts-changed',
  })
  async contacts(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: fireContacts }) { contacts }: z.infer<typeof fireContacts>,
  ): Promise<FireUnitView> {
    await this.desk.require(id, visibility);
    await this.registry.fireUnits.replaceContacts(id, contacts);
    return this.desk.unit(id, visibility);
  }

  @Get(':id/duty-checks')
  @SignedIn()
  @Endpoint({
    summary: 'Duty checks of the rooms of a unit and what came of them, newest first',
    reply: pageOf(fireDutyCheckReply),
  })
  async dutyChecks(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>,
  ): Promise<Page<FireDutyCheck>> {
    await this.desk.require(id, visibility);
    return this.desk.dutyChecks(id, query);
  }

  @Get(':id/systems')
  @SignedIn()
  @Endpoint({
    summary: 'Systems of a unit, with what each said of itself last',
    reply: fireSystemReply.array(),
  })
  async systems(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
  ): Promise<FireSystemView[]> {
    await this.desk.require(id, visibility);
    return this.desk.systems(id);
  }

  @Get(':id/figures')
  @SignedIn()
  @Endpoint({
    summary: 'False alarms of a unit in a range, and the present rate of good order of its components',
    reply: fireUnitFiguresReply,
  })
  async figures(
    @Who() { visibility }: Principal,
    @Param('id', pathId) id: string,
    @Query({ schema: fireFiguresQuery }) range: z.infer<typeof fireFiguresQuery>,
  ): Promise<FireUnitFigures> {
    await this.desk.require(id, visibility);
    return this.desk.figures(id, range);
  }
}
