import { isStorable, member, type JsonObject } from './json.js';
import { type Refusal } from './refusal.js';

/** Where the device's clock stands: believed or not is the gateway's decision, unreadable is ours. */
export interface DeviceTime {
  /** ms since 1970 by the device's clock. */
  readonly ts?: number;
  /** A `ts` was sent and is no number of milliseconds. */
  readonly tsUnusable?: true;
}

export function deviceTime(object: JsonObject, refusals: Refusal[]): DeviceTime {
  return epochTime(object, 'ts', refusals);
}

/** Device time from the member `field`: ms since 1970. */
export function epochTime(object: JsonObject, field: string, refusals: Refusal[]): DeviceTime {
  const ts = member(object, field);
  if (ts === undefined) return {};
  // A fraction of a millisecond is no fault of the value; it has no place in the identity of a sample either.
  if (typeof ts === 'number' && ts >= 0 && ts <= Number.MAX_SAFE_INTEGER) return { ts: Math.floor(ts) };
  refusals.push({ code: 'ts_invalid', message: `${field} must be a number of milliseconds since 1970` });
  return { tsUnusable: true };
}

export interface MessageIdentity {
  /** Rises by one with each message of one boot. */
  readonly seq?: number;
  readonly boot?: string;
}

export function messageIdentity(object: JsonObject, refusals: Refusal[]): MessageIdentity {
  const seq = member(object, 'seq');
  const boot = member(object, 'boot');
  const seqUsable = typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0;
  const bootUsable =
    (typeof boot === 'string' && boot.length > 0 && boot.length <= 64 && isStorable(boot)) ||
    (typeof boot === 'number' && Number.isSafeInteger(boot) && boot >= 0);
  if (seq !== undefined && !seqUsable) {
    refusals.push({ code: 'seq_invalid', message: 'seq must be an integer from 0 to 2^53 - 1' });
  }
  if (boot !== undefined && !bootUsable) {
    refusals.push({ code: 'boot_invalid', message: 'boot must be 1 to 64 characters or an integer' });
  }
  return { ...(seqUsable ? { seq } : {}), ...(bootUsable ? { boot: String(boot) } : {}) };
}
