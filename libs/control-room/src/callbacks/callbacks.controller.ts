import { Controller, Get, Header, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { type CallbackReply } from '@watchfire/contracts';
import { type IncomingCallback } from '@watchfire/protocol';
import { type Request } from 'express';
import { z } from 'zod';
import { Public } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { CALLBACKS, type CallbackDoor } from '../dependencies.js';
import { callbackReply } from '../openapi/device-life-schemas.js';
import { pathId } from '../rest/parameters.js';
import { problemOf } from './callback-problem.js';

/**
 * Where NB-IoT platforms and vendor clouds push. No session: a request is believed by the signature of its format, and an
 * address that is not configured takes nothing. Platforms count exactly 200 as taken; the body is for people who look.
 */
@Controller('callbacks')
@ApiTags('callbacks')
@Public()
export class CallbacksController {
  constructor(@Inject(CALLBACKS) private readonly door: CallbackDoor) {}

  @Get(':integration')
  // Text, whatever it echoes: never a page.
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Endpoint({
    summary: 'A platform tries its callback address out; answers what it asks for',
    reply: z.string(),
  })
  tryOut(@Param('integration', pathId) integration: string, @Req() request: Request): string {
    const answer = this.door.tryOut(integration, incoming(request));
    if (answer.kind === 'echo') return answer.text;
    throw problemOf(answer);
  }

  @Post(':integration')
  @Header('Cache-Control', 'no-store')
  @ApiBody({
    description: 'As the platform of the address pushes it, at most 256 kB.',
    schema: { type: 'object', additionalProperties: true },
  })
  @Endpoint({
    summary: 'A platform pushes reports of its devices; answered when they are on disk',
    reply: callbackReply,
  })
  async take(
    @Param('integration', pathId) integration: string,
    @Req() request: Request,
  ): Promise<CallbackReply> {
    const answer = await this.door.take(integration, incoming(request));
    if (answer.kind !== 'taken') throw problemOf(answer);
    const { reports, repeated, refused } = answer;
    return { reports, repeated, refused };
  }
}

/** What is there more than once, as a header or in the address, counts as absent: nobody signs an ambiguity. */
function incoming({ headers, query, body }: Request): IncomingCallback {
  return {
    headers: onlyTexts(headers),
    query: onlyTexts(query),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  };
}

function onlyTexts(named: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(named)) if (typeof value === 'string') texts[name] = value;
  return texts;
}
