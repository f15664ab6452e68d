import { civilOfSeconds, secondsOfCivil } from '../civil-time.js';
import { Gb26875Error } from './errors.js';

export type TimeCoding = 'binary' | 'bcd';

/** Six bytes: second, minute, hour, day, month, year since 2000; local time, no zone on the wire. */
export interface TimeLabel {
  readonly raw: Uint8Array;
  /** Epoch ms; absent where the bytes are no time. */
  readonly at?: number;
  /** How they were read. */
  readonly coding?: TimeCoding;
}

export interface TimeReading {
  /** `auto`: binary as the standard says, unless only BCD makes sense or BCD is nearer to `near`. */
  readonly coding: TimeCoding | 'auto';
  /** Of the device's clock from UTC: 480 in China. */
  readonly utcOffsetMinutes: number;
  /** When it was received, epoch ms: settles what can be read both ways. */
  readonly near?: number;
}

export const TIME_LABEL_BYTES = 6;

export function readTimeLabel(raw: Uint8Array, reading: TimeReading): TimeLabel {
  const { coding, utcOffsetMinutes, near } = reading;
  if (coding !== 'auto') return labelled(raw, coding, epochOf(raw, coding, utcOffsetMinutes));
  const binary = epochOf(raw, 'binary', utcOffsetMinutes);
  const bcd = epochOf(raw, 'bcd', utcOffsetMinutes);
  if (binary === undefined || bcd === undefined) {
    return labelled(raw, bcd === undefined ? 'binary' : 'bcd', binary ?? bcd);
  }
  const isBcdNearer = near !== undefined && Math.abs(bcd - near) < Math.abs(binary - near);
  return isBcdNearer ? labelled(raw, 'bcd', bcd) : labelled(raw, 'binary', binary);
}

/** @throws Gb26875Error outside the years 2000 to 2099. */
export function timeLabel(
  at: number,
  coding: TimeCoding = 'binary',
  utcOffsetMinutes = CHINA_OFFSET_MINUTES,
): TimeLabel {
  const seconds = Math.floor(at / 1_000);
  const local = civilOfSeconds(seconds + utcOffsetMinutes * 60);
  const year = local.year - 2_000;
  if (!(year >= 0 && year <= 99)) throw new Gb26875Error('time label', 'is of the years 2000 to 2099');
  const values = [local.second, local.minute, local.hour, local.day, local.month, year];
  const raw = Uint8Array.from(coding === 'bcd' ? values.map(toBcd) : values);
  return { raw, at: seconds * 1_000, coding };
}

export const CHINA_OFFSET_MINUTES = 480;

function labelled(raw: Uint8Array, coding: TimeCoding, at: number | undefined): TimeLabel {
  return at === undefined ? { raw } : { raw, at, coding };
}

function epochOf(raw: Uint8Array, coding: TimeCoding, utcOffsetMinutes: number): number | undefined {
  if (raw.length !== TIME_LABEL_BYTES) return undefined;
  const numbers = coding === 'bcd' ? [...raw].map(fromBcd) : [...raw];
  const [second = NaN, minute = NaN, hour = NaN, day = NaN, month = NaN, year = NaN] = numbers;
  if (!(year <= 99)) return undefined;
  const local = secondsOfCivil({ year: 2_000 + year, month, day, hour, minute, second });
  return local === undefined ? undefined : (local - utcOffsetMinutes * 60) * 1_000;
}

function fromBcd(byte: number): number {
  const high = byte >>> 4;
  const low = byte & 0x0f;
  return high <= 9 && low <= 9 ? high * 10 + low : NaN;
}

function toBcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}
