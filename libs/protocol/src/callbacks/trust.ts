import {
  type CallbackDistrust,
  type CallbackHashes,
  type CallbackRequest,
  type CallbackTrust,
} from './callback.js';

const utf8 = new TextEncoder();

export const bytesOf = (text: string): Uint8Array => utf8.encode(text);

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** In a time that does not tell how far two texts of equal length agree. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** For platforms that sign nothing, or by a rule that is not published: `?token=` in the callback address, over TLS. */
export function distrustOfToken(
  { query }: CallbackRequest,
  { secret }: CallbackTrust,
): CallbackDistrust | undefined {
  const token = query['token'];
  if (token === undefined || secret === '') return { reason: 'signature_missing' };
  return equalInConstantTime(token, secret) ? undefined : { reason: 'signature_wrong' };
}

/** The event id of a report that has none: a report that is sent again is the same text. */
export function contentId(content: string, hashes: CallbackHashes): string {
  return `sha256:${hex(hashes.sha256(bytesOf(content)))}`;
}
