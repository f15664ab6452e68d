import { type HistoryLog } from '../history-log.js';
import { type InfluxConnection } from './influx-connection.js';
import { type LineOrigin, type RefusedLine } from './line-origins.js';
import { type Place } from './places.js';
import { inRequests } from './requests.js';
import { storeLines } from './store-lines.js';

/** Is told of lines that the server will never take, before they count as written; may be told of one again after a failure. */
export type OnRefused = (lines: readonly RefusedLine[]) => Promise<void> | void;

/** Writes lines in requests of bounded size; what is refused for good is told, and the rest is stored. */
export class LineWriter {
  /** Lines that were refused since it was made. */
  refused = 0;

  constructor(
    private readonly connection: InfluxConnection,
    private readonly onRefused: OnRefused,
    private readonly log: HistoryLog,
  ) {}

  /** Resolves when every line is stored or was told. `origins` are asked for only where lines are refused, in their order. */
  async write(place: Place, lines: readonly string[], origins: () => Iterable<LineOrigin>): Promise<void> {
    let from = 0;
    for (const request of inRequests(lines)) {
      const refused = await storeLines(request, (part) => this.connection.write(place, part));
      if (refused.size > 0) await this.tell(lines, refused, from, origins());
      from += request.length;
    }
  }

  private async tell(
    lines: readonly string[],
    refused: ReadonlyMap<number, string>,
    from: number,
    origins: Iterable<LineOrigin>,
  ): Promise<void> {
    const told: RefusedLine[] = [];
    let index = -from;
    for (const origin of origins) {
      const reason = refused.get(index);
      if (reason !== undefined) told.push({ line: lines[from + index]!, reason, origin });
      index += 1;
    }
    this.refused += told.length;
    this.log.warn({ refused: told.length, reason: told[0]?.reason }, 'InfluxDB refused lines for good');
    await this.onRefused(told);
  }
}
