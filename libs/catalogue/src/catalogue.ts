import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { type Profile } from './model.js';
import { profileFile } from './profile-schema.js';
import { toProfile } from './to-profile.js';
import { parseYaml } from './yaml-file.js';

/** The device profiles that this deployment knows. */
export class Catalogue {
  private byKey: ReadonlyMap<string, Profile>;

  private constructor(
    readonly directory: string,
    private all: readonly Profile[],
    private files: ReadonlyMap<string, string>,
  ) {
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
    const files = new Map<string, string>();
    for (const name of names) {
      const file = path.join(directory, name);
      const read = parseYaml(file, await readFile(file, 'utf8'), profileFile, problems);
      if (read === undefined) continue;
      if (profiles.some((profile) => profile.key === read.key)) {
        problems.push({ file, path: 'key', message: `${read.key} is there twice` });
      }
      profiles.push(toProfile(read));
      files.set(read.key, file);
    }
    if (names.length === 0) problems.push({ file: directory, path: '', message: 'holds no profile' });
    if (problems.length > 0) throw new CatalogueError(problems);
    return new Catalogue(directory, profiles, files);
  }

  profile(key: string): Profile | undefined {
    return this.byKey.get(key);
  }

  /** By file name. */
  profiles(): readonly Profile[] {
    return this.all;
  }

  /** The file that a profile was read from; the directory where there is none of that key. */
  fileOf(key: string): string {
    return this.files.get(key) ?? this.directory;
  }

  /** Gives profiles another version than their file says. */
  setVersions(versions: ReadonlyMap<string, number>): void {
    this.hold(
      this.all.map((profile) => ({ ...profile, version: versions.get(profile.key) ?? profile.version })),
    );
  }

  /** Takes over what another has read, at once and for everybody who holds this one. */
  become(other: Catalogue): void {
    this.files = other.files;
    this.hold(other.all);
  }

  private hold(profiles: readonly Profile[]): void {
    this.all = profiles;
    this.byKey = new Map(profiles.map((profile) => [profile.key, profile]));
  }
}
