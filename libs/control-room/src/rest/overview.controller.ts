import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Catalogue } from '@watchfire/catalogue';
import { type Page, pageQuery, type ProfileView, type SeatView } from '@watchfire/contracts';
import { type z } from 'zod';
import { Roles, SignedIn } from '../access/decorators.js';
import { Endpoint } from '../conduct/endpoint.js';
import { Seats } from '../live/seats.js';
import { pageOf, profileReply, seatReply } from '../openapi/schemas.js';
import { profileView } from '../views/record-views.js';
import { CommandDesk } from './command-desk.js';
import { byKey, pageOfList } from './paging.js';

type PageQuery = z.infer<typeof pageQuery>;

@Controller()
@ApiTags('overview')
export class OverviewController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly seats: Seats,
    private readonly desk: CommandDesk,
  ) {}

  @Get('profiles')
  @SignedIn()
  @Endpoint({ summary: 'Kinds of devices that the catalogue knows', reply: pageOf(profileReply) })
  profiles(@Query({ schema: pageQuery }) page: PageQuery): Page<ProfileView> {
    const order = byKey((profile: ProfileView) => profile.key);
    const profiles = this.catalogue
      .profiles()
      .map((profile) => profileView(profile, this.desk.offered(profile.key)));
    return pageOfList(
      profiles.toSorted((a, b) => order.compare(a.key, b.key)),
      page,
      order,
    );
  }

  @Get('seats')
  @Roles('administrator', 'supervisor')
  @Endpoint({
    summary: 'Live pages: who sits there, and whether they can be heard',
    reply: pageOf(seatReply),
  })
  list(@Query({ schema: pageQuery }) page: PageQuery): Page<SeatView> {
    const order = byKey((seat: SeatView) => seat.id);
    return pageOfList(
      this.seats.views().toSorted((a, b) => order.compare(a.id, b.id)),
      page,
      order,
    );
  }
}
