import { deviceTime, messageIdentity, type DeviceTime, type MessageIdentity } from './envelope.js';
import { isObject, isStorable, member, parseJson, wireMap, type JsonObject } from './json.js';
import { type DecodeLimits } from './limits.js';
import { failure, type Failure, type Refusal } from './refusal.js';

export interface DeviceEventMessage extends DeviceTime, MessageIdentity {
  readonly event: string;
  /** Copied and bounded; its objects have no prototype. */
  readonly data?: JsonObject;
}

export interface DecodedDeviceEvent {
  readonly ok: true;
  readonly event: DeviceEventMessage;
  readonly refusals: readonly Refusal[];
}

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Decodes `{"event":"…","ts":…,"data":{…}}`. Never throws; unusable data never costs the event. */
export function decodeDeviceEvent(payload: Uint8Array, limits: DecodeLimits): DecodedDeviceEvent | Failure {
  const parsed = parseJson(payload, limits.maxDepth);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) return failure('not_an_object', 'an event must be a JSON object');
  const name = member(parsed.value, 'event');
  if (typeof name !== 'string' || !EVENT_NAME.test(name)) {
    return failure('event_invalid', 'event must be a letter, then letters, digits, _ . -, at most 64');
  }
  const refusals: Refusal[] = [];
  const time = deviceTime(parsed.value, refusals);
  const identity = messageIdentity(parsed.value, refusals);
  const data = eventData(parsed.value, limits, refusals);
  const event = { event: name, ...time, ...identity, ...(data === undefined ? {} : { data }) };
  return { ok: true, event, refusals };
}

function eventData(object: JsonObject, limits: DecodeLimits, refusals: Refusal[]): JsonObject | undefined {
  const data = member(object, 'data');
  if (data === undefined) return undefined;
  if (!isObject(data)) {
    refusals.push({ code: 'data_invalid', message: 'data must be an object' });
    return undefined;
  }
  const copied = boundedCopy(data, limits, refusals);
  return isObject(copied) ? copied : undefined;
}

/** A copy of a value from `JSON.parse` that is safe to keep, or `undefined` with the reason told. */
export function boundedCopy(value: unknown, limits: DecodeLimits, refusals: Refusal[]): unknown {
  const copy = new BoundedCopy(limits);
  const copied = copy.value(value);
  if (copy.reason === undefined) return copied;
  refusals.push({ code: 'data_invalid', message: `data ${copy.reason}` });
  return undefined;
}

/** A copy that stops at the first thing it cannot keep. The depth was bounded before parsing. */
class BoundedCopy {
  reason: string | undefined;
  private members = 0;

  constructor(private readonly limits: DecodeLimits) {}

  value(value: unknown): unknown {
    if (this.reason !== undefined) return undefined;
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.reason = 'holds a number beyond what a double can hold';
      return undefined;
    }
    if (Array.isArray(value)) {
      this.count(value.length);
      return value.map((element) => this.value(element));
    }
    if (!isObject(value)) return value;
    const keys = Object.keys(value);
    this.count(keys.length);
    const copy = wireMap<unknown>();
    for (const key of keys) {
      // Whoever merges it later with Object.assign would set a prototype.
      if (key === '__proto__') this.reason = 'holds the key __proto__';
      if (this.reason !== undefined) return undefined;
      this.text(key);
      copy[key] = this.value(value[key]);
    }
    return copy;
  }

  private count(members: number): void {
    this.members += members;
    if (this.members > this.limits.maxDataMembers) {
      this.reason ??= `has more than ${this.limits.maxDataMembers} members`;
    }
  }

  private text(text: string): string {
    if (text.length > this.limits.maxStringLength) {
      this.reason ??= `holds a string of more than ${this.limits.maxStringLength} characters`;
    } else if (!isStorable(text)) {
      this.reason ??= 'holds U+0000 or half a surrogate pair';
    }
    return text;
  }
}
