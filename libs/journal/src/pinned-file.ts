import { type StoreConnection } from './store-connection.js';

/** A file that does not change while it is pinned, so that another process may copy it. */
export interface PinnedFile {
  readonly file: string;
  /** False when the file may have changed in the meantime: what was copied is of no use. */
  release(): Promise<boolean>;
}

/** @param opened how often the file has been opened: opening it anew settles its log, and closing it does too. */
export async function pinFile(connection: StoreConnection, opened: () => number): Promise<PinnedFile> {
  const before = opened();
  const file = await connection.call('pin', undefined);
  const released = async (): Promise<boolean> => {
    if (opened() !== before) return false;
    try {
      await connection.call('unpin', undefined);
    } catch {
      return false;
    }
    return opened() === before;
  };
  let release: Promise<boolean> | undefined;
  return { file, release: () => (release ??= released()) };
}
