import { type CommandRefusal, type DeviceAttributes, type Downlink } from '../dialect.js';
import { epochTime, type DeviceTime } from '../envelope.js';
import { isObject, isStorable, member, wireMap, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { type Refusal } from '../refusal.js';
import { type Scalar, type TelemetryMessage } from '../telemetry.js';
import { isWireName } from './names.js';
import { jsonBytes } from './json-message.js';
import { readValues, type ValueRules } from './values.js';

const RULES: ValueRules = { numericStrings: true, skipNull: true };

/**
 * Telemetry in any of the four shapes: an object or an array of objects, each with `ts` and `values`, or flat. `ts` is the time
 * only where `values` is beside it; alone it is a key like any other.
 */
export function readTelemetry(
  body: unknown,
  limits: DecodeLimits,
  maxMessages: number,
  refusals: Refusal[],
): readonly TelemetryMessage[] {
  const elements: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (elements.length === 0) refusals.push({ code: 'no_messages', message: 'the array is empty' });
  if (elements.length > maxMessages) {
    refusals.push({
      code: 'too_many_messages',
      message: `${elements.length} messages, at most ${maxMessages}`,
    });
    return [];
  }
  const messages: TelemetryMessage[] = [];
  for (const [index, element] of elements.entries()) {
    const found: Refusal[] = [];
    const message = readElement(element, limits, found);
    if (message !== undefined) messages.push(message);
    const place = elements.length > 1 ? `[${index}] ` : '';
    for (const { code, message: text } of found) refusals.push({ code, message: place + text });
  }
  return messages;
}

function readElement(
  element: unknown,
  limits: DecodeLimits,
  refusals: Refusal[],
): TelemetryMessage | undefined {
  if (!isObject(element)) {
    refusals.push({ code: 'not_an_object', message: 'a message must be a JSON object' });
    return undefined;
  }
  const timed = Object.hasOwn(element, 'ts') && Object.hasOwn(element, 'values');
  const time: DeviceTime = timed ? epochTime(element, 'ts', refusals) : {};
  return readValues(timed ? element['values'] : element, limits, refusals, RULES).message(time);
}

/** Any JSON is a reply; these spellings of a failure are common. */
export function replySucceeded(reply: unknown): boolean {
  if (!isObject(reply)) return true;
  const error = member(reply, 'error');
  return (
    member(reply, 'ok') !== false &&
    member(reply, 'success') !== false &&
    (error === undefined || error === null || error === false)
  );
}

/** What goes down for `write_attributes`: the changed shared attributes, or with `null` for each, the removed ones. */
export function sharedUpdate(
  params: Readonly<Record<string, unknown>>,
): { readonly document: unknown } | CommandRefusal {
  const keys = Object.keys(params);
  if (keys.length === 0) return { refused: 'there are no attributes to write' };
  const removed = keys.filter((key) => params[key] === null);
  if (removed.length === 0) return { document: params };
  if (removed.length === keys.length) return { document: { deleted: removed } };
  return { refused: 'attributes are written, or removed with null, in separate commands' };
}

const DEFAULT_CLAIM_MS = 60_000;
const MAX_CLAIM_MS = 604_800_000;

/** A claim needs a secret here, although ThingsBoard lets it be empty: without one anybody could take the device. */
export function readClaim(
  body: unknown,
  refusals: Refusal[],
): { readonly secretKey: string; readonly durationMs: number } | undefined {
  const secretKey = isObject(body) ? member(body, 'secretKey') : undefined;
  if (typeof secretKey !== 'string' || secretKey === '' || secretKey.length > 256 || !isStorable(secretKey)) {
    refusals.push({ code: 'claim_invalid', message: 'secretKey must be 1 to 256 characters' });
    return undefined;
  }
  const asked = isObject(body) ? member(body, 'durationMs') : undefined;
  const durationMs = asked ?? DEFAULT_CLAIM_MS;
  if (
    typeof durationMs !== 'number' ||
    !Number.isSafeInteger(durationMs) ||
    durationMs < 1 ||
    durationMs > MAX_CLAIM_MS
  ) {
    refusals.push({
      code: 'claim_invalid',
      message: `durationMs must be an integer from 1 to ${MAX_CLAIM_MS}`,
    });
    return undefined;
  }
  return { secretKey, durationMs };
}

/** The answer to `{"clientKeys":"a,b","sharedKeys":"c"}`; without both, to everything. */
export function attributesAnswer(
  request: JsonObject,
  topic: string,
  limits: DecodeLimits,
  refusals: Refusal[],
): ((attributes: DeviceAttributes) => Downlink) | undefined {
  const client = askedKeys(request, 'clientKeys', limits, refusals);
  const shared = askedKeys(request, 'sharedKeys', limits, refusals);
  if (client === 'unusable' || shared === 'unusable') return undefined;
  const everything = client === undefined && shared === undefined;
  return (attributes) => {
    const document = {
      ...(everything ? { client: attributes.client } : client && { client: pick(attributes.client, client) }),
      ...(everything ? { shared: attributes.shared } : shared && { shared: pick(attributes.shared, shared) }),
    };
    return { topic, payload: jsonBytes(document) };
  };
}

function askedKeys(
  request: JsonObject,
  field: string,
  limits: DecodeLimits,
  refusals: Refusal[],
): readonly string[] | undefined | 'unusable' {
  const sent = member(request, field);
  if (sent === undefined || sent === '') return undefined;
  const keys = typeof sent === 'string' ? sent.split(',', limits.maxValues + 1) : [];
  if (keys.length > 0 && keys.length <= limits.maxValues && keys.every(isWireName)) return keys;
  refusals.push({
    code: 'request_invalid',
    message: `${field} must be 1 to ${limits.maxValues} keys with commas between them`,
  });
  return 'unusable';
}

/** Those of the attributes that exist. */
export function pick(
  attributes: Readonly<Record<string, Scalar>>,
  keys: readonly string[],
): Readonly<Record<string, Scalar>> {
  const picked = wireMap<Scalar>();
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}
