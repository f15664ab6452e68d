import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { Workshop } from '../spec/workshop.js';
import { type RuleApprovalError } from './errors.js';

let folder: string;
let workshop: Workshop<TemporaryRegistry>;
let before: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-catalogue-'));
  await cp('config/catalogue', folder, { recursive: true });
  workshop = await Workshop.open(await TemporaryRegistry.open(), {}, folder);
  const { commissioning } = workshop;
  await commissioning.createDevice({
    siteId: 'site-a',
    profile: 'gas.lel.point',
    name: '探',
    deviceId: 'gas',
  });
  await commissioning.createDevice({ siteId: 'site-a', profile: 'lift', name: '梯', deviceId: 'lift' });
  before = workshop.records.length;
});
afterEach(async () => {
  await workshop.close();
  await rm(folder, { recursive: true, force: true });
});

async function edit(from: string, to: string, name = 'gas.lel.point.yaml'): Promise<void> {
  const file = join(folder, name);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

const H = 'H: { limit: { value: 25,';
const limitsOf = (deviceId: string) =>
  JSON.stringify(workshop.engine.device(deviceId)?.rules.find(({ key }) => key === 'conc-high')?.condition);

describe('a catalogue that is read again', () => {
  it('[RU13] configures the devices whose rules have changed, and no others', async () => {
    await edit(H, H.replace('25', '20'));
    const done = await workshop.commissioning.catalogue.reload('root');
    expect(done).toEqual({ profiles: ['gas.lel.point'], devices: 1 });
    expect(workshop.records.slice(before)).toMatchObject([
      { kind: 'configure', device: { deviceId: 'gas' }, change: { actor: 'root' } },
    ]);
    expect(limitsOf('gas')).toContain('"limit":20');
    expect(await workshop.commissioning.catalogue.reload('root')).toEqual({ profiles: [], devices: 0 });
  });

  it('[RU13] with a bad file changes nothing and says where', async () => {
    await edit(H, H.replace('25', '"much"'));
    await edit('version: 2', 'version: 3');
    const refused = workshop.commissioning.catalogue.reload('root');
    await expect(refused).rejects.toMatchObject({
      problems: [
        { file: join(folder, 'gas.lel.point.yaml'), path: 'rules.0.condition.limits.H.limit.value' },
      ],
    });
    expect(workshop.records).toHaveLength(before);
    expect(workshop.catalogue.profile('gas.lel.point')?.version).toBe(2);
  });

  it('[RU13] that an override no longer fits, or that has lost the profile of a device, is bad as well', async () => {
    const { rules, catalogue } = workshop.commissioning;
    const target = { layer: 'device', deviceId: 'gas', ruleKey: 'conc-high' } as const;
    const change = { values: { 'limits.H.limit': 45 }, reason: 'x' };
    const asked = (await rules
      .change(target, change, 'amy')
      .catch((error: unknown) => error)) as RuleApprovalError;
    await rules.change(target, change, 'amy', { by: 'bob', seen: asked.seen });
    await edit('HH: { limit: { value: 50,', 'HH: { limit: { value: 40,');
    await expect(catalogue.reload('root')).rejects.toMatchObject({
      problems: [{ path: 'rules.conc-high.limits', message: expect.stringContaining('gas') }],
    });
    await rm(join(folder, 'lift.yaml'));
    await expect(catalogue.reload('root')).rejects.toThrow('profile lift is gone');
  });

  it('[RU14] gives what has changed a version that was never used, at a start as well', async () => {
    const version = () => workshop.catalogue.profile('gas.lel.point')?.version;
    await edit(H, H.replace('25', '20'));
    await workshop.commissioning.catalogue.reload('root');
    expect(version()).toBe(3);
    await edit(H.replace('25', '20'), H);
    await edit('version: 2', 'version: 7');
    await workshop.commissioning.catalogue.reload('root');
    expect(version()).toBe(7);
    await edit('version: 7', 'version: 1');
    await workshop.commissioning.catalogue.reload('root');
    expect(version()).toBe(8);
    await workshop.commissioning.reconcile();
    expect(version()).toBe(8);
    const life = await workshop.commissioning.rules.versions({
      layer: 'device',
      deviceId: 'gas',
      ruleKey: 'conc-high',
    });
    expect(life.map(({ layer, version: one }) => [layer, one])).toEqual([
      ['catalogue', 7],
      ['catalogue', 3],
      ['catalogue', 2],
    ]);
  });
});
