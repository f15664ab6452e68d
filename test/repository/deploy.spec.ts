import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '@watchfire/settings';
import { type ComposeFile, type Service, readCompose } from '../support/compose-file.js';

const root = join(import.meta.dirname, '../..');
const deploy = join(root, 'deploy');
const FILES = ['compose.yaml', 'compose.influxdb-1.8.yaml', 'compose.influxdb-3.yaml'];
const SECRET_WORDS = /password|token|secret|key|credential/i;

describe.each(FILES)('deploy/%s', (name) => {
  let file: ComposeFile;
  let services: readonly (readonly [string, Service])[];
  beforeAll(async () => {
    file = await readCompose(join(deploy, name));
    services = Object.entries(file.services);
  });

  it('has the server and InfluxDB, each with health, limits, a log that ends and a restart for ever', () => {
    expect(Object.keys(file.services).sort()).toEqual(['influxdb', 'watchfire']);
    for (const [, service] of services) {
      expect(service).toMatchObject({ restart: 'unless-stopped' });
      expect(service.healthcheck?.test.length).toBeGreaterThan(1);
      expect(service.deploy?.resources.limits).toMatchObject({
        cpus: expect.any(String),
        memory: expect.any(String),
      });
      expect(service.logging?.options).toMatchObject({
        'max-size': expect.any(String),
        'max-file': expect.any(String),
      });
      expect(service.security_opt).toContain('no-new-privileges:true');
    }
  });

  it('names each image with its version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(file.services['watchfire']?.image).toBe(`watchfire:${version}`);
    for (const [, { image }] of services) expect(image).toMatch(/^[a-z/]+:\d[\w.-]*$/);
  });

  it('refers to volumes, networks and secrets that it has, and has none that nobody uses', () => {
    const named = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0]!).filter((source) => !source.startsWith('.')),
    );
    const used = (of: 'secrets' | 'networks') => [
      ...new Set(services.flatMap(([, service]) => service[of] ?? [])),
    ];
    expect([...new Set(named)].sort()).toEqual(Object.keys(file.volumes).sort());
    expect(used('secrets').sort()).toEqual(Object.keys(file.secrets).sort());
    expect(used('networks').sort()).toEqual(Object.keys(file.networks).sort());
    const mounted = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0]!),
    );
    for (const source of mounted.filter((path) => path.startsWith('.') && path !== './backups'))
      expect(existsSync(join(deploy, source))).toBe(true);
  });

  it('keeps InfluxDB and everything secret off the network of devices and out of the file', () => {
    expect(file.services['influxdb']?.ports).toBeUndefined();
    expect(file.services['influxdb']?.networks).toEqual(['stores']);
    expect(file.networks['stores']).toEqual({ internal: true });
    for (const [secret, { file: path }] of Object.entries(file.secrets))
      expect(path).toBe(`./secrets/${secret}`);
    for (const [, { environment = {}, secrets = [] }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!SECRET_WORDS.test(variable)) continue;
        expect(variable).toMatch(/_FILE$/);
        expect(secrets.map((secret) => `/run/secrets/${secret}`)).toContain(value);
      }
    }
  });

  it('gives the server nothing but its own token', () => {
    expect(file.services['watchfire']?.secrets).toEqual(['admin_password', 'influx_token']);
  });

  describe('with the settings of the server', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'watchfire-deploy-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('sets only what the server knows, and points it to InfluxDB beside it', async () => {
      const { environment = {}, secrets = [] } = file.services['watchfire']!;
      for (const secret of secrets) await writeFile(join(folder, secret), `text-of-${secret}\n`);
      const settings = await loadSettings({
        defaults: join(root, 'config/default.yaml'),
        environment: Object.fromEntries(
          Object.entries(environment).map(([variable, value]) => [
            variable,
            value.replace('/run/secrets', folder),
          ]),
        ),
      });
      expect(settings.adminPassword).toBe('text-of-admin_password');
      expect(settings.history).toMatchObject({
        adapter: 'influxdb',
        influx: { token: 'text-of-influx_token' },
      });
      const url = new URL(settings.history.influx.url);
      expect(url.hostname).toBe('influxdb');
      const health = file.services['influxdb']!.healthcheck!.test.join(' ');
      // `influx ping` asks the default port.
      expect(health).toContain(
        url.port === '8086' && health.includes('influx ping') ? 'influx ping' : `:${url.port}/`,
      );
    });
  });
});

describe('what InfluxDB keeps', () => {
  it('is made as the settings say by default, on 2.7 and on 1.8', async () => {
    const { history } = await loadSettings({ defaults: join(root, 'config/default.yaml'), environment: {} });
    const { telemetryDays, minuteDays, hourDays, alarmDays } = history;
    const compose = await readCompose(join(deploy, 'compose.yaml'));
    expect(compose.services['influxdb']?.environment).toMatchObject({
      DOCKER_INFLUXDB_INIT_RETENTION: `${telemetryDays}d`,
    });
    const setUp = await readFile(join(deploy, 'set-up.sh'), 'utf8');
    const policies = await readFile(join(deploy, 'influxdb/tiers.iql'), 'utf8');
    expect(policies).toContain(`"autogen" ON "watchfire" DURATION ${telemetryDays}d`);
    for (const [tier, days] of Object.entries({ minutes: minuteDays, hours: hourDays, alarms: alarmDays })) {
      expect(setUp).toContain(`[watchfire/${tier}]=${days}d`);
      expect(policies).toContain(`"${tier}" ON "watchfire" DURATION ${days}d`);
    }
  });
});

describe('deploy/Dockerfile', () => {
  const COPIED = /^COPY --from=build (.+) \S+$/gm;
  let text: string;
  beforeAll(async () => {
    text = await readFile(join(deploy, 'Dockerfile'), 'utf8');
  });

  it('is made from one image with its version, and does not run as root', () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases)).toEqual(new Set(['node:20-bookworm-slim']));
    const last = text.slice(text.lastIndexOf('FROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK [\s\S]*\/health\/ready/m);
    expect(last).not.toMatch(/^(ENV|ARG) .*(PASSWORD|TOKEN|SECRET)/im);
  });

  it('takes along what the program looks for beside itself', () => {
    const copied = [...text.matchAll(COPIED)].flatMap(([, paths]) => paths!.split(' '));
    expect(copied.map((path) => path.replace('/build/', '')).sort()).toEqual(
      ['LICENSE', 'config', 'dist', 'nest-cli.json', 'package.json'].sort(),
    );
  });

  it('installs everything that the built programs import', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { readonly dev?: boolean }>;
    };
    const installed = (name: string): boolean => {
      const entry = lock.packages[`node_modules/${name}`];
      return entry !== undefined && entry.dev !== true;
    };
    const imported = new Set<string>();
    for (const folder of ['apps/server', 'apps/simulator', 'libs']) {
      for (const entry of await readdir(join(root, 'dist', folder), { recursive: true })) {
        if (!entry.endsWith('.js')) continue;
        const code = await readFile(join(root, 'dist', folder, entry), 'utf8');
        for (const [, specifier] of code.matchAll(
          /^(?:import|export) (?:[^'"]* from )?['"]([^'".][^'"]*)['"];$/gm,
        ))
          imported.add(specifier!);
      }
    }
    const packages = [...imported]
      .filter((specifier) => !specifier.startsWith('node:'))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect(packages).toContain('aedes');
    expect([...new Set(packages)].filter((name) => !installed(name))).toEqual([]);
  });
});
