import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CodeName, type Deviation } from '@watchfire/protocol';
import { CatalogueError, type CatalogueProblem } from '../errors.js';
import { parseYaml } from '../yaml-file.js';
import { deviationFile } from './deviation-schema.js';
import { toDeviation } from './to-deviation.js';

/** A device profile of GB/T 26875.3, by the name that a device is registered with as its `dialect`. */
export interface FireDialect {
  readonly key: string;
  readonly name: CodeName;
  /** Where its deviations were seen. */
  readonly seen: string;
  readonly deviation: Deviation;
}

const STANDARD_KEY = 'standard';

/**
 * Reads every `.yaml` file of the directory (`config/catalogue/fire`), one profile each, named after its key.
 *
 * @throws CatalogueError with everything that is wrong in all of them.
 */
export async function loadFireDialects(directory: string): Promise<ReadonlyMap<string, FireDialect>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).sort();
  const problems: CatalogueProblem[] = [];
  const dialects = new Map<string, FireDialect>();
  for (const fileName of names) {
    const file = path.join(directory, fileName);
    const read = parseYaml(file, await readFile(file, 'utf8'), deviationFile, problems);
    if (read === undefined) continue;
    const { key, name, seen } = read;
    if (`${key}.yaml` !== fileName)
      problems.push({ file, path: 'key', message: `${key} is not the name of the file` });
    dialects.set(key, { key, name, seen, deviation: toDeviation(read) });
  }
  if (problems.length === 0 && !dialects.has(STANDARD_KEY)) {
    problems.push({ file: directory, path: '', message: `holds no ${STANDARD_KEY}.yaml` });
  }
  if (problems.length > 0) throw new CatalogueError(problems);
  return dialects;
}
