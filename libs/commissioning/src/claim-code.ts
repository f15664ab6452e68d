import { randomBytes } from 'node:crypto';
import { digestOf } from './issue.js';

/** Crockford's alphabet: nothing that is misread on a label or over the telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** 100 random bits, as `7H2M0-Q9XK3-T1VWD-84ZBN`. */
export function newClaimCode(): string {
  const letters = Array.from(randomBytes(GROUPS * GROUP_LENGTH), (byte) => ALPHABET.charAt(byte & 31));
  const groups = Array.from({ length: GROUPS }, (_, n) =>
    letters.slice(n * GROUP_LENGTH, (n + 1) * GROUP_LENGTH).join(''),
  );
  return groups.join('-');
}

/** What a code is stored and found by; the same for every way in which a person may have typed it. */
export function claimCodeHash(code: string): string {
  const letters = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return digestOf(`claim ${letters}`);
}
