import { resolve } from 'node:path';
import { loadSettings } from '@watchfire/settings';
import { projectPath } from '../project-path.js';
import { type Manifest, verified } from './manifest.js';
import { resend, restore } from './restore.js';
import { begin, take } from './take.js';

const USAGE = `Usage: watchfire-backup <what> <folder>

  begin     note how far everything has come, before InfluxDB is copied into <folder>/influxdb; only needed with InfluxDB
  take      copy journal, registry and local history into <folder>, running server or not, and seal the backup
  verify    read every file of a backup again
  resend    after InfluxDB alone was restored from a backup: send it again what came since; the server must not run
  restore   put the stores of a backup into the empty data folder; the server must not run

The data folder is that of the configuration (WATCHFIRE_DATA, WATCHFIRE_CONFIG). deploy/backup.sh and deploy/restore.sh do it
all; docs/operations.md says in which order and why.
`;
const WRONG_USE = 2;

async function main(): Promise<number> {
  const [what, given, ...rest] = process.argv.slice(2);
  if (given === undefined || rest.length > 0) {
    const asked = what === '--help';
    (asked ? process.stdout : process.stderr).write(USAGE);
    return asked ? 0 : WRONG_USE;
  }
  const folder = resolve(given);
  const { data } = await loadSettings({
    defaults: projectPath('config/default.yaml'),
    environment: process.env,
  });
  switch (what) {
    case 'begin':
      await begin(data, folder);
      return 0;
    case 'take':
      return told('taken', folder, await take(data, folder));
    case 'verify':
      return told('whole', folder, await verified(folder));
    case 'resend':
      return told('will be added to', folder, await resend(data, folder));
    case 'restore':
      return told('restored', folder, await restore(data, folder));
    default:
      process.stderr.write(USAGE);
      return WRONG_USE;
  }
}

function told(what: string, folder: string, { journal, files, startedAt }: Manifest): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  process.stdout.write(
    `Backup ${what}: ${folder}, begun at ${startedAt}, records ${journal.tail} to ${journal.head}, ` +
      `${files.length} files, ${bytes} bytes\n`,
  );
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const expected = error instanceof Error && ('code' in error || 'problems' in error);
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`watchfire-backup: ${text}\n`);
  process.exitCode = 1;
}
