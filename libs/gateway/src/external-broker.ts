import { errorsTopic } from '@watchfire/contracts';
import { type Journal } from '@watchfire/journal';
import { dialectOfTopic, type CommandMessage, type Dialect, type Downlink } from '@watchfire/protocol';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { type GatewayClock } from './mqtt-gateway.js';
import { count, type GatewayCounters } from './counters.js';
import { type DeviceDirectory } from './directory.js';
import { type Intake, type IntakeResult } from './intake.js';
import { type GatewayLimits } from './limits.js';
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

export interface ExternalBrokerDependencies {
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
  private client!: MqttClient;
  private lost: string | undefined = 'not connected yet';
  private lostTimer: NodeJS.Timeout | undefined;
  private stopping = false;

  private constructor(private readonly deps: ExternalBrokerDependencies) {
    this.refusals = new RefusalLog(deps.log, () => deps.clock.monotonicMs());
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
      resubscribe: true,
      // Nothing that a person has ordered may go out late: it is told to be absent instead.
      queueQoSZero: false,
      ...(options.username === null ? {} : { username: options.username }),
      ...(options.password === null ? {} : { password: options.password }),
    };
    const client = mqtt.connect(options.url, connection);
    gateway.client = client;
    client.handleMessage = (packet, done): void => {
      gateway.take(packet as IPublishPacket, limits.hookTimeoutMs).then(
        () => done(),
        (error: unknown) => gateway.sendAgain(error),
      );
    };
    client.on('connect', () => gateway.connected());
    client.on('close', () => gateway.disconnected('the connection is closed'));
    client.on('error', (error) => gateway.disconnected(error.message));
    return gateway;
  }

  /** Hands a command to the broker; whether the device listens there cannot be seen. */
  async send(
    deviceId: string,
    command: CommandMessage,
  ): Promise<'sent' | 'absent' | { readonly refused: string }> {
    const { speakerId, child } = this.deps.directory.wayTo(deviceId);
    const [session] = this.speakers.get(speakerId)?.spoken ?? [];
    if (session === undefined || !this.client.connected) return 'absent';
    const downlink = session.command(command, child);
    if ('refused' in downlink) return downlink;
    await this.client.publishAsync(downlink.topic, Buffer.from(downlink.payload), { qos: 1 });
    return 'sent';
  }

  /** Whether the device has said something, so that its dialect is known, and the broker is there. */
  listens(deviceId: string): boolean {
    return this.client.connected && this.speakers.has(this.deps.directory.wayTo(deviceId).speakerId);
  }

  health(): { readonly ok: boolean; readonly reason?: string } {
    return this.lost === undefined
      ? { ok: true }
      : { ok: false, reason: `the MQTT broker ${hostOf(this.deps.options.url)}: ${this.lost}` };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.lostTimer);
    await this.client.endAsync();
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
    });
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
    const { counters, clock, directory, limits } = this.deps;
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
    let speaker = this.speakers.get(device.deviceId);
    if (speaker === undefined)
      this.speakers.set(device.deviceId, (speaker = new Speaker(device, limits.decode)));
    if (!this.present.has(device.deviceId)) {
      this.present.add(device.deviceId);
      this.record(device.deviceId, true, PRESENT);
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const taken = this.deps.intake.take(speaker, { topic, payload, receivedAt: clock.now() });
    this.tell(device.deviceId, await withinTime(taken, limitMs));
  }

  private tell(deviceId: string, { answer, downlinks }: IntakeResult): void {
    for (const downlink of downlinks) this.publish(downlink);
    if (answer === undefined) return;
    this.publish({ topic: errorsTopic(deviceId), payload: Buffer.from(JSON.stringify(answer)) });
  }

  private publish({ topic, payload }: Downlink): void {
    if (this.client.connected) this.client.publish(topic, Buffer.from(payload), { qos: 0 });
  }

  /** Not acknowledged: after a new connection the broker sends it again. */
  private sendAgain(error: unknown): void {
    this.refusals.note(this.deps.counters.journalFailures, 'external_broker', { err: error }, 'error');
    this.client.stream.destroy();
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

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
