import { describe, expect, it } from '@jest/globals';
import { deviceWith, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type Condition, type ConditionOf, type Rule } from './model.js';
import { weakenings, type RuleStrength } from './weaker.js';

const strength = (condition: Condition, more: Partial<RuleStrength> = {}): RuleStrength => ({
  class: 'gas',
  latching: false,
  condition,
  ...more,
});

/** Of one kind, and for each of its fields one value that is stricter and one that is weaker; `null` where there is none. */
interface Fields<K extends Condition['kind']> {
  readonly condition: ConditionOf<K>;
  readonly stricter: readonly Partial<ConditionOf<K>>[];
  readonly weaker: readonly Partial<ConditionOf<K>>[];
}
const H = { level: 'H', limit: 25, severity: 700, deadband: 2 } as const;
const HH = { level: 'HH', limit: 50, severity: 900, deadband: 2 } as const;
const L = { level: 'L', limit: 5, severity: 500, deadband: 1 } as const;
const DELAYS = { onDelayMs: 5_000, offDelayMs: 5_000 };
const delays = {
  stricter: [{ onDelayMs: 4_000 }, { onDelayMs: 0 }, { offDelayMs: 6_000 }],
  weaker: [{ onDelayMs: 6_000 }, { offDelayMs: 4_000 }, { onDelayMs: NaN }],
};
const severe = { stricter: [{ severity: 701 }], weaker: [{ severity: 699 }] };
const limits = {
  stricter: [
    { limits: [HH, { ...H, limit: 20 }, L] },
    { limits: [HH, H, { ...L, limit: 6 }] },
    { limits: [{ ...HH, severity: 1_000 }, H, L] },
    { limits: [HH, { ...H, deadband: 3 }, L] },
    { limits: [HH, H, L, { ...L, level: 'LL' as const, limit: 1 }] },
  ],
  weaker: [
    { limits: [HH, { ...H, limit: 26 }, L] },
    { limits: [HH, H, { ...L, limit: 4 }] },
    { limits: [{ ...HH, severity: 899 }, H, L] },
    { limits: [HH, { ...H, deadband: 1 }, L] },
    { limits: [HH, H] },
    { limits: [HH, { ...H, from: { pointId: 'p' } }, L] },
    // Sooner at an outer level that is the less severe one.
    { limits: [{ ...HH, limit: 40 }, { ...H, severity: 950 }, L] },
  ],
};
const vote = (pointId: string) => ({ pointId, values: [true] });
const logic = (value: number): ConditionOf<'boolean'>['logic'] => ({
  is: '>',
  left: { pointId: 'p' },
  right: { value },
});

const KINDS: { readonly [K in Condition['kind']]: Fields<K> } = {
  limit: {
    condition: { kind: 'limit', pointId: 'p', limits: [HH, H, L], ...DELAYS },
    stricter: [...limits.stricter, ...delays.stricter, { onCount: 3 }],
    weaker: [...limits.weaker, ...delays.weaker, { pointId: 'q' }],
  },
  discrete: {
    condition: {
      kind: 'discrete',
      pointId: 'p',
      alarmValues: [{ value: 2, level: 'fire', severity: 700 }],
      normal: [0, 1],
      offNormalSeverity: 300,
      ...DELAYS,
    },
    stricter: [
      ...delays.stricter,
      { normal: [0] },
      { offNormalSeverity: 400 },
      { alarmValues: [{ value: 2, level: 'fire', severity: 800 }] },
      {
        alarmValues: [
          { value: 2, level: 'fire', severity: 700 },
          { value: 3, level: 'x', severity: 300 },
        ],
      },
    ],
    weaker: [
      ...delays.weaker,
      { normal: [0, 1, 4] },
      { offNormalSeverity: 200 },
      { alarmValues: [] },
      { alarmValues: [{ value: 2, level: 'fire', severity: 600 }] },
      { alarmValues: [{ value: 2, level: 'other', severity: 700 }] },
      {
        alarmValues: [
          { value: 2, level: 'fire', severity: 700 },
          { value: 3, level: 'x', severity: 200 },
        ],
      },
    ],
  },
  all: {
    condition: {
      kind: 'all',
      terms: [
        { pointId: 'p', values: [1] },
        { pointId: 'q', values: [1, 2] },
      ],
      level: 'x',
      severity: 700,
      ...DELAYS,
    },
    stricter: [
      ...delays.stricter,
      ...severe.stricter,
      { terms: [{ pointId: 'p', values: [1] }] },
      {
        terms: [
          { pointId: 'p', values: [0, 1] },
          { pointId: 'q', values: [1, 2] },
        ],
      },
    ],
    weaker: [
      ...delays.weaker,
      ...severe.weaker,
      {
        terms: [
          { pointId: 'p', values: [1] },
          { pointId: 'q', values: [2] },
        ],
      },
      { terms: [{ pointId: 'r', values: [1] }] },
      { level: 'y' },
    ],
  },
  stale: {
    condition: { kind: 'stale', pointId: 'p', afterMs: 5_000, severity: 700 },
    stricter: [{ afterMs: 4_000 }, ...severe.stricter],
    weaker: [{ afterMs: 6_000 }, ...severe.weaker],
  },
  offline: {
    condition: { kind: 'offline', afterMs: 5_000, severity: 700 },
    stricter: [{ afterMs: 4_000 }, ...severe.stricter],
    weaker: [{ afterMs: 6_000 }, ...severe.weaker],
  },
  clock: {
    condition: { kind: 'clock', limitMs: 5_000, windowMs: 60_000, severity: 700 },
    stricter: [{ limitMs: 4_000 }, ...severe.stricter],
    weaker: [{ limitMs: 6_000 }, { windowMs: 59_000 }, { windowMs: 61_000 }, ...severe.weaker],
  },
  flapping: {
    condition: { kind: 'flapping', count: 3, windowMs: 60_000, severity: 700 },
    stricter: [{ count: 2 }, { windowMs: 61_000 }, ...severe.stricter],
    weaker: [{ count: 4 }, { windowMs: 59_000 }, ...severe.weaker],
  },
  voting: {
    condition: {
      kind: 'voting',
      members: [vote('a'), vote('b'), vote('c')],
      need: 2,
      onBad: 'drop',
      level: 'x',
      severity: 700,
      ...DELAYS,
    },
    stricter: [{ need: 1 }, { onBad: 'vote' }, ...delays.stricter, ...severe.stricter],
    weaker: [{ need: 3 }, { members: [vote('a'), vote('b')] }, ...delays.weaker, ...severe.weaker],
  },
  'voting-degraded': {
    condition: {
      kind: 'voting-degraded',
      of: 'r',
      members: [vote('a')],
      need: 1,
      onBad: 'vote',
      severity: 700,
      blindSeverity: 800,
      ...DELAYS,
    },
    stricter: [{ blindSeverity: 801 }, ...delays.stricter, ...severe.stricter],
    weaker: [{ blindSeverity: 799 }, { of: 's' }, { need: 2 }, ...delays.weaker, ...severe.weaker],
  },
  coincidence: {
    condition: {
      kind: 'coincidence',
      members: [vote('a'), vote('b')],
      need: 2,
      windowMs: 60_000,
      level: 'x',
      severity: 700,
      ...DELAYS,
    },
    stricter: [{ need: 1 }, { windowMs: 61_000 }, ...delays.stricter, ...severe.stricter],
    weaker: [{ need: 3 }, { windowMs: 59_000 }, ...delays.weaker, ...severe.weaker],
  },
  colours: {
    condition: {
      kind: 'colours',
      members: ['a'],
      classes: ['gas'],
      bluesToYellow: 4,
      yellowsToOrange: 3,
      orangesToRed: 2,
      yellow: 500,
      orange: 700,
      red: 900,
      ...DELAYS,
    },
    stricter: [
      { bluesToYellow: 3 },
      { yellowsToOrange: 2 },
      { orangesToRed: 1 },
      { classes: ['gas', 'fire'] },
      ...delays.stricter,
    ],
    weaker: [
      { bluesToYellow: 5 },
      { yellowsToOrange: 4 },
      { orangesToRed: 3 },
      { classes: ['fire'] },
      // A threshold and a severity at once.
      { yellow: 400 },
      { red: 950 },
      ...delays.weaker,
    ],
  },
  deviation: {
    condition: { kind: 'deviation', pointId: 'p', setPoint: { value: 50 }, limits: [HH, H, L], ...DELAYS },
    stricter: [...limits.stricter, ...delays.stricter],
    weaker: [{ setPoint: { value: 51 } }, { setPoint: { value: 49 } }, ...limits.weaker, ...delays.weaker],
  },
  band: {
    condition: {
      kind: 'band',
      pointId: 'p',
      alarm: 'outside',
      low: { value: 10 },
      high: { value: 20 },
      deadband: 1,
      severity: 700,
      ...DELAYS,
    },
    stricter: [
      { low: { value: 11 } },
      { high: { value: 19 } },
      { deadband: 2 },
      ...delays.stricter,
      ...severe.stricter,
    ],
    weaker: [
      { low: { value: 9 } },
      { high: { value: 21 } },
      { high: { pointId: 'q' } },
      { deadband: 0 },
      { alarm: 'inside' },
      ...delays.weaker,
      ...severe.weaker,
    ],
  },
  bits: {
    condition: { kind: 'bits', pointId: 'p', bits: [{ mask: 1, level: 'x', severity: 700 }], ...DELAYS },
    stricter: [
      { bits: [{ mask: 1, level: 'x', severity: 701, when: true }] },
      {
        bits: [
          { mask: 2, level: 'y', severity: 100 },
          { mask: 1, level: 'x', severity: 700 },
        ],
      },
      ...delays.stricter,
    ],
    weaker: [
      { bits: [{ mask: 1, level: 'x', severity: 699 }] },
      { bits: [{ mask: 3, level: 'x', severity: 700 }] },
      { bits: [{ mask: 1, level: 'x', severity: 700, when: false }] },
      ...delays.weaker,
    ],
  },
  change: {
    condition: { kind: 'change', pointId: 'p', tolerance: 5, holdMs: 5_000, severity: 700 },
    stricter: [{ tolerance: 4 }, { holdMs: 6_000 }, ...severe.stricter],
    weaker: [{ tolerance: 6 }, { holdMs: 4_000 }, ...severe.weaker],
  },
  rate: {
    condition: { kind: 'rate', pointId: 'p', windowMs: 5_000, perMs: 1_000, limits: [HH, H, L], ...DELAYS },
    stricter: [...limits.stricter, ...delays.stricter],
    weaker: [{ windowMs: 4_000 }, { windowMs: 6_000 }, { perMs: 60_000 }, ...limits.weaker, ...delays.weaker],
  },
  discrepancy: {
    condition: {
      kind: 'discrepancy',
      commandId: 'p',
      feedbackId: 'q',
      tolerance: 5,
      expectedMs: 5_000,
      offDelayMs: 5_000,
      severity: 700,
    },
    stricter: [{ tolerance: 4 }, { expectedMs: 4_000 }, { offDelayMs: 6_000 }, ...severe.stricter],
    weaker: [
      { tolerance: 6 },
      { expectedMs: 6_000 },
      { offDelayMs: 4_000 },
      { pairs: [{ command: 1, feedback: 2 }] },
      ...severe.weaker,
    ],
  },
  frozen: {
    condition: { kind: 'frozen', pointId: 'p', afterMs: 5_000, tolerance: 5, severity: 700 },
    stricter: [{ afterMs: 4_000 }, { tolerance: 6 }, ...severe.stricter],
    weaker: [{ afterMs: 6_000 }, { tolerance: 4 }, ...severe.weaker],
  },
  count: {
    condition: { kind: 'count', pointId: 'p', values: [1], count: 3, windowMs: 5_000, severity: 700 },
    stricter: [{ values: [1, 2] }, { count: 2 }, { windowMs: 6_000 }, ...severe.stricter],
    weaker: [{ values: [2] }, { count: 4 }, { windowMs: 4_000 }, ...severe.weaker],
  },
  'value-flapping': {
    condition: {
      kind: 'value-flapping',
      pointId: 'p',
      tolerance: 5,
      count: 3,
      windowMs: 5_000,
      severity: 700,
    },
    stricter: [{ tolerance: 4 }, { count: 2 }, { windowMs: 6_000 }, ...severe.stricter],
    weaker: [{ tolerance: 6 }, { count: 4 }, { windowMs: 4_000 }, ...severe.weaker],
  },
  boolean: {
    condition: { kind: 'boolean', logic: logic(5), level: null, severity: 700, ...DELAYS },
    stricter: [...delays.stricter, ...severe.stricter],
    weaker: [{ logic: logic(4) }, { level: 'x' }, ...delays.weaker, ...severe.weaker],
  },
  derived: {
    condition: {
      kind: 'derived',
      expression: 'a + 1',
      variables: { a: 'p' },
      unit: null,
      limits: [HH, H, L],
      ...DELAYS,
    },
    stricter: [...limits.stricter, ...delays.stricter],
    weaker: [{ expression: 'a' }, { variables: { a: 'q' } }, ...limits.weaker, ...delays.weaker],
  },
  drift: {
    condition: {
      kind: 'drift',
      pointId: 'p',
      target: { value: 50 },
      direction: 'up',
      slack: 1,
      threshold: 5,
      severity: 700,
    },
    stricter: [{ direction: 'both' }, { slack: 0 }, { threshold: 4 }, ...severe.stricter],
    weaker: [
      { direction: 'down' },
      { slack: 2 },
      { threshold: 6 },
      { target: { value: 51 } },
      ...severe.weaker,
    ],
  },
};
const kinds = Object.values(KINDS) as readonly Fields<Condition['kind']>[];
const changed = (condition: Condition, ...changes: readonly object[]): Condition =>
  Object.assign({}, condition, ...changes) as Condition;

describe('of two versions of a rule', () => {
  it.each(kinds.map((of) => [of.condition.kind, of] as const))(
    '[RU19] %s: what is stricter in each field that is otherwise is not weaker',
    (_kind, { condition, stricter }) => {
      fc.assert(
        fc.property(fc.subarray([...stricter]), (changes) => {
          const after = changed(condition, ...changes);
          expect(weakenings(strength(condition), strength(after))).toEqual([]);
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(kinds.map((of) => [of.condition.kind, of] as const))(
    '[RU19] %s: one field that is weaker makes it weaker, however strict the others are',
    (_kind, { condition, stricter, weaker }) => {
      fc.assert(
        fc.property(fc.subarray([...stricter]), fc.constantFrom(...weaker), (changes, weakened) => {
          const after = changed(condition, ...changes, weakened);
          const found = weakenings(strength(condition), strength(after));
          const [field = ''] = Object.keys(weakened);
          expect(found.map((path) => path.split('.')[0])).toContain(field);
        }),
        { numRuns: 80 },
      );
    },
  );

  it('[RU19] a field that is not known here makes it weaker, whatever becomes of it', () => {
    for (const { condition } of kinds) {
      const newer = changed(condition, { newer: 1 });
      expect(weakenings(strength(condition), strength(newer))).toEqual(['newer']);
      expect(weakenings(strength(newer), strength(condition))).toEqual(['newer']);
    }
  });

  it('[RU19] no rule is weaker than one, and no one is weaker than none', () => {
    const rule = strength(KINDS.limit.condition);
    expect(weakenings(rule, undefined)).toEqual(['enabled']);
    expect(weakenings(undefined, rule)).toEqual([]);
    expect(weakenings(undefined, undefined)).toEqual([]);
    expect(weakenings(rule, strength(KINDS.stale.condition))).toEqual(['kind']);
  });

  it('[RU19] the latch, the class and what switches it off are of the rule', () => {
    const { condition } = KINDS.limit;
    const rule = strength(condition, { latching: true, enabledWhen: logic(1) });
    expect(weakenings(strength(condition), strength(condition, { latching: true }))).toEqual([]);
    expect(weakenings(rule, strength(condition, { latching: true }))).toEqual([]);
    expect(weakenings(rule, { ...rule, latching: false })).toEqual(['latching']);
    expect(weakenings(rule, { ...rule, enabledWhen: logic(2) })).toEqual(['enabledWhen']);
    expect(weakenings(strength(condition), rule)).toEqual(['enabledWhen']);
    expect(weakenings(rule, { ...rule, class: 'process' })).toEqual(['class']);
    expect(weakenings(rule, { ...rule, inhibitedBy: [{ rule: 'x' }] })).toEqual(['inhibitedBy']);
    expect(weakenings(rule, { ...rule, annunciation: { shelvable: false } })).toEqual(['annunciation']);
  });

  it('[AL149] [RU19] who tells its occurrences apart no longer, or by another number, is weaker', () => {
    const before = changed(KINDS.discrete.condition, { again: { countId: 'n', placeId: 'm' } });
    const now = (change: object) => weakenings(strength(before), strength(changed(before, change)));
    expect(now({ again: undefined })).toEqual(['again']);
    expect(now({ again: { countId: 'o', placeId: 'm' } })).toEqual(['again']);
    expect(now({ again: { countId: 'n' } })).toEqual([]);
    expect(weakenings(strength(KINDS.discrete.condition), strength(before))).toEqual([]);
  });

  it('[AL70] [RU19] a delay in which samples are counted is judged neither way', () => {
    const before = changed(KINDS.limit.condition, { onCount: 3 });
    const now = (change: object) => weakenings(strength(before), strength(changed(before, change)));
    expect(now({ onDelayMs: 4_000 })).toEqual(['onDelayMs']);
    expect(now({ onCount: 2 })).toEqual([]);
    expect(now({ onCount: 4 })).toEqual(['onCount']);
    expect(now({ onCount: undefined })).toEqual(['onCount']);
  });
});

describe('in the engine', () => {
  const ruleOf = (key: string, condition: Condition): Rule => ({
    key,
    version: 1,
    title: { zh: key, en: key },
    ...strength(condition),
  });
  const number = (min: number, max: number) => fc.integer({ min, max });
  const limitsOf = fc
    .tuple(number(5, 9), number(1, 1_000), number(0, 2), number(0, 3), number(0, 2))
    .map(([at, severity, inner, rise, deadband]) => [
      { level: 'HH' as const, limit: at, severity: Math.min(1_000, severity + rise), deadband },
      { level: 'H' as const, limit: at - inner, severity, deadband },
    ]);
  const limitCondition = fc.tuple(limitsOf, number(0, 3), number(0, 3)).map(([all, on, off]): Condition => ({
    kind: 'limit',
    pointId: 'p',
    limits: all,
    onDelayMs: on * 1_000,
    offDelayMs: off * 1_000,
  }));
  const values = fc.array(fc.tuple(number(0, 3), number(0, 12)), { minLength: 1, maxLength: 30 });

  it('[RU19] where the one that is not weaker has no alarm, the other has none either, and none more severe', () => {
    fc.assert(
      fc.property(limitCondition, limitCondition, values, (before, after, samples) => {
        fc.pre(weakenings(strength(before), strength(after)).length === 0);
        const engine = AlarmEngine.create();
        const device = deviceWith([ruleOf('before', before), ruleOf('after', after)]);
        let offset = 1;
        let at = TIMELINE_START;
        engine.apply({ offset, at, input: { kind: 'configure', device } });
        for (const [seconds, value] of samples) {
          at += seconds * 1_000;
          const reading = { deviceId: 'd1', receivedAt: at, ts: at, historical: false };
          const sample = { pointId: 'p', value, quality: 'good' as const };
          engine.apply({ offset: ++offset, at, input: { kind: 'reading', ...reading, samples: [sample] } });
          const live = (key: string): number =>
            [...engine.alarms()].find(({ rule }) => rule === key)?.liveSeverity ?? 0;
          expect(live('after')).toBeGreaterThanOrEqual(live('before'));
        }
      }),
      { numRuns: 300 },
    );
  });
});
