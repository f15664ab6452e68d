import { createHash, createHmac } from 'node:crypto';
import {
  callbackFormatOfTopic,
  callbackResult,
  type CallbackHashes,
  type DecodeLimits,
  type DialectResult,
} from '@watchfire/protocol';

export const callbackHashes: CallbackHashes = {
  md5: (data) => createHash('md5').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
};

/** What was pushed to a callback address once, read again; `undefined` where the topic is of no callback. */
export function readCallback(
  topic: string,
  payload: Uint8Array,
  limits: DecodeLimits,
): DialectResult | undefined {
  const decoded = callbackFormatOfTopic(topic)?.decode(payload, limits, callbackHashes);
  if (decoded === undefined) return undefined;
  return decoded.ok ? callbackResult(decoded.items, decoded.refusals) : callbackResult([], [decoded]);
}
