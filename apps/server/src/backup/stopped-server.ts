import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedHistory } from '@watchfire/history';
import { JournalError, SqliteJournal } from '@watchfire/journal';
import { Registry } from '@watchfire/registry';
import {
  type Backupable,
  HISTORY_PATH,
  JOURNAL_PATH,
  type PinnedStores,
  pinStores,
} from './pinned-stores.js';
import { exists, inFolder } from './copies.js';
import { BackupError } from './server-link.js';

/**
 * The stores of a server that does not run. They are opened, which settles their logs and finds out whether somebody has them,
 * and closed: then each file is whole by itself.
 */
export async function settledStores(data: string, folder: string): Promise<PinnedStores> {
  const { files, cursors } = await withStores(data, async (stores) => {
    const pinned = await pinStores(stores, folder);
    await pinned.release();
    return pinned;
  });
  const stamps = async (): Promise<string> => {
    const lasting = files.filter(({ mayBeGone }) => !mayBeGone);
    const all = await Promise.all(lasting.map(({ source }) => stat(source)));
    const logs = await Promise.all(lasting.map(({ source }) => exists(`${source}-wal`)));
    return JSON.stringify([all.map(({ size, mtimeMs }) => [size, mtimeMs]), logs]);
  };
  const before = await stamps();
  return { files, cursors, release: async () => (await stamps()) === before };
}

/** @throws BackupError where a server has them, or where there are none. */
export async function withStores<T>(data: string, work: (stores: Backupable) => Promise<T>): Promise<T> {
  if (!(await exists(inFolder(data, JOURNAL_PATH)))) throw new BackupError(`there is no journal in ${data}`);
  const now = Date.now;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <S extends { close(): Promise<void> }>(store: S): S => {
    opened.unshift(store);
    return store;
  };
  try {
    const journal = keep(await openJournal(join(data, 'journal'), now));
    const registry = keep(await Registry.open({ directory: join(data, 'registry'), now }));
    const isLocal = await exists(inFolder(data, HISTORY_PATH));
    const history = isLocal
      ? keep(await EmbeddedHistory.open({ directory: join(data, 'history'), now }))
      : undefined;
    return await work({ journal, registry, ...(history === undefined ? {} : { history }) });
  } finally {
    for (const store of opened) await store.close();
  }
}

async function openJournal(directory: string, now: () => number): Promise<SqliteJournal> {
  try {
    return await SqliteJournal.open({ directory, now });
  } catch (error) {
    if (!(error instanceof JournalError) || error.code !== 'locked') throw error;
    throw new BackupError(`a server has ${directory}, and its socket for backups does not answer`);
  }
}
