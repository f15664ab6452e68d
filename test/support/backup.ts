import { join } from 'node:path';
import { type ProgramEnd, runProgram } from './program.js';
import { projectRoot } from './server-process.js';

const PROGRAM = join(projectRoot, 'dist/apps/server/src/backup/main.js');
const LIMIT_MS = 60_000;

/** The backup program as a person starts it, on a data folder. */
export function backupProgram(data: string, what: string, folder: string): Promise<ProgramEnd> {
  return withEnvironment({ WATCHFIRE_DATA: data }, [process.execPath, PROGRAM, what, folder]);
}

/** `deploy/backup.sh` or `deploy/restore.sh`. */
export function deployScript(
  name: 'backup' | 'restore',
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<ProgramEnd> {
  return withEnvironment(environment, [join(projectRoot, 'deploy', `${name}.sh`), ...args]);
}

function withEnvironment(
  environment: Readonly<Record<string, string>>,
  command: readonly string[],
): Promise<ProgramEnd> {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return runProgram('env', [...set, ...command], '', LIMIT_MS);
}
