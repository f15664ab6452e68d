import { type Profile, type ProfilePoint } from '@watchfire/catalogue';

export type PointValue = number | boolean | string;
/** One message of a device: point key → value. */
export type Values = Readonly<Record<string, PointValue>>;

/** Something that knows some of a device's values at any time; asked with times that never fall. */
export interface ValueSource {
  /** `at` in epoch ms. */
  values(at: number): Values;
}

/** What an instrument can show of a true value: within its span, in steps of its last digit. */
export function quantise(value: number, point: ProfilePoint | undefined): number {
  const { span, decimals = 3 } = point ?? {};
  const within = span === undefined ? value : Math.min(span.max, Math.max(span.min, value));
  // Through text: 0.1 steps made by multiplication end in 0.30000000000000004.
  const shown = Number(within.toFixed(decimals));
  return shown === 0 ? 0 : shown;
}

export function pointOf(profile: Profile, key: string): ProfilePoint | undefined {
  return profile.points.find((point) => point.key === key);
}
