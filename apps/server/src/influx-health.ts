import { type InfluxHealth } from '@watchfire/contracts';
import { type HistoryOutbox } from '@watchfire/engine';
import { type Distant } from './histories.js';

/** How far InfluxDB is behind, for the page and the metrics. */
export function influxHealth(outbox: HistoryOutbox, { refused }: Pick<Distant, 'refused'>): InfluxHealth {
  const { failure = null, lastSuccessAt = null, ...backlog } = outbox.backlog();
  return { up: failure === null, failure, lastSuccessAt, refusedLines: refused.lines, ...backlog };
}
