import { type BilingualText, type LimitLevel, type PointValue } from './model.js';
import { isHigh, type AlarmStep, type Watch } from './watch.js';

const LEVEL_NAMES: Readonly<Record<LimitLevel, BilingualText>> = {
  HH: { zh: '高高报 HH', en: 'high-high (HH)' },
  H: { zh: '高报 H', en: 'high (H)' },
  L: { zh: '低报 L', en: 'low (L)' },
  LL: { zh: '低低报 LL', en: 'low-low (LL)' },
};

/** What the operator reads: the same text on every machine, without a locale's formats. */
export function messageOf(watch: Watch, step: AlarmStep, value: PointValue | undefined): BilingualText {
  const { title, condition } = watch.rule;
  switch (condition.kind) {
    case 'limit':
      return limitMessage(title, step, value, watch.points[0]?.point.unit ?? null);
    case 'discrete':
      return watch.steps.length > 1 && step.level !== null
        ? { zh: `${title.zh}：${step.level}`, en: `${title.en}: ${step.level}` }
        : title;
    case 'all':
      return title;
    case 'stale': {
      const after = durationText(condition.afterMs);
      return {
        zh: `${title.zh}：超过 ${after.zh}无有效数据`,
        en: `${title.en}: no usable data for ${after.en}`,
      };
    }
    case 'offline': {
      const after = durationText(condition.afterMs);
      return {
        zh: `${title.zh}：超过 ${after.zh}未连接`,
        en: `${title.en}: not connected for ${after.en}`,
      };
    }
    case 'clock':
      return clockMessage(title, watch.device.clock.skew, condition.limitMs);
    case 'flapping': {
      const within = durationText(condition.windowMs);
      return {
        zh: `${title.zh}：${within.zh}内连接被顶替 ${condition.count} 次或更多`,
        en: `${title.en}: taken over ${condition.count} times or more within ${within.en}`,
      };
    }
  }
}

function limitMessage(
  title: BilingualText,
  { limit }: AlarmStep,
  value: PointValue | undefined,
  unit: string | null,
): BilingualText {
  if (limit === undefined) return title;
  const name = LEVEL_NAMES[limit.level];
  const bound = withUnit(limit.limit, unit);
  if (typeof value !== 'number') {
    return {
      zh: `${title.zh} ${name.zh}：限值 ${bound}`,
      en: `${title.en}, ${name.en}: limit ${bound}`,
    };
  }
  const present = withUnit(value, unit);
  const beyond = isHigh(limit) ? value >= limit.limit : value <= limit.limit;
  if (beyond) {
    const comparison = `${present} ${isHigh(limit) ? '≥' : '≤'} ${bound}`;
    return { zh: `${title.zh} ${name.zh}：${comparison}`, en: `${title.en}, ${name.en}: ${comparison}` };
  }
  // Inside the deadband, or back already when the delay ran out: a comparison would state what is not so.
  return {
    zh: `${title.zh} ${name.zh}：${present}（限值 ${bound}）`,
    en: `${title.en}, ${name.en}: ${present} (limit ${bound})`,
  };
}

function clockMessage(title: BilingualText, skewMs: number, limitMs: number): BilingualText {
  const by = durationText(rounded(Math.abs(skewMs)));
  const limit = durationText(limitMs);
  return skewMs < 0
    ? {
        zh: `${title.zh}：快 ${by.zh}（限值 ${limit.zh}）`,
        en: `${title.en}: ${by.en} ahead (limit ${limit.en})`,
      }
    : {
        zh: `${title.zh}：慢 ${by.zh}（限值 ${limit.zh}）`,
        en: `${title.en}: ${by.en} behind (limit ${limit.en})`,
      };
}

/** To what a person wants to know: from two hours on whole hours, from two minutes on whole minutes. */
function rounded(durationMs: number): number {
  const step = [HOUR_MS, MINUTE_MS].find((one) => durationMs >= 2 * one);
  return step === undefined ? durationMs : Math.round(durationMs / step) * step;
}

/** At most three decimals, a point as decimal mark, no grouping, no negative zero. */
export function numberText(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function withUnit(value: number, unit: string | null): string {
  return unit === null || unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function durationText(durationMs: number): BilingualText {
  if (durationMs >= HOUR_MS && durationMs % HOUR_MS === 0) {
    const hours = numberText(durationMs / HOUR_MS);
    return { zh: `${hours} 小时`, en: `${hours} h` };
  }
  if (durationMs >= MINUTE_MS && durationMs % MINUTE_MS === 0) {
    const minutes = numberText(durationMs / MINUTE_MS);
    return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  }
  const seconds = numberText(durationMs / 1000);
  return { zh: `${seconds} 秒`, en: `${seconds} s` };
}
