import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  type ClaimView,
  newClaims,
  type NewClaimsReply,
  type Page,
  pageQuery,
  provisioningRequest,
  type ProvisioningReply,
} from '@watchfire/contracts';
import { Clock } from '@watchfire/engine';
import { Registry } from '@watchfire/registry';
import { type z } from 'zod';
import { Public, Roles } from '../access/decorators.js';
import { Address, type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { claimReply, newClaimsReply, provisioningReply } from '../openapi/device-life-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { claimView } from '../views/device-life-views.js';
import { mapPage } from '../views/record-views.js';
import { asArgument, given, pathId } from './parameters.js';

/** Codes with which devices register themselves. */
@Controller('claims')
@ApiTags('provisioning')
@Roles('administrator')
export class ClaimsController {
  constructor(
    private readonly registry: Registry,
    private readonly commissioning: Commissioning,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Endpoint({ summary: 'Claim codes and what became of them, newest first', reply: pageOf(claimReply) })
  async list(@Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>): Promise<Page<ClaimView>> {
    const now = this.clock.now();
    return mapPage(await this.registry.claims.list(page), (row) => claimView(row, now));
  }

  @Post()
  @Endpoint({
    summary: 'Make claim codes, one a device; the codes are shown this once',
    reply: newClaimsReply,
    status: 201,
    audit: 'claims-created',
  })
  async create(
    @Who() { user }: Principal,
    @Body({ schema: newClaims }) body: z.infer<typeof newClaims>,
  ): Promise<NewClaimsReply> {
    const made = await asArgument(this.commissioning.provisioning.createClaims(given(body), user.username));
    const now = this.clock.now();
    return { claims: made.map(({ claim, code }) => ({ ...claimView(claim, now), code })) };
  }

  @Post(':id/cancel')
  @Endpoint({ summary: 'Make a code that was not used useless', reply: claimReply, audit: 'claim-cancelled' })
  async cancel(@Param('id', pathId) id: string): Promise<ClaimView> {
    return claimView(await this.registry.claims.cancel(id), this.clock.now());
  }
}

/** For devices, which have no session: the code is their only right. */
@Controller('provisioning')
@ApiTags('provisioning')
export class ProvisioningController {
  constructor(private readonly commissioning: Commissioning) {}

  @Post()
  @Public()
  @Endpoint({
    summary: 'Register a device with a claim code; the same question again answers a lost answer',
    reply: provisioningReply,
    status: 201,
  })
  provision(
    @Address() address: string | null,
    @Body({ schema: provisioningRequest }) body: z.infer<typeof provisioningRequest>,
  ): Promise<ProvisioningReply> {
    return this.commissioning.provisioning.provision(given(body), address ?? 'unknown');
  }
}
