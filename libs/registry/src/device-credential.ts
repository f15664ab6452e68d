import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SCHEME = 'sha256';
const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;

export interface DeviceCredential {
  /** 192 random bits, base64url; shown once. */
  readonly password: string;
  /** `sha256$salt$hash`, both base64url: what is stored. */
  readonly hash: string;
}

/**
 * A credential that nobody chose has nothing to guess, so a fast hash protects it as well as a slow one, and a thousand
 * devices can come back in the same second.
 */
export function newDeviceCredential(): DeviceCredential {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const salt = randomBytes(SALT_BYTES);
  return {
    password,
    hash: [SCHEME, salt.toString('base64url'), digest(salt, password).toString('base64url')].join('$'),
  };
}

/** Takes the same time wherever the first difference is; false for a hash that it cannot read. */
export function verifyDeviceCredential(password: string, hash: string): boolean {
  const [scheme, salt, expected, ...rest] = hash.split('$');
  if (scheme !== SCHEME || salt === undefined || expected === undefined || rest.length > 0) return false;
  const wanted = Buffer.from(expected, 'base64url');
  const actual = digest(Buffer.from(salt, 'base64url'), password);
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

function digest(salt: Buffer, password: string): Buffer {
  return createHash('sha256').update(salt).update(password, 'utf8').digest();
}
