import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const KEPT_LINES = 40;

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The line on standard output or standard error that says: ready. */
  readonly ready: RegExp;
}

/** A server that this program started, and therefore ends. */
export class Child {
  readonly #last: string[] = [];
  #readyLine = '';

  private constructor(
    private readonly process: ChildProcess,
    readonly name: string,
  ) {}

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Resolves at the line that says ready. Throws, with the last lines, when the program ends or is silent. */
  static async start(options: ChildOptions): Promise<Child> {
    const spawned = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const child = new Child(spawned, `${options.command} ${options.args.join(' ')}`);
    const ready = new Promise<void>((resolve, reject) => {
      const read = (line: string): void => {
        child.#keep(line);
        if (!options.ready.test(line)) return;
        child.#readyLine = line;
        resolve();
      };
      for (const stream of [spawned.stdout, spawned.stderr])
        if (stream !== null) createInterface({ input: stream }).on('line', read);
      spawned.on('error', reject);
      spawned.on('exit', (code, signal) => reject(child.#failure(`ended with ${code ?? signal}`)));
    });
    ready.catch(() => undefined);
    const timer = new AbortController();
    const silent = sleep(START_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
      throw child.#failure(`was not ready within ${START_TIMEOUT_MS / 1000} s`);
    });
    silent.catch(() => undefined);
    try {
      await Promise.race([ready, silent]);
    } catch (error) {
      await child.stop();
      throw error;
    } finally {
      timer.abort();
    }
    return child;
  }

  get readyLine(): string {
    return this.#readyLine;
  }

  get running(): boolean {
    return (
      this.process.exitCode === null && this.process.signalCode === null && this.process.pid !== undefined
    );
  }

  /** The last lines that the program wrote. */
  get output(): string {
    return this.#last.join('\n');
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  #keep(line: string): void {
    this.#last.push(line);
    if (this.#last.length > KEPT_LINES) this.#last.shift();
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}.\n${this.output}`);
  }
}
