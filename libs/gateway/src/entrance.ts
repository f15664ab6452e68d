import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { telemetryTopic } from '@watchfire/contracts';
import { connack, type ConnectRequest } from './connect-packet.js';
import { type ConnectionRecords } from './connection-records.js';
import { type GatewayCounters } from './counters.js';
import { type DeviceRates } from './device-rates.js';
import { type Intake } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { type MqttConnection } from './mqtt-connection.js';
import { PROVISIONING_USER, ProvisioningDesk, type Provision } from './provisioning-desk.js';
import { type RefusalLog } from './refusal-log.js';
import { Session, type Sessions } from './session.js';
import { type SignIn, type SignInVerdict } from './sign-in.js';
import { Speaker } from './speaker.js';
import { withinTime } from './time-limit.js';

export interface EntranceDependencies {
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly rates: DeviceRates;
  readonly records: ConnectionRecords;
  readonly intake: Intake;
  readonly refusals: RefusalLog;
  readonly counters: GatewayCounters;
  readonly limits: GatewayLimits;
  readonly now: () => number;
  /** A client that hears commands without having subscribed. */
  readonly listening: (session: Session) => void;
  readonly provision?: Provision;
  readonly credentialUsed: (credentialId: string, address: string) => void;
}

export const SERVER_UNAVAILABLE = connack(3);
/** Never "session present": none is kept. */
const ACCEPTED = connack(0);

/** The way from a well-formed CONNECT to a session, or to a CONNACK that says why not. */
export class Entrance {
  private readonly stopping = new AbortController();

  constructor(private readonly deps: EntranceDependencies) {
    setMaxListeners(0, this.stopping.signal);
  }

  /** Nobody is made to wait any more: the connections are closed. */
  stop(): void {
    this.stopping.abort();
  }

  async admit(connection: MqttConnection, request: ConnectRequest): Promise<void> {
    const { signIn, rates, provision } = this.deps;
    if (provision !== undefined && request.username === PROVISIONING_USER && request.will === undefined) {
      connection.provisioning = new ProvisioningDesk(connection, provision);
      connection.admit(ACCEPTED);
      return;
    }
    let verdict = signIn.decide(request, connection);
    if (verdict.ok) {
      const { deviceId } = verdict.device;
      const waitMs = rates.signInWait(deviceId);
      if (waitMs === undefined) {
        const reason = 'sign_ins_per_device';
        return this.turnAway(connection, { ok: false, reason, connack: SERVER_UNAVAILABLE, deviceId });
      }
      if (waitMs > 0) {
        await this.wait(waitMs);
        if (connection.isClosed) return;
        // Meanwhile the device may have been disabled, or another may have come with its client id.
        verdict = signIn.decide(request, connection);
      }
    }
    if (verdict.ok) return this.begin(connection, verdict, request);
    connection.ignoreInput();
    if (verdict.delayMs !== undefined) await this.wait(verdict.delayMs);
    if (verdict.reason === 'will_forbidden') await this.keepWill(verdict.deviceId, request);
    this.turnAway(connection, verdict);
  }

  private async wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async begin(
    connection: MqttConnection,
    { device, credentialId }: Extract<SignInVerdict, { ok: true }>,
    request: ConnectRequest,
  ): Promise<void> {
    const { sessions, records, limits } = this.deps;
    const speaker = new Speaker(device, limits.decode);
    const { maxKeepaliveSeconds } = limits;
    const keepaliveSeconds = Math.min(request.keepaliveSeconds || maxKeepaliveSeconds, maxKeepaliveSeconds);
    const clientId = request.clientId === '' ? `auto-${randomUUID()}` : request.clientId;
    // [MQTT-3.1.2-24]: one and a half times the keep-alive.
    const session = new Session(connection, speaker, clientId, keepaliveSeconds * 1_500, request.will);
    session.credentialId = credentialId;
    session.fingerprint = connection.peerCertificate?.fingerprint;
    const holder = sessions.holderOf(speaker.deviceId, clientId);
    connection.session = session;
    // In one piece: what was put together is looked at in its parts each time.
    connection.usualTopic = Buffer.from(telemetryTopic(speaker.deviceId)).toString('latin1');
    sessions.add(session);
    // The new connection is recorded before the end of the one that it takes over: the device is never seen offline.
    const recorded = records.append(session, 'connect');
    holder?.connection.cut('taken_over');
    try {
      await withinTime(recorded, limits.hookTimeoutMs);
    } catch (error) {
      records.failed(error, speaker.deviceId);
      connection.refuse('journal_unavailable', SERVER_UNAVAILABLE);
      return;
    }
    if (connection.isClosed) return;
    this.deps.credentialUsed(credentialId, connection.address);
    connection.admit(ACCEPTED);
    if (device.dialect === 'jetlinks') this.deps.listening(session);
  }

  private turnAway(connection: MqttConnection, verdict: Extract<SignInVerdict, { ok: false }>): void {
    const { counters, refusals } = this.deps;
    const { reason, deviceId } = verdict;
    const { address } = connection;
    refusals.note(counters.connectionsRefused, reason, { address, deviceId });
    connection.refuse(reason, verdict.connack);
  }

  private async keepWill(deviceId: string | undefined, { will }: ConnectRequest): Promise<void> {
    if (deviceId === undefined || will === undefined) return;
    const message = { topic: will.topic, payload: will.payload, receivedAt: this.deps.now() };
    const text = 'a last will may be on the own telemetry or events, QoS 0 or 1, not retained';
    const kept = this.deps.intake.refuse(deviceId, message, { code: 'will_forbidden', message: text });
    await withinTime(kept, this.deps.limits.hookTimeoutMs).catch((error: unknown) =>
      this.deps.records.failed(error, deviceId),
    );
  }
}
