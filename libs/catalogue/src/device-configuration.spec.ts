import { beforeAll, describe, expect, test } from '@jest/globals';
import { type DeviceContext, type RuleOverride, type RuleOverrideRow } from '@watchfire/registry';
import fc from 'fast-check';
import { Catalogue } from './catalogue.js';
import { deviceConfiguration, ruleViews } from './device-configuration.js';
import { type Profile } from './model.js';
import { overrideProblems } from './override-problems.js';

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

function override(ruleKey: string, body: RuleOverride, version = 1): RuleOverrideRow {
  return { deviceId: 'dev-1', ruleKey, version, body, reason: 'site test', by: 'supervisor', at: 5 };
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

describe('an override', () => {
  const gas = (): Profile => profile('gas.lel.point');

  test('changes what it names and nothing else, and raises the version', () => {
    const before = deviceConfiguration(contextOf('gas.lel.point'), gas(), []);
    const after = deviceConfiguration(contextOf('gas.lel.point'), gas(), [
      override('conc-high', { limits: { H: 20 }, onDelayMs: 5_000 }, 3),
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
      override('conc-high', { limits: { H: 20 }, deadband: 1 }),
    ]);
    const of = (name: string) => view?.provenance.find((entry) => entry.of === name);
    expect(of('limits.H')).toMatchObject({ source: 'site', confidence: 'default' });
    expect(of('limits.HH')).toMatchObject({ source: 'GB/T 50493-2019 §5.5.2', confidence: 'secondary' });
    expect(of('deadband')).toMatchObject({ source: 'site' });
  });

  test('of another device, or of a rule that is gone, does nothing', () => {
    const none = deviceConfiguration(contextOf('gas.lel.point'), gas(), []);
    const foreign = { ...override('conc-high', { limits: { H: 5 } }), deviceId: 'dev-2' };
    const overrides = [foreign, override('no-such-rule', { enabled: false })];
    expect(deviceConfiguration(contextOf('gas.lel.point'), gas(), overrides)).toEqual(none);
  });

  test('is refused where the rule has no such thing or the limits cross', () => {
    const paths = (key: string, body: RuleOverride): string[] =>
      overrideProblems(gas(), key, body).map((one) => one.path);
    expect(paths('conc-high', { limits: { H: 20, HH: 40 } })).toEqual([]);
    expect(paths('conc-high', { limits: { H: 60 } })).toEqual(['limits']);
    expect(paths('conc-high', { limits: { L: 1 } })).toEqual(['limits.L']);
    expect(paths('conc-high', { limits: { HH: 1e6 } })).toEqual(['limits.HH']);
    expect(paths('conc-high', { afterMs: 5_000 })).toEqual(['afterMs']);
    expect(paths('fault', { limits: { H: 1 }, deadband: 1 })).toEqual(['limits', 'deadband']);
    expect(paths('offline', { onDelayMs: 1, afterMs: 5_000 })).toEqual(['onDelayMs']);
    expect(paths('clock-skew', { enabled: false, afterMs: 5_000 })).toEqual(['afterMs']);
    expect(paths('link-flapping', { limits: { H: 1 }, offDelayMs: 1 })).toEqual(['limits', 'offDelayMs']);
    expect(paths('nothing', {})).toEqual(['ruleKey']);
  });
});

test('the same input gives the same JSON, whatever the order of the overrides', () => {
  const bodies: RuleOverrideRow[] = [
    override('level-percent', { limits: { HH: 92, H: 85 } }),
    override('temp-high', { enabled: false }),
    override('offline', { afterMs: 60_000 }),
    override('level', { enabled: false, deadband: 0.1 }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(bodies, { minLength: bodies.length }), (shuffled) => {
      const tank = profile('tank.atm');
      const json = (rows: RuleOverrideRow[]): string =>
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
  deviceConfiguration(contextOf('lift'), lift, [override('fault-code', { onDelayMs: 1_000 })]);
  expect(JSON.stringify(lift)).toBe(before);
});
