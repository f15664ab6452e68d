import { type InfluxHealth } from '@watchfire/contracts';
import { type Clock, type HistoryOutbox, type WatchedBacklog } from '@watchfire/engine';
import { type Distant } from './histories.js';

/** How far InfluxDB is behind, for the page and the metrics. */
export function influxHealth(
  outbox: HistoryOutbox,
  { refused, distant }: Pick<Distant, 'refused' | 'distant'>,
): InfluxHealth {
  const { failure = null, lastSuccessAt = null, ...backlog } = outbox.backlog();
  const { rollUpFailure = null } = distant;
  return {
    up: failure === null,
    failure,
    lastSuccessAt,
    refusedLines: refused.lines,
    rollUpFailure,
    ...backlog,
  };
}

/** The same for the watch that alarms the centre. */
export function watchedBacklog(
  outbox: HistoryOutbox,
  { distant }: Pick<Distant, 'distant'>,
  clock: Clock,
): WatchedBacklog {
  const { rollUpFailure } = distant;
  const notRolledUpMs = rollUpFailure === undefined ? 0 : Math.max(0, clock.now() - rollUpFailure.since);
  return { ...outbox.backlog(), notRolledUpMs };
}
