import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const projectRoot = join(import.meta.dirname, '../..');
const PROGRAM = join(projectRoot, 'dist/apps/server/src/main.js');
const START_LIMIT_MS = 60_000;

export const ADMIN_PASSWORD = 'administrator-of-a-test';

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'watchfire-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface ServerProcessOptions {
  readonly data: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  /** Default: one that the system chooses, and nobody learns. */
  readonly firePort?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The built server as its user starts it. */
export class ServerProcess {
  readonly url: string;
  readonly mqttUrl: string;
  readonly #child: ChildProcess;
  readonly #errors: string[] = [];
  readonly #output: string[] = [];

  private constructor(child: ChildProcess, options: ServerProcessOptions) {
    this.#child = child;
    this.url = `http://127.0.0.1:${options.httpPort}`;
    this.mqttUrl = `mqtt://127.0.0.1:${options.mqttPort}`;
  }

  /** Resolves at the line that says ready. */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = ServerProcess.spawn(options);
    await server.#ready();
    return server;
  }

  /** Starts it without waiting: for starts that are meant to fail. */
  static spawn(options: ServerProcessOptions): ServerProcess {
    if (!existsSync(PROGRAM)) throw new Error('The server is not built: run npm run build:server first.');
    const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...(options.args ?? [])], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        WATCHFIRE_DATA: options.data,
        WATCHFIRE_HTTP_HOST: '127.0.0.1',
        WATCHFIRE_MQTT_HOST: '127.0.0.1',
        WATCHFIRE_HTTP_PORT: String(options.httpPort),
        WATCHFIRE_MQTT_PORT: String(options.mqttPort),
        WATCHFIRE_FIRE_HOST: '127.0.0.1',
        WATCHFIRE_FIRE_PORT: String(options.firePort ?? 0),
        WATCHFIRE_ADMIN_PASSWORD: ADMIN_PASSWORD,
        ...options.env,
      },
    });
    const server = new ServerProcess(child, options);
    createInterface({ input: child.stdout }).on('line', (line) => server.#output.push(line));
    createInterface({ input: child.stderr }).on('line', (line) => server.#errors.push(line));
    return server;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server was not started');
    return this.#child.pid;
  }

  get standardOutput(): readonly string[] {
    return this.#output;
  }

  get standardError(): readonly string[] {
    return this.#errors;
  }

  /** As the power fails: no handler runs. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Returns the exit code. */
  async terminate(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  /** Resolves with the exit code when it ends by itself. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    await closed;
  }

  async #ready(): Promise<void> {
    const limit = AbortSignal.timeout(START_LIMIT_MS);
    while (!this.#output.some((line) => line.startsWith('Watchfire ready '))) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || limit.aborted) {
        await this.kill9();
        throw new Error(
          `the server was not ready:\n${[...this.#output, ...this.#errors].slice(-20).join('\n')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
