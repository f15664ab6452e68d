import { settleJournalCopy } from '@watchfire/journal';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { copyDurably, exists, inFolder, sync } from './copies.js';
import { type Manifest, verified } from './manifest.js';
import { stateBytes } from './progress.js';
import { BackupError } from './server-link.js';
import { withStores } from './stopped-server.js';

const STORES = ['journal', 'registry', 'history'];
/** Filled first and moved then: whatever happens in between, a store is there as a whole or not at all. */
const UNFINISHED = '.restore';

/** Puts the stores of a backup into an empty data folder, opens each, and writes down that this was done. */
export async function restore(data: string, folder: string): Promise<Manifest> {
  const manifest = await verified(folder);
  for (const store of STORES) {
    if (!(await exists(join(data, store)))) continue;
    throw new BackupError(`${join(data, store)} is there: stop the server and move the stores away first`);
  }
  const unfinished = join(data, UNFINISHED);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const files = manifest.files.filter(({ path }) => STORES.includes(path.split('/')[0] ?? ''));
  for (const { path } of files) await copyDurably(inFolder(folder, path), inFolder(unfinished, path));
  for (const store of STORES) {
    if (await exists(join(unfinished, store))) await rename(join(unfinished, store), join(data, store));
  }
  await rm(unfinished, { recursive: true });
  await sync(data);
  const detail = { by: userInfo().username, takenAt: manifest.startedAt, head: manifest.journal.head };
  await withStores(data, ({ registry }) =>
    registry.audit.append({ actor: 'system', action: 'backup-restored', subject: folder, detail }),
  );
  return manifest;
}

/**
 * After InfluxDB alone was brought back from a backup: what the journal and the local history have since then is sent again [BK9].
 *
 * @throws JournalError `locked` where a server runs.
 */
export async function resend(data: string, folder: string): Promise<Manifest> {
  const manifest = await verified(folder);
  await settleJournalCopy({
    directory: join(data, 'journal'),
    cursors: manifest.cursors,
    states: stateBytes(manifest.states),
    state: 'engine',
    at: Date.now(),
  });
  return manifest;
}
