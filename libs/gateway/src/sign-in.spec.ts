import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock, testDevice } from '../spec/harness.js';
import { type ClientCertificate } from './certificates.js';
import { type ConnectRequest } from './connect-packet.js';
import { DeviceDirectory, type DirectoryCredential } from './directory.js';
import { gatewayLimits } from './limits.js';
import { Sessions } from './session.js';
import { SignIn, type SignInVerdict } from './sign-in.js';

let clock: TestClock;
let directory: DeviceDirectory;
let signIn: SignIn;
let verified: number;
beforeEach(() => {
  clock = new TestClock();
  directory = new DeviceDirectory();
  verified = 0;
  const verify = (password: string, hash: string): boolean => {
    verified++;
    return hash === `hash-of-${password}`;
  };
  const stopped = { now: () => clock.wall, monotonicMs: () => clock.skippedMs };
  signIn = new SignIn(directory, new Sessions(), verify, gatewayLimits, stopped);
});

const connect = (username?: string, password?: string, clientId = ''): ConnectRequest => ({
  level: 4,
  clientId,
  clean: true,
  keepaliveSeconds: 0,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password: Buffer.from(password) }),
});
const decide = (request: ConnectRequest, peerCertificate?: ClientCertificate): SignInVerdict =>
  signIn.decide(request, { address: '10.0.0.1', peerCertificate });
const outcome = (verdict: SignInVerdict): string => (verdict.ok ? verdict.credentialId : verdict.reason);
const register = (id: string, ...credentials: (DirectoryCredential | undefined)[]): void =>
  directory.upsert(testDevice(id, { credentials: credentials.flatMap((each) => each ?? []) }));

const password = (id: string, secret: string, expiresAt: number | null = null): DirectoryCredential => ({
  id,
  kind: 'password',
  hash: `hash-of-${secret}`,
  expiresAt,
});
const token = (id: string, secret: string): DirectoryCredential => ({
  id,
  kind: 'token',
  digest: createHash('sha256').update(secret).digest('base64url'),
  expiresAt: null,
});
const signed = (id: string): DirectoryCredential => ({
  id,
  kind: 'signed',
  secureId: 'sec',
  secureKey: 'key',
  expiresAt: null,
});
const signature = (at: number, key = 'key'): [string, string] => {
  const username = `sec|${at}`;
  return [username, createHash('md5').update(`${username}|${key}`).digest('hex')];
};

describe('[IN40] several credentials', () => {
  it('each open the door, until their overlap ends', () => {
    const until = clock.wall + 60_000;
    register('d', password('old', 'one', until), password('new', 'two'), token('tok', 'T0KEN'));
    expect(outcome(decide(connect('d', 'one')))).toBe('old');
    expect(outcome(decide(connect('d', 'two')))).toBe('new');
    expect(outcome(decide(connect('T0KEN')))).toBe('tok');
    expect(outcome(decide(connect('T0KEN', '')))).toBe('tok');
    clock.wall = until;
    expect(outcome(decide(connect('d', 'one')))).toBe('bad_credential');
    expect(outcome(decide(connect('d', 'two')))).toBe('new');
    register('d', password('new', 'two'));
    expect(outcome(decide(connect('T0KEN')))).toBe('bad_credential');
  });

  it('are not each other: a token is no password, and a device id no token', () => {
    register('d', token('tok', 'T0KEN'), signed('sig'));
    for (const request of [
      connect('d', 'T0KEN'),
      connect('T0KEN', 'T0KEN'),
      connect('d'),
      connect('d', ''),
    ]) {
      expect(outcome(decide(request))).toBe('bad_credential');
    }
    expect(outcome(decide(connect()))).toBe('anonymous');
    expect(outcome(decide(connect('')))).toBe('anonymous');
  });

  it('do the same work for a name that nobody has', () => {
    register('d', password('c', 'one'));
    register('none');
    for (const name of ['d', 'none', 'nobody']) {
      verified = 0;
      expect(outcome(decide(connect(name, 'wrong')))).toBe('bad_credential');
      expect([name, verified]).toEqual([name, 1]);
    }
  });
});

describe('[IN41] a signed login', () => {
  it('opens the door whatever the clock of the device says, and tells how wrong it is', () => {
    register('d', signed('sig'));
    for (const skew of [0, -299_000, 400_000, -clock.wall + 5, 86_400_000 * 400]) {
      const verdict = decide(connect(...signature(clock.wall + skew), 'd'));
      expect(verdict).toMatchObject({ ok: true, credentialId: 'sig', clockSkewMs: skew });
    }
  });

  it('is good for five minutes from its first use, and for the same CONNECT that is decided again after a wait', () => {
    register('d', signed('sig'));
    const request = connect(...signature(5), 'd');
    expect(decide(request).ok).toBe(true);
    expect(decide(connect(...signature(5), 'd')).ok).toBe(true);
    clock.skippedMs += 300_001;
    expect(decide(request).ok).toBe(true);
    expect(decide(connect(...signature(5), 'd'))).toMatchObject({ reason: 'login_replayed', deviceId: 'd' });
    expect(decide(connect(...signature(4), 'd')).ok).toBe(true);
  });

  it('needs the key, and the device id as client id', () => {
    register('d', signed('sig'));
    expect(outcome(decide(connect(...signature(6, 'other'), 'd')))).toBe('bad_credential');
    expect(outcome(decide(connect(...signature(6), 'x')))).toBe('client_id_invalid');
    expect(decide(connect(...signature(6), 'd')).ok).toBe(true);
    directory.remove('d');
    expect(outcome(decide(connect(...signature(7), 'd')))).toBe('bad_credential');
  });
});

describe('[IN42] a client certificate', () => {
  const certificate = (more: Partial<ClientCertificate> = {}): ClientCertificate => ({
    fingerprint: 'f1',
    commonName: 'd',
    trusted: true,
    validFrom: 0,
    validTo: Number.MAX_SAFE_INTEGER,
    required: false,
    ...more,
  });
  const own = (fingerprint: string | null, id = 'cert'): DirectoryCredential => ({
    id,
    kind: 'certificate',
    fingerprint,
    expiresAt: null,
  });

  it('of a device itself opens the door without a password, whoever has issued it', () => {
    register('d', own('f1'));
    for (const peer of [certificate(), certificate({ trusted: false, commonName: null })]) {
      expect(outcome(decide(connect(), peer))).toBe('cert');
      expect(outcome(decide(connect('d'), peer))).toBe('cert');
    }
    expect(outcome(decide(connect(), certificate({ fingerprint: 'f2' })))).toBe('certificate_unknown');
  });

  it('of the client CA opens the door of the device it names, if that one may come in so', () => {
    register('d', own(null));
    register('e', password('c', 'one'));
    expect(outcome(decide(connect(), certificate()))).toBe('cert');
    expect(outcome(decide(connect(), certificate({ trusted: false })))).toBe('certificate_unknown');
    expect(outcome(decide(connect(), certificate({ commonName: 'e' })))).toBe('certificate_unknown');
    expect(outcome(decide(connect(), certificate({ commonName: null })))).toBe('certificate_unknown');
  });

  it('opens nothing outside of its dates, or once revoked, not even beside the right password', () => {
    register('d', own('f1'), password('c', 'one'));
    const late = certificate({ validTo: clock.wall - 1 });
    expect(outcome(decide(connect(), late))).toBe('certificate_unknown');
    expect(outcome(decide(connect(), { ...late, required: true }))).toBe('certificate_expired');
    expect(outcome(decide(connect(), certificate({ validFrom: clock.wall + 1 })))).toBe(
      'certificate_unknown',
    );
    // Where a certificate is a choice, a stale one does not shut out a device that has its password.
    expect(outcome(decide(connect('d', 'one'), late))).toBe('c');
    directory.upsert(
      testDevice('d', { credentials: [own(null), password('c', 'one')], revokedCertificates: ['f1'] }),
    );
    expect(outcome(decide(connect(), certificate()))).toBe('certificate_revoked');
    expect(outcome(decide(connect('d', 'one'), certificate()))).toBe('certificate_revoked');
    expect(outcome(decide(connect(), certificate({ fingerprint: 'f2' })))).toBe('cert');
  });

  it('does not go with the credential of another device', () => {
    register('d', own('f1'));
    register('e', password('c', 'one'), token('tok', 'T'));
    expect(outcome(decide(connect('e', 'one'), certificate()))).toBe('certificate_mismatch');
    expect(outcome(decide(connect('T'), certificate()))).toBe('certificate_mismatch');
    expect(outcome(decide(connect('e'), certificate()))).toBe('bad_credential');
    expect(
      outcome(decide(connect('e', 'one'), certificate({ fingerprint: 'fleet', commonName: 'fleet' }))),
    ).toBe('c');
  });

  it('where one is required, must be a device’s own or of the client CA', () => {
    register('d', own('f1'), password('c', 'one'));
    const stranger = certificate({ fingerprint: 'f9', commonName: 'x', required: true });
    expect(outcome(decide(connect('d', 'one'), stranger))).toBe('c');
    expect(outcome(decide(connect('d', 'one'), { ...stranger, trusted: false }))).toBe('certificate_unknown');
    const ownOne = certificate({ trusted: false, required: true });
    expect(outcome(decide(connect('d', 'one'), ownOne))).toBe('c');
  });
});

describe('[IN44] wrong credentials', () => {
  it('are answered ever later, by address and by name, and never delay whoever is right', () => {
    register('d', password('c', 'one'));
    register('e', password('c2', 'two'));
    const { signInFailuresPerMinute: perMinute, maxFailureDelayMs } = gatewayLimits;
    const delays = Array.from({ length: perMinute }, () => {
      const verdict = decide(connect('d', 'guess'));
      return verdict.ok ? -1 : (verdict.delayMs ?? 0);
    });
    expect(delays.slice(0, perMinute / 4)).toEqual(Array(perMinute / 4).fill(0));
    expect(delays[perMinute / 4]).toBe(1_000);
    expect(delays.at(-1)).toBe(maxFailureDelayMs);
    expect(decide(connect('d', 'guess'))).toMatchObject({ reason: 'too_many_failures' });
    expect(outcome(decide(connect('d', 'one')))).toBe('c');
    expect(outcome(decide(connect('e', 'two')))).toBe('c2');
    // The name is remembered wherever the guesses come from, the address whatever they name.
    const elsewhere = signIn.decide(connect('d', 'guess'), { address: '10.0.0.2' });
    expect(elsewhere).toMatchObject({ reason: 'too_many_failures' });
    expect(decide(connect('other', 'guess'))).toMatchObject({ reason: 'too_many_failures' });
    expect(signIn.decide(connect('other2', 'guess'), { address: '10.0.0.3' })).toMatchObject({
      reason: 'bad_credential',
    });
    clock.skippedMs += 120_000;
    expect(outcome(decide(connect('d', 'guess')))).toBe('bad_credential');
  });
});
