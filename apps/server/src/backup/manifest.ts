import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Progress } from './progress.js';
import { BackupError } from './server-link.js';

export const MANIFEST = 'manifest.json';
const FORMAT = 1;

export interface BackedUpFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a backup holds. It is written last: a folder without it is no backup. */
export interface Manifest {
  readonly format: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Whether the server ran meanwhile. */
  readonly online: boolean;
  /** The first and last record of the journal, and how far its projections and the engine's state had come. */
  readonly journal: { readonly tail: number; readonly head: number; readonly stateOffset: number };
  readonly cursors: Progress['cursors'];
  readonly states: Progress['states'];
  /** Null where the history is elsewhere as a whole. */
  readonly historyCursor: number | null;
  readonly files: readonly BackedUpFile[];
}

/** Every file of the folder with its checksum, the manifest itself left out. */
export async function filesOf(folder: string): Promise<readonly BackedUpFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== MANIFEST)
    .sort();
  const files: BackedUpFile[] = [];
  for (const path of paths) {
    const file = join(folder, path);
    files.push({ path, bytes: (await stat(file)).size, sha256: await checksum(file) });
  }
  return files;
}

export async function writeManifest(folder: string, manifest: Omit<Manifest, 'format'>): Promise<void> {
  const file = join(folder, MANIFEST);
  const unfinished = `${file}.new`;
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

/**
 * Reads every file of a backup.
 *
 * @throws BackupError that names each file that is missing, was changed, or does not belong to it.
 */
export async function verified(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const found = new Map((await filesOf(folder)).map((file) => [file.path, file]));
  const wrong: string[] = [];
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = found.get(path);
    found.delete(path);
    if (file === undefined) wrong.push(`${path} is missing`);
    else if (file.bytes !== bytes || file.sha256 !== sha256) wrong.push(`${path} was changed`);
  }
  for (const path of found.keys()) wrong.push(`${path} is not of this backup`);
  if (wrong.length > 0) throw new BackupError(`${folder} is damaged: ${wrong.join('; ')}`);
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch {
    throw new BackupError(`${folder} is no finished backup: it has no ${MANIFEST}`);
  }
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format !== FORMAT)
    throw new BackupError(`${folder} was written by another version of this program`);
  return manifest;
}

async function checksum(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), hash);
  return hash.digest('hex');
}
