import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Commissioning } from '@watchfire/commissioning';
import {
  certificateRevocation,
  type CredentialReply,
  type CredentialView,
  newCredential,
  revocation,
} from '@watchfire/contracts';
import { z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { credentialReply, credentialRow } from '../openapi/device-life-schemas.js';
import { credentialView } from '../views/device-life-views.js';
import { given, pathId } from './parameters.js';

/** How a device signs in. What is taken away here ends the connections that were opened with it. */
@Controller('devices/:id')
@ApiTags('devices')
export class CredentialsController {
  constructor(
    private readonly objects: VisibleObjects,
    private readonly commissioning: Commissioning,
  ) {}

  @Get('credentials')
  @Roles('administrator', 'supervisor')
  @Endpoint({
    summary: 'Credentials of a device, revoked ones too, oldest first; never a secret',
    reply: z.array(credentialRow),
  })
  async list(@Who() { visibility }: Principal, @Param('id', pathId) id: string): Promise<CredentialView[]> {
    await this.objects.device(id, visibility);
    return (await this.commissioning.credentials.list(id)).map(credentialView);
  }

  @Post('credentials')
  @Roles('administrator')
  @Endpoint({
    summary: 'Issue another credential, shown this once; with `overlapSeconds` the others end',
    reply: credentialReply,
    status: 201,
    audit: 'device-credential-issued',
  })
  async issue(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: newCredential }) { overlapSeconds, ...body }: z.infer<typeof newCredential>,
  ): Promise<CredentialReply> {
    await this.objects.device(id, visibility);
    const overlap = overlapSeconds === undefined ? {} : { overlapMs: overlapSeconds * 1_000 };
    const request = { ...given(body), ...overlap };
    const credential = await this.commissioning.credentials.issue(id, request, user.username);
    return { deviceId: id, credential };
  }

  @Post('credentials/:credentialId/revoke')
  @Roles('administrator')
  @Endpoint({
    summary: 'Revoke a credential; connections that were signed in with it end at once',
    reply: credentialRow,
    audit: 'device-credential-revoked',
  })
  async revoke(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) id: string,
    @Param('credentialId', pathId) credentialId: string,
    @Body({ schema: revocation }) { reason }: z.infer<typeof revocation>,
  ): Promise<CredentialView> {
    await this.objects.device(id, visibility);
    const revoked = { by: user.username, reason };
    return credentialView(await this.commissioning.credentials.revoke(id, credentialId, revoked));
  }

  @Post('revoked-certificates')
  @Roles('administrator')
  @Endpoint({
    summary: 'Shut out one certificate of a device, whoever has issued it; its connections end at once',
    reply: credentialRow,
    status: 201,
    audit: 'device-certificate-revoked',
  })
  async revokeCertificate(
    @Who() { user, visibility }: Principal,
    @Param('id', pathId) id: string,
    @Body({ schema: certificateRevocation }) { fingerprint, reason }: z.infer<typeof certificateRevocation>,
  ): Promise<CredentialView> {
    await this.objects.device(id, visibility);
    const revoked = { by: user.username, reason };
    return credentialView(await this.commissioning.credentials.revokeCertificate(id, fingerprint, revoked));
  }
}
