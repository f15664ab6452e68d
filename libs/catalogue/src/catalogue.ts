import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { type Profile } from './model.js';
import { profileFile } from './profile-schema.js';
import { toProfile } from './to-profile.js';
import { parseYaml } from './yaml-file.js';

/** The device profiles that this deployment knows. */
export class Catalogue {
  private readonly byKey: ReadonlyMap<string, Profile>;

  private constructor(private readonly all: readonly Profile[]) {
    this.byKey = new Map(all.map((profile) => [profile.key, profile]));
  }

  /**
   * Reads every `.yaml` file of the directory, one profile each.
   *
   * @throws CatalogueError with everything that is wrong in all of them.
   */
  static async load(directory: string): Promise<Catalogue> {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).sort();
    const problems: CatalogueProblem[] = [];
    const profiles: Profile[] = [];
    for (const name of names) {
      const file = path.join(directory, name);
      const read = parseYaml(file, await readFile(file, 'utf8'), profileFile, problems);
      if (read === undefined) continue;
      if (profiles.some((profile) => profile.key === read.key)) {
        problems.push({ file, path: 'key', message: `${read.key} is there twice` });
      }
      profiles.push(toProfile(read));
    }
    if (names.length === 0) problems.push({ file: directory, path: '', message: 'holds no profile' });
    if (problems.length > 0) throw new CatalogueError(problems);
    return new Catalogue(profiles);
  }

  profile(key: string): Profile | undefined {
    return this.byKey.get(key);
  }

  /** By file name. */
  profiles(): readonly Profile[] {
    return this.all;
  }
}
