import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Copies a file so that it is on disk, with rights for its owner alone. Where the file system can share blocks it takes no time. */
export async function copyDurably(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, 0o600);
  await sync(target);
  await sync(dirname(target));
}

export const inFolder = (folder: string, path: string): string => join(folder, ...path.split('/'));

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
