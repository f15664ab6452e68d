import { type BilingualText } from './model.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** At most three decimals, a point as decimal mark, no grouping, no negative zero. */
export function numberText(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

export function withUnit(value: number, unit: string | null): string {
  return unit === null || unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
}

export function durationText(durationMs: number): BilingualText {
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

/** To what a person wants to know: from two hours on whole hours, from two minutes on whole minutes. */
export function rounded(durationMs: number): number {
  const step = [HOUR_MS, MINUTE_MS].find((one) => durationMs >= 2 * one);
  return step === undefined ? durationMs : Math.round(durationMs / step) * step;
}
