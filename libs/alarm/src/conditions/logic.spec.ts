import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { type Condition, type Logic, type PointValue, type WeeklySchedule } from '../model.js';
import { compile, ExpressionError } from './expression.js';
import { isScheduled, nextBoundary } from './schedule.js';

const NO_DELAY = { onDelayMs: 0, offDelayMs: 0 };
const ruleOf = (condition: Condition, key = 'r') => ({
  key,
  version: 1,
  class: 'supervisory',
  title: { zh: '规则', en: 'Rule' },
  latching: false,
  condition,
});
const boolean = (logic: Logic): Condition => ({
  kind: 'boolean',
  logic,
  level: null,
  severity: 500,
  ...NO_DELAY,
});
const isOn = (pointId: string): Logic => ({ is: 'one-of', pointId, values: [true] });

describe('boolean logic', () => {
  it.each<[string, Logic['is'] & ('and' | 'or'), readonly (boolean | null)[], boolean | null]>([
    ['false decides an and', 'and', [false, null], false],
    ['unknown holds an and', 'and', [true, null], null],
    ['true decides an or', 'or', [true, null], true],
    ['unknown holds an or', 'or', [false, null], null],
  ])('[AL80] %s', (_name, is, values, expected) => {
    const logic: Logic = { is, terms: [isOn('a'), isOn('b')] };
    const line = new Timeline(
      deviceWith([ruleOf(boolean(logic)), ruleOf(boolean({ is: 'not', term: logic }), 'not')]),
    );
    values.forEach((value, index) => {
      if (value !== null) line.reading(index === 0 ? 'a' : 'b', value);
    });
    const raised = line.all.map(({ alarm }) => alarm.rule);
    // With one point known the other rule may have been decided, too: what counts is the last word.
    expect(raised.includes('r')).toBe(expected === true);
    expect(raised.includes('not')).toBe(expected === false || (values.includes(false) && is === 'and'));
  });

  it('[AL80] compares points with points, attributes and values', () => {
    const logic: Logic = {
      is: 'and',
      terms: [
        { is: '>', left: { pointId: 'a' }, right: { pointId: 'b' } },
        { is: '!=', left: { attribute: 'mode' }, right: { value: 'service' } },
      ],
    };
    new Timeline(deviceWith([ruleOf(boolean(logic))], { attributes: { mode: 'normal' } }))
      .reading('a', 5)
      .expectNoAlarm()
      .reading('b', 4)
      .expectAlarm({ active: true })
      .reading('b', 5)
      .expectAlarm({ active: false });
    new Timeline(deviceWith([ruleOf(boolean(logic))])).reading('a', 5).reading('b', 4).expectNoAlarm();
  });

  it('[AL80] a false term decides an "and", whichever comes first', () => {
    new Timeline(deviceWith([ruleOf(boolean({ is: 'and', terms: [isOn('a'), isOn('b')] }))]))
      .reading('a', true)
      .reading('b', true)
      .at('1s')
      .reading('a', true, { quality: 'bad' })
      .at('2s')
      .reading('b', false)
      .expectAlarm({ active: false });
  });

  it('[AL9] [AL80] an unknown term clears nothing', () => {
    new Timeline(deviceWith([ruleOf(boolean({ is: 'and', terms: [isOn('a'), isOn('b')] }))]))
      .reading('a', true)
      .reading('b', true)
      .at('1s')
      .reading('b', false, { quality: 'bad' })
      .expectAlarm({ active: true })
      .at('2s')
      .reading('a', false)
      .expectAlarm({ active: false });
  });
});

/** 2026: clocks go forward on 29 March at 01:00 UTC and back on 25 October at 01:00 UTC. */
const BERLIN = {
  zone: 'Europe/Berlin',
  offsets: [
    [Date.UTC(2025, 9, 26, 1), 60],
    [Date.UTC(2026, 2, 29, 1), 120],
    [Date.UTC(2026, 9, 25, 1), 60],
  ],
} satisfies Omit<WeeklySchedule, 'spans'>;
const SHANGHAI = { zone: 'Asia/Shanghai', offsets: [[0, 480]] } satisfies Omit<WeeklySchedule, 'spans'>;

describe('weekly schedule', () => {
  const night: WeeklySchedule = { ...SHANGHAI, spans: [{ days: [1, 2, 3, 4, 5], from: 1_320, to: 360 }] };

  it('[AL81] a span over midnight belongs to the day on which it begins', () => {
    const at = (day: number, hour: number): number => Date.UTC(2026, 0, day, hour - 8);
    // 2 January 2026 is a Friday.
    expect(isScheduled(night, at(2, 21))).toBe(false);
    expect(isScheduled(night, at(2, 22))).toBe(true);
    expect(isScheduled(night, at(3, 5))).toBe(true);
    expect(isScheduled(night, at(3, 6))).toBe(false);
    expect(isScheduled(night, at(3, 23))).toBe(false);
    expect(isScheduled(night, at(5, 3))).toBe(false);
    expect(isScheduled(night, at(6, 3))).toBe(true);
  });

  it('[AL81] an hour that is there twice counts twice, and one that is left out not at all', () => {
    const early: WeeklySchedule = { ...BERLIN, spans: [{ days: [7], from: 120, to: 180 }] };
    const scheduled = (day: number): number => {
      let minutes = 0;
      for (let minute = 0; minute < 2_880; minute++) {
        if (isScheduled(early, day - 43_200_000 + minute * 60_000)) minutes += 1;
      }
      return minutes;
    };
    expect(scheduled(Date.UTC(2026, 2, 22, 12))).toBe(60);
    expect(scheduled(Date.UTC(2026, 2, 29, 12))).toBe(0);
    expect(scheduled(Date.UTC(2026, 9, 25, 12))).toBe(120);
  });

  it('[AL81] never changes between now and the next boundary', () => {
    const schedule: WeeklySchedule = {
      ...BERLIN,
      spans: [
        { days: [1, 3], from: 90, to: 200 },
        { days: [6, 7], from: 1_380, to: 150 },
      ],
    };
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (at, part) => {
          const next = nextBoundary(schedule, at);
          expect(next).toBeGreaterThan(at);
          expect(isScheduled(schedule, Math.floor(at + (next - at) * part))).toBe(isScheduled(schedule, at));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('[AL81] raises and ends an alarm at its own times, without a reading', () => {
    // The time line begins on Monday at 16:00 in Shanghai.
    const line = new Timeline(
      deviceWith([ruleOf(boolean({ is: 'and', terms: [isOn('door'), { is: 'within', schedule: night }] }))]),
    );
    line
      .reading('door', true)
      .expectNoAlarm()
      .expectNextDeadline('6h')
      .at('7h')
      .expectAlarm({ active: true, raisedAt: TIMELINE_START + 6 * 3_600_000 })
      .at('20h')
      .expectAlarm({ active: false, clearedAt: TIMELINE_START + 14 * 3_600_000 });
  });
});

describe('expressions', () => {
  const value = (text: string, values: Record<string, PointValue> = {}): PointValue | undefined =>
    compile(text, new Set(['a', 'b', 'c', 'on']))(new Map(Object.entries(values)));

  it.each<[string, PointValue | undefined]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-a ** 2', undefined],
    ['7 % 4', 3],
    ['max(1, a, 3) - min(2, 5)', undefined],
    ['abs(-4) + sqrt(9) + round(1.4)', 8],
    ['clamp(15, 0, 10)', 10],
    ['avg(1, 2, 6)', 3],
    ['1 < 2 && 2 <= 2 && !(3 > 4)', true],
    ['1 == 1 ? 5 : 6', 5],
    ['"x" == "x"', true],
    ['false && a > 1', false],
    ['true || a > 1', true],
    ['true && a > 1', undefined],
  ])('[AL83] %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    'a.b',
    'a["constructor"]',
    'this',
    'a; b',
    '[1, 2]',
    'constructor',
    'toString()',
    'abs.call(1)',
    'abs(1, 2)',
    'x + 1',
    'a = 1',
    'a | b',
    'a === b',
    '1 +',
    '',
    'a b',
    '`a`',
    '/a/',
    'null',
    'new Date()',
    '() => 1',
    `a${' + a'.repeat(150)}`,
    `${'('.repeat(251)}a${')'.repeat(251)}`,
  ])('[AL83] %s is not of the language', (text) => {
    expect(() => value(text, { a: 1 })).toThrow(ExpressionError);
  });

  it.each([
    ['1 / a', { a: 0 }],
    ['sqrt(a)', { a: -1 }],
    ['a + 1', { a: 'text' }],
    ['on + 1', { on: true }],
    ['a && true', { a: 1 }],
    ['on ? 1 : 2', { on: 1 }],
  ] as [string, Record<string, PointValue>][])('[AL83] %s with %j fails', (text, values) => {
    expect(() => value(text, values)).toThrow(ExpressionError);
  });

  it('[AL83] whatever is written, nothing but an expression error is thrown, and nothing but a value is given', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'on',
      '1',
      '2.5',
      '"x"',
      '+',
      '-',
      '*',
      '/',
      '(',
      ')',
      '?',
      ':',
      '<',
      '==',
      '&&',
      '!',
      'max',
      ',',
      '.',
      '[',
      ']',
      'true',
      '__proto__',
      'constructor',
      '${',
      '`',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          const result = value(words.join(' '), { a: 3, b: 0, on: true });
          expect(['number', 'boolean', 'string', 'undefined']).toContain(typeof result);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('derived value', () => {
  const derived = (expression: string): Condition => ({
    kind: 'derived',
    expression,
    variables: { a: 'p1', b: 'p2' },
    unit: 'kW',
    limits: [{ level: 'H', limit: 10, severity: 500, deadband: 1 }],
    ...NO_DELAY,
  });

  it('[AL83] is judged like a value of its own', () => {
    new Timeline(deviceWith([ruleOf(derived('a * b'))]))
      .reading('p1', 5)
      .expectNoAlarm()
      .reading('p2', 3)
      .expectAlarm({ value: 15, unit: 'kW', limit: 10, messageEn: 'Rule, high (H): 15 kW ≥ 10 kW' })
      .reading('p2', 1)
      .expectAlarm({ active: false });
  });

  it('[AL84] an expression that cannot be read disables its rule with an alarm; its neighbour goes on', () => {
    const line = new Timeline(deviceWith([ruleOf(derived('a.b')), ruleOf(derived('a + b'), 'good')]));
    expect(line.faults()[0]).toMatchObject({ ruleKey: 'r' });
    line.reading('p1', 9).reading('p2', 9).expectAlarm({ rule: 'good', active: true });
    line
      .expectNextDeadline('1m')
      .at('1m')
      .expectAlarm({ rule: 'rule-fault:r', class: 'system', active: true });
    line
      .at('2m')
      .configure(deviceWith([ruleOf(derived('a - b')), ruleOf(derived('a + b'), 'good')]))
      .expectAlarm({ rule: 'rule-fault:r', active: false, state: 'RTNUN' });
  });

  it('[AL84] one that fails with the present values is unknown, and says so as long as it does', () => {
    const line = new Timeline(deviceWith([ruleOf(derived('a / b'))]));
    line
      .reading('p1', 30)
      .reading('p2', 2)
      .expectAlarm({ rule: 'r', active: true })
      .at('10s')
      .reading('p2', 0)
      .expectAlarm({ rule: 'r', active: true })
      .at('70s')
      .expectAlarm({ rule: 'rule-fault:r', active: true })
      .at('80s')
      .reading('p2', 30)
      .expectAlarm({ rule: 'rule-fault:r', active: false })
      .expectAlarm({ rule: 'r', active: false });
  });

  it('[AL84] a fault that becomes another one is told with its own reason, when the first would have been', () => {
    const faulty = (expression: string) => deviceWith([ruleOf(derived(expression))]);
    new Timeline(faulty('a.b'))
      .at('30s')
      .configure(faulty('missing + 1'))
      .expectNextDeadline('1m')
      .at('1m')
      .expectAlarm({
        rule: 'rule-fault:r',
        message: '规则失效，不再监视：规则（计算式无法读取：没有变量 "missing"）',
        messageEn:
          'Rule cannot be evaluated and watches nothing: Rule (its expression cannot be read: there is no variable "missing")',
      });
  });

  it('[AL84] the alarm about a rule ends with the rule', () => {
    new Timeline(deviceWith([ruleOf(derived('a.b'))]))
      .at('2m')
      .expectHappened('raised')
      .configure(deviceWith([]))
      .expectHappened('removed')
      .expectNoAlarm();
  });
});
