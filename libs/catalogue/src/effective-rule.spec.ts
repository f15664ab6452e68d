import { beforeAll, describe, expect, it } from '@jest/globals';
import { RULE_LAYERS, type RuleLayerName, type RuleValue } from '@watchfire/contracts';
import { type RuleLayerRow } from '@watchfire/registry';
import fc from 'fast-check';
import { layer } from '../spec/layers.js';
import { Catalogue } from './catalogue.js';
import { effectiveRule, type EffectiveRule } from './effective-rule.js';
import { type Profile } from './model.js';
import { isProvisional, provisionalShare } from './rationalisation.js';
import { leavesOf } from './rule-values.js';
import { ruleValues } from './rule-views.js';
import { ruleVersions } from './rule-versions.js';

let gas: Profile;
let profiles: readonly Profile[];
beforeAll(async () => {
  const catalogue = await Catalogue.load('config/catalogue');
  profiles = catalogue.profiles();
  gas = profiles.find(({ key }) => key === 'gas.lel.point') as Profile;
});

type Values = Readonly<Record<string, RuleValue>>;

/** Values of `conc-high` that fit together in every combination. */
const anyValues: fc.Arbitrary<Values> = fc
  .record(
    {
      'limits.H.limit': fc.integer({ min: 1, max: 40 }),
      'limits.HH.limit': fc.integer({ min: 41, max: 100 }),
      'limits.H.priority': fc.constantFrom('red', 'orange', 'yellow', 'blue'),
      deadband: fc.integer({ min: 0, max: 5 }),
      onDelaySeconds: fc.integer({ min: 0, max: 60 }),
      enabled: fc.boolean(),
      latching: fc.boolean(),
      'guidance.zh': fc.constantFrom('先打电话', '先撤离'),
      'rationalisation.cause': fc.constantFrom('泄漏', '误报'),
    },
    { requiredKeys: [] },
  )
  .map((record) => record as Values);

const anyLayers = fc.record({ site: anyValues, device: anyValues, point: anyValues }, { requiredKeys: [] });

function rowsOf(layers: Partial<Record<RuleLayerName, Values>>): RuleLayerRow[] {
  return RULE_LAYERS.flatMap((name) => {
    const values = layers[name];
    return values === undefined ? [] : [layer(name, 'conc-high', values)];
  });
}

function effective(rows: readonly RuleLayerRow[]): EffectiveRule {
  const rule = gas.rules.find(({ key }) => key === 'conc-high');
  if (rule === undefined) throw new Error('no rule');
  return effectiveRule(gas, rule, rows);
}

function without<T extends object, K extends keyof T>(object: T, name: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)) as Omit<T, K>;
}

const valuesOf = (rule: EffectiveRule): Map<string, unknown> =>
  new Map(ruleValues(gas, rule).map(({ path, value }) => [path, value]));

describe('layers over a rule', () => {
  it('[RU1] the nearest that says a value wins, value by value, and is named; what is beneath is told', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const base = valuesOf(effective([]));
        for (const view of ruleValues(gas, effective(rowsOf(layers)))) {
          const saying = [...RULE_LAYERS].reverse().filter((name) => view.path in (layers[name] ?? {}));
          const [nearest, ...beneath] = saying;
          const valueAt = (name: RuleLayerName | undefined): unknown =>
            name === undefined ? base.get(view.path) : layers[name]?.[view.path];
          expect(view.layer).toBe(nearest ?? 'catalogue');
          expect(view.value).toEqual(valueAt(nearest));
          expect(view.entered === null).toBe(nearest === undefined);
          const expected = [...beneath, undefined].map((name) => valueAt(name));
          expect(view.beneath.map(({ value }) => value)).toEqual(nearest === undefined ? [] : expected);
        }
      }),
    );
  });

  it('[RU1] it does not matter in which order they are laid, nor whether two are one before the third comes', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const rows = rowsOf(layers);
        const whole = effective(rows);
        expect(effective(rows.toReversed()).rule).toEqual(whole.rule);
        // Site and device merged by hand (the device's values over the site's), then the point: the same values.
        const merged = { ...layers.site, ...layers.device };
        const { point } = layers;
        const twice = effective(rowsOf({ device: merged, ...(point && { point }) }));
        expect(valuesOf(twice)).toEqual(valuesOf(whole));
        expect(twice.rule.condition).toEqual(whole.rule.condition);
      }),
    );
  });

  it('[RU1] taking a layer away gives back what is beneath it', () => {
    fc.assert(
      fc.property(anyLayers, fc.constantFrom(...RULE_LAYERS), (layers, gone) => {
        const rest = without(layers, gone);
        const emptied = effective(rowsOf({ ...rest, [gone]: {} }));
        const bare = effective(rowsOf(rest));
        expect(emptied.rule.condition).toEqual(bare.rule.condition);
        expect(valuesOf(emptied)).toEqual(valuesOf(bare));
      }),
    );
  });

  it('[RU2] a layer that makes the rule impossible is left out as a whole, and the one above it holds', () => {
    const rows = [
      layer('site', 'conc-high', { 'limits.H.limit': 20 }),
      layer('device', 'conc-high', { 'limits.H.limit': 80, onDelaySeconds: 9 }),
    ];
    const { rule, leftOut } = effective(rows);
    expect(leftOut).toEqual([
      { layer: 'device', path: 'limits', message: 'must rise from LL over L and H to HH' },
    ]);
    expect(rule.condition).toMatchObject({ onDelayMs: 0, limits: [{ limit: 50 }, { limit: 20 }] });
  });

  it('[RU2] a value for which the rule has no place is left out alone', () => {
    const { rule, leftOut } = effective([layer('device', 'conc-high', { gone: 1, onDelaySeconds: 9 })]);
    expect(leftOut).toEqual([{ layer: 'device', path: 'gone', message: 'the rule has no such value' }]);
    expect(rule.condition).toMatchObject({ onDelayMs: 9_000 });
  });

  it('[RU3] every number of every rule of the catalogue can be said otherwise by its path, to no effect where it is the same', () => {
    for (const profile of profiles) {
      for (const rule of profile.rules) {
        const values = Object.fromEntries(
          leavesOf(rule.file).flatMap(({ path, value }) => (value === null ? [] : [[path, value]])),
        );
        const { rule: made, leftOut } = effectiveRule(profile, rule, [layer('device', rule.key, values)]);
        expect(leftOut).toEqual([]);
        expect(made.condition).toEqual(rule.condition);
        expect(made.provenance.map(({ of }) => of)).toEqual(rule.provenance.map(({ of }) => of));
        expect(new Set(made.provenance.map(({ source }) => source))).toEqual(new Set(['device']));
      }
    }
  });

  it('[RU4] a source that the person gives is shown in place of the name of the layer', () => {
    const row = layer('site', 'conc-high', { 'limits.H.limit': 20 });
    const entry = row.entries['limits.H.limit'];
    if (entry === undefined) throw new Error('no entry');
    const told = { ...entry, source: 'HAZOP 2026-03', confidence: 'secondary' as const };
    const made = effective([{ ...row, entries: { 'limits.H.limit': told } }]);
    expect(made.rule.provenance.find(({ of }) => of === 'limits.H')).toEqual({
      of: 'limits.H',
      source: 'HAZOP 2026-03',
      confidence: 'secondary',
      note: 'entered by supervisor in place of GB/T 50493-2019 §5.5.2',
    });
  });

  it('[RU5] the version is the catalogue’s and those of all layers together', () => {
    const rows = [
      layer('site', 'conc-high', {}, { version: 3 }),
      layer('point', 'conc-high', {}, { version: 2 }),
      layer('point', 'conc-high', {}, { version: 9, part: 'fault' }),
    ];
    expect(effective(rows).version).toBe(gas.version + 5);
  });
});

describe('the life of a rule', () => {
  const rows = [
    layer('device', 'conc-high', { 'limits.H.limit': 20 }, { version: 1, at: 10, reason: 'pit' }),
    layer('site', 'conc-high', { 'limits.H.limit': 15, deadband: 1 }, { version: 1, at: 20, by: 'amy' }),
    layer('device', 'conc-high', {}, { version: 2, at: 30, approvedBy: 'bob' }),
  ];

  it('[RU6] tells each change with what became of the values, newest first', () => {
    const body = JSON.stringify(gas.file);
    const later = JSON.stringify({
      ...gas.file,
      rules: gas.file.rules.map((rule) => ({ ...rule, latching: true })),
    });
    const catalogue = [
      { profile: gas.key, version: 2, at: 15, body },
      { profile: gas.key, version: 3, at: 40, body: later },
      { profile: gas.key, version: 4, at: 50, body: later },
    ];
    const life = ruleVersions('conc-high', catalogue, rows);
    expect(
      life.map(({ version, layer: name, layerVersion, changes }) => [version, name, layerVersion, changes]),
    ).toEqual([
      [6, 'catalogue', 3, [{ path: 'latching', from: false, to: true }]],
      [5, 'device', 2, [{ path: 'limits.H.limit', from: 20, to: 15 }]],
      [4, 'site', 1, [{ path: 'deadband', from: 2, to: 1 }]],
      [3, 'device', 1, [{ path: 'limits.H.limit', from: 25, to: 20 }]],
      [2, 'catalogue', 2, []],
    ]);
    expect(life[1]).toMatchObject({ by: 'supervisor', approvedBy: 'bob', at: 30, reason: 'site test' });
  });
});

describe('rationalisation', () => {
  it('[RU15] is whole or the rule is provisional; rules that are off do not count in the share', () => {
    const whole = {
      'rationalisation.consequence': '爆炸',
      'rationalisation.cause': '泄漏',
      'rationalisation.action': '关阀',
      'rationalisation.timeToActSeconds': 300,
      'rationalisation.approver': '安全总监',
      'rationalisation.reviewBy': '2027-01-01',
    };
    const made = effective([layer('site', 'conc-high', whole)]);
    expect(made.leftOut).toEqual([]);
    expect(isProvisional(made.rule.rationalisation)).toBe(false);
    const lacking = without(whole, 'rationalisation.cause');
    expect(isProvisional(effective([layer('site', 'conc-high', lacking)]).rule.rationalisation)).toBe(true);
    const share = provisionalShare([
      { enabled: true, provisional: true },
      { enabled: true, provisional: false },
      { enabled: false, provisional: true },
    ]);
    expect(share).toEqual({ rules: 2, provisional: 1 });
  });
});
