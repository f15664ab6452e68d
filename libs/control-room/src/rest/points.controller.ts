import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Catalogue } from '@watchfire/catalogue';
import { historyQuery, type HistoryReply } from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { type z } from 'zod';
import { SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Endpoint } from '../conduct/endpoint.js';
import { historyReply } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { pathId } from './parameters.js';

@Controller('points')
@ApiTags('devices')
export class PointsController {
  constructor(
    private readonly engine: EngineHost,
    private readonly history: History,
    private readonly catalogue: Catalogue,
    private readonly objects: VisibleObjects,
  ) {}

  @Get(':pointId/history')
  @SignedIn()
  @Endpoint({ summary: 'Values of a point in a range, raw or by bucket', reply: historyReply })
  async read(
    @Who() { visibility }: Principal,
    @Param('pointId', pathId) pointId: string,
    @Query({ schema: historyQuery }) query: z.infer<typeof historyQuery>,
  ): Promise<HistoryReply> {
    const { from, to, every, fn, limit } = query;
    const { context, key } = await this.objects.deviceOfPoint(pointId, visibility);
    const points = this.catalogue.profile(context.device.profile)?.points ?? [];
    if (!points.some((point) => point.key === key)) throw new Problem('point_unknown');
    if (from >= to) {
      throw new Problem('invalid_request', '`from` must be before `to`.', {
        errors: [{ path: 'from', message: 'must be before `to`' }],
      });
    }
    await this.engine.historyCaughtUp();
    if (every === undefined) {
      // One more than asked for tells whether there is more, without a second query.
      const samples = await this.history.range(pointId, from, to, limit + 1);
      const shown = samples.slice(0, limit);
      return { points: shown.map(({ ts, value }) => [ts, value]), truncated: samples.length > limit };
    }
    if ((to - from) / every > limit) {
      throw new Problem('too_many_buckets', `Ask for at most ${limit} buckets: make \`every\` longer.`);
    }
    return { points: await this.history.aggregate({ pointId, from, to, every, fn }), truncated: false };
  }
}
