import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { projectRoot } from './server-process.js';

/** A library of `test/faults/support` that stands between a process and its system, where this machine can build one. */
export class Preload {
  private constructor(
    readonly library: string | undefined,
    /** Why there is none, for the name of the test that is skipped. */
    readonly skip: string,
  ) {}

  static of(source: string): Preload {
    if (process.platform !== 'linux') return new Preload(undefined, ' (skipped: needs LD_PRELOAD)');
    const library = join(tmpdir(), `watchfire-${basename(source, '.c')}-${process.pid}.so`);
    try {
      const file = join(projectRoot, 'test/faults/support', source);
      execFileSync('cc', ['-shared', '-fPIC', '-o', library, file, '-ldl'], { stdio: 'ignore' });
      return new Preload(library, '');
    } catch {
      return new Preload(undefined, ' (skipped: no C compiler)');
    }
  }

  get environment(): Readonly<Record<string, string>> {
    return this.library === undefined ? {} : { LD_PRELOAD: this.library };
  }

  async remove(): Promise<void> {
    if (this.library !== undefined) await rm(this.library, { force: true });
  }
}
