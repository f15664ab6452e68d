import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type Response } from 'express';
import { type Logger } from 'pino';
import { type Principal } from '../access/principal.js';
import { AuditTrail } from '../conduct/audit-trail.js';
import { LOG } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { HistoryDesk } from './history-desk.js';
import { HISTORY_FORMATS, type HistoryFormat } from './history-table.js';
import { type ExportQuery, HistoryParts } from './history-parts.js';
import { VisiblePoints } from './visible-points.js';

const MOST_BUCKETS = 10_000_000;
/** Exports that run at once, of all people. */
const MOST_AT_ONCE = 4;
/** A client that takes nothing for so long is given up: it would keep its place for ever. */
const STALLED_MS = 60_000;

/** Where an export goes. */
export interface ExportTarget {
  readonly response: Response;
  readonly address: string | null;
}

/** What the history has of points, as a file of any length in bounded memory [HI27]. */
@Injectable()
export class HistoryExport {
  #running = 0;

  constructor(
    private readonly desk: HistoryDesk,
    private readonly points: VisiblePoints,
    private readonly parts: HistoryParts,
    private readonly trail: AuditTrail,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** @throws Problem before anything is sent; afterwards a failure cuts the connection, so that no half file passes for a whole one. */
  async send(query: ExportQuery, { user, visibility }: Principal, to: ExportTarget): Promise<void> {
    if (this.#running >= MOST_AT_ONCE) {
      throw new Problem('too_busy', 'Other exports are running: try again.', { retryAfterSeconds: 5 });
    }
    this.#running++;
    try {
      const points = await this.points.points(query.points, visibility);
      const plan = this.desk.plan(query);
      if (plan !== undefined && (query.to - plan.from) / plan.every > MOST_BUCKETS) {
        throw new Problem('too_many_buckets', `An export has at most ${MOST_BUCKETS} buckets of each point.`);
      }
      const { format, from, fn } = query;
      const bounds = plan === undefined ? { from } : { ...plan, fn };
      const ids = points.map(({ pointId }) => pointId);
      const detail = { format, to: query.to, ...bounds, points: ids };
      // Before the first byte: whoever has the data is on the trail.
      await this.trail.write({
        actor: user.username,
        action: 'history-exported',
        subject: ids.join(' ').slice(0, 200),
        detail,
        address: to.address,
      });
      const parts = await begun(this.parts.of(points, query, plan));
      await this.#stream(parts, HISTORY_FORMATS[format], to.response);
    } finally {
      this.#running--;
    }
  }

  async #stream(parts: AsyncIterable<string>, format: HistoryFormat, response: Response): Promise<void> {
    response.setHeader('content-type', format.contentType);
    response.setHeader('content-disposition', `attachment; filename="watchfire-${format.fileName}"`);
    response.setHeader('cache-control', 'no-store');
    response.setTimeout(STALLED_MS, () => response.destroy());
    try {
      await pipeline(Readable.from(parts, { highWaterMark: 1 }), response);
    } catch (error) {
      if (!isGone(error)) this.log.error({ err: error }, 'an export was broken off');
    }
  }
}

/** With what comes first already read: what goes wrong at once is an answer of its own. */
async function begun(parts: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await parts.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* parts;
    } finally {
      await parts.return(undefined);
    }
  })();
}

/** Who asked has gone away. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
