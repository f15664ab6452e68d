import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkHistoryCopy } from '@watchfire/history';
import { settleJournalCopy } from '@watchfire/journal';
import { checkRegistryCopy } from '@watchfire/registry';
import { copyDurably, exists, inFolder } from './copies.js';
import { filesOf, MANIFEST, type Manifest, verified, writeManifest } from './manifest.js';
import { HISTORY_PATH, type PinnedStores, REGISTRY_PATH, type StoreFile } from './pinned-stores.js';
import { type Progress, progressOf, stateBytes } from './progress.js';
import { BackupError, ServerLink } from './server-link.js';
import { settledStores, withStores } from './stopped-server.js';

/** Under which the engine saves its state in the journal. */
const ENGINE_STATE = 'engine';
const BEGUN = 'begun.json';
/** A state that is saved between the pins makes the copies useless; it is saved once a minute. */
const ATTEMPTS = 3;

interface Begun extends Progress {
  readonly at: string;
}

/** Notes how far every projection has come, before stores outside of the server are copied into the same folder [BK3]. */
export async function begin(data: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new BackupError(`${folder} is not empty`);
  const link = await ServerLink.open(data);
  try {
    const progress =
      link === undefined
        ? await withStores(data, ({ journal }) => progressOf(journal))
        : await link.progress();
    const begun: Begun = { at: new Date().toISOString(), ...progress };
    await writeFile(join(folder, BEGUN), `${JSON.stringify(begun, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } finally {
    link?.close();
  }
}

/** Copies the stores of the server, and makes a backup of everything that is in the folder then. */
export async function take(data: string, folder: string): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (await exists(join(folder, MANIFEST))) throw new BackupError(`${folder} is a finished backup already`);
  const startedAt = new Date().toISOString();
  const begun = await begunBefore(folder);
  const link = await ServerLink.open(data);
  try {
    const pin = (): Promise<PinnedStores> =>
      link === undefined ? settledStores(data, folder) : link.pin(folder);
    const facts = await copied(folder, pin, begun ?? { cursors: {}, states: {} });
    await writeManifest(folder, {
      startedAt: begun?.at ?? startedAt,
      finishedAt: new Date().toISOString(),
      online: link !== undefined,
      ...facts,
      files: await filesOf(folder),
    });
  } finally {
    link?.close();
  }
  return verified(folder);
}

type Facts = Pick<Manifest, 'journal' | 'cursors' | 'states' | 'historyCursor'>;

async function copied(folder: string, pin: () => Promise<PinnedStores>, begun: Progress): Promise<Facts> {
  for (let attempt = 1; ; attempt += 1) {
    const pinned = await pin();
    for (const { path } of pinned.files) await removeCopy(folder, path);
    for (const file of pinned.files) await copy(file, folder);
    if (!(await pinned.release())) throw new BackupError('the stores were closed while they were copied');
    const facts = await settled(folder, {
      cursors: lowest(pinned.cursors, begun.cursors),
      states: begun.states,
    });
    const { historyCursor, journal } = facts;
    if (historyCursor === null || journal.stateOffset <= historyCursor) return facts;
    if (attempt === ATTEMPTS) throw new BackupError('the state of the engine was saved during every attempt');
  }
}

async function copy({ path, source, mayBeGone }: StoreFile, folder: string): Promise<void> {
  try {
    await copyDurably(source, inFolder(folder, path));
  } catch (error) {
    if (!mayBeGone || (await exists(source))) throw error;
  }
}

/** Every copy as a whole of its own, looked at page by page. */
async function settled(folder: string, { cursors, states }: Progress): Promise<Facts> {
  await checkRegistryCopy(inFolder(folder, REGISTRY_PATH));
  const isLocal = await exists(inFolder(folder, HISTORY_PATH));
  const historyCursor = isLocal ? await checkHistoryCopy(join(folder, 'history')) : null;
  const directory = join(folder, 'journal');
  const copy = await settleJournalCopy({
    directory,
    cursors,
    states: stateBytes(states),
    state: ENGINE_STATE,
    at: Date.now(),
  });
  const { head, tail, stateOffset } = copy;
  const furthest = Math.max(historyCursor ?? 0, stateOffset);
  if (furthest > head) throw new BackupError(`a store is at ${furthest}, ahead of the journal at ${head}`);
  return { journal: { head, tail, stateOffset }, cursors: copy.cursors, states, historyCursor };
}

async function removeCopy(folder: string, path: string): Promise<void> {
  const file = inFolder(folder, path);
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
}

async function begunBefore(folder: string): Promise<Begun | undefined> {
  const file = join(folder, BEGUN);
  if (await exists(file)) return JSON.parse(await readFile(file, 'utf8')) as Begun;
  if ((await readdir(folder)).length > 0)
    throw new BackupError(`${folder} is not empty, and no backup was begun there`);
  return undefined;
}

function lowest(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const all = { ...one };
  for (const [name, offset] of Object.entries(other)) all[name] = Math.min(offset, all[name] ?? offset);
  return all;
}
