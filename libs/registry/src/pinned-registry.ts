import { sql } from 'kysely';
import { type Database } from './database.js';
import { RegistryError } from './errors.js';

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
  // Only who asks for it loads SQLite outside the thread.
  const { DatabaseSync } = await import('@photostructure/sqlite');
  const database = new DatabaseSync(file);
  try {
    const found = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (found.quick_check !== 'ok') throw new RegistryError('storage', `${file}: ${found.quick_check}`);
  } finally {
    database.close();
  }
}

async function checkpointAt(db: Database, pages: number): Promise<void> {
  await sql`pragma wal_autocheckpoint = ${sql.raw(String(pages))}`.execute(db);
}
