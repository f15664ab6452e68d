import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  historyExportQuery,
  latestQuery,
  type LatestSample,
  pointsHistoryQuery,
  type PointsHistoryReply,
} from '@watchfire/contracts';
import { type Request, type Response } from 'express';
import { type z } from 'zod';
import { SignedIn } from '../access/decorators.js';
import { addressOf, type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { csvReply } from '../openapi/figures-schemas.js';
import { latestSamplesReply, pointsHistoryReply } from '../openapi/history-schemas.js';
import { HistoryDesk } from './history-desk.js';
import { HistoryExport } from './history-export.js';

/** Several points at once. */
@Controller('points')
@ApiTags('devices')
export class HistoryController {
  constructor(
    private readonly desk: HistoryDesk,
    private readonly files: HistoryExport,
  ) {}

  @Get('latest')
  @SignedIn()
  @Endpoint({ summary: 'The last stored sample of each point that has one', reply: latestSamplesReply })
  latest(
    @Who() { visibility }: Principal,
    @Query({ schema: latestQuery }) { points }: z.infer<typeof latestQuery>,
  ): Promise<readonly LatestSample[]> {
    return this.desk.latest(points, visibility);
  }

  @Get('history')
  @SignedIn()
  @Endpoint({ summary: 'Values of several points in a range, raw or by bucket', reply: pointsHistoryReply })
  several(
    @Who() { visibility }: Principal,
    @Query({ schema: pointsHistoryQuery }) query: z.infer<typeof pointsHistoryQuery>,
  ): Promise<PointsHistoryReply> {
    return this.desk.several(query, visibility);
  }

  @Get('history/export')
  @SignedIn()
  @ApiProduces('text/csv', 'text/plain')
  @Endpoint({
    summary: 'Values of points as CSV or as InfluxDB line protocol, streamed; on the audit trail',
    reply: csvReply,
  })
  export(
    @Who() principal: Principal,
    @Query({ schema: historyExportQuery }) query: z.infer<typeof historyExportQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.files.send(query, principal, { response, address: addressOf(request) });
  }
}
