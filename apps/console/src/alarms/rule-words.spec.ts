import { expect, test } from '@jest/globals';
import { type RuleView, priorityOf } from '@watchfire/contracts';
import { en } from '../locales/en.js';
import { formatValue } from '../locales/format.js';
import { zh } from '../locales/zh.js';
import { ruleWords } from './rule-words.js';

const reads: RuleView['reads'] = [
  { id: 'd.pressure', name: '压力', nameEn: 'Pressure', unit: 'kPa', value: null },
  { id: 'd.valve', name: '阀门', nameEn: 'Valve', unit: null, value: null },
  { id: 'd.valveCommand', name: '阀门命令', nameEn: 'Valve command', unit: null, value: null },
  { id: 'setPressure', name: '设定压力', nameEn: 'Set pressure', unit: 'kPa', value: 200 },
];

function told(language: 'zh' | 'en', rule: Partial<Pick<RuleView, 'condition' | 'enabledWhen'>>): string {
  const texts = language === 'zh' ? zh : en;
  const known: Readonly<Record<string, string>> = texts.ruleWords;
  return ruleWords(
    { condition: {}, enabledWhen: null, reads, ...rule },
    {
      text: (key, facts = {}) => {
        const text = known[key];
        if (text === undefined) throw new Error(`no text ${key}`);
        return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
          if (facts[name] === undefined) throw new Error(`${key} is not told ${name}`);
          return String(facts[name]);
        });
      },
      value: (value, unit) => formatValue(value, unit, texts.value),
      colour: (severity) => texts.priority[priorityOf(severity)],
      chinese: language === 'zh',
    },
  ).join('; ');
}

const pointId = 'd.pressure';
const H = [{ level: 'H', limit: 20, severity: 700, deadband: 1 }];
const LL = [{ level: 'LL', limit: -20, severity: 900, deadband: 1 }];
const open = { is: 'one-of', pointId: 'd.valve', values: [true] };

test.each<[condition: Record<string, unknown>, zh: string, en: string]>([
  [
    { kind: 'limit', pointId, limits: H, onDelayMs: 15_000, offDelayMs: 60_000, onCount: 3 },
    '压力达到限值：H ≥ 20 kPa（橙）; 持续 15 秒后报警; 或在报警延时内有 3 次采样满足时报警; 消失 1 分钟后恢复',
    'Pressure reaches a limit: H ≥ 20 kPa (orange); alarm when it has lasted 15 s; or when 3 samples within the on-delay have it; over when it has been gone for 1 min',
  ],
  [
    {
      kind: 'limit',
      pointId,
      limits: [{ level: 'H', limit: 5, severity: 700, from: { pointId: 'd.valve', fallback: 7 } }],
    },
    '压力达到限值：H ≥ 阀门（未知时取 7 kPa）（橙）',
    'Pressure reaches a limit: H ≥ Valve (7 kPa while unknown) (orange)',
  ],
  [
    { kind: 'deviation', pointId, setPoint: { attribute: 'setPressure' }, limits: LL },
    '压力偏离 设定压力（200 kPa）：LL ≤ -20 kPa（红）',
    'Pressure is off Set pressure (200 kPa): LL ≤ -20 kPa (red)',
  ],
  [
    { kind: 'band', pointId, alarm: 'outside', low: { value: 10 }, high: { attribute: 'setPressure' } },
    '压力低于 10 kPa 或高于 设定压力（200 kPa）',
    'Pressure is below 10 kPa or above Set pressure (200 kPa)',
  ],
  [
    { kind: 'band', pointId, alarm: 'inside', low: { value: 10 }, high: { value: 20 } },
    '压力在 10 kPa 与 20 kPa 之间',
    'Pressure is between 10 kPa and 20 kPa',
  ],
  [
    { kind: 'rate', pointId, windowMs: 300_000, perMs: 60_000, limits: H },
    '压力在 5 分钟内的变化速度：H ≥ 20 kPa/min（橙）',
    'Pressure changes, over 5 min, by: H ≥ 20 kPa/min (orange)',
  ],
  [
    { kind: 'derived', expression: 'p / 2', variables: { p: pointId }, unit: 'kPa', limits: H },
    '计算值 p / 2（p = 压力）：H ≥ 20 kPa（橙）',
    'calculated p / 2 (p = Pressure): H ≥ 20 kPa (orange)',
  ],
  [
    { kind: 'drift', pointId, target: { value: 5 }, direction: 'up', slack: 1, threshold: 9 },
    '压力长期高于 5 kPa：每次超出 1 kPa 的部分累计达到 9 kPa',
    'Pressure stays above 5 kPa: what each value is beyond 1 kPa adds up to 9 kPa',
  ],
  [
    { kind: 'discrete', pointId: 'd.valve', alarmValues: [{ value: true }, { value: 'x' }] },
    '阀门为 是 或 x',
    'Valve is yes or x',
  ],
  [
    { kind: 'discrete', pointId: 'd.valve', alarmValues: [{ value: true }], again: { countId: pointId } },
    '阀门为 是; 报警期间压力每次增加即为再次发生',
    'Valve is yes; while it is in alarm every rise of Pressure is another occurrence',
  ],
  [
    { kind: 'discrete', pointId: 'd.valve', alarmValues: [], normal: ['x'] },
    '阀门不是正常值 x',
    'Valve is not a normal value: x',
  ],
  [
    {
      kind: 'bits',
      pointId: 'd.valve',
      bits: [
        { mask: 12, level: 'fire' },
        { mask: 1, when: false, level: 'mains' },
      ],
    },
    '阀门的状态位：0xC 置位（fire），0x1 未置位（mains）',
    'bits of Valve: 0xC is set (fire), 0x1 is not set (mains)',
  ],
  [
    { kind: 'all', terms: [open, { pointId, values: [5] }] },
    '阀门为 是 且 压力为 5 kPa',
    'Valve is yes and Pressure is 5 kPa',
  ],
  [
    { kind: 'change', pointId, tolerance: 2, holdMs: 3_600_000 },
    '压力变为另一个值；1 小时内不再变化后恢复（变化不超过 2 kPa 不算）',
    'Pressure became another value; over when it has not changed again for 1 h (a change of no more than 2 kPa is none)',
  ],
  [
    {
      kind: 'discrepancy',
      commandId: 'd.valveCommand',
      feedbackId: 'd.valve',
      expectedMs: 10_000,
      pairs: [{ command: 1, feedback: false }],
    },
    '命令“阀门命令”发出后 10 秒，反馈“阀门”仍与命令不符，命令 1 对应反馈 否',
    '“Valve command” was commanded, and after 10 s the feedback “Valve” still differs, command 1 asks for feedback no',
  ],
  [
    { kind: 'frozen', pointId, afterMs: 86_400_000, tolerance: 0 },
    '压力有数据但在 1 天内不变',
    'Pressure is sent and has not changed for 1 d',
  ],
  [
    { kind: 'count', pointId: 'd.valve', values: [true], count: 6, windowMs: 5_400_000 },
    '阀门在 90 分钟内有 6 次或更多变为 是',
    'Valve: within 90 min, 6 times or more, it became yes',
  ],
  [
    { kind: 'value-flapping', pointId, tolerance: 0, count: 3, windowMs: 1_500 },
    '压力在 1.5 秒内变化 3 次或更多',
    'Pressure: within 1.5 s it changed 3 times or more',
  ],
  [{ kind: 'stale', pointId, afterMs: 300_000 }, '压力超过 5 分钟没有数据', 'no data of Pressure for 5 min'],
  [{ kind: 'offline', afterMs: 300_000 }, '设备离线超过 5 分钟', 'the device is offline for 5 min'],
  [
    { kind: 'clock', limitMs: 60_000, windowMs: 300_000 },
    '设备时钟误差超过 1 分钟，以 5 分钟内最好的一次为准',
    'the clock of the device is wrong by more than 1 min, by its best message within 5 min',
  ],
  [
    { kind: 'flapping', count: 3, windowMs: 600_000 },
    '连接在 10 分钟内被顶替 3 次或更多',
    'the connection was taken over, within 10 min, 3 times or more',
  ],
  [
    { kind: 'voting', members: [1, 2, 3], need: 2 },
    '3 个成员中有 2 个或更多报警',
    'of 3 members 2 or more are in alarm',
  ],
  [
    { kind: 'voting-degraded', members: [1, 2, 3], need: 2 },
    '3 个成员取 2 的表决中有成员未知，降级或失去判断',
    'of 3 members that vote 2 some are unknown: it is degraded or blind',
  ],
  [
    { kind: 'coincidence', members: [1, 2], need: 2, windowMs: 120_000 },
    '2 个探测器中有 2 个同时报警，或在 2 分钟内先后报警',
    'of 2 detectors 2 at the same time, or one after the other within 2 min',
  ],
  [
    { kind: 'colours', members: [1], bluesToYellow: 4, yellowsToOrange: 3, orangesToRed: 2 },
    '1 个测点：4 个蓝色合为黄色，3 个黄色合为橙色，2 个橙色合为红色',
    '1 points: 4 blue make a yellow, 3 yellow an orange, 2 orange a red',
  ],
  [{ kind: 'of a newer server' }, '', ''],
])('%j', (condition, chinese, english) => {
  expect(told('zh', { condition })).toBe(chinese);
  expect(told('en', { condition })).toBe(english);
});

test('logic, in brackets where it must be, and schedules by the days of the week', () => {
  const night = {
    is: 'not',
    term: {
      is: 'within',
      schedule: {
        zone: 'Asia/Shanghai',
        spans: [
          { days: [1, 2, 3, 4, 5], from: 480, to: 1_080 },
          { days: [7], from: 0, to: 1_440 },
        ],
      },
    },
  };
  const high = { is: '>=', left: { pointId }, right: { value: 5 } };
  const condition = {
    kind: 'boolean',
    logic: { is: 'and', terms: [{ is: 'or', terms: [open, high] }, night] },
  };
  expect(told('zh', { condition })).toBe(
    '（阀门为 是 或 压力 ≥ 5 kPa） 且 并非（时间在 周一至周五 08:00–18:00，周日 00:00–24:00（Asia/Shanghai））',
  );
  expect(told('en', { condition })).toBe(
    '(Valve is yes or Pressure ≥ 5 kPa) and not (the time is Monday to Friday 08:00–18:00, Sunday 00:00–24:00 (Asia/Shanghai))',
  );
});

test('what enables a rule', () => {
  const rule = { condition: { kind: 'offline', afterMs: 1_000 }, enabledWhen: open };
  expect(told('zh', rule)).toBe('设备离线超过 1 秒; 只在以下情况下报警，否则按设计抑制：阀门为 是');
  expect(told('en', rule)).toBe(
    'the device is offline for 1 s; in alarm only while the following holds, otherwise suppressed by design: Valve is yes',
  );
});
