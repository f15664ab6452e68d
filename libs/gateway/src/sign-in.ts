import { createHash, timingSafeEqual } from 'node:crypto';
import { isInForce, ownerOfCertificate, type ClientCertificate } from './certificates.js';
import { connack, type ConnectRequest, type Will } from './connect-packet.js';
import { type DeviceDirectory, type DirectoryDevice, type Holder } from './directory.js';
import { FailureBudget } from './failure-budget.js';
import { type GatewayLimits } from './limits.js';
import { type Sessions } from './session.js';
import { isSignedBy, readSignedLogin, UsedLogins, type SignedLogin } from './signed-login.js';
import { decodeLimits, dialectOfTopic } from '@watchfire/protocol';

/** Timing-safe comparison of a password with a stored hash. */
export type VerifyCredential = (password: string, hash: string) => boolean;

/** Where a CONNECT came from, as the connection knows it. */
export interface SignInOrigin {
  readonly address: string;
  /** Absent where there was none, or no TLS. */
  readonly peerCertificate?: ClientCertificate | undefined;
}

export interface SignInClock {
  /** Epoch ms. */
  now(): number;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
}

export type SignInVerdict =
  | {
      readonly ok: true;
      readonly device: DirectoryDevice;
      /** What it signed in with: when that is gone from the directory, the session must end. */
      readonly credentialId: string;
      /** The clock of the device minus ours, where it told its time in the sign-in, ms. */
      readonly clockSkewMs?: number;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly connack: Uint8Array;
      /** Who it certainly is; absent where the credential was not right. */
      readonly deviceId?: string;
      /** How long the answer has to wait, to slow a guesser down. */
      readonly delayMs?: number;
    };

type Refusal = Extract<SignInVerdict, { ok: false }>;
type Identified = Holder & { readonly clockSkewMs?: number };

/** A hash of the right form that no password has: an unknown name costs the same time as a known one. */
const NOBODY = `sha256$${'A'.repeat(22)}$${'A'.repeat(43)}`;

const IDENTIFIER_REJECTED = connack(2);
const SERVER_UNAVAILABLE = connack(3);
const BAD_CREDENTIAL = connack(4);
const NOT_AUTHORIZED = connack(5);

const KEY_LENGTH = 64;

const refused = (reason: string, code: Uint8Array): Refusal => ({ ok: false, reason, connack: code });

/** Decides who may come in [IN12] [IN40] to [IN44]. */
export class SignIn {
  private readonly usedLogins = new UsedLogins();
  /** Requests that were decided before and are decided again after a wait: their login is used, by themselves. */
  private readonly decided = new WeakSet<ConnectRequest>();
  private readonly failures: FailureBudget;

  constructor(
    private readonly directory: DeviceDirectory,
    private readonly sessions: Sessions,
    private readonly verify: VerifyCredential,
    private readonly limits: GatewayLimits,
    private readonly clock: SignInClock,
  ) {
    const { signInFailuresPerMinute } = limits;
    this.failures = new FailureBudget(signInFailuresPerMinute, signInFailuresPerMinute / 4, () =>
      clock.monotonicMs(),
    );
  }

  decide(request: ConnectRequest, origin: SignInOrigin): SignInVerdict {
    const identified = this.identify(request, origin.peerCertificate);
    if ('ok' in identified) return this.slowedDown(identified, request, origin);
    const { device, credential, clockSkewMs } = identified;
    const refusal = this.refusalOf(device, request);
    if (refusal !== undefined) return { ...refusal, deviceId: device.deviceId };
    const skew = clockSkewMs === undefined ? {} : { clockSkewMs };
    return { ok: true, device, credentialId: credential.id, ...skew };
  }

  /** Whose credential it is. With a password, the certificate is one more condition; without, it is the credential. */
  private identify(
    request: ConnectRequest,
    certificate: ClientCertificate | undefined,
  ): Identified | Refusal {
    const owner =
      certificate === undefined
        ? undefined
        : ownerOfCertificate(certificate, this.directory, this.clock.now());
    if (owner !== undefined && 'refused' in owner) return refused(owner.refused, NOT_AUTHORIZED);
    const username = request.username ?? '';
    const password = Buffer.from(request.password ?? []).toString('utf8');
    if (password === '' && owner !== undefined && (username === '' || username === owner.device.deviceId)) {
      return owner;
    }
    if (username === '') {
      return certificate === undefined
        ? refused('anonymous', NOT_AUTHORIZED)
        : refused('certificate_unknown', NOT_AUTHORIZED);
    }
    const found = password === '' ? this.byToken(username) : this.byPassword(request, username, password);
    if ('ok' in found) return found;
    if (owner !== undefined && owner.device !== found.device) {
      return refused('certificate_mismatch', NOT_AUTHORIZED);
    }
    return found;
  }

  private byToken(token: string): Identified | Refusal {
    const digest = createHash('sha256').update(token, 'utf8').digest();
    const holder = this.directory.holderOfToken(digest.toString('base64url'));
    const { credential } = holder ?? {};
    const stored =
      credential?.kind === 'token' ? Buffer.from(credential.digest, 'base64url') : Buffer.alloc(32);
    const matches = stored.length === digest.length && timingSafeEqual(stored, digest);
    if (holder === undefined || !matches || !isInForce(holder.credential, this.clock.now())) {
      return refused('bad_credential', BAD_CREDENTIAL);
    }
    return holder;
  }

  private byPassword(request: ConnectRequest, username: string, password: string): Identified | Refusal {
    const signed = readSignedLogin(username);
    if (signed !== undefined) return this.bySignature(request, signed, password);
    const device = this.directory.find(username);
    const now = this.clock.now();
    const offered = (device?.credentials ?? []).flatMap((each) => (each.kind === 'password' ? [each] : []));
    const credential = offered.find(({ hash }) => this.verify(password, hash));
    if (offered.length === 0) this.verify(password, NOBODY);
    if (device === undefined || credential === undefined || !isInForce(credential, now)) {
      return refused('bad_credential', BAD_CREDENTIAL);
    }
    return { device, credential };
  }

  private bySignature(
    request: ConnectRequest,
    { secureId, at }: SignedLogin,
    password: string,
  ): Identified | Refusal {
    const holder = this.directory.holderOfSecureId(secureId);
    const { credential } = holder ?? {};
    const secureKey = credential?.kind === 'signed' ? credential.secureKey : NOBODY;
    const matches = isSignedBy(secureKey, request.username ?? '', password);
    const now = this.clock.now();
    if (holder === undefined || !matches || !isInForce(holder.credential, now)) {
      return refused('bad_credential', BAD_CREDENTIAL);
    }
    const { deviceId } = holder.device;
    if (request.clientId !== deviceId) {
      return { ...refused('client_id_invalid', IDENTIFIER_REJECTED), deviceId };
    }
    if (!this.decided.has(request)) {
      if (!this.usedLogins.use(holder.credential.id, at, this.clock.monotonicMs())) {
        return { ...refused('login_replayed', NOT_AUTHORIZED), deviceId };
      }
      this.decided.add(request);
    }
    return { ...holder, clockSkewMs: at - now };
  }

  /** Only of failures: a right credential is never kept waiting by the wrong ones of others, nor by its own. */
  private slowedDown(refusal: Refusal, request: ConnectRequest, { address }: SignInOrigin): Refusal {
    if (refusal.reason !== 'bad_credential') return refusal;
    // A wrong token is nobody's name, and may be somebody's secret with a letter wrong: it is not kept.
    const name = request.password === undefined ? undefined : nameOf(request.username ?? '');
    const beyondMs = Math.max(
      this.failures.fail(`address ${address}`),
      name === undefined ? 0 : this.failures.fail(`name ${name}`),
    );
    if (beyondMs === 0) return refusal;
    const delayMs = Math.min(beyondMs, this.limits.maxFailureDelayMs);
    return { ...refusal, reason: 'too_many_failures', delayMs };
  }

  private refusalOf(device: DirectoryDevice, request: ConnectRequest): Refusal | undefined {
    const { deviceId } = device;
    if (device.disabled) return refused('device_disabled', NOT_AUTHORIZED);
    if (!this.isClientIdUsable(request)) return refused('client_id_invalid', IDENTIFIER_REJECTED);
    if (request.will !== undefined && !isWillAllowed(request.will, deviceId)) {
      return refused('will_forbidden', NOT_AUTHORIZED);
    }
    const holder = this.sessions.holderOf(deviceId, request.clientId);
    const others = this.sessions.of(deviceId).size - (holder === undefined ? 0 : 1);
    if (others >= this.limits.maxConnectionsPerDevice)
      return refused('device_connections', SERVER_UNAVAILABLE);
    return undefined;
  }

  private isClientIdUsable({ clientId, clean, level }: ConnectRequest): boolean {
    if (clientId === '') return level === 4 && clean; // [MQTT-3.1.3-7], [MQTT-3.1.3-8]
    return clientId.length <= (level === 3 ? 23 : this.limits.maxClientIdLength);
  }
}

function nameOf(username: string): string {
  return (readSignedLogin(username)?.secureId ?? username).slice(0, KEY_LENGTH);
}

/** A last will is a message of its device like any other, told by us. */
function isWillAllowed({ topic, payload, qos, retain }: Will, deviceId: string): boolean {
  if (qos > 1 || retain) return false;
  const result = dialectOfTopic(topic)?.open(deviceId, decodeLimits).receive(topic, payload, 0);
  return result !== undefined && !result.uplinks.some(({ kind }) => kind === 'command-reply');
}
