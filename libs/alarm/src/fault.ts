import { type BilingualText } from './model.js';

/** Why a rule cannot be evaluated: words that follow on "the rule cannot be evaluated:". `{name}` stands for a parameter. */
const WORDS = {
  kind_unknown: {
    zh: '本版本不认识条件类型 {kind}',
    en: 'its kind of condition, {kind}, is not known to this version',
  },
  disabled: { zh: '已停用', en: 'it is disabled' },
  point_unknown: { zh: '本场所没有设备有测点 {point}', en: 'no device of the site has a point {point}' },
  judged_without: { zh: '{cause}，暂按没有该成员判断', en: '{cause}: it is judged without it' },
  enabling: { zh: '使能条件：{cause}', en: 'what enables it: {cause}' },
  again: { zh: '区分各次发生：{cause}', en: 'what tells its occurrences apart: {cause}' },
  circle: {
    zh: '规则相互抑制成环，都不起抑制作用',
    en: 'rules suppress each other in a circle: none of them does',
  },
  rule_twice: { zh: '设备有两条规则使用此标识', en: 'the device has two rules of this key' },
  delay_invalid: {
    zh: '延时不是 0 或更大的毫秒数',
    en: 'a delay is not a number of milliseconds, 0 or more',
  },
  samples_without_delay: {
    zh: '按采样次数报警必须有报警延时',
    en: 'a count of samples needs an on-delay to count in',
  },
  count_invalid: { zh: '次数不在 2 到 {most} 之间', en: 'its count is not between 2 and {most}' },
  deadband_invalid: { zh: '回差不是 0 或更大的数', en: 'its deadband is not a number, 0 or more' },
  tolerance_invalid: { zh: '容差不是 0 或更大的数', en: 'its tolerance is not a number, 0 or more' },
  off_delay_invalid: { zh: '恢复延时不是 0 或更大的数', en: 'its off-delay is not a number, 0 or more' },
  slack_invalid: { zh: '容许偏差不是 0 或更大的数', en: 'its slack is not a number, 0 or more' },
  time_invalid: { zh: '允许时间不大于 0 毫秒', en: 'the time allowed is not above 0 ms' },
  window_invalid: { zh: '时间窗不大于 0 毫秒', en: 'its window is not above 0 ms' },
  severity_invalid: { zh: '严重度不在 1 到 1000 之间', en: 'a severity is not between 1 and 1000' },
  threshold_invalid: { zh: '累计门限不是大于 0 的数', en: 'its threshold is not a number above 0' },
  clock_limit_invalid: {
    zh: '时钟误差限值不是 0 或更大的毫秒数',
    en: 'the limit of the clock is not a number of milliseconds, 0 or more',
  },
  take_overs_invalid: {
    zh: '顶替次数不在 2 到 {most} 之间',
    en: 'the number of take-overs is not between 2 and {most}',
  },
  value_invalid: { zh: '有一个值不是数', en: 'a value is not a number' },
  fallback_invalid: { zh: '有一个后备值不是数', en: 'a fallback is not a number' },
  limits_missing: { zh: '没有限值', en: 'it has no limits' },
  level_twice: { zh: '同一级别出现两次', en: 'a level is given twice' },
  limit_invalid: {
    zh: '有限值不是数，或回差为负',
    en: 'a limit is not a number, or a deadband is negative',
  },
  limits_disordered: {
    zh: '限值 {lower} 不低于限值 {upper}',
    en: 'limit {lower} is not below limit {upper}',
  },
  range_end_invalid: { zh: '范围的一端不是数', en: 'an end of its range is not a number' },
  range_empty: { zh: '范围的下端不低于上端', en: 'the low end of its range is not below the high end' },
  bits_missing: { zh: '没有状态位', en: 'it names no bits' },
  mask_invalid: {
    zh: '有掩码不是 1 到 4294967295 的整数',
    en: 'a mask is not a whole number from 1 to 4294967295',
  },
  values_missing: { zh: '没有要计数的值', en: 'it names no value to count' },
  states_missing: {
    zh: '既没有报警值也没有正常值',
    en: 'it names neither an alarm value nor a normal one',
  },
  off_normal_severity_missing: {
    zh: '给了正常值，但没有给其他值的严重度',
    en: 'normal values are given, but no severity for a value that is none of them',
  },
  terms_missing: { zh: '没有条件', en: 'it has no terms' },
  members_missing: { zh: '没有成员', en: 'it has no members' },
  colours_invalid: {
    zh: '合成上一级颜色的个数不是 2 或更大的整数',
    en: 'a number of colours that make a higher one is not a whole number, 2 or more',
  },
  members_too_few: {
    zh: '有 {members} 个成员，至少需要 {least} 个',
    en: 'it has {members} members, and needs at least {least}',
  },
  need_invalid: {
    zh: '所需成员数不是大于 0 的整数',
    en: 'the number of members that it needs is not a whole number above 0',
  },
  member_twice: { zh: '测点 {point} 两次作为成员', en: 'the point {point} is a member twice' },
  member_silent: {
    zh: '没有说明测点 {point} 的什么值算数',
    en: 'it is not said at which value the point {point} counts',
  },
  zone_missing: { zh: '时间表没有时区', en: 'its schedule has no time zone' },
  zone_disordered: { zh: '时区的偏移不按顺序', en: 'the offsets of its time zone are not in order' },
  schedule_empty: { zh: '时间表是空的', en: 'its schedule is empty' },
  span_invalid: { zh: '时间表有一段不在一周之内', en: 'a span of its schedule is not of a week' },
  logic_too_long: { zh: '逻辑超过 {most} 个部分', en: 'its logic has more than {most} parts' },
  logic_terms_missing: { zh: '“{part}”没有条件', en: '"{part}" has no terms' },
  logic_values_missing: { zh: '“one-of”没有值', en: '"one-of" names no values' },
  logic_unknown: {
    zh: '逻辑有本版本不认识的部分 {part}',
    en: 'its logic has a part {part}, which is not known to this version',
  },
  expression_unreadable: { zh: '计算式无法读取：{cause}', en: 'its expression cannot be read: {cause}' },
  expression_failed: { zh: '计算式无法计算：{cause}', en: 'its expression failed: {cause}' },
  expression_gave_text: { zh: '计算式的结果是文字', en: 'its expression gave a text' },
  too_long: { zh: '超过 {most} 个字符', en: 'it is longer than {most} characters' },
  too_many_parts: { zh: '超过 {most} 个部分', en: 'it has more than {most} parts' },
  syntax: { zh: '第 {at} 个字符处有语法错误', en: '{detail}' },
  not_of_the_language: { zh: '{part} 不属于计算式语言', en: '{part} is not part of the language' },
  variable_unknown: { zh: '没有变量 {name}', en: 'there is no variable {name}' },
  function_unknown: { zh: '没有函数 {name}', en: 'there is no function {name}' },
  arguments_invalid: { zh: '{name} 不能有 {count} 个参数', en: '{name} does not take {count} values' },
  needs_numbers: { zh: '{by} 需要数，而不是 {value}', en: '{by} needs numbers, not {value}' },
  needs_truth: { zh: '{by} 需要真或假，而不是 {value}', en: '{by} needs true or false, not {value}' },
  no_number: {
    zh: '{by} 没有得出数，例如除以 0',
    en: '{by} gave no number, as in a division by 0',
  },
} satisfies Readonly<Record<string, BilingualText>>;

export type FaultCode = keyof typeof WORDS;

/** What is wrong with a rule, as data: a code, and what its words speak of. */
export interface Fault {
  readonly code: FaultCode;
  readonly params: Readonly<Record<string, string | number>>;
  /** Of a code that only says where it is. */
  readonly cause?: Fault;
}

export function fault(code: FaultCode, params: Fault['params'] = {}): Fault {
  return { code, params };
}

/** The same fault, somewhere in particular. */
export function faultIn(code: FaultCode, cause: Fault): Fault {
  return { code, params: {}, cause };
}

export function faultText({ code, params, cause }: Fault): BilingualText {
  const inner = cause === undefined ? undefined : faultText(cause);
  const filled = (language: keyof BilingualText): string =>
    WORDS[code][language].replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === 'cause' ? (inner?.[language] ?? '') : String(params[name] ?? '?'),
    );
  return { zh: filled('zh'), en: filled('en') };
}
