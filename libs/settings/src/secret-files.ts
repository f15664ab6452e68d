import { readFile } from 'node:fs/promises';
import { ENVIRONMENT, fileVariable } from './environment.js';

/** No password and no token is as long; a file that is larger is another file. */
const MOST_CHARACTERS = 4_096;

/** The environment with the secrets that stand in files of their own (`WATCHFIRE_…_FILE`) in the place of their variables. */
export async function withSecretFiles(
  environment: NodeJS.ProcessEnv,
  problems: string[],
): Promise<NodeJS.ProcessEnv> {
  const all = { ...environment };
  for (const [name, { secret }] of Object.entries(ENVIRONMENT)) {
    const variable = fileVariable(name);
    const file = environment[variable];
    if (!secret || file === undefined || file === '') continue;
    if (environment[name] !== undefined && environment[name] !== '') {
      problems.push(`${variable}: ${name} is set too, and only one of them can be meant`);
      continue;
    }
    try {
      all[name] = await readSecret(file);
    } catch (error) {
      problems.push(`${variable}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return all;
}

async function readSecret(file: string): Promise<string> {
  // The one line break that editors and `echo` put at the end is no part of it; anything else may be.
  const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  if (text === '') throw new Error(`${file} is empty`);
  if (text.length > MOST_CHARACTERS) throw new Error(`${file} is too long for a secret`);
  if (/[\r\n]/.test(text)) throw new Error(`${file} has more than one line`);
  return text;
}
