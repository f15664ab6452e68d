import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutated, type Mutation } from './mutation.js';

/** `broken`: the tests did not run, so that nothing was caught. */
export type Outcome = 'caught' | 'survived' | 'does not apply' | 'broken';

export interface Result {
  readonly mutation: Mutation;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly output: string;
}

interface TestRun {
  readonly failed: boolean;
  /** Tests that failed; 0 where not even one ran. */
  readonly failedTests: number;
  readonly output: string;
}

/** Mutates a copy in a temporary folder: the checkout is only read. */
export class Workshop {
  private constructor(
    private readonly root: string,
    private readonly folder: string,
  ) {}

  static async open(root: string): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'watchfire-mutation-'));
    for (const path of [
      'libs',
      'config',
      'jest.config.mjs',
      'package.json',
      'tsconfig.json',
      'test/support',
    ]) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await cp(join(root, path), join(folder, path), { recursive: true });
    }
    for (const path of ['node_modules', 'dist']) await symlink(join(root, path), join(folder, path));
    return new Workshop(root, folder);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async try(mutation: Mutation): Promise<Result> {
    const began = performance.now();
    const path = join(this.folder, mutation.file);
    const text = await readFile(path, 'utf8');
    const next = mutated(text, mutation);
    const result = (outcome: Outcome, output = ''): Result => ({
      mutation,
      outcome,
      seconds: (performance.now() - began) / 1000,
      output,
    });
    if (next === undefined) return result('does not apply');
    await writeFile(path, next);
    try {
      const run = await this.test(mutation.specs);
      if (!run.failed) return result('survived');
      return result(run.failedTests > 0 ? 'caught' : 'broken', run.output);
    } finally {
      await writeFile(path, text);
    }
  }

  async test(specs: readonly string[]): Promise<TestRun> {
    const jest = join(this.root, 'node_modules/jest/bin/jest.js');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const options = ['--selectProjects', 'unit', '--bail', '--reporters', 'default', '--runTestsByPath'];
    const child = spawn(process.execPath, [...flags, jest, ...options, ...specs], { cwd: this.folder });
    let output = '';
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const failedTests = Number(/^Tests:\s+(\d+) failed/m.exec(output)?.[1] ?? 0);
    return { failed: code !== 0, failedTests, output };
  }
}
