import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  districtFile,
  type DemoDevice,
  type DemoDistrict,
  type DemoSimulation,
  type DeviceFile,
  type DistrictFile,
} from './demo-schema.js';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { parseYaml } from './yaml-file.js';

const FILE = 'district.yaml';

/**
 * Reads `district.yaml` of the directory (`config/demo`).
 *
 * @throws CatalogueError with everything that is wrong.
 */
export async function loadDemoDistrict(directory: string): Promise<DemoDistrict> {
  const file = path.join(directory, FILE);
  const problems: CatalogueProblem[] = [];
  const read = parseYaml(file, await readFile(file, 'utf8'), districtFile, problems);
  if (read !== undefined) problems.push(...brokenReferences(file, read));
  if (read === undefined || problems.length > 0) throw new CatalogueError(problems);
  return {
    name: read.name,
    grid: read.grid,
    enterprises: read.enterprises,
    sites: read.sites.map(({ id, enterprise, name, kind, gridCode, longitude, latitude }) => ({
      id,
      enterprise,
      name,
      kind,
      gridCode,
      longitude,
      latitude,
    })),
    devices: read.sites.flatMap((one) => one.devices.flatMap((each) => toDevice(one.id, each, read) ?? [])),
    groups: read.sites.flatMap((one) => one.groups.map((each) => ({ ...each, site: one.id }))),
    accounts: read.accounts,
    scenarios: read.scenarios,
  };
}

function toDevice(siteId: string, one: DeviceFile, read: DistrictFile): DemoDevice | undefined {
  const behaves = read.behaviours[one.behaves];
  if (behaves === undefined) return undefined;
  const { profile, ...simulation } = behaves;
  const signals = Object.entries(simulation.signals).map(([key, each]) => [
    key,
    { ...each, base: one.base[key] ?? each.base },
  ]);
  const tankHeight = one.tankHeight ?? simulation.tankHeight;
  const car = simulation.lift && { ...simulation.lift, floors: one.floors ?? simulation.lift.floors };
  return {
    id: one.id,
    site: siteId,
    profile,
    name: one.name,
    simulation: {
      ...simulation,
      signals: Object.fromEntries(signals) as DemoSimulation['signals'],
      ...(tankHeight !== undefined && { tankHeight }),
      ...(car && { lift: car }),
    },
  };
}

function brokenReferences(file: string, read: DistrictFile): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  const cells = unique(read.grid, (one) => one.code, 'grid');
  const enterprises = unique(read.enterprises, (one) => one.id, 'enterprises');
  unique(read.sites, (one) => one.id, 'sites');
  const devices = unique(
    read.sites.flatMap((one) => [...one.devices, ...one.groups]),
    (one) => one.id,
    'devices',
  );
  const behaviours = new Set(Object.keys(read.behaviours));
  unique(read.accounts, (one) => one.username, 'accounts');
  unique(read.scenarios, (one) => one.key, 'scenarios');

  read.grid.forEach((one, index) => refers(cells, one.parentCode, `grid.${index}.parentCode`));
  read.sites.forEach((one, index) => {
    refers(enterprises, one.enterprise, `sites.${index}.enterprise`);
    refers(cells, one.gridCode, `sites.${index}.gridCode`);
    const own = new Set(one.devices.map((each) => each.id));
    one.groups.forEach((each, at) => {
      for (const { pointId } of each.members) {
        refers(own, pointId.split('.')[0], `sites.${index}.groups.${at}.members`);
      }
    });
    one.devices.forEach((each, at) => {
      refers(behaviours, each.behaves, `sites.${index}.devices.${at}.behaves`);
      const known = new Set(Object.keys(read.behaviours[each.behaves]?.signals ?? {}));
      for (const key of Object.keys(each.base))
        refers(known, key, `sites.${index}.devices.${at}.base.${key}`);
    });
  });
  read.accounts.forEach((one, index) => refers(enterprises, one.enterprise, `accounts.${index}.enterprise`));
  read.scenarios.forEach((one, index) =>
    one.steps.forEach((each, at) => {
      refers(devices, each.device, `scenarios.${index}.steps.${at}.device`);
      if (each.at < (one.steps[at - 1]?.at ?? 0)) {
        report(`scenarios.${index}.steps.${at}.at`, 'steps must be in order');
      }
    }),
  );
  return problems;

  function report(where: string, message: string): void {
    problems.push({ file, path: where, message });
  }
  function unique<T>(rows: readonly T[], key: (row: T) => string, where: string): ReadonlySet<string> {
    const seen = new Set<string>();
    rows.forEach((row, index) => {
      if (seen.has(key(row))) report(`${where}.${index}`, `${key(row)} is there twice`);
      seen.add(key(row));
    });
    return seen;
  }
  function refers(known: ReadonlySet<string>, key: string | null | undefined, where: string): void {
    if (key !== null && key !== undefined && !known.has(key)) report(where, `${key} does not exist`);
  }
}
