import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { type BackupReply, type BackupRequest, socketPath } from './backup-socket.js';
import { type Progress } from './progress.js';
import { type PinnedStores, type StoreFile } from './pinned-stores.js';

export class BackupError extends Error {
  readonly code = 'backup';
}

/** A running server, asked by the backup program. */
export class ServerLink {
  readonly #lines: AsyncIterator<string>;

  private constructor(
    private readonly socket: Socket,
    lines: Interface,
  ) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Undefined where no server answers. */
  static async open(data: string): Promise<ServerLink | undefined> {
    const socket = connect(socketPath(data));
    try {
      await once(socket, 'connect');
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
      throw error;
    }
    socket.on('error', () => socket.destroy());
    return new ServerLink(socket, createInterface({ input: socket }));
  }

  async progress(): Promise<Progress> {
    return (await this.#ask<{ progress: Progress }>({ ask: 'progress' })).progress;
  }

  async pin(folder: string): Promise<PinnedStores> {
    type Pinned = { files: readonly StoreFile[]; cursors: Record<string, number> };
    const { files, cursors } = await this.#ask<Pinned>({ ask: 'pin', folder });
    const release = async (): Promise<boolean> =>
      (await this.#ask<{ unchanged: boolean }>({ ask: 'release' })).unchanged;
    return { files, cursors, release };
  }

  close(): void {
    this.socket.destroy();
  }

  async #ask<T>(request: BackupRequest): Promise<T> {
    this.socket.write(`${JSON.stringify(request)}\n`);
    const { value, done } = (await this.#lines.next()) as IteratorResult<string, undefined>;
    if (done) throw new BackupError('the server has ended, or has given the backup up');
    const reply = JSON.parse(value) as BackupReply;
    if (!reply.ok) throw new BackupError(`the server refuses: ${reply.message}`);
    return reply as T;
  }
}
