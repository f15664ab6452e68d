import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that ship beside the program (config, the built page), wherever it was built to and started from. */
export function projectPath(path: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nest-cli.json'))) return join(folder, path);
    if (dirname(folder) === folder) throw new Error(`${path}: the folder of the program was not found`);
  }
}
