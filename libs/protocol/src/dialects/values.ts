import { type DeviceEventMessage, boundedCopy } from '../device-event.js';
import { type DeviceTime } from '../envelope.js';
import { isObject, wireMap, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted, type Refusal } from '../refusal.js';
import { usableScalar, type Scalar, type TelemetryMessage } from '../telemetry.js';
import { isWireName, NAME_RULE } from './names.js';

/** How a dialect writes values. */
export interface ValueRules {
  /** `"12"` means 12. */
  readonly numericStrings: boolean;
  /** `null` means that there is nothing to say. */
  readonly skipNull: boolean;
}

export const plainValues: ValueRules = { numericStrings: false, skipNull: false };

/** Scalars of one message, until its time is known. */
export class Values {
  private readonly values = wireMap<Scalar>();
  private readonly quality = wireMap<'uncertain' | 'bad'>();
  private count = 0;

  set(key: string, value: Scalar): void {
    this.values[key] = value;
    this.count++;
    // As in the own dialect: the last digits were lost in JSON.parse.
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.quality[key] = 'uncertain';
    }
  }

  /** `undefined` when there is no value. */
  message(time: DeviceTime, hist = false): TelemetryMessage | undefined {
    return this.count === 0 ? undefined : { values: this.values, quality: this.quality, hist, ...time };
  }
}

/**
 * The scalars of a wire object, key by key, whatever a key is to the profile. Empty where nothing is usable; what cannot be
 * used is told, and a `null` that the rules skip is not.
 */
export function readValues(
  object: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
  rules: ValueRules = plainValues,
): Values {
  const read = new Values();
  const keys = readableKeys(object, limits, refusals);
  if (!isObject(object)) return read;
  for (const key of keys) {
    const value = readValue(key, object[key], limits, refusals, rules);
    if (value !== undefined) read.set(key, value);
  }
  return read;
}

/** The keys of an object that is not empty and not too large; none where it is, and then it is told. */
export function readableKeys(object: unknown, limits: DecodeLimits, refusals: Refusal[]): readonly string[] {
  if (!isObject(object)) {
    refusals.push({ code: 'values_missing', message: 'the values must be an object' });
    return [];
  }
  const keys = Object.keys(object);
  if (keys.length === 0) refusals.push({ code: 'values_missing', message: 'there are no values' });
  if (keys.length <= limits.maxValues) return keys;
  refusals.push({
    code: 'too_many_values',
    message: `${keys.length} values, at most ${limits.maxValues}`,
  });
  return [];
}

/** One value; `undefined` where it cannot be used, with the reason told, or where there is none. */
export function readValue(
  key: string,
  value: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
  rules: ValueRules = plainValues,
): Scalar | undefined {
  if (value === null && rules.skipNull) return undefined;
  if (!isWireName(key)) {
    refusals.push({ code: 'key_invalid', message: `${quoted(key)} is no key: ${NAME_RULE}` });
    return undefined;
  }
  if (typeof value === 'object' && value !== null) {
    const what = Array.isArray(value) ? 'an array' : 'an object';
    refusals.push({
      code: 'value_type',
      message: `${quoted(key)} is ${what}: a point holds one number, boolean or string; send its members as keys`,
    });
    return undefined;
  }
  const usable = usableScalar(key, value, limits, refusals);
  return typeof usable === 'string' && rules.numericStrings ? numberIfExact(usable) : usable;
}

const NUMERIC = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** The number that a text is; the text where a double would lose digits of an integer, or is not long enough. */
function numberIfExact(text: string): number | string {
  if (!NUMERIC.test(text)) return text;
  const number = Number(text);
  const exact = text.includes('.') ? Number.isFinite(number) : Number.isSafeInteger(number);
  return exact ? number : text;
}

/** Attributes as they are: `"0012"` is a serial number. `undefined` when none is usable. */
export function readAttributes(
  object: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
): Readonly<Record<string, Scalar>> | undefined {
  const read = readValues(object, limits, refusals, { numericStrings: false, skipNull: true });
  return read.message({})?.values;
}

/** An event of a device with what it says; `data` that is no object becomes its member `value`. */
export function readEvent(
  name: string,
  data: unknown,
  time: DeviceTime,
  limits: DecodeLimits,
  refusals: Refusal[],
): DeviceEventMessage | undefined {
  if (!isWireName(name)) {
    refusals.push({ code: 'event_invalid', message: `${quoted(name)} is no event: ${NAME_RULE}` });
    return undefined;
  }
  const copied = data === undefined || data === null ? undefined : eventData(data, limits, refusals);
  return { event: name, ...time, ...(copied === undefined ? {} : { data: copied }) };
}

function eventData(data: unknown, limits: DecodeLimits, refusals: Refusal[]): JsonObject | undefined {
  const copied = boundedCopy(data, limits, refusals);
  if (copied === undefined) return undefined;
  if (isObject(copied)) return copied;
  const wrapped = wireMap<unknown>();
  wrapped['value'] = copied;
  return wrapped;
}
