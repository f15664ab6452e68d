import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Beside this file in the build: dist/apps/server. */
const SERVER_MAIN = fileURLToPath(new URL('../../../server/src/main.js', import.meta.url));
const READY = /^Watchfire ready (https?:\/\/\S+)/;
const STOP_TIMEOUT_MS = 20_000;

/** The server ended although nobody asked it to. */
export class ServerEnded extends Error {}

/** The built server as a child, in demo mode, with its output passed through. */
export class DemoServer {
  /** Never resolves: rejects with {@link ServerEnded} when the server ends by itself. */
  readonly ended: Promise<never>;
  /** The address of the page, once the server is ready. */
  readonly ready: Promise<string>;
  readonly #exit: Promise<void>;
  readonly #process: ChildProcess;
  #stopping = false;

  constructor(dataFolder: string, passOn: (line: string) => void) {
    this.#process = spawn(process.execPath, ['--enable-source-maps', SERVER_MAIN, '--demo'], {
      env: { ...process.env, WATCHFIRE_DATA: dataFolder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ready = new Promise((resolve) => {
      if (this.#process.stdout === null) return;
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        passOn(line);
        const address = READY.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    this.#exit = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    this.ended = new Promise((_, reject) => {
      this.#process.once('error', (error) =>
        reject(new ServerEnded(`the server cannot start: ${error.message}`)),
      );
      this.#process.once('exit', (code, signal) => {
        if (!this.#stopping) reject(new ServerEnded(`the server ended (${signal ?? `exit code ${code}`})`));
      });
    });
    // Whoever awaits it is told; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** SIGTERM, and SIGKILL for a server that does not come to its end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (
      this.#process.exitCode !== null ||
      this.#process.signalCode !== null ||
      this.#process.pid === undefined
    )
      return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exit;
    clearTimeout(timer);
  }
}
