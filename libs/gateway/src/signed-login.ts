import { createHash, timingSafeEqual } from 'node:crypto';

/** The user name of a login that its device has signed: the secure id and the device's clock. */
export interface SignedLogin {
  readonly secureId: string;
  /** What the clock of the device says, epoch ms. */
  readonly at: number;
}

const FORM = /^([^|]{1,64})\|(\d{1,15})$/;

/** `undefined` where the user name has another form; no device id has this one. */
export function readSignedLogin(username: string): SignedLogin | undefined {
  const [, secureId, at] = FORM.exec(username) ?? [];
  return secureId === undefined ? undefined : { secureId, at: Number(at) };
}

/**
 * Whether the password is `md5hex(user name|key)`, as the official protocol of JetLinks has it. MD5 is what such devices
 * compute; nothing else is entrusted to it.
 */
export function isSignedBy(secureKey: string, username: string, password: string): boolean {
  const expected = createHash('md5').update(`${username}|${secureKey}`, 'utf8').digest('hex');
  const offered = password.toLowerCase();
  return offered.length === expected.length && timingSafeEqual(Buffer.from(offered), Buffer.from(expected));
}

/** A device signs in some times a day; more than this, and the oldest could be played again. */
const KEPT_PER_CREDENTIAL = 256;
/** The ±5 minutes of the original, from the first use on instead of from the device's clock. */
const LOGIN_LIFE_MS = 300_000;

/**
 * The logins that were used, since a signed login stays right for ever: the clock of the device is not compared with ours
 * (a wrong clock must never silence a device), so it is each login that is good for so long from its first use. That is how
 * long the original gives it, and a client that reconnects with the login it has made at its start needs it. Kept in memory: a
 * restart forgets.
 */
export class UsedLogins {
  private readonly byCredential = new Map<string, Map<number, number>>();

  /** False where this login was used before, too long ago. `now`: monotonic ms. */
  use(credentialId: string, at: number, now: number): boolean {
    let used = this.byCredential.get(credentialId);
    if (used === undefined) this.byCredential.set(credentialId, (used = new Map<number, number>()));
    const first = used.get(at);
    if (first !== undefined) return now - first <= LOGIN_LIFE_MS;
    used.set(at, now);
    if (used.size > KEPT_PER_CREDENTIAL) {
      for (const oldest of used.keys()) {
        used.delete(oldest);
        break;
      }
    }
    return true;
  }
}
