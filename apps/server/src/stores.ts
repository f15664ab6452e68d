import { join } from 'node:path';
import { type Clock } from '@watchfire/engine';
import { type History } from '@watchfire/history';
import { JournalError, SqliteJournal } from '@watchfire/journal';
import { Registry } from '@watchfire/registry';
import { type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';
import { type Backupable } from './backup/pinned-stores.js';
import { type Distant, openHistories } from './histories.js';

export interface Stores {
  readonly journal: SqliteJournal;
  readonly registry: Registry;
  readonly history: History;
  /** Where the history is kept on another machine too: what an outbox needs to bring it there. */
  readonly distant: Distant | undefined;
  /** What lies in the data folder. */
  readonly local: Backupable;
}

/** A server that is being restarted may still be stopping. */
const RELEASE_LIMIT_MS = 5_000;
const RELEASE_RETRY_MS = 250;

/** Opens the journal first: it holds the lock that keeps a second server off this folder. */
export async function openStores(settings: Settings, clock: Clock, log: Logger): Promise<Stores> {
  const now = (): number => clock.now();
  const { data } = settings;
  const journal = await whenReleased(() =>
    SqliteJournal.open({
      directory: join(data, 'journal'),
      now,
      maxWaitingRecords: settings.journal.maxWaitingRecords,
      maxWaitingBytes: settings.journal.maxWaitingMegabytes * 1_048_576,
      onFailure: (health) => {
        if (health.ok) log.info('the journal takes records again');
        else log.error(health, 'the journal does not take records: nothing is acknowledged');
      },
      onGap: (gap) => log.error(gap, 'records of the journal cannot be read'),
    }),
  );
  const opened: { close(): Promise<void> }[] = [journal];
  try {
    const registry = await Registry.open({ directory: join(data, 'registry'), now });
    opened.unshift(registry);
    const { history, local, distant } = await openHistories({ settings, journal, clock, log });
    return { journal, registry, history, distant, local: { journal, registry, history: local } };
  } catch (error) {
    for (const store of opened) await store.close();
    throw error;
  }
}

async function whenReleased<T>(open: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += RELEASE_RETRY_MS) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof JournalError && error.code === 'locked') || waitedMs >= RELEASE_LIMIT_MS)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, RELEASE_RETRY_MS));
    }
  }
}
