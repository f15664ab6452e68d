import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.js';

export interface ProgramEnd {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  input = '',
  limitMs = 30_000,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: limitMs });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
    // One that ends early does not read all of it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** A program that goes on, and what it says line by line. */
export class RunningProgram {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    createInterface({ input: child.stderr }).on('line', (line) => this.lines.push(line));
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The first line that matches, among those from index `from` on. */
  async line(matches: (line: string) => boolean, what: string, from = 0): Promise<string> {
    const find = (): string | undefined => this.lines.slice(from).find(matches);
    await eventually(find, (line) => line !== undefined, `${what} in ${this.lines.join('\n')}`);
    return find() ?? '';
  }

  async kill9(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
