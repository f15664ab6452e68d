import { deviceTime, messageIdentity, type DeviceTime, type MessageIdentity } from './envelope.js';
import { isObject, isStorable, member, parseJson, wireMap, type JsonObject } from './json.js';
import { type DecodeLimits } from './limits.js';
import { failure, quoted, type Failure, type ProtocolErrorCode, type Refusal } from './refusal.js';

export type Scalar = number | boolean | string;
export type DeclaredQuality = 'good' | 'uncertain' | 'bad';

/** One message of the own dialect with what of it is usable: at least one value. */
export interface TelemetryMessage extends DeviceTime, MessageIdentity {
  /** Keyed by point key; without a prototype. */
  readonly values: Readonly<Record<string, Scalar>>;
  /** Only what is not good: declared by the device, or an integer that a double cannot hold exactly. */
  readonly quality: Readonly<Record<string, 'uncertain' | 'bad'>>;
  /** Back-filled by the device. */
  readonly hist: boolean;
}

export interface DecodedTelemetry {
  readonly ok: true;
  /** As sent, oldest first; empty when nothing could be used, and then there are refusals. */
  readonly messages: readonly TelemetryMessage[];
  readonly refusals: readonly Refusal[];
}

export const POINT_KEY = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Decodes `{"values":{…},…}` or an array of such objects. Never throws. */
export function decodeTelemetry(payload: Uint8Array, limits: DecodeLimits): DecodedTelemetry | Failure {
  const parsed = parseJson(payload, limits.maxDepth);
  if (!parsed.ok) return parsed;
  const elements: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (elements.length === 0) return failure('no_messages', 'the array is empty');
  if (elements.length > limits.maxMessages) {
    return failure('too_many_messages', `${elements.length} messages, at most ${limits.maxMessages}`);
  }
  const messages: TelemetryMessage[] = [];
  const refusals: Refusal[] = [];
  for (const [index, element] of elements.entries()) {
    const found: Refusal[] = [];
    const message = isObject(element)
      ? decodeMessage(element, limits, found)
      : refuse(found, 'not_an_object', 'a message must be a JSON object');
    if (message !== undefined) messages.push(message);
    const place = elements.length > 1 ? `[${index}] ` : '';
    for (const { code, message: text } of found) refusals.push({ code, message: place + text });
  }
  return { ok: true, messages, refusals };
}

function decodeMessage(
  object: JsonObject,
  limits: DecodeLimits,
  refusals: Refusal[],
): TelemetryMessage | undefined {
  const sent = member(object, 'values');
  if (!isObject(sent)) return refuse(refusals, 'values_missing', 'values must be an object');
  const keys = Object.keys(sent);
  if (keys.length === 0) return refuse(refusals, 'values_missing', 'values is empty');
  if (keys.length > limits.maxValues) {
    return refuse(refusals, 'too_many_values', `${keys.length} values, at most ${limits.maxValues}`);
  }
  const values = wireMap<Scalar>();
  const quality = wireMap<'uncertain' | 'bad'>();
  let usable = 0;
  for (const key of keys) {
    const value = usableValue(key, sent[key], limits, refusals);
    if (value === undefined) continue;
    values[key] = value;
    usable++;
    // Beyond 2^53 the last digits are already lost in JSON.parse: good enough for a limit, not for a counter.
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      quality[key] = 'uncertain';
    }
  }
  declaredQuality(object, { values, quality }, refusals);
  const time = deviceTime(object, refusals);
  const identity = messageIdentity(object, refusals);
  const hist = member(object, 'hist');
  if (hist !== undefined && typeof hist !== 'boolean') {
    refusals.push({ code: 'hist_invalid', message: 'hist must be true or false' });
  }
  return usable > 0 ? { values, quality, hist: hist === true, ...time, ...identity } : undefined;
}

function usableValue(
  key: string,
  value: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
): Scalar | undefined {
  if (!POINT_KEY.test(key)) {
    return refuse(
      refusals,
      'key_invalid',
      `${quoted(key)} is no point key: a letter, then letters, digits, _`,
    );
  }
  return usableScalar(key, value, limits, refusals);
}

/** What a point can hold, or `undefined` with the reason told. `key` is only quoted. */
export function usableScalar(
  key: string,
  value: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
): Scalar | undefined {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value)
        ? value
        : refuse(refusals, 'number_not_finite', `${quoted(key)} is beyond what a double can hold`);
    case 'string':
      if (value.length > limits.maxStringLength) {
        return refuse(
          refusals,
          'string_too_long',
          `${quoted(key)} has ${value.length} characters, at most ${limits.maxStringLength}`,
        );
      }
      return isStorable(value)
        ? value
        : refuse(refusals, 'string_invalid', `${quoted(key)} holds U+0000 or half a surrogate pair`);
    default:
      return refuse(refusals, 'value_type', `${quoted(key)} must be a number, a boolean or a string`);
  }
}

/** A quality that cannot be read makes its value uncertain, never good: the device meant to say something about it. */
function declaredQuality(
  object: JsonObject,
  into: { values: Record<string, Scalar>; quality: Record<string, 'uncertain' | 'bad'> },
  refusals: Refusal[],
): void {
  const declared = member(object, 'quality');
  if (declared === undefined) return;
  if (!isObject(declared)) {
    refusals.push({ code: 'quality_invalid', message: 'quality must be an object' });
    for (const key of Object.keys(into.values)) into.quality[key] = 'uncertain';
    return;
  }
  for (const key of Object.keys(declared)) {
    if (!(key in into.values)) continue;
    const word = declared[key];
    if (word === 'good') continue;
    if (word === 'bad') into.quality[key] = 'bad';
    else into.quality[key] = 'uncertain';
    if (word !== 'bad' && word !== 'uncertain') {
      refusals.push({
        code: 'quality_invalid',
        message: `quality of ${quoted(key)} must be good, uncertain or bad`,
      });
    }
  }
}

function refuse(refusals: Refusal[], code: ProtocolErrorCode, message: string): undefined {
  refusals.push({ code, message });
}
