import { failure, type Failure } from './refusal.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * `JSON.parse` on strict UTF-8 with a bound on nesting. `JSON.parse` is the reference of the dialect: of equal keys the
 * last one counts, and `NaN` is not JSON.
 */
export function parseJson(
  payload: Uint8Array,
  maxDepth: number,
): { readonly ok: true; readonly value: unknown } | Failure {
  // Before parsing, so that a hostile payload costs one pass over its bytes and no objects.
  if (nestsDeeperThan(payload, maxDepth)) {
    return failure('too_deep', `arrays and objects are nested deeper than ${maxDepth}`);
  }
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return failure('not_utf8', 'the payload is not well-formed UTF-8');
  }
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'cannot be parsed';
    return failure('malformed_json', `not JSON: ${reason.slice(0, 160)}`);
  }
}

/** Counts brackets outside strings; on bytes that are no JSON the answer does not matter, since parsing fails. */
function nestsDeeperThan(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth++;
      if (depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  return false;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map keyed by names from the wire: `constructor` and `__proto__` are ordinary absent keys. */
export function wireMap<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** Own members only: on an object from `JSON.parse`, `value.constructor` would answer with what was never sent. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

// A lone surrogate has no UTF-8 form and U+0000 ends strings elsewhere: neither survives storage.
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /[\u0000\ud800-\udfff]/u;

export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
