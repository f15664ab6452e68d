import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@watchfire/contracts';
import { Catalogue } from './catalogue.js';
import { loadDemoDistrict } from './demo-district.js';
import { type DemoDevice, type DemoDistrict } from './demo-schema.js';
import { CatalogueError } from './errors.js';
import { type Profile } from './model.js';

const DIRECTORY = 'config/demo';

let demo: DemoDistrict;
let catalogue: Catalogue;
beforeAll(async () => {
  demo = await loadDemoDistrict(DIRECTORY);
  catalogue = await Catalogue.load('config/catalogue');
});

function profileOf(device: DemoDevice): Profile {
  const found = catalogue.profile(device.profile);
  if (found === undefined) throw new Error(`${device.id}: no profile ${device.profile}`);
  return found;
}

describe('the district', () => {
  test('is about 40 sites over 3 streets with all six kinds of fire units', () => {
    expect(demo.grid.filter((cell) => cell.level === 'street')).toHaveLength(3);
    expect(demo.sites.length).toBeGreaterThanOrEqual(38);
    expect(demo.sites.length).toBeLessThanOrEqual(45);
    expect(new Set(demo.sites.map((site) => site.kind))).toEqual(
      new Set([
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
    );
    expect(demo.devices.length).toBeGreaterThanOrEqual(150);
    expect(demo.devices.length).toBeLessThanOrEqual(200);
  });

  test('every site lies in a community and has a device', () => {
    const level = new Map(demo.grid.map((cell) => [cell.code, cell.level]));
    for (const site of demo.sites) {
      expect([site.id, level.get(site.gridCode)]).toEqual([site.id, 'community']);
      expect(demo.devices.some((device) => device.site === site.id)).toBe(true);
    }
  });

  test('publishes 20 to 30 messages a second', () => {
    const rate = demo.devices.reduce((sum, device) => sum + 1 / device.simulation.publishSeconds, 0);
    expect(rate).toBeGreaterThanOrEqual(20);
    expect(rate).toBeLessThanOrEqual(30);
  });

  test('has one account for each role', () => {
    expect(demo.accounts.map((account) => account.role).sort()).toEqual([...ROLES].sort());
    for (const account of demo.accounts) {
      expect(account.role === 'enterprise').toBe(account.enterprise !== undefined);
    }
  });
});

test('what a device sends are points of its profile, of the right type', () => {
  for (const device of demo.devices) {
    const points = new Map(profileOf(device).points.map((point) => [point.key, point]));
    for (const key of Object.keys(device.simulation.signals)) expect(points.get(key)?.type).toBe('number');
    for (const [key, value] of Object.entries(device.simulation.states)) {
      expect([device.id, key, points.get(key)?.type]).toEqual([device.id, key, typeof value]);
    }
    for (const { event } of device.simulation.routine) {
      expect(Object.keys(profileOf(device).events)).toContain(event);
    }
  }
});

test('an ordinary day raises no alarm: every signal stays five deviations away from every limit', () => {
  for (const device of demo.devices) {
    const { signals, states, tankHeight } = device.simulation;
    const range = (key: string): readonly [low: number, high: number] | undefined => {
      const signal = key === 'level' ? signals['levelPercent'] : signals[key];
      if (signal === undefined) return undefined;
      const scale = key === 'level' ? (tankHeight ?? NaN) / 100 : 1;
      const reach = signal.amplitude + 5 * signal.noise;
      return [(signal.base - reach) * scale, (signal.base + reach) * scale];
    };
    for (const { key, condition } of profileOf(device).rules) {
      if (condition.kind === 'limit') {
        const [low, high] = range(condition.pointId) ?? [0, 0];
        for (const limit of condition.limits) {
          const quiet = limit.level.startsWith('H') ? high < limit.limit : low > limit.limit;
          expect([device.id, key, limit.level, quiet]).toEqual([device.id, key, limit.level, true]);
        }
      }
      if (condition.kind === 'discrete') {
        const state = states[condition.pointId];
        expect(condition.alarmValues.map((one) => one.value)).not.toContain(state);
        if (condition.normal) expect(condition.normal).toContain(state);
      }
    }
  }
});

describe('scenarios', () => {
  test('are the six stories, and know their devices', () => {
    expect(demo.scenarios.map((scenario) => scenario.key)).toEqual([
      'gas-leak',
      'tank-overfill',
      'area-risk',
      'fire-spread',
      'entrapment',
      'valve-stuck',
    ]);
    const devices = new Map(demo.devices.map((device) => [device.id, device]));
    for (const step of demo.scenarios.flatMap((scenario) => scenario.steps)) {
      const device = devices.get(step.device);
      if (device === undefined) throw new Error(`no device ${step.device}`);
      const points = new Map(profileOf(device).points.map((point) => [point.key, point.type]));
      if (step.do === 'ramp') expect(points.get(step.point)).toBe('number');
      if (step.do === 'event') expect(Object.keys(profileOf(device).events)).toContain(step.event);
      if (step.do === 'set') {
        for (const [key, value] of Object.entries(step.values)) expect(points.get(key)).toBe(typeof value);
      }
    }
  });

  test('give every device back in the end', () => {
    for (const scenario of demo.scenarios) {
      const released = scenario.steps.filter((step) => step.do === 'release').map((step) => step.device);
      expect(new Set(released)).toEqual(new Set(scenario.steps.map((step) => step.device)));
    }
  });

  test('the fire spreads within one group of buildings', () => {
    const spread = demo.scenarios.find((scenario) => scenario.key === 'fire-spread');
    const burning = spread?.steps.flatMap((step) =>
      step.do === 'event' && step.event === 'fire' ? [step.device] : [],
    );
    expect(burning?.length).toBeGreaterThanOrEqual(3);
    const sites = demo.devices.filter((device) => burning?.includes(device.id)).map((device) => device.site);
    expect(new Set(sites).size).toBe(1);
  });
});

test('broken references are all named', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'district-'));
  const original = await readFile(path.join(DIRECTORY, 'district.yaml'), 'utf8');
  const broken = original
    .replace("parentCode: '990101' }", "parentCode: '880101' }")
    .replace('behaves: fire-panel', 'behaves: strangely')
    .replace('device: dev-jiangfan-gas-1', 'device: dev-nowhere');
  await writeFile(path.join(directory, 'district.yaml'), broken);
  const error = await loadDemoDistrict(directory).catch((reason: unknown) => reason);
  await rm(directory, { recursive: true });
  expect(error).toBeInstanceOf(CatalogueError);
  expect((error as CatalogueError).problems.map((one) => `${one.path}: ${one.message}`)).toEqual([
    'grid.1.parentCode: 880101 does not exist',
    'sites.0.devices.0.behaves: strangely does not exist',
    'scenarios.0.steps.0.device: dev-nowhere does not exist',
  ]);
});
