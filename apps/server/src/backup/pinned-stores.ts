import { userInfo } from 'node:os';
import { dirname, relative, sep } from 'node:path';
import { type EmbeddedHistory } from '@watchfire/history';
import { type SqliteJournal } from '@watchfire/journal';
import { type Registry } from '@watchfire/registry';
import { progressOf } from './progress.js';

/** What is copied, and where it lies in a backup and in a data folder alike. */
export interface StoreFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly source: string;
  /** An image of a plan that was removed since. */
  readonly mayBeGone?: true;
}

export interface PinnedStores {
  readonly files: readonly StoreFile[];
  /** Of the journal, from before anything was pinned. */
  readonly cursors: Readonly<Record<string, number>>;
  release(): Promise<boolean>;
}

export interface Backupable {
  readonly journal: SqliteJournal;
  readonly registry: Registry;
  /** Absent where the history is elsewhere. */
  readonly history?: EmbeddedHistory;
}

export const JOURNAL_PATH = 'journal/journal.db';
export const REGISTRY_PATH = 'registry/registry.db';
export const HISTORY_PATH = 'history/history.db';

/**
 * Pins the stores in the order in which they may be behind each other: what projections have stored first, the journal last,
 * so that it has everything that the others have [BK2].
 */
export async function pinStores(
  { journal, registry, history }: Backupable,
  folder: string,
): Promise<PinnedStores> {
  const { cursors } = await progressOf(journal);
  // Before the registry is pinned: the copy says itself where it comes from.
  const detail = { by: userInfo().username, head: journal.head() };
  await registry.audit.append({ actor: 'system', action: 'backup-taken', subject: folder, detail });
  const pinned: { release(): Promise<boolean> }[] = [];
  const release = async (): Promise<boolean> =>
    (await Promise.all(pinned.map((one) => one.release()))).every((unchanged) => unchanged);
  const pin = async <T extends { release(): Promise<boolean> }>(one: Promise<T>): Promise<T> => {
    const done = await one;
    pinned.push(done);
    return done;
  };
  try {
    const files: StoreFile[] = [];
    const { file, beside } = await pin(registry.pin());
    files.push({ path: REGISTRY_PATH, source: file });
    for (const source of beside) {
      const path = relative(dirname(file), source).split(sep).join('/');
      files.push({ path: `${dirname(REGISTRY_PATH)}/${path}`, source, mayBeGone: true });
    }
    if (history !== undefined) {
      files.push({ path: HISTORY_PATH, source: (await pin(history.pin())).file });
    }
    files.push({ path: JOURNAL_PATH, source: (await pin(journal.pin())).file });
    return { files, cursors, release };
  } catch (error) {
    await release();
    throw error;
  }
}
