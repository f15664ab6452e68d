import { secondsOfCivil } from '../civil-time.js';

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)()Z$/;
const EXTENDED = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/;

/**
 * Epoch ms of `yyyyMMdd'T'HHmmss'Z'` or `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'`, UTC, years 1970 to 9999; `undefined` for anything else,
 * a 30 February included. By arithmetic, because the parser of `Date` differs between engines beyond ISO 8601.
 */
export function utcTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > 32) return undefined;
  const found = BASIC.exec(text) ?? EXTENDED.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = found.slice(1).map(Number);
  if (year < 1970) return undefined;
  const seconds = secondsOfCivil({ year, month, day, hour, minute, second });
  return seconds === undefined ? undefined : seconds * 1000 + ms;
}
