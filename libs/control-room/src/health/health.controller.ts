import { Controller, Get, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { z } from 'zod';
import { Public } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { Problem } from '../problem/problem.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

const ok = z.object({ status: z.literal('ok') });

/** Probes, outside of `/api/v1` and without sign-in. They tell nothing of any enterprise. */
@Controller()
@Public()
@ApiTags('probes')
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly figures: Metrics,
  ) {}

  @Get('health/live')
  @Endpoint({ summary: 'The process answers', reply: ok })
  live(): z.infer<typeof ok> {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Endpoint({ summary: 'The server does its whole work; 503 with reasons when it does not', reply: ok })
  async ready(): Promise<z.infer<typeof ok>> {
    const reasons = await this.readiness.reasons();
    if (reasons.length > 0) throw new Problem('not_ready', reasons.join('; '), { reasons });
    return { status: 'ok' };
  }

  @Get('metrics')
  @ApiProduces('text/plain')
  @Endpoint({ summary: 'Figures in the text format of Prometheus', reply: z.string() })
  async metrics(@Res({ passthrough: true }) response: Response): Promise<string> {
    response.setHeader('Content-Type', this.figures.contentType);
    return this.figures.text();
  }
}
