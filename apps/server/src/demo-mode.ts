import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoDevice, type DemoDistrict } from '@watchfire/catalogue';
import { type Commissioning } from '@watchfire/commissioning';
import { type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';

/**
 * What demo mode changes below everything that the user sets: its own data folder; this machine only, because its accounts
 * are published; and a log for a person at a terminal, who is told what to do by the launcher.
 */
export const DEMO_SETTINGS = {
  data: './data/demo-district',
  log: { level: 'warn' },
  http: { host: '127.0.0.1' },
  mqtt: { host: '127.0.0.1' },
} as const;

/** What the simulator needs to connect as the district's devices. */
export interface DemoCredentials {
  readonly mqttUrl: string;
  /** Where fire-control rooms connect, on this machine; `null`: nowhere. */
  readonly firePort: number | null;
  readonly devices: Readonly<Record<string, string>>;
}

const MARK = 'demo/credentials.json';

export class DemoDataError extends Error {
  readonly code = 'demo_data';

  constructor(folder: string) {
    super(
      `The data folder ${folder} was made by demo mode, and its accounts have published passwords. ` +
        'Use another folder (WATCHFIRE_DATA), or start with --demo.',
    );
    this.name = 'DemoDataError';
  }
}

/** @throws DemoDataError when a real centre is started on the data of a demo. */
export async function refuseDemoData(dataFolder: string): Promise<void> {
  if ((await readCredentials(dataFolder)) !== undefined) throw new DemoDataError(dataFolder);
}

export interface DemoDependencies {
  readonly registry: Registry;
  readonly commissioning: Commissioning;
  readonly dataFolder: string;
  readonly log: Logger;
}

/** Brings the district into service where it is not yet, and returns a password for each of its devices. */
export async function loadDistrict(
  district: DemoDistrict,
  { registry, commissioning, dataFolder, log }: DemoDependencies,
): Promise<Record<string, string>> {
  // Written first: from the first account on, this folder must never be taken for a real centre's.
  const known = await readCredentials(dataFolder);
  if (known === undefined) await writeCredentials(dataFolder, { mqttUrl: '', firePort: null, devices: {} });
  const devices: Record<string, string> = {};
  await registry.grid.upsert([...district.grid]);
  for (const enterprise of district.enterprises) {
    if ((await registry.enterprises.find(enterprise.id)) === undefined) {
      await commissioning.createEnterprise(enterprise);
    }
  }
  for (const { enterprise, ...account } of district.accounts) {
    if ((await registry.users.findByUsername(account.username)) === undefined) {
      await registry.users.create({ ...account, enterpriseId: enterprise ?? null });
    }
  }
  for (const { enterprise, longitude, latitude, ...site } of district.sites) {
    if ((await registry.sites.find(site.id)) === undefined) {
      await commissioning.createSite({
        ...site,
        enterpriseId: enterprise,
        location: { longitude, latitude },
      });
    }
  }
  for (const device of district.devices) devices[device.id] = await passwordOf(device);
  for (const { id, site, ...group } of district.groups) {
    if ((await registry.devices.find(id)) !== undefined) continue;
    await commissioning.createDevice({ deviceId: id, siteId: site, ...group }, 'demo');
  }
  log.info({ sites: district.sites.length, devices: district.devices.length }, 'demo district loaded');
  return devices;

  async function passwordOf({ id, site, profile, name }: DemoDevice): Promise<string> {
    if ((await registry.devices.find(id)) !== undefined) {
      const renew = { kind: 'password', overlapMs: 0 } as const;
      return known?.devices[id] ?? (await commissioning.credentials.issue(id, renew, 'demo')).password;
    }
    const made = await commissioning.createDevice({ deviceId: id, siteId: site, profile, name }, 'demo');
    return made.credential?.password ?? '';
  }
}

/** For this user only: they are passwords, even if of devices that do not exist. */
export async function writeCredentials(dataFolder: string, credentials: DemoCredentials): Promise<void> {
  const file = join(dataFolder, MARK);
  await mkdir(join(dataFolder, 'demo'), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

async function readCredentials(dataFolder: string): Promise<DemoCredentials | undefined> {
  try {
    return JSON.parse(await readFile(join(dataFolder, MARK), 'utf8')) as DemoCredentials;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
