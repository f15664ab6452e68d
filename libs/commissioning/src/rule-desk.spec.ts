import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deviceConfiguration } from '@watchfire/catalogue';
import { type RuleValue } from '@watchfire/contracts';
import { TemporaryRegistry } from '@watchfire/testing';
import fc from 'fast-check';
import { Workshop } from '../spec/workshop.js';
import { type RuleTarget } from './rule-target.js';

let workshop: Workshop<TemporaryRegistry>;
beforeEach(async () => {
  workshop = await Workshop.open(await TemporaryRegistry.open());
  const { commissioning } = workshop;
  for (const deviceId of ['d-1', 'd-2']) {
    await commissioning.createDevice({ siteId: 'site-a', profile: 'tank.atm', name: '罐', deviceId });
  }
});
afterEach(() => workshop.close());

const ruleKey = 'level-percent';
const onSite: RuleTarget = { layer: 'site', siteId: 'site-a', profile: 'tank.atm', ruleKey };
const onDevice: RuleTarget = { layer: 'device', deviceId: 'd-1', ruleKey };
const onPoint: RuleTarget = { layer: 'point', deviceId: 'd-1', pointKey: 'levelPercent', ruleKey };

function change(target: RuleTarget, values: Readonly<Record<string, RuleValue>>, reason = '设计值') {
  return workshop.commissioning.rules.change(target, { values, reason }, 'amy');
}

/** What the engine must have, by the pure function over what the registry has. */
async function expected(deviceId: string) {
  const { registry } = workshop.store;
  const context = await registry.devices.context(deviceId);
  const profile = workshop.catalogue.profile('tank.atm');
  if (context === undefined || profile === undefined) throw new Error('gone');
  return deviceConfiguration(context, profile, await registry.rules.all());
}

async function rule(deviceId: string) {
  const rules = await workshop.commissioning.rules.ofDevice(deviceId);
  const found = rules.find(({ key }) => key === ruleKey);
  if (found === undefined) throw new Error('no such rule');
  return found;
}

/** The server is killed and starts again: the engine replays the journal, then everything is brought in line. */
async function restart(): Promise<void> {
  workshop.broken = false;
  const before = JSON.stringify(workshop.engine.snapshot());
  expect(JSON.stringify(workshop.replay().snapshot()) === before).toBe(true);
  await workshop.commissioning.reconcile();
}

describe('a change of a rule', () => {
  it('[RU10] is in the registry, then in the journal of each device that it touches, with who, why and version', async () => {
    const before = workshop.records.length;
    await change(onSite, { 'limits.H.limit': 80 });
    const version = (workshop.catalogue.profile('tank.atm')?.version ?? 0) + 1;
    expect(workshop.records.slice(before)).toEqual(
      ['d-1', 'd-2'].map((deviceId) => ({
        kind: 'configure',
        device: expect.objectContaining({ deviceId }),
        change: { actor: 'amy', reason: '设计值', rule: ruleKey, version },
      })),
    );
    expect((await rule('d-2')).version).toBe(version);
    expect(workshop.engine.device('d-2')).toEqual(await expected('d-2'));
  });

  it('[RU1] of a site holds for a device that comes later, and for one that gets its credential again', async () => {
    await change(onSite, { 'limits.H.limit': 80 });
    const { commissioning } = workshop;
    await commissioning.createDevice({ siteId: 'site-a', profile: 'tank.atm', name: '罐', deviceId: 'd-3' });
    expect(workshop.engine.device('d-3')).toEqual(await expected('d-3'));
    expect(await rule('d-3')).toMatchObject({ layers: { site: 1, device: 0, point: 0 } });
    await commissioning.changeDevice('d-3', { name: '新名' });
    expect(workshop.engine.device('d-3')).toEqual(await expected('d-3'));
  });

  it('[RU8] that does not fit is refused with its path, and nothing is changed', async () => {
    await change(onDevice, { 'limits.H.limit': 60, 'limits.HH.limit': 70 });
    const before = workshop.records.length;
    const cases: [RuleTarget, Readonly<Record<string, RuleValue>>, string][] = [
      [onDevice, { 'limits.H.limit': 99 }, 'limits'],
      [onDevice, { 'limits.X.limit': 99 }, 'limits.X.limit'],
      [onSite, { 'limits.HH.limit': 99, 'limits.HH.priority': 'pink' }, 'limits.HH.priority'],
      [{ ...onPoint, pointKey: 'temp' }, {}, 'pointId'],
    ];
    for (const [target, values, path] of cases) {
      const problems = [expect.objectContaining({ path })];
      await expect(change(target, values)).rejects.toMatchObject({ code: 'rule_invalid', problems });
    }
    expect(workshop.records).toHaveLength(before);
    expect(await workshop.store.registry.rules.all()).toHaveLength(1);
  });

  it('[RU8] of a site that one of its devices cannot bear names the device', async () => {
    await change(onDevice, { 'limits.HH.limit': 92 });
    const refused = change(onSite, { 'limits.H.limit': 93, 'limits.HH.limit': 99 });
    const problems = [{ path: 'limits', message: expect.stringContaining('d-1') }];
    await expect(refused).rejects.toMatchObject({ code: 'rule_invalid', problems });
    expect((await rule('d-2')).layers.site).toBe(0);
  });

  it('[RU9] by somebody who saw an older version is refused', async () => {
    const { rules } = workshop.commissioning;
    const put = (baseVersion: number) =>
      rules.change(onDevice, { values: {}, reason: 'x', baseVersion }, 'bob');
    await put(0);
    await expect(put(0)).rejects.toMatchObject({ code: 'rule_moved_on' });
    await put(1);
  });

  it('of what does not exist is refused by name', async () => {
    const wrong: [RuleTarget, string][] = [
      [{ ...onDevice, ruleKey: 'nothing' }, 'rule_unknown'],
      [{ layer: 'device', deviceId: 'nobody', ruleKey }, 'device_unknown'],
      [{ layer: 'site', siteId: 'nowhere', profile: 'tank.atm', ruleKey }, 'site_unknown'],
      [{ layer: 'site', siteId: 'site-a', profile: 'nothing', ruleKey }, 'profile_unknown'],
    ];
    for (const [target, code] of wrong) await expect(change(target, {})).rejects.toMatchObject({ code });
  });
});

describe('the versions of a rule', () => {
  it('[RU7] can be gone back to, which is a new version; values keep the layers beneath', async () => {
    const { rules } = workshop.commissioning;
    await change(onSite, { 'limits.H.limit': 80 });
    await change(onDevice, { 'limits.H.limit': 70, enabled: false });
    await change(onDevice, { 'limits.H.limit': 75 });
    await rules.revert(onDevice, { layerVersion: 1, reason: '恢复' }, 'bob');
    expect(await rule('d-1')).toMatchObject({ enabled: false, layers: { site: 1, device: 3 } });
    await rules.revert(onDevice, { layerVersion: 0, reason: '撤销' }, 'bob');
    expect(await rule('d-1')).toMatchObject({ enabled: true, layers: { site: 1, device: 4 } });
    const life = await rules.versions(onDevice);
    const base = workshop.catalogue.profile('tank.atm')?.version ?? 0;
    expect(life.map(({ version }) => version - base)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(life[0]).toMatchObject({
      by: 'bob',
      reason: '撤销',
      changes: [
        { path: 'limits.H.limit', from: 70, to: 80 },
        { path: 'enabled', from: false, to: true },
      ],
    });
    const unknown = rules.revert(onDevice, { layerVersion: 9, reason: 'x' }, 'bob');
    await expect(unknown).rejects.toMatchObject({ code: 'rule_version_unknown' });
  });
});

describe('an alarm that is open', () => {
  const reading = (levelPercent: number) => {
    const now = workshop.store.clock.now();
    workshop.apply({
      kind: 'reading',
      deviceId: 'd-1',
      receivedAt: now,
      ts: now,
      samples: [['d-1.levelPercent', levelPercent]],
    });
  };

  it('[RU12] keeps the version that raised it, and says who ended it by a change', async () => {
    await change(onDevice, { onDelaySeconds: 0 });
    reading(92);
    const raisedBy = (await rule('d-1')).version;
    const open = () => [...workshop.engine.alarms()].find((alarm) => alarm.rule === ruleKey);
    expect(open()).toMatchObject({ level: 'H', ruleVersion: raisedBy });
    await change(onDevice, { onDelaySeconds: 5 });
    expect(open()).toMatchObject({ level: 'H', ruleVersion: raisedBy });
    expect((await rule('d-1')).version).toBe(raisedBy + 1);
    await change(onDevice, { enabled: false }, '罐已退役');
    expect(open()).toBeUndefined();
    expect(workshop.transitions.at(-1)).toMatchObject({ type: 'removed', actor: 'amy', comment: '罐已退役' });
  });
});

describe('a server that is killed between the registry and the journal', () => {
  it('[RU11] journals at its next start what was lost, with who and why, once', async () => {
    await change(onSite, { 'limits.H.limit': 80 });
    workshop.store.clock.advance(1_000);
    workshop.broken = true;
    await expect(change(onDevice, { enabled: false }, '检修')).rejects.toThrow('killed');
    const before = workshop.records.length;
    await restart();
    const version = (await rule('d-1')).version;
    expect(workshop.records.slice(before)).toEqual([
      {
        kind: 'configure',
        device: await expected('d-1'),
        change: { actor: 'amy', reason: '检修', rule: ruleKey, version },
      },
    ]);
    await restart();
    expect(workshop.records).toHaveLength(before + 1);
  });
});

it('[RU1] [RU11] after any changes, crashes and starts the engine has what the pure function says', async () => {
  const act = fc.oneof(
    fc.record({
      target: fc.constantFrom(onSite, onDevice, onPoint),
      values: fc.record(
        {
          'limits.H.limit': fc.integer({ min: 10, max: 99 }),
          'limits.HH.limit': fc.integer({ min: 10, max: 99 }),
          onDelaySeconds: fc.integer({ min: -1, max: 60 }),
          enabled: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      crash: fc.boolean(),
    }),
    fc.constant('restart' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
      for (const one of acts) {
        if (one === 'restart') {
          await restart();
          continue;
        }
        workshop.broken = one.crash;
        await change(one.target, one.values as Readonly<Record<string, RuleValue>>).catch(() => undefined);
        if (one.crash) await restart();
      }
      for (const id of ['d-1', 'd-2']) expect(workshop.engine.device(id)).toEqual(await expected(id));
    }),
    { numRuns: 15 },
  );
});
