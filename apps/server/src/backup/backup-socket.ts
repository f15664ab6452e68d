import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Logger } from 'pino';
import { type Progress, progressOf } from './progress.js';
import { type Backupable, type PinnedStores, pinStores } from './pinned-stores.js';

/** What the backup program asks, one line of JSON each; each is answered by one line. */
export type BackupRequest =
  | { readonly ask: 'progress' }
  | { readonly ask: 'pin'; readonly folder: string }
  | { readonly ask: 'release' };

export type BackupReply =
  | { readonly ok: true; readonly progress: Progress }
  | ({ readonly ok: true } & Pick<PinnedStores, 'files' | 'cursors'>)
  | { readonly ok: true; readonly unchanged: boolean }
  | { readonly ok: false; readonly message: string };

/** The logs beside pinned files grow with everything that is written: whoever takes longer has to begin again. */
const LONGEST_PIN_MS = 3_600_000;
const LONGEST_REQUEST = 10_000;

export const socketPath = (data: string): string => join(data, 'backup.sock');

/**
 * Lets the backup program, which runs beside the server as the same user, copy the files that the server holds. Who may open
 * the socket is who may read the files.
 */
export class BackupSocket {
  readonly #sockets = new Set<Socket>();
  /** Whose backup is being taken: a second one would settle the logs of the files that the first copies. */
  #taking: Socket | undefined;

  private constructor(
    private readonly server: Server,
    private readonly stores: Backupable,
    private readonly log: Logger,
  ) {
    server.on('connection', (socket) => this.#serve(socket));
    server.on('error', (error) => log.error({ err: error }, 'the socket of the backup failed'));
  }

  /** A centre that cannot be backed up while it runs still watches: that is told, and no reason not to start. */
  static async start(data: string, stores: Backupable, log: Logger): Promise<BackupSocket> {
    const server = createServer();
    const socket = new BackupSocket(server, stores, log);
    const path = socketPath(data);
    // Left behind by a server that was killed: the lock of the journal says that there is no other.
    await rm(path, { force: true });
    await new Promise<void>((resolve) => {
      server.once('listening', resolve).once('error', () => resolve());
      server.listen(path);
    });
    if (server.listening) await chmod(path, 0o600);
    return socket;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let pinned: PinnedStores | undefined;
    let limit: NodeJS.Timeout | undefined;
    const release = async (): Promise<boolean> => {
      clearTimeout(limit);
      const held = pinned;
      pinned = undefined;
      const unchanged = (await held?.release()) ?? false;
      if (this.#taking === socket) this.#taking = undefined;
      return unchanged;
    };
    const answer = async (request: BackupRequest): Promise<BackupReply> => {
      switch (request.ask) {
        case 'progress':
          return { ok: true, progress: await progressOf(this.stores.journal) };
        case 'pin': {
          if (this.#taking !== undefined) throw new Error('a backup is being taken already');
          this.#taking = socket;
          pinned = await pinStores(this.stores, request.folder).catch((error: unknown) => {
            this.#taking = undefined;
            throw error;
          });
          limit = setTimeout(() => socket.destroy(), LONGEST_PIN_MS).unref();
          this.log.info({ folder: request.folder }, 'a backup is being taken');
          return { ok: true, files: pinned.files, cursors: pinned.cursors };
        }
        case 'release':
          return { ok: true, unchanged: await release() };
      }
    };
    let turn: Promise<void> = Promise.resolve();
    const take = async (line: string): Promise<void> => {
      const reply = await parsed(line)
        .then(answer)
        .catch((error: unknown): BackupReply => ({ ok: false, message: messageOf(error) }));
      if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
    };
    createInterface({ input: socket }).on('line', (line) => {
      turn = turn.then(() => take(line));
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      turn = turn.then(release).then(
        () => undefined,
        (error: unknown) => this.log.error({ err: error }, 'the files of a backup were not released'),
      );
    });
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a line that is no JSON is an answer like the others
async function parsed(line: string): Promise<BackupRequest> {
  if (line.length > LONGEST_REQUEST) throw new Error('the request is too long');
  const { ask, folder } = JSON.parse(line) as { ask?: unknown; folder?: unknown };
  if (ask === 'pin' && typeof folder === 'string') return { ask, folder };
  if (ask === 'progress' || ask === 'release') return { ask };
  throw new Error('the request is not known');
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
