import { errorsTopic } from '@watchfire/contracts';
import { type Journal } from '@watchfire/journal';
import {
  dialectOfTopic,
  hostState,
  type CommandMessage,
  type Dialect,
  type Downlink,
} from '@watchfire/protocol';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { count, type GatewayCounters } from './counters.js';
import { DeviceRates } from './device-rates.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type Intake, type IntakeResult } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { HOST_ID, type DeviceListening } from './delivery.js';
import { type GatewayClock } from './mqtt-gateway.js';
import { RefusalLog, type GatewayLog } from './refusal-log.js';
import { Speaker } from './speaker.js';
import { withinTime } from './time-limit.js';

export interface ExternalBrokerOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Kept by the broker with what was not acknowledged: the same after a restart, another for each server. */
  readonly clientId: string;
  /** Servers with the same group share the messages. `null`: a subscription of our own. */
  readonly shareGroup: string | null;
  /** What to take in. A filter that matches what we send ourselves makes dead letters of it. */
  readonly filters: readonly string[];
}

export interface ExternalBrokerDependencies extends DeviceListening {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly intake: Intake;
  readonly clock: GatewayClock;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly log: GatewayLog;
  readonly options: ExternalBrokerOptions;
}

const RECONNECT_MS = 1_000;
/** Presence cannot be seen behind a broker: a device is held for connected from its first message until the broker is lost. */
const PRESENT = 'external_broker';
const BROKER_LOST = 'external_broker_lost';
/** A short break of the line says nothing about the devices: the broker keeps what they send. */
const LOST_AFTER_MS = 30_000;

/**
 * The front door behind a broker that somebody else runs [IN50]: one client with a persistent session, which acknowledges each
 * message after it is on disk (MQTT.js `handleMessage`). Who a message is from is what its topic says, so the access rules
 * of that broker must bind topics to credentials as our own door does.
 */
export class ExternalBrokerGateway {
  private readonly speakers = new Map<string, Speaker>();
  private readonly present = new Set<string>();
  private readonly refusals: RefusalLog;
  /** Since when we are the host that edge nodes of Sparkplug look for; `undefined`: they are not among the filters. */
  private readonly hostSince: number | undefined;
  private readonly rates: DeviceRates;
  private client!: MqttClient;
  private lost: string | undefined = 'not connected yet';
  private lostTimer: NodeJS.Timeout | undefined;
  private stopping = false;

  private constructor(private readonly deps: ExternalBrokerDependencies) {
    const monotonicMs = (): number => deps.clock.monotonicMs();
    this.refusals = new RefusalLog(deps.log, monotonicMs);
    this.rates = new DeviceRates(deps.limits, monotonicMs);
    const isHost = deps.options.filters.some((filter) => filter.startsWith('spBv1.0/'));
    this.hostSince = isHost ? deps.clock.now() : undefined;
  }

  /** Begins to connect, and goes on trying: a broker that is away is told by `health`. */
  static start(deps: ExternalBrokerDependencies): ExternalBrokerGateway {
    const gateway = new ExternalBrokerGateway(deps);
    const { options, limits } = deps;
    const connection: IClientOptions = {
      clientId: options.clientId,
      clean: false,
      protocolVersion: 4,
      keepalive: 30,
      reconnectPeriod: RECONNECT_MS,
      // A password that is put right at the broker is enough: no restart of ours.
      reconnectOnConnackError: true,
      // It is done here, so that a refusal is seen.
      resubscribe: false,
      // Nothing that a person has ordered may go out late: it is told to be absent instead.
      queueQoSZero: false,
      ...(options.username === null ? {} : { username: options.username }),
      ...(options.password === null ? {} : { password: options.password }),
      ...(gateway.hostSince === undefined
        ? {}
        : { will: retained(hostState(HOST_ID, false, gateway.hostSince)) }),
    };
    const client = mqtt.connect(options.url, connection);
    gateway.client = client;
    client.handleMessage = (packet, done): void => {
      const { stream } = client;
      gateway.take(packet, limits.hookTimeoutMs).then(
        // The number in an acknowledgement is that of its connection: on the next one it may be another message's.
        () => {
          if (client.stream === stream) done();
        },
        (error: unknown) => gateway.sendAgain(stream, error),
      );
    };
    client.on('connect', () => gateway.connected());
    // Whoever closed it is rarely the reason.
    client.on('close', () => gateway.disconnected(gateway.lost ?? 'the connection is closed'));
    client.on('error', (error) => gateway.disconnected(error.message));
    return gateway;
  }

  /**
   * Hands a command to the broker; whether the device listens there cannot be seen. At QoS 0: a broker keeps the others for a
   * device that is absent, and MQTT.js sends them again after a reconnect, which may both be after the command's expiry [IN53].
   */
  async send(
    deviceId: string,
    command: CommandMessage,
  ): Promise<'sent' | 'absent' | { readonly refused: string }> {
    const { speakerId, child } = this.deps.directory.wayTo(deviceId);
    const [session] = this.speakers.get(speakerId)?.spoken ?? [];
    if (session === undefined || !this.listens(deviceId)) return 'absent';
    const downlink = session.command(command, child);
    if ('refused' in downlink) return downlink.notYet ? 'absent' : downlink;
    await this.client.publishAsync(downlink.topic, Buffer.from(downlink.payload), { qos: 0 });
    if (downlink.unanswered) this.deps.onDelivered?.(deviceId, command.commandId);
    return 'sent';
  }

  /** Whether the broker is there, and the device has said something there, so that its dialect is known. */
  listens(deviceId: string): boolean {
    return this.lost === undefined && this.present.has(this.deps.directory.wayTo(deviceId).speakerId);
  }

  health(): { readonly ok: boolean; readonly reason?: string } {
    return this.lost === undefined
      ? { ok: true }
      : { ok: false, reason: `the MQTT broker ${hostOf(this.deps.options.url)}: ${this.lost}` };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.lostTimer);
    // An orderly end sets off no last will.
    if (this.client.connected) this.tellHostState(false);
    // The client waits for acknowledgements, of a broker that may be gone.
    const ended = this.client.endAsync(!this.client.connected);
    await withinTime(ended, this.deps.limits.stopTimeoutMs).catch(() => this.client.endAsync(true));
  }

  private tellHostState(online: boolean): void {
    if (this.hostSince === undefined) return;
    const { topic, payload, ...options } = retained(hostState(HOST_ID, online, this.hostSince));
    this.client.publish(topic, payload, options);
  }

  private connected(): void {
    const { shareGroup, filters } = this.deps.options;
    const shared = filters.map((filter) => (shareGroup === null ? filter : `$share/${shareGroup}/${filter}`));
    this.client.subscribe(shared, { qos: 1 }, (error, granted) => {
      const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? [];
      if (error !== null || refused.length > 0) {
        this.lost = `refuses to let us subscribe: ${error?.message ?? refused.join(', ')}`;
        this.deps.log.error({ refused, err: error }, 'the MQTT broker refuses subscriptions');
        return;
      }
      clearTimeout(this.lostTimer);
      this.lostTimer = undefined;
      this.lost = undefined;
      this.deps.log.info(
        { broker: hostOf(this.deps.options.url), filters: shared },
        'behind the MQTT broker',
      );
      for (const deviceId of this.present) this.listening(deviceId);
    });
    this.tellHostState(true);
  }

  private disconnected(reason: string): void {
    if (this.stopping) return;
    if (this.lost === undefined) this.deps.log.error({ reason }, 'the MQTT broker is lost; connecting again');
    this.lost = reason;
    this.lostTimer ??= setTimeout(() => this.deviceConnectionsLost(), LOST_AFTER_MS);
  }

  /** We are blind for all of them. */
  private deviceConnectionsLost(): void {
    for (const deviceId of this.present) this.record(deviceId, false, BROKER_LOST);
    this.present.clear();
  }

  private record(deviceId: string, connected: boolean, reason: string): void {
    const { journal, counters } = this.deps;
    journal.append({ kind: 'connection', deviceId, connected, reason }).catch((error: unknown) => {
      this.refusals.note(counters.journalFailures, 'connection', { deviceId, err: error }, 'error');
    });
  }

  /** Resolves when the message may be acknowledged: all that came of it is on disk. */
  private async take(packet: IPublishPacket, limitMs: number): Promise<void> {
    const { counters, clock, directory } = this.deps;
    const { topic } = packet;
    // What a broker retains is old news: it was taken when it came.
    if (packet.retain) {
      count(counters.ignored, 'retained');
      return;
    }
    const dialect = dialectOfTopic(topic);
    const deviceId = dialect && deviceOf(dialect, topic);
    const device = deviceId === undefined ? undefined : directory.find(deviceId);
    if (device === undefined) {
      this.refusals.note(counters.deadLettered, 'unknown_device', { topic: topic.slice(0, 256) });
      const message = { topic, payload: packet.payload as Uint8Array, receivedAt: clock.now() };
      await this.deps.intake.refuse(null, message, {
        code: 'unknown_device',
        message: 'the topic names no device that is registered',
      });
      return;
    }
    const hasCome = !this.present.has(device.deviceId);
    const speaker = this.speakerOf(device, dialect as Dialect);
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const taken = this.deps.intake.take(speaker, { topic, payload, receivedAt: clock.now() });
    this.tell(device.deviceId, await withinTime(taken, limitMs));
    if (hasCome) this.listening(device.deviceId);
  }

  private speakerOf(device: DirectoryDevice, dialect: Dialect): Speaker {
    const { deviceId } = device;
    let speaker = this.speakers.get(deviceId);
    if (speaker === undefined) {
      this.speakers.set(deviceId, (speaker = new Speaker(device, this.deps.limits.decode)));
      // A reply to a command that was sent before a restart of ours is still one.
      for (const id of this.deps.awaited?.(deviceId) ?? []) speaker.in(dialect).awaitReply?.(id);
    }
    if (!this.present.has(deviceId)) {
      this.present.add(deviceId);
      this.record(deviceId, true, PRESENT);
    }
    return speaker;
  }

  /** The device, and those behind it, may be sent what waits for them. */
  private listening(deviceId: string): void {
    this.deps.onListening?.(deviceId);
    for (const child of this.deps.directory.behind(deviceId)) this.deps.onListening?.(child);
  }

  private tell(deviceId: string, { answer, downlinks }: IntakeResult): void {
    for (const downlink of downlinks) this.publish(downlink);
    if (answer === undefined) return;
    const { counters } = this.deps;
    if (!this.rates.mayAnswer(deviceId)) {
      counters.errorAnswersSuppressed++;
      return;
    }
    counters.errorAnswers++;
    this.publish({ topic: errorsTopic(deviceId), payload: Buffer.from(JSON.stringify(answer)) });
  }

  private publish({ topic, payload }: Downlink): void {
    if (this.client.connected) this.client.publish(topic, Buffer.from(payload), { qos: 0 });
  }

  /** Not acknowledged: after a new connection the broker sends it again. */
  private sendAgain(stream: MqttClient['stream'], error: unknown): void {
    this.refusals.note(this.deps.counters.journalFailures, 'external_broker', { err: error }, 'error');
    stream.destroy();
  }
}

/** The device that a topic names, where a dialect has its name in the topic. */
export function deviceOf({ name }: Dialect, topic: string): string | undefined {
  const levels = topic.split('/');
  switch (name) {
    case 'watchfire':
    case 'sparkplug':
    case 'alibaba':
      return levels[3];
    case 'jetlinks':
    case 'huawei':
    case 'onenet':
      return levels[2];
    case 'thingsboard':
      return undefined;
  }
}

/** The state of a host is kept by the broker for edge nodes that come later. */
function retained({ topic, payload }: Downlink): {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 1;
  readonly retain: true;
} {
  return { topic, payload: Buffer.from(payload), qos: 1, retain: true };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
