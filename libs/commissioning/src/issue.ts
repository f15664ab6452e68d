import { createHash, randomBytes } from 'node:crypto';
import { type CredentialKind, type IssuedCredential } from '@watchfire/contracts';
import { newDeviceCredential, newId, type NewCredential } from '@watchfire/registry';

/** 192 random bits: what cannot be guessed needs no slow hash, and a thousand devices can come back in the same second. */
const SECRET_BYTES = 24;
const SECURE_ID_BYTES = 12;

export interface Issue {
  readonly kind: CredentialKind;
  readonly deviceId: string;
  readonly label?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly by: string;
}

/** How devices of a dialect expect to sign in. */
export function kindOfDialect(dialect: string): CredentialKind {
  if (dialect === 'thingsboard') return 'token';
  return dialect === 'jetlinks' ? 'signed' : 'password';
}

/** A new credential: what is stored of it, and what is shown of it once. */
export function issue({ kind, deviceId, label, fingerprint, by }: Issue): {
  readonly stored: NewCredential;
  readonly shown: IssuedCredential;
} {
  const id = newId('cred');
  const { username, password, ...kept } = secretsOf(kind, deviceId, fingerprint);
  return {
    stored: { id, kind, label, by, ...kept },
    shown: { credentialId: id, kind, username, password },
  };
}

/** What a token is found by. It has nothing to guess, so that a plain digest protects it. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64url');
}

function secretsOf(kind: CredentialKind, deviceId: string, fingerprint: string | undefined) {
  switch (kind) {
    case 'password': {
      const { password, hash } = newDeviceCredential();
      return { username: deviceId, password, secret: hash };
    }
    case 'token': {
      const token = randomBytes(SECRET_BYTES).toString('base64url');
      return { username: token, password: '', lookup: digestOf(token) };
    }
    case 'signed': {
      const secureId = randomBytes(SECURE_ID_BYTES).toString('base64url');
      const secureKey = randomBytes(SECRET_BYTES).toString('base64url');
      return { username: secureId, password: secureKey, lookup: secureId, secret: secureKey };
    }
    case 'certificate':
      return { username: deviceId, password: '', lookup: fingerprint ?? null };
  }
}
