import { join } from 'node:path';
import { type Clock } from '@watchfire/engine';
import { EmbeddedHistory, type History, InfluxHistory } from '@watchfire/history';
import { type Journal, SqliteJournal } from '@watchfire/journal';
import { Registry } from '@watchfire/registry';
import { type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';

export interface Stores {
  readonly journal: Journal;
  readonly registry: Registry;
  readonly history: History;
}

const INFLUX_CURSOR = 'history-influxdb';

/** Opens the journal first: it holds the lock that keeps a second server off this folder. */
export async function openStores(settings: Settings, clock: Clock, log: Logger): Promise<Stores> {
  const now = (): number => clock.now();
  const { data } = settings;
  const journal = await SqliteJournal.open({
    directory: join(data, 'journal'),
    now,
    maxWaitingRecords: settings.journal.maxWaitingRecords,
    maxWaitingBytes: settings.journal.maxWaitingMegabytes * 1_048_576,
    onFailure: (health) => log.error(health, 'the journal does not take records: nothing is acknowledged'),
  });
  const opened: { close(): Promise<void> }[] = [journal];
  try {
    const registry = await Registry.open({ directory: join(data, 'registry'), now });
    opened.unshift(registry);
    const history = await openHistory(settings, journal, now, log);
    return { journal, registry, history };
  } catch (error) {
    for (const store of opened) await store.close();
    throw error;
  }
}

function openHistory(settings: Settings, journal: Journal, now: () => number, log: Logger): Promise<History> {
  const { adapter, influx } = settings.history;
  switch (adapter) {
    case 'embedded':
      return EmbeddedHistory.open({ directory: join(settings.data, 'history'), now, log });
    case 'influxdb':
      return InfluxHistory.open({
        ...influx,
        cursor: {
          load: () => journal.cursor(INFLUX_CURSOR),
          save: (offset) => journal.saveCursor(INFLUX_CURSOR, offset),
        },
        log,
      });
  }
}
