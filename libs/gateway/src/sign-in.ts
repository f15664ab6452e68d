import { connack, type ConnectRequest, type Will } from './connect-packet.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type GatewayLimits } from './limits.js';
import { type Sessions } from './session.js';
import { deviceTopic } from './topics.js';

/** Timing-safe comparison of a password with a stored hash. */
export type VerifyCredential = (password: string, hash: string) => boolean;

export type SignInVerdict =
  | { readonly ok: true; readonly device: DirectoryDevice }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly connack: Uint8Array;
      /** Who it certainly is; absent where the credential was not right. */
      readonly deviceId?: string;
    };

/** A hash of the right form that no password has: an unknown name costs the same time as a known one. */
const NOBODY = `sha256$${'A'.repeat(22)}$${'A'.repeat(43)}`;

const IDENTIFIER_REJECTED = connack(2);
const SERVER_UNAVAILABLE = connack(3);
const BAD_CREDENTIAL = connack(4);
const NOT_AUTHORIZED = connack(5);

/** Decides who may come in. The user name is the device id [IN12]. */
export class SignIn {
  constructor(
    private readonly directory: DeviceDirectory,
    private readonly sessions: Sessions,
    private readonly verify: VerifyCredential,
    private readonly limits: GatewayLimits,
  ) {}

  decide(request: ConnectRequest): SignInVerdict {
    if (request.username === undefined || request.username === '' || request.password === undefined) {
      return { ok: false, reason: 'anonymous', connack: NOT_AUTHORIZED };
    }
    const device = this.directory.find(request.username);
    const password = Buffer.from(request.password).toString('utf8');
    const matches = this.verify(password, device?.credentialHash ?? NOBODY);
    if (device === undefined || device.credentialHash === null || !matches) {
      return { ok: false, reason: 'bad_credential', connack: BAD_CREDENTIAL };
    }
    const { deviceId } = device;
    if (device.disabled) return { ok: false, reason: 'device_disabled', connack: NOT_AUTHORIZED, deviceId };
    if (!this.isClientIdUsable(request)) {
      return { ok: false, reason: 'client_id_invalid', connack: IDENTIFIER_REJECTED, deviceId };
    }
    const holder = this.sessions.holderOf(request.clientId);
    if (holder !== undefined && holder.deviceId !== deviceId) {
      return { ok: false, reason: 'client_id_in_use', connack: IDENTIFIER_REJECTED, deviceId };
    }
    if (request.will !== undefined && !isWillAllowed(request.will, deviceId)) {
      return { ok: false, reason: 'will_forbidden', connack: NOT_AUTHORIZED, deviceId };
    }
    const others = this.sessions.of(deviceId).size - (holder === undefined ? 0 : 1);
    if (others >= this.limits.maxConnectionsPerDevice) {
      return { ok: false, reason: 'device_connections', connack: SERVER_UNAVAILABLE, deviceId };
    }
    return { ok: true, device };
  }

  private isClientIdUsable({ clientId, clean, level }: ConnectRequest): boolean {
    if (clientId === '') return level === 4 && clean; // [MQTT-3.1.3-7], [MQTT-3.1.3-8]
    return clientId.length <= (level === 3 ? 23 : this.limits.maxClientIdLength);
  }
}

/** A last will is a message of its device like any other, told by us. */
function isWillAllowed(will: Will, deviceId: string): boolean {
  const kind = deviceTopic(will.topic, deviceId)?.kind;
  return (kind === 'telemetry' || kind === 'events') && will.qos <= 1 && !will.retain;
}
