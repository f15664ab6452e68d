import { Inject, Injectable } from '@nestjs/common';
import { type Logger } from 'pino';
import { LOG } from '../dependencies.js';
import { type LivePage } from './live-page.js';

/** What happened to live pages: counted always, logged where somebody should look. */
@Injectable()
export class LiveReports {
  pushed = 0;
  gaps = 0;
  slowPagesCut = 0;

  constructor(@Inject(LOG) private readonly log: Logger) {}

  gap(page: LivePage): void {
    this.gaps++;
    this.log.warn({ seat: page.socket.id, user: page.entry.user.username }, 'a page was told of a gap');
  }

  cut(page: LivePage, behindMs: number): void {
    this.slowPagesCut++;
    this.log.warn(
      { seat: page.socket.id, user: page.entry.user.username, behindMs },
      'a page that does not read was cut',
    );
  }

  failed(error: unknown, what: string): void {
    this.log.error({ err: error }, what);
  }
}
