import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RuleValue } from '@watchfire/contracts';
import { TemporaryRegistry } from '@watchfire/testing';
import { Workshop } from '../spec/workshop.js';
import { RuleApprovalError } from './errors.js';
import { type RuleApproval } from './rule-desk.js';
import { type RuleTarget } from './rule-target.js';

let workshop: Workshop<TemporaryRegistry>;
beforeEach(async () => {
  workshop = await Workshop.open(await TemporaryRegistry.open());
  await create('gas-1');
});
afterEach(() => workshop.close());

function create(deviceId: string) {
  const device = { siteId: 'site-a', profile: 'gas.lel.point', name: '探测器', deviceId };
  return workshop.commissioning.createDevice(device);
}

const ruleKey = 'conc-high';
const onSite: RuleTarget = { layer: 'site', siteId: 'site-a', profile: 'gas.lel.point', ruleKey };
const onDevice: RuleTarget = { layer: 'device', deviceId: 'gas-1', ruleKey };
const onPoint: RuleTarget = { layer: 'point', deviceId: 'gas-1', pointKey: 'conc', ruleKey };
type Values = Readonly<Record<string, RuleValue>>;

function change(target: RuleTarget, values: Values, approval?: RuleApproval) {
  return workshop.commissioning.rules.change(target, { values, reason: '设计值' }, 'amy', approval);
}

function revert(target: RuleTarget, layerVersion: number, approval?: RuleApproval) {
  return workshop.commissioning.rules.revert(target, { layerVersion, reason: '恢复' }, 'amy', approval);
}

/** The refusal of a change that only one person wants. */
async function askedOf(changing: Promise<void>): Promise<RuleApprovalError> {
  const error = await changing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RuleApprovalError)) throw new Error('nobody else is asked', { cause: error });
  return error;
}

/** As two people make it. */
async function agreed(target: RuleTarget, values: Values): Promise<void> {
  const { seen } = await askedOf(change(target, values));
  await change(target, values, { by: 'bob', seen });
}

async function limitOf(deviceId = 'gas-1'): Promise<unknown> {
  const rules = await workshop.commissioning.rules.ofDevice(deviceId);
  return rules.find(({ key }) => key === ruleKey)?.values.find(({ path }) => path === 'limits.H.limit')
    ?.value;
}

describe('a rule of a safety class', () => {
  it('[RU20] becomes another one by no single person; what becomes weaker is named', async () => {
    const before = workshop.records.length;
    const changes: [Values, string[]][] = [
      [{ 'limits.H.limit': 30 }, ['limits.H.limit']],
      [{ 'limits.HH.priority': 'orange' }, ['limits.HH.severity']],
      [{ onDelaySeconds: 5 }, ['onDelayMs']],
      [{ offDelaySeconds: 0 }, ['offDelayMs']],
      [{ enabled: false }, ['enabled']],
      [{ enabled: false, 'limits.H.limit': 10 }, ['enabled']],
      [{ 'limits.H.limit': 20 }, []],
    ];
    for (const target of [onSite, onDevice, onPoint]) {
      for (const [values, weaker] of changes) {
        const error = await askedOf(change(target, values));
        expect([error.code, error.weaker]).toEqual(['approval_required', weaker]);
      }
    }
    expect(workshop.records).toHaveLength(before);
    expect(await limitOf()).toBe(25);
    // What to do is no part of when it alarms.
    await change(onDevice, { 'guidance.zh': '先撤离' });
  });

  it('[RU20] becomes weaker by taking away what made it stricter, and by going back', async () => {
    await agreed(onDevice, { 'limits.H.limit': 20 });
    await agreed(onDevice, { 'limits.H.limit': 15 });
    const ways: [() => Promise<void>, number][] = [
      [() => change(onDevice, {}), 25],
      [() => revert(onDevice, 0), 25],
      [() => revert(onDevice, 1), 20],
    ];
    for (const [way, to] of ways) {
      const { weaker, changes } = await askedOf(way());
      expect(weaker).toEqual(['limits.H.limit']);
      expect(changes).toEqual([{ path: 'limits.H.limit', from: 15, to }]);
    }
    await agreed(onDevice, { 'limits.H.limit': 30 });
    const { seen, weaker } = await askedOf(revert(onDevice, 2));
    expect(weaker).toEqual([]);
    await revert(onDevice, 2, { by: 'bob', seen });
    expect(await limitOf()).toBe(15);
  });

  it('[RU20] two people make it weaker: the layer, each value and the journal say who', async () => {
    const before = workshop.records.length;
    await agreed(onDevice, { 'limits.H.limit': 30 });
    expect(workshop.records.slice(before)).toMatchObject([
      { kind: 'configure', change: { actor: 'amy', approvedBy: 'bob', reason: '设计值', rule: ruleKey } },
    ]);
    const [latest] = await workshop.commissioning.rules.versions(onDevice);
    expect(latest).toMatchObject({ by: 'amy', approvedBy: 'bob' });
    expect(await limitOf()).toBe(30);
  });

  it('[RU20] nobody agrees with themselves', async () => {
    const { seen } = await askedOf(change(onDevice, { 'limits.H.limit': 30 }));
    await askedOf(change(onDevice, { 'limits.H.limit': 30 }, { by: 'amy', seen }));
    expect(await limitOf()).toBe(25);
  });

  it('[RU21] what has moved on since it was asked for is not made', async () => {
    const values = { 'limits.H.limit': 30 };
    const moves: (() => Promise<unknown>)[] = [
      // The same layer, another layer, and a device that has come under the same site.
      () => change(onDevice, { 'guidance.zh': '先撤离' }),
      () => agreed(onSite, { 'limits.H.limit': 20 }),
    ];
    for (const move of moves) {
      const { seen } = await askedOf(change(onDevice, values));
      await move();
      const late = change(onDevice, values, { by: 'bob', seen });
      await expect(late).rejects.toMatchObject({ code: 'rule_moved_on' });
    }
    const { seen } = await askedOf(change(onSite, values));
    await create('gas-2');
    const late = change(onSite, values, { by: 'bob', seen });
    await expect(late).rejects.toMatchObject({ code: 'rule_moved_on' });
    expect([await limitOf('gas-1'), await limitOf('gas-2')]).toEqual([20, 20]);
  });

  it('[RU20] of a site is weaker for the devices to come, though each of the present ones hides it', async () => {
    await agreed(onDevice, { 'limits.H.limit': 20 });
    expect((await askedOf(change(onSite, { 'limits.H.limit': 30 }))).weaker).toEqual(['limits.H.limit']);
    // Of one device, what its point hides is weaker when that goes.
    await agreed(onPoint, { 'limits.H.limit': 10 });
    await change(onDevice, { 'limits.H.limit': 25 });
    expect(await limitOf()).toBe(10);
    expect((await askedOf(change(onPoint, {}))).weaker).toEqual(['limits.H.limit']);
  });

  it('[RU20] others are changed by one person', async () => {
    await change({ ...onDevice, ruleKey: 'fault' }, { enabled: false });
  });
});
