import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder, and makes it last: a file whose directory entry was never synced can be gone after a loss of power,
 * with everything that was fsynced into it.
 */
export function makeDurableDirectory(directory: string): void {
  const firstMade = mkdirSync(directory, { recursive: true });
  if (firstMade === undefined) return;
  const top = dirname(resolve(firstMade));
  for (let path = resolve(directory); path !== top; path = dirname(path)) syncDirectory(dirname(path));
}

export function syncDirectory(directory: string): void {
  // Windows has no handle for a directory; NTFS journals the entry.
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
