import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { floodQuery, type FloodView, type Page } from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { type z } from 'zod';
import { SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { floodViewReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { toFloodView } from '../views/alarm-view.js';
import { pageOfList } from './paging.js';

interface FloodKey {
  readonly present: boolean;
  readonly from: number;
  readonly siteId: string;
}

const keyOf = ({ siteId, flood: { from, to } }: FloodView): FloodKey => ({
  present: to === null,
  from,
  siteId,
});

/** Those that last first, then the newest. */
function compare(a: FloodKey, b: FloodKey): number {
  return (
    Number(b.present) - Number(a.present) ||
    b.from - a.from ||
    (a.siteId < b.siteId ? -1 : Number(a.siteId > b.siteId))
  );
}

/** Floods of alarms, while they last and afterwards: rules AL137 and AL138 of docs/spec/alarms.md. */
@Controller('floods')
@ApiTags('alarms')
export class FloodsController {
  constructor(private readonly engine: EngineHost) {}

  @Get()
  @SignedIn()
  @Endpoint({
    summary:
      'Floods of alarms of sites and of the centre: those that last by now, then the newest that are over',
    reply: pageOf(floodViewReply),
  })
  list(
    @Who() { visibility }: Principal,
    @Query({ schema: floodQuery }) { limit, cursor, siteId, present }: z.infer<typeof floodQuery>,
  ): Page<FloodView> {
    const shown = this.engine
      .floods()
      .filter(
        (flood) =>
          visibility.allows(flood.enterpriseId) &&
          (siteId === undefined || flood.siteId === siteId) &&
          (present === undefined || (flood.flood.to === null) === present),
      )
      .map(toFloodView)
      .sort((a, b) => compare(keyOf(a), keyOf(b)));
    return pageOfList(shown, { limit, cursor }, { keyOf, compare });
  }
}
