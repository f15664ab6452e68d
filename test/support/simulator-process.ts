import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from './server-process.js';

const PROGRAM = join(projectRoot, 'dist/apps/simulator/src/main.js');

/** The built simulator, on a server in demo mode with this data folder. */
export class SimulatorProcess {
  readonly #child: ChildProcess;

  constructor(data: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: projectRoot,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], WATCHFIRE_DATA: data },
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
