import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { historyQuery, type HistoryReply } from '@watchfire/contracts';
import { type z } from 'zod';
import { SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { HistoryDesk } from '../history/history-desk.js';
import { historyReply } from '../openapi/history-schemas.js';
import { pathId } from './parameters.js';

@Controller('points')
@ApiTags('devices')
export class PointsController {
  constructor(private readonly desk: HistoryDesk) {}

  @Get(':pointId/history')
  @SignedIn()
  @Endpoint({ summary: 'Values of a point in a range, raw or by bucket', reply: historyReply })
  read(
    @Who() { visibility }: Principal,
    @Param('pointId', pathId) pointId: string,
    @Query({ schema: historyQuery }) query: z.infer<typeof historyQuery>,
  ): Promise<HistoryReply> {
    return this.desk.one(pointId, query, visibility);
  }
}
