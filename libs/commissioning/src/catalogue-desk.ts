import {
  Catalogue,
  CatalogueError,
  effectiveRules,
  ownLayers,
  type CatalogueProblem,
  type Profile,
} from '@watchfire/catalogue';
import { type DeviceContext, type RuleLayerRow } from '@watchfire/registry';
import { checkKeys } from './device-input.js';
import { type InService } from './in-service.js';
import { bringInLine } from './line.js';

export interface CatalogueChange {
  /** Keys of the profiles that are now other than before, new ones included. */
  readonly profiles: readonly string[];
  /** How many devices got another configuration by it. */
  readonly devices: number;
}

/** What the journal says of a change that came from the files. */
const REASON = 'the catalogue was read again';

/** The files of the catalogue while the server runs: read again on request, and never half. */
export class CatalogueDesk {
  readonly #inService: InService;

  constructor(inService: InService) {
    this.#inService = inService;
  }

  /**
   * Gives each profile the version under which the registry has it: the file's, or one more than the newest where the file has
   * changed and its number has not risen. So a version says one thing for ever. Writes down what is new; returns its keys.
   */
  async settle(catalogue = this.#inService.deps.catalogue): Promise<string[]> {
    const { registry } = this.#inService.deps;
    const changed = await this.#differing(catalogue);
    const newest = new Map(
      (await registry.catalogueVersions.newest()).map(({ profile, version }) => [profile, version]),
    );
    for (const { key, version, file } of changed) {
      const next = Math.max(version, (newest.get(key) ?? 0) + 1);
      await registry.catalogueVersions.add({ profile: key, version: next, body: JSON.stringify(file) });
      newest.set(key, next);
    }
    catalogue.setVersions(newest);
    return changed.map(({ key }) => key);
  }

  /**
   * Reads the files again. Everything is checked first, with the overrides and the devices that there are; a bad file changes
   * nothing.
   *
   * @throws CatalogueError with everything that is wrong, each with file and path.
   */
  reload(by: string): Promise<CatalogueChange> {
    return this.#inService.inTurn(async () => {
      const { catalogue, registry } = this.#inService.deps;
      const next = await Catalogue.load(catalogue.directory);
      const devices = await registry.devices.all();
      const problems = this.#problems(next, devices, await registry.rules.all());
      if (problems.length > 0) throw new CatalogueError(problems);
      const profiles = await this.settle(next);
      catalogue.become(next);
      // All of them: what a failure kept from the journal the last time is made good as well.
      const changed = await bringInLine(this.#inService, devices, { actor: by, reason: REASON });
      for (const context of devices) {
        if (profiles.includes(context.device.profile)) await this.#inService.admit(context);
      }
      return { profiles, devices: changed };
    });
  }

  async #differing(catalogue: Catalogue): Promise<Profile[]> {
    const newest = await this.#inService.deps.registry.catalogueVersions.newest();
    const bodies = new Map(newest.map(({ profile, body }) => [profile, body]));
    return catalogue.profiles().filter(({ key, file }) => bodies.get(key) !== JSON.stringify(file));
  }

  #problems(
    next: Catalogue,
    devices: readonly DeviceContext[],
    rows: readonly RuleLayerRow[],
  ): CatalogueProblem[] {
    const problems: CatalogueProblem[] = [];
    const report = (key: string, path: string, message: string): void => {
      const known = problems.some((one) => one.path === path && one.message === message);
      if (!known) problems.push({ file: next.fileOf(key), path, message });
    };
    for (const context of devices) {
      const { id, profile: key, keys } = context.device;
      const profile = next.profile(key);
      if (profile === undefined) {
        report(key, '', `profile ${key} is gone, but there are devices of it`);
        continue;
      }
      try {
        checkKeys(profile, keys);
      } catch (error) {
        report(key, 'points', `device ${id}: ${error instanceof Error ? error.message : String(error)}`);
      }
      const own = ownLayers(context, rows);
      if (own.length === 0) continue;
      const before = new Set(leftOut(this.#inService.profile(key), own).map(({ text }) => text));
      for (const { path, text } of leftOut(profile, own)) {
        if (!before.has(text)) report(key, path, `${text} (override of device ${id})`);
      }
    }
    return problems;
  }
}

/** Everything in these layers that does not fit the profile. */
function leftOut(
  profile: Profile,
  rows: readonly RuleLayerRow[],
): { readonly path: string; readonly text: string }[] {
  return effectiveRules(profile, rows).flatMap((effective) =>
    effective.leftOut.map(({ layer, path, message }) => {
      const where = `rules.${effective.rule.key}.${path}`;
      return { path: where, text: `${where} as the ${layer} has it: ${message}` };
    }),
  );
}
