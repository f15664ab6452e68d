import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  exposureExportQuery,
  exposureQuery,
  type ExposureSummary,
  type ExposureView,
  figuresQuery,
  type FiguresReply,
  type Page,
} from '@watchfire/contracts';
import { type z } from 'zod';
import { SignedIn } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { Endpoint } from '../conduct/endpoint.js';
import { csvReply, exposureReply, exposureSummaryReply, figuresReply } from '../openapi/figures-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { pageOfList } from '../rest/paging.js';
import { AlarmFiguresDesk } from './alarm-figures.js';
import { compareExposures, type ExposureKey, ExposureRegister } from './exposure-register.js';
import { exposureTable, figuresTable } from './tables.js';

const CSV = 'text/csv; charset=utf-8';
const attachment = (name: string): string => `attachment; filename="${name}.csv"`;

@Controller()
@ApiTags('figures')
export class FiguresController {
  constructor(
    private readonly register: ExposureRegister,
    private readonly desk: AlarmFiguresDesk,
  ) {}

  @Get('exposure')
  @SignedIn()
  @Endpoint({
    summary: 'What is not watched at present: since when, why, and which rules judge nothing thereby',
    reply: pageOf(exposureReply),
  })
  exposure(
    @Who() { visibility }: Principal,
    @Query({ schema: exposureQuery }) { limit, cursor, ...filter }: z.infer<typeof exposureQuery>,
  ): Page<ExposureView> {
    return pageOfList(
      this.register.entries(filter, visibility),
      { limit, cursor },
      {
        keyOf: ({ safety, since, id }: ExposureView): ExposureKey => ({ safety, since, id }),
        compare: compareExposures,
      },
    );
  }

  @Get('exposure/summary')
  @SignedIn()
  @Endpoint({
    summary: 'How much is not watched, by site and in all; the share of points that protect people',
    reply: exposureSummaryReply,
  })
  summary(@Who() { visibility }: Principal): ExposureSummary {
    return this.register.summary(visibility);
  }

  @Get('exposure/export')
  @SignedIn()
  @ApiProduces('text/csv')
  @Header('content-type', CSV)
  @Header('content-disposition', attachment('exposure'))
  @Endpoint({ summary: 'The exposure register as CSV', reply: csvReply })
  exportExposure(
    @Who() { visibility }: Principal,
    @Query({ schema: exposureExportQuery }) filter: z.infer<typeof exposureExportQuery>,
  ): string {
    return exposureTable(this.register.entries(filter, visibility));
  }

  @Get('figures/alarms')
  @SignedIn()
  @Endpoint({
    summary: 'Figures of the alarm system in a range, with targets and their sources; `by` adds groups',
    reply: figuresReply,
  })
  figures(
    @Who() { visibility }: Principal,
    @Query({ schema: figuresQuery }) query: z.infer<typeof figuresQuery>,
  ): Promise<FiguresReply> {
    return this.desk.figures(query, visibility);
  }

  @Get('figures/alarms/export')
  @SignedIn()
  @ApiProduces('text/csv')
  @Header('content-type', CSV)
  @Header('content-disposition', attachment('alarm-figures'))
  @Endpoint({ summary: 'The same figures as CSV: a row for all, and one for each group', reply: csvReply })
  async exportFigures(
    @Who() { visibility }: Principal,
    @Query({ schema: figuresQuery }) query: z.infer<typeof figuresQuery>,
  ): Promise<string> {
    return figuresTable(await this.desk.figures(query, visibility));
  }
}
