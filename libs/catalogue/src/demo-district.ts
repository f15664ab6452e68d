import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEVICE_ID_PATTERN, POINT_KEY_PATTERN, ROLES } from '@watchfire/contracts';
import { z } from 'zod';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { bilingual } from './text-schema.js';
import { parseYaml } from './yaml-file.js';

/**
 * The invented district of the demo: what the server registers, how its devices behave, and the stories that can be played
 * on it. Every name in it is invented.
 */
const id = z.string().regex(DEVICE_ID_PATTERN);
const pointKey = z.string().regex(POINT_KEY_PATTERN);
const value = z.union([z.number(), z.boolean(), z.string()]);
const seconds = z.number().min(0).max(86_400);

/** A number that wanders: `base` + a sine of `amplitude` and `periodSeconds` + normal noise of the deviation `noise`. */
const signal = z.strictObject({
  base: z.number(),
  noise: z.number().min(0).default(0),
  amplitude: z.number().min(0).default(0),
  periodSeconds: z.number().positive().default(86_400),
});

/** A car that goes between `floors` landings; all points of the `lift` profile follow from it. */
const lift = z.strictObject({
  floors: z.number().int().min(2).max(60),
  tripsPerHour: z.number().positive().max(120),
  /** Rated speed, m/s. */
  speed: z.number().positive().max(20),
});

const simulation = z.strictObject({
  /** One telemetry message this often. */
  publishSeconds: z.number().min(0.1).max(3_600),
  /** Numbers that wander, by point key. */
  signals: z.record(pointKey, signal).default({}),
  /** Values that stay as they are until a scenario changes them, by point key. */
  states: z.record(pointKey, value).default({}),
  /** Height of a tank in metres: `level` is this much of `levelPercent`. */
  tankHeight: z.number().positive().max(30).optional(),
  lift: lift.optional(),
});

const device = z.strictObject({
  id,
  site: id,
  profile: z.string().min(1).max(64),
  name: z.string().min(1).max(120),
  simulation,
});

const step = z.discriminatedUnion('do', [
  /** The point goes in a straight line from where it is to `to` within `seconds`, and stays there. */
  z.strictObject({
    at: seconds,
    do: z.literal('ramp'),
    device: id,
    point: pointKey,
    to: z.number(),
    seconds,
  }),
  /** The points take these values at once, are published at once, and stay. */
  z.strictObject({ at: seconds, do: z.literal('set'), device: id, values: z.record(pointKey, value) }),
  /** A device event is published; the values that the profile gives it hold from then on. */
  z.strictObject({ at: seconds, do: z.literal('event'), device: id, event: z.string().min(1).max(64) }),
  /** The device goes back to its own simulation. */
  z.strictObject({ at: seconds, do: z.literal('release'), device: id }),
]);

const scenario = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  title: bilingual,
  description: bilingual,
  /** In order of `at`, seconds after the start. */
  steps: z.array(step).min(1),
});

const cell = z.strictObject({
  code: z.string().min(1).max(32),
  name: z.string().min(1).max(120),
  level: z.enum(['district', 'street', 'community']),
  parentCode: z.string().max(32).nullable(),
});

const site = z.strictObject({
  id,
  enterprise: id,
  name: z.string().min(1).max(120),
  kind: z.enum([
    'heritage-building',
    'high-fire-risk',
    'hospital',
    'elderly-home',
    'entertainment-venue',
    'budget-hotel',
    'tank-farm',
    'gas-user',
    'residential-tower',
  ]),
  gridCode: z.string().min(1).max(32),
  /** WGS 84 degrees. */
  longitude: z.number().min(-180).max(180),
  latitude: z.number().min(-90).max(90),
});

const account = z.strictObject({
  username: z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/),
  displayName: z.string().min(1).max(120),
  role: z.enum(ROLES),
  /** Public: these accounts exist in demo mode only. */
  password: z.string().min(12).max(256),
  enterprise: id.optional(),
});

const district = z.strictObject({
  name: bilingual,
  grid: z.array(cell).min(1),
  enterprises: z.array(z.strictObject({ id, name: z.string().min(1).max(120) })).min(1),
  sites: z.array(site).min(1),
  devices: z.array(device).min(1),
  accounts: z.array(account).min(1),
  scenarios: z.array(scenario),
});

export type DemoDistrict = z.output<typeof district>;
export type DemoSite = DemoDistrict['sites'][number];
export type DemoDevice = DemoDistrict['devices'][number];
export type DemoAccount = DemoDistrict['accounts'][number];
export type DemoSimulation = DemoDevice['simulation'];
export type DemoSignal = DemoSimulation['signals'][string];
export type DemoScenario = DemoDistrict['scenarios'][number];
export type DemoStep = DemoScenario['steps'][number];

const FILE = 'district.yaml';

/**
 * Reads `district.yaml` of the directory (`config/demo`).
 *
 * @throws CatalogueError with everything that is wrong.
 */
export async function loadDemoDistrict(directory: string): Promise<DemoDistrict> {
  const file = path.join(directory, FILE);
  const problems: CatalogueProblem[] = [];
  const read = parseYaml(file, await readFile(file, 'utf8'), district, problems);
  if (read !== undefined) problems.push(...brokenReferences(file, read));
  if (read === undefined || problems.length > 0) throw new CatalogueError(problems);
  return read;
}

function brokenReferences(file: string, read: DemoDistrict): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  const cells = unique(read.grid, (one) => one.code, 'grid');
  const enterprises = unique(read.enterprises, (one) => one.id, 'enterprises');
  const sites = unique(read.sites, (one) => one.id, 'sites');
  const devices = unique(read.devices, (one) => one.id, 'devices');
  unique(read.accounts, (one) => one.username, 'accounts');
  unique(read.scenarios, (one) => one.key, 'scenarios');

  read.grid.forEach((one, index) => refers(cells, one.parentCode, `grid.${index}.parentCode`));
  read.sites.forEach((one, index) => {
    refers(enterprises, one.enterprise, `sites.${index}.enterprise`);
    refers(cells, one.gridCode, `sites.${index}.gridCode`);
  });
  read.devices.forEach((one, index) => refers(sites, one.site, `devices.${index}.site`));
  read.accounts.forEach((one, index) => refers(enterprises, one.enterprise, `accounts.${index}.enterprise`));
  read.scenarios.forEach((one, index) =>
    one.steps.forEach((each, at) => {
      refers(devices, each.device, `scenarios.${index}.steps.${at}.device`);
      if (each.at < (one.steps[at - 1]?.at ?? 0))
        report(`scenarios.${index}.steps.${at}.at`, 'steps must be in order');
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
