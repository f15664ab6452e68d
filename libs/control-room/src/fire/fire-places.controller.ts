import { Body, Controller, Get, Header, Param, Post, Put, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProduces, ApiTags } from '@nestjs/swagger';
import { firePlaceChange, type FirePlaceView, newFirePlace, PLAN_TYPES } from '@watchfire/contracts';
import { type FirePlaceRow, Registry } from '@watchfire/registry';
import { type Request, type Response } from 'express';
import { z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { firePlaceReply } from '../openapi/fire-schemas.js';
import { Problem } from '../problem/problem.js';
import { pathId } from '../rest/parameters.js';
import { FireDesk } from './fire-desk.js';
import { PlanDesk } from './plan-desk.js';

/** Nothing of it may run, whatever a browser takes it for. */
const IMAGE_ONLY = "default-src 'none'; sandbox";

/** Buildings of fire units, their floors with plans, and fire zones. */
@Controller('fire-units/:id/places')
@ApiTags('fire units')
export class FirePlacesController {
  constructor(
    private readonly registry: Registry,
    private readonly desk: FireDesk,
    private readonly plans: PlanDesk,
  ) {}

  @Post()
  @Roles('administrator')
  @Endpoint({
    summary: 'Add a building, a floor of a building, or a fire zone of a floor or building',
    reply: firePlaceReply,
    status: 201,
    audit: 'fire-place-created',
  })
  async create(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Body({ schema: newFirePlace }) body: z.infer<typeof newFirePlace>,
  ): Promise<FirePlaceView> {
    await this.desk.require(siteId, visibility);
    return placeView(await this.registry.firePlaces.create({ siteId, ...body }));
  }

  @Put(':placeId')
  @Roles('administrator')
  @Endpoint({
    summary: 'Change what is said of a building, a floor or a fire zone',
    reply: firePlaceReply,
    audit: 'fire-place-changed',
  })
  async change(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('placeId', pathId) placeId: string,
    @Body({ schema: firePlaceChange }) body: z.infer<typeof firePlaceChange>,
  ): Promise<FirePlaceView> {
    const { kind } = await this.desk.place(siteId, placeId, visibility);
    if ((kind === 'floor') !== (body.level !== null)) {
      throw new Problem('invalid_request', 'A floor has a level, and nothing else has.');
    }
    await this.registry.firePlaces.change(placeId, body);
    return placeView(await this.desk.place(siteId, placeId, visibility));
  }

  @Post(':placeId/remove')
  @Roles('administrator')
  @Endpoint({ summary: 'Remove a place that nothing is in', audit: 'fire-place-removed' })
  async remove(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('placeId', pathId) placeId: string,
  ): Promise<void> {
    const place = await this.desk.place(siteId, placeId, visibility);
    await this.registry.firePlaces.remove(placeId);
    await this.plans.removed(place);
  }

  @Get(':placeId/plan')
  @SignedIn()
  @ApiProduces(...PLAN_TYPES)
  @Header('Content-Security-Policy', IMAGE_ONLY)
  @Header('Cache-Control', 'private, no-cache')
  @Endpoint({ summary: 'The plan of a floor, as an image', reply: z.string(), status: 200 })
  async plan(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('placeId', pathId) placeId: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile | undefined> {
    const floor = await this.desk.place(siteId, placeId, visibility);
    if (floor.plan === null) throw new Problem('plan_unknown');
    const { hash, type, bytes } = floor.plan;
    const tag = `"${hash}"`;
    response.setHeader('ETag', tag);
    if (request.get('if-none-match') === tag) {
      response.status(304);
      return undefined;
    }
    const disposition = `inline; filename="plan.${type.slice('image/'.length)}"`;
    return new StreamableFile(await this.plans.read(floor), { type, length: bytes, disposition });
  }

  @Put(':placeId/plan')
  @Roles('administrator')
  @ApiConsumes(...PLAN_TYPES)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Endpoint({
    summary: 'Give a floor its plan: a PNG, JPEG or WebP image of at most 8 MiB as the body',
    reply: firePlaceReply,
    audit: 'fire-plan-changed',
  })
  async putPlan(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('placeId', pathId) placeId: string,
    @Req() request: Request,
  ): Promise<FirePlaceView> {
    await this.plans.put(await this.#floor(siteId, placeId, visibility), request);
    return placeView(await this.desk.place(siteId, placeId, visibility));
  }

  @Post(':placeId/plan/remove')
  @Roles('administrator')
  @Endpoint({ summary: 'Take the plan of a floor away', reply: firePlaceReply, audit: 'fire-plan-removed' })
  async removePlan(
    @Who() { visibility }: Principal,
    @Param('id', pathId) siteId: string,
    @Param('placeId', pathId) placeId: string,
  ): Promise<FirePlaceView> {
    await this.plans.remove(await this.#floor(siteId, placeId, visibility));
    return placeView(await this.desk.place(siteId, placeId, visibility));
  }

  async #floor(siteId: string, placeId: string, visibility: Principal['visibility']): Promise<FirePlaceRow> {
    const place = await this.desk.place(siteId, placeId, visibility);
    if (place.kind !== 'floor') throw new Problem('invalid_request', 'Only a floor has a plan.');
    return place;
  }
}

function placeView({ siteId, ...view }: FirePlaceRow): FirePlaceView {
  void siteId;
  return view;
}
