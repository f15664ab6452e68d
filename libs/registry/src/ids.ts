import { randomBytes } from 'node:crypto';

/** Crockford's alphabet: nothing that is misread on a label or over the telephone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 12;

export type IdPrefix =
  | 'ent'
  | 'site'
  | 'dev'
  | 'usr'
  | 'ses'
  | 'cmd'
  | 'cred'
  | 'clm'
  | 'qua'
  | 'bkt'
  | 'apr'
  | 'plc'
  | 'cmp'
  | 'dpl';

/** A new id such as `dev-7h2m0q9xk3tz`: 60 random bits, safe in a topic level, a URL and a file name. */
export function newId(prefix: IdPrefix): string {
  let id = '';
  for (const byte of randomBytes(LENGTH)) id += ALPHABET[byte & 31];
  return `${prefix}-${id}`;
}
