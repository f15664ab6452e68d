import { sql } from 'kysely';
import { type Database } from './database.js';
import { RegistryError } from './errors.js';
import { SqlThread } from './sql-thread.js';

/** A file that does not change while it is pinned, so that another process may copy it. */
export interface PinnedFile {
  readonly file: string;
  /** False when the file may have changed in the meantime: what was copied is of no use. */
  release(): Promise<boolean>;
}

const CHECKPOINT_PAGES = 1_000;

/** What is written meanwhile stays in the log beside the file. One at a time. */
export async function pinFile(db: Database, file: string): Promise<PinnedFile> {
  await checkpointAt(db, 0);
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
  if (rows[0]?.busy !== 0) {
    await checkpointAt(db, CHECKPOINT_PAGES);
    throw new RegistryError('storage', 'the log of the registry could not be settled');
  }
  const released = async (): Promise<boolean> => {
    try {
      await checkpointAt(db, CHECKPOINT_PAGES);
      return true;
    } catch {
      return false; // Closed: the log went into the file.
    }
  };
  let release: Promise<boolean> | undefined;
  return { file, release: () => (release ??= released()) };
}

/** @throws RegistryError `storage` with what SQLite finds wrong with the pages of a copied file. */
export async function checkRegistryCopy(file: string): Promise<void> {
  const thread = await SqlThread.open({ file, lockTimeoutMs: 0 });
  try {
    const { rows } = await thread.run('pragma quick_check(1)', []);
    const [{ quick_check: found } = { quick_check: 'no answer' }] = rows as { quick_check: string }[];
    if (found !== 'ok') throw new RegistryError('storage', `${file}: ${found}`);
  } finally {
    await thread.close();
  }
}

async function checkpointAt(db: Database, pages: number): Promise<void> {
  await sql`pragma wal_autocheckpoint = ${sql.raw(String(pages))}`.execute(db);
}
