import { createHash } from 'node:crypto';
import { type Journal } from '@watchfire/journal';
import {
  callbackFormats,
  callbackResult,
  callbackTopic,
  type CallbackDistrust,
  type CallbackEcho,
  type CallbackFormat,
  type CallbackItem,
  type CallbackName,
  type CallbackRefusal,
  type CallbackTaken,
  type CallbackTrust,
  type Failure,
  type IncomingCallback,
} from '@watchfire/protocol';
import { callbackHashes } from './callback-reading.js';
import { count, type GatewayCounters } from './counters.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type IncomingMessage, type Intake } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { type GatewayClock } from './mqtt-gateway.js';
import { RefusalLog, type GatewayLog } from './refusal-log.js';
import { Speaker } from './speaker.js';
import { TimeLimitError, withinTime } from './time-limit.js';
import { TokenBucket } from './token-bucket.js';

/** A callback address, and what was agreed with the platform that pushes there. */
export interface CallbackIntegration {
  /** The last part of the address. */
  readonly id: string;
  readonly format: CallbackName;
  readonly secret: string;
  /** The registered device that stands for the platform: the platform speaks for what is behind it. */
  readonly gatewayId: string;
  /** With bursts of three seconds' worth. */
  readonly requestsPerSecond: number;
}

/** Which reports have come: kept for so long as a platform may send one again. */
export interface CallbackEvents {
  known(integration: string, eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  record(integration: string, eventIds: readonly string[]): Promise<void>;
}

export interface PlatformCallbacksDependencies {
  readonly integrations: readonly CallbackIntegration[];
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly intake: Intake;
  readonly events: CallbackEvents;
  readonly clock: GatewayClock;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly log: GatewayLog;
}

interface Integration {
  readonly id: string;
  readonly gatewayId: string;
  readonly topic: string;
  readonly format: CallbackFormat;
  readonly trust: CallbackTrust;
  readonly bucket: TokenBucket;
}

const BURST_SECONDS = 3;

/**
 * Callback addresses of NB-IoT platforms and vendor clouds: who is believed, what has come before, and the way of the rest
 * into the journal. `taken` and `undecodable` are answered after everything of the request is on disk, dead letter included.
 */
export class PlatformCallbacks {
  private readonly integrations: ReadonlyMap<string, Integration>;
  /** By the device that stands for the platform. */
  private readonly speakers = new Map<string, Speaker>();
  /** Reports on their way to the disk, so that one that is sent again meanwhile waits for what becomes of the first. */
  private readonly underWay = new Map<string, Promise<unknown>>();
  private readonly refusals: RefusalLog;

  constructor(private readonly deps: PlatformCallbacksDependencies) {
    this.refusals = new RefusalLog(deps.log, () => deps.clock.monotonicMs());
    this.integrations = new Map(deps.integrations.map((each) => [each.id, this.integration(each)]));
  }

  /** Integrations whose device is not registered, or disabled: nothing is taken from them. */
  withoutDevice(): string[] {
    const all = [...this.integrations.values()];
    return all.filter(({ gatewayId }) => this.deviceOf(gatewayId) === undefined).map(({ id }) => id);
  }

  /** A request that only tries the address out. */
  tryOut(id: string, request: IncomingCallback): CallbackEcho | CallbackRefusal {
    const integration = this.integrations.get(id);
    if (integration === undefined) return this.refused('unknown');
    const { format, trust } = integration;
    if (format.handshake === undefined) return this.refused('no_handshake');
    const answer = format.handshake({ ...request, receivedAt: this.deps.clock.now() }, trust);
    if ('reason' in answer) return this.distrusted(id, answer.reason);
    count(this.deps.counters.callbacks, 'echo');
    return { kind: 'echo', text: answer.echo };
  }

  /** @throws whatever the journal throws when it did not take it: then it must be sent again. */
  async take(id: string, request: IncomingCallback): Promise<CallbackTaken | CallbackRefusal> {
    const { clock, counters, limits } = this.deps;
    const integration = this.integrations.get(id);
    if (integration === undefined) return this.refused('unknown');
    const receivedAt = clock.now();
    const distrust = integration.format.distrust({ ...request, receivedAt }, integration.trust);
    if (distrust !== undefined) return this.distrusted(id, distrust.reason);
    const device = this.deviceOf(integration.gatewayId);
    if (device === undefined) {
      this.refusals.note(counters.callbacks, 'disabled', { integration: id });
      return { kind: 'disabled' };
    }
    // After the signature: strangers must not use up what the platform may send.
    if (!integration.bucket.tryTake(clock.monotonicMs())) {
      this.refusals.note(counters.callbacks, 'too_many', { integration: id });
      return { kind: 'too_many' };
    }
    const message = { topic: integration.topic, payload: request.body, receivedAt };
    const speaker = this.speakerOf(device);
    try {
      const answer = await withinTime(this.decide(integration, speaker, message), limits.hookTimeoutMs);
      count(counters.callbacks, answer.kind);
      return answer;
    } catch (error) {
      this.refusals.note(counters.callbacks, 'not_taken', { integration: id, err: error }, 'error');
      // Whom it has announced may not be on disk: the next request announces them again.
      this.speakers.delete(device.deviceId);
      if (error instanceof TimeLimitError) return { kind: 'not_taken' };
      throw error;
    }
  }

  private async decide(
    integration: Integration,
    speaker: Speaker,
    message: IncomingMessage,
  ): Promise<CallbackTaken | CallbackRefusal> {
    this.deps.counters.received++;
    const decoded = integration.format.decode(message.payload, this.deps.limits.decode, callbackHashes);
    if (!decoded.ok) return this.keepUndecodable(integration, speaker, message, decoded);
    const { items, refusals } = decoded;
    let repeated = 0;
    const eventIds = new Set(items.map(({ eventId }) => eventId));
    const refused = await this.once(integration.id, eventIds, async (known) => {
      const fresh = firstOfEach(items).filter(({ eventId }) => !known.has(eventId));
      repeated = items.length - fresh.length;
      // What belongs to no report has no id: where every report has come before, so has the request.
      const others = fresh.length === 0 && items.length > 0 ? [] : refusals;
      if (fresh.length === 0 && others.length === 0) return 0;
      const taken = await this.deps.intake.takeResult(speaker, message, callbackResult(fresh, others));
      return taken.refusals.length;
    });
    return { kind: 'taken', reports: items.length, repeated, refused };
  }

  /** A platform sends again what is not answered with success: one letter is enough. */
  private async keepUndecodable(
    integration: Integration,
    speaker: Speaker,
    message: IncomingMessage,
    { code, message: reason }: Failure,
  ): Promise<CallbackRefusal> {
    const eventId = `refused:${createHash('sha256').update(message.payload).digest('hex')}`;
    await this.once(integration.id, new Set([eventId]), async (known) => {
      if (!known.has(eventId)) {
        await this.deps.intake.refuse(speaker.deviceId, message, { code, message: reason });
      }
    });
    return { kind: 'undecodable', code, message: reason };
  }

  /**
   * Does the work with the ids that have come before, and notes the others when it is done. Works with an id in common go one
   * after the other, the second looking what became of the first. What ends between journal and note is journalled twice when
   * it is sent again: rather twice than never.
   */
  private async once<T>(
    integration: string,
    eventIds: ReadonlySet<string>,
    work: (known: ReadonlySet<string>) => Promise<T>,
  ): Promise<T> {
    const keys = [...eventIds].map((eventId) => `${integration} ${eventId}`);
    for (;;) {
      const before = keys.flatMap((key) => this.underWay.get(key) ?? []);
      if (before.length === 0) break;
      await Promise.allSettled(before);
    }
    const done = this.lookUpAndDo(integration, [...eventIds], work);
    for (const key of keys) this.underWay.set(key, done);
    try {
      return await done;
    } finally {
      for (const key of keys) this.underWay.delete(key);
    }
  }

  private async lookUpAndDo<T>(
    integration: string,
    eventIds: readonly string[],
    work: (known: ReadonlySet<string>) => Promise<T>,
  ): Promise<T> {
    const { events, counters } = this.deps;
    let known: ReadonlySet<string> = new Set();
    try {
      known = await events.known(integration, eventIds);
    } catch (error) {
      // An alarm must not wait for the store that only keeps it from coming twice.
      this.refusals.note(counters.callbacks, 'events_unavailable', { integration, err: error }, 'error');
    }
    const result = await work(known);
    const fresh = eventIds.filter((eventId) => !known.has(eventId));
    try {
      if (fresh.length > 0) await events.record(integration, fresh);
    } catch (error) {
      this.refusals.note(counters.callbacks, 'events_unavailable', { integration, err: error }, 'error');
    }
    return result;
  }

  private integration(given: CallbackIntegration): Integration {
    const { id, gatewayId, secret, requestsPerSecond } = given;
    const format = callbackFormats.get(given.format);
    if (format === undefined) throw new Error(`there is no callback format ${given.format}`);
    const now = this.deps.clock.monotonicMs();
    return {
      id,
      gatewayId,
      format,
      topic: callbackTopic(format.name, id),
      trust: { secret, hashes: callbackHashes },
      bucket: new TokenBucket(requestsPerSecond, requestsPerSecond * BURST_SECONDS, now),
    };
  }

  private deviceOf(gatewayId: string): DirectoryDevice | undefined {
    const device = this.deps.directory.find(gatewayId);
    return device?.disabled === true ? undefined : device;
  }

  /** Whoever has pushed since the start is there; a platform has no connection whose end would tell that it is not. */
  private speakerOf(device: DirectoryDevice): Speaker {
    const { deviceId } = device;
    let speaker = this.speakers.get(deviceId);
    if (speaker === undefined) {
      this.speakers.set(deviceId, (speaker = new Speaker(device, this.deps.limits.decode)));
      const record = { kind: 'connection', deviceId, connected: true, reason: 'callback' } as const;
      this.deps.journal.append(record).catch((error: unknown) => {
        this.speakers.delete(deviceId);
        this.refusals.note(
          this.deps.counters.journalFailures,
          'connection',
          { deviceId, err: error },
          'error',
        );
      });
    }
    return speaker;
  }

  private refused(kind: 'unknown' | 'no_handshake'): CallbackRefusal {
    count(this.deps.counters.callbacks, kind);
    return { kind };
  }

  private distrusted(integration: string, reason: CallbackDistrust['reason']): CallbackRefusal {
    this.refusals.note(this.deps.counters.callbacks, reason, { integration });
    return { kind: 'distrusted', reason };
  }
}

function firstOfEach(items: readonly CallbackItem[]): CallbackItem[] {
  const firsts = new Map<string, CallbackItem>();
  for (const item of items) if (!firsts.has(item.eventId)) firsts.set(item.eventId, item);
  return [...firsts.values()];
}
