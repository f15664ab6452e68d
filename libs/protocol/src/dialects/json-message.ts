import { isObject, parseJson, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { failure, type Failure } from '../refusal.js';

const utf8 = new TextEncoder();

export const jsonBytes = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value));

/** A payload that must be one JSON object. */
export function parseObject(
  payload: Uint8Array,
  limits: DecodeLimits,
): { readonly ok: true; readonly value: JsonObject } | Failure {
  const parsed = parseJson(payload, limits.maxDepth);
  if (!parsed.ok) return parsed;
  return isObject(parsed.value)
    ? { ok: true, value: parsed.value }
    : failure('not_an_object', 'the payload must be a JSON object');
}
