import { isStorable } from '../json.js';

/** UTF-16 code units of a key, an event, a service, or a device behind a gateway, as it is called on the wire. */
export const MAX_NAME_LENGTH = 128;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Whether a name from the wire may go on into the house. Wider than a point key: what a key means to the device's profile is
 * decided by the gateway, after its mapping. `__proto__` would set a prototype in whoever copies it carelessly.
 */
export function isWireName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length > 0 &&
    name.length <= MAX_NAME_LENGTH &&
    name !== '__proto__' &&
    !CONTROL.test(name) &&
    isStorable(name)
  );
}

/** Whether a name can be one level of a topic. */
export function isTopicLevel(name: unknown): name is string {
  return isWireName(name) && !/[+#/]/.test(name);
}

/** Whether an id that a device chose may be echoed to it. */
export function isWireId(id: unknown): id is string | number {
  return typeof id === 'number' ? Number.isSafeInteger(id) : isWireName(id);
}

export const NAME_RULE = `1 to ${MAX_NAME_LENGTH} characters, no control character`;
