import { beforeAll, describe, expect, test } from '@jest/globals';
import { type DeviceContext, type RuleLayerRow } from '@watchfire/registry';
import { type RuleValue } from '@watchfire/contracts';
import fc from 'fast-check';
import { Catalogue } from './catalogue.js';
import { layer } from '../spec/layers.js';
import { deviceConfiguration } from './device-configuration.js';
import { type Profile } from './model.js';
import { overrideProblems } from './override-problems.js';
import { ruleViews } from './rule-views.js';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await Catalogue.load('config/catalogue');
});

function profile(key: string): Profile {
  const found = catalogue.profile(key);
  if (found === undefined) throw new Error(`no profile ${key}`);
  return found;
}

function contextOf(profileKey: string): DeviceContext {
  return {
    device: {
      id: 'dev-1',
      siteId: 'site-1',
      profile: profileKey,
      name: '一号',
      address: null,
      dialect: 'standard',
      disabled: false,
      createdAt: 1,
      gatewayId: null,
      wireName: null,
      keys: {},
      members: [],
    },
    site: {
      id: 'site-1',
      enterpriseId: 'ent-1',
      name: '罐区',
      kind: null,
      gridCode: '990101001001',
      longitude: null,
      latitude: null,
      createdAt: 1,
    },
    enterprise: { id: 'ent-1', name: '企业', createdAt: 1 },
  };
}

function override(ruleKey: string, values: Readonly<Record<string, RuleValue>>, version = 1): RuleLayerRow {
  return layer('device', ruleKey, values, { version });
}

test('every profile makes a configuration whose rules only know points of the device', () => {
  for (const one of catalogue.profiles()) {
    const made = deviceConfiguration(contextOf(one.key), one, []);
    const points = new Set(made.points.map((point) => point.pointId));
    expect(made.rules.map((rule) => rule.key)).toEqual(one.rules.map((rule) => rule.key));
    for (const { condition } of made.rules) {
      const used =
        condition.kind === 'all'
          ? condition.terms.map((term) => term.pointId)
          : 'pointId' in condition
            ? [condition.pointId]
            : [];
      for (const pointId of used) expect(points).toContain(pointId);
    }
  }
});

test('carries names and places', () => {
  const made = deviceConfiguration(contextOf('tank.atm'), profile('tank.atm'), [], { drill: true });
  expect(made).toMatchObject({ deviceId: 'dev-1', siteName: '罐区', gridCode: '990101001001', drill: true });
});

test('[AL118] [AL120] says how the device is reached, what is never suppressed, and of what the first alarm is marked', () => {
  const context = contextOf('fire.uitd');
  const behind = { ...context, device: { ...context.device, gatewayId: 'gw-1' } };
  const made = deviceConfiguration(behind, profile('fire.uitd'), []);
  expect(made.link).toEqual({ gatewayId: 'gw-1' });
  expect(made.rules.find(({ key }) => key === 'fire')).toMatchObject({
    firstOutGroup: 'fire',
    annunciation: { exempt: true },
  });
  expect(deviceConfiguration(contextOf('zone.fire'), profile('zone.fire'), [])).not.toHaveProperty('link');
});

describe('an override', () => {
  const gas = (): Profile => profile('gas.lel.point');

  test('changes what it names and nothing else, and raises the version', () => {
    const before = deviceConfiguration(contextOf('gas.lel.point'), gas(), []);
    const after = deviceConfiguration(contextOf('gas.lel.point'), gas(), [
      override('conc-high', { 'limits.H.limit': 20, onDelaySeconds: 5 }, 3),
    ]);
    expect(after.rules[0]).toEqual({
      ...before.rules[0],
      version: 5,
      condition: {
        kind: 'limit',
        pointId: 'dev-1.conc',
        limits: [
          { level: 'HH', limit: 50, severity: 900, deadband: 2 },
          { level: 'H', limit: 20, severity: 700, deadband: 2 },
        ],
        onDelayMs: 5_000,
        offDelayMs: 60_000,
      },
    });
    expect(after.rules.slice(1)).toEqual(before.rules.slice(1));
  });

  test('that disables a rule takes it from the engine and leaves it in the list', () => {
    const overrides = [override('fault', { enabled: false })];
    const made = deviceConfiguration(contextOf('gas.lel.point'), gas(), overrides);
    expect(made.rules.map((rule) => rule.key)).not.toContain('fault');
    const view = ruleViews(contextOf('gas.lel.point'), gas(), overrides).find((one) => one.key === 'fault');
    expect(view).toMatchObject({
      enabled: false,
      override: { by: 'supervisor', at: 5, reason: 'site test' },
    });
  });

  test('takes the number out of the name of the standard', () => {
    const [view] = ruleViews(contextOf('gas.lel.point'), gas(), [
      override('conc-high', { 'limits.H.limit': 20, deadband: 1 }),
    ]);
    const of = (name: string) => view?.provenance.find((entry) => entry.of === name);
    expect(of('limits.H')).toMatchObject({ source: 'device', confidence: 'default' });
    expect(of('limits.HH')).toMatchObject({ source: 'GB/T 50493-2019 §5.5.2', confidence: 'secondary' });
    expect(of('deadband')).toMatchObject({ source: 'device' });
  });

  test('of another device, or of a rule that is gone, does nothing', () => {
    const none = deviceConfiguration(contextOf('gas.lel.point'), gas(), []);
    const foreign = { ...override('conc-high', { 'limits.H.limit': 5 }), subject: 'dev-2' };
    const overrides = [foreign, override('no-such-rule', { enabled: false })];
    expect(deviceConfiguration(contextOf('gas.lel.point'), gas(), overrides)).toEqual(none);
  });

  test('[RU3] is refused where the rule has no such value, where it is impossible, and where limits cross', () => {
    const paths = (key: string, values: Readonly<Record<string, RuleValue>>): string[] =>
      overrideProblems(gas(), override(key, values), []).map((one) => one.path);
    expect(paths('conc-high', { 'limits.H.limit': 20, 'limits.HH.limit': 40 })).toEqual([]);
    expect(paths('conc-high', { 'limits.H.limit': 60 })).toEqual(['limits']);
    expect(paths('conc-high', { 'limits.L.limit': 1 })).toEqual(['limits.L.limit']);
    expect(paths('conc-high', { 'limits.HH.limit': 1e6 })).toEqual(['limits.HH.limit']);
    expect(paths('conc-high', { 'limits.H.priority': 'purple' })).toEqual(['limits.H.priority']);
    expect(paths('conc-high', { afterSeconds: 5 })).toEqual(['afterSeconds']);
    expect(paths('conc-high', { onDelaySeconds: -1, deadband: 'wide' })).toEqual([
      'deadband',
      'onDelaySeconds',
    ]);
    expect(paths('conc-high', { class: 'test' })).toEqual(['class']);
    expect(paths('conc-high', { kind: 'stale' })).toEqual(['kind']);
    expect(paths('conc-high', { enabled: 'no' })).toEqual(['enabled']);
    expect(paths('conc-high', { 'rationalisation.reviewBy': 'soon' })).toEqual(['rationalisation.reviewBy']);
    expect(paths('fault', { 'limits.H.limit': 1, deadband: 1 })).toEqual(['limits.H.limit', 'deadband']);
    expect(paths('fault', { 'alarms.fault.values': ['on'] })).toEqual(['alarms.fault.values']);
    expect(paths('offline', { onDelaySeconds: 1, afterSeconds: 5 })).toEqual(['onDelaySeconds']);
    expect(paths('clock-skew', { limitSeconds: 30, windowSeconds: 0 })).toEqual(['windowSeconds']);
    expect(paths('link-flapping', { count: 5, windowSeconds: 300 })).toEqual([]);
    expect(paths('nothing', {})).toEqual(['ruleKey']);
  });
});

test('the same input gives the same JSON, whatever the order of the overrides', () => {
  const bodies: RuleLayerRow[] = [
    override('level-percent', { 'limits.HH.limit': 92, 'limits.H.limit': 85 }),
    override('temp-high', { enabled: false }),
    override('offline', { afterSeconds: 60 }),
    override('level', { enabled: false, deadband: 0.1 }),
    layer('site', 'offline', { afterSeconds: 90, 'guidance.zh': '先打电话' }, { part: 'tank.atm' }),
    layer('point', 'level', { deadband: 0.2 }, { part: 'level' }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(bodies, { minLength: bodies.length }), (shuffled) => {
      const tank = profile('tank.atm');
      const json = (rows: RuleLayerRow[]): string =>
        JSON.stringify([
          deviceConfiguration(contextOf('tank.atm'), tank, rows),
          ruleViews(contextOf('tank.atm'), tank, rows),
        ]);
      expect(json(shuffled)).toBe(json(bodies));
    }),
  );
});

test('the input is not changed', () => {
  const lift = profile('lift');
  const before = JSON.stringify(lift);
  deviceConfiguration(contextOf('lift'), lift, [override('fault-code', { onDelaySeconds: 1 })]);
  expect(JSON.stringify(lift)).toBe(before);
});

test('[RU16] what enables a rule, attributes and points are those of the device, in the engine and in what people see', () => {
  const pipe = profile('pipe.gas');
  const { attributes, rules } = deviceConfiguration(contextOf('pipe.gas'), pipe, []);
  const deviation = rules.find(({ key }) => key === 'pressure-deviation');
  expect(attributes).toEqual({ setPressure: 200 });
  expect(deviation?.enabledWhen).toEqual({ is: 'one-of', pointId: 'dev-1.valve', values: [true] });
  const view = ruleViews(contextOf('pipe.gas'), pipe, []).find(({ key }) => key === 'pressure-deviation');
  expect(view).toMatchObject({ enabledWhen: deviation?.enabledWhen, condition: deviation?.condition });
  expect(view?.reads.map(({ id, unit, value }) => [id, unit, value])).toEqual([
    ['dev-1.pressure', 'kPa', null],
    ['dev-1.valve', null, null],
    ['setPressure', 'kPa', 200],
  ]);
});

test('[RU3] what enables a rule can be said otherwise', () => {
  const path = 'enabledWhen.values';
  const rows = [override('pressure-deviation', { [path]: [true, false] })];
  const { rules } = deviceConfiguration(contextOf('pipe.gas'), profile('pipe.gas'), rows);
  expect(rules.find(({ key }) => key === 'pressure-deviation')?.enabledWhen).toMatchObject({
    values: [true, false],
  });
  const wrong = override('pressure-deviation', { [path]: ['open'] });
  expect(overrideProblems(profile('pipe.gas'), wrong, [])).toEqual([
    { path, message: '"open" is not of the type of valve, a boolean' },
  ]);
});

test('a rule about a degraded vote is seen with the members and numbers of its vote', () => {
  const context = contextOf('voting.group');
  const members = ['a', 'b', 'c'].map((id) => ({ role: 'input', pointId: `${id}.x` }));
  const group = { ...context, device: { ...context.device, members } };
  const views = ruleViews(group, profile('voting.group'), []);
  expect(views.map(({ condition: { members: seen, need } }) => [seen, need])).toEqual([
    [members.map(({ pointId }) => ({ pointId, values: [true] })), 2],
    [members.map(({ pointId }) => ({ pointId, values: [true] })), 2],
  ]);
});
