import { errorsTopic, type ErrorMessage } from '@watchfire/contracts';
import { type PublishPacket } from 'aedes';
import { type GatewayCounters } from './counters.js';
import { type DeviceRates } from './device-rates.js';
import { type Intake, type IntakeResult } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { type Session } from './session.js';
import { delay, withinTime } from './time-limit.js';
import { deviceTopic } from './topics.js';

/** Publishes a message of the server to whoever may hear it. */
export type Announce = (topic: string, payload: string) => void;

/** What becomes of a PUBLISH of a device between the broker's parser and its acknowledgement. */
export class Publishing {
  /** Set when the broker exists, which needs this object to exist. */
  announce: Announce = () => undefined;

  constructor(
    private readonly intake: Intake,
    private readonly rates: DeviceRates,
    private readonly clock: () => number,
    private readonly limits: GatewayLimits,
    private readonly counters: GatewayCounters,
  ) {}

  /** Resolves when the packet may be acknowledged: all that came of it is on disk. */
  async publish(session: Session, packet: PublishPacket): Promise<void> {
    if (packet.retain) {
      packet.retain = false;
      this.counters.retainStripped++;
    }
    const packetId = packet.qos === 2 ? packet.messageId : undefined;
    const earlier = packetId === undefined ? undefined : session.earlierCopy(packetId);
    if (earlier !== undefined) {
      this.counters.duplicates++;
      await withinTime(earlier, this.limits.hookTimeoutMs);
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const work = this.takeIn(session.deviceId, packet.topic, payload);
    // It goes to nobody: the broker must not keep it for a QoS 2 handshake that may never end.
    packet.payload = NOTHING;
    if (packetId !== undefined) session.remember(packetId, work);
    const { answer } = await withinTime(work, this.limits.hookTimeoutMs);
    if (answer === undefined) return;
    this.answer(session.deviceId, answer);
    // A device that sends nothing but nonsense is slowed down, not silenced.
    const waitMs = this.rates.deadLetterWait(session.deviceId);
    if (waitMs > 0) await delay(Math.min(waitMs, this.limits.hookTimeoutMs / 2));
  }

  /** A message by its topic: a publish, or a last will. Hands its records to the journal before it returns. */
  takeIn(deviceId: string, topic: string, payload: Uint8Array): Promise<IntakeResult> {
    const receivedAt = this.clock();
    switch (deviceTopic(topic, deviceId)?.kind) {
      case 'telemetry':
        return this.intake.telemetry(deviceId, topic, payload, receivedAt);
      case 'events':
        return this.intake.event(deviceId, topic, payload, receivedAt);
      case 'command-reply':
        return this.intake.refuse({ deviceId, topic, payload, receivedAt }, UNKNOWN_COMMAND);
      case undefined:
        return this.intake.refuse({ deviceId, topic, payload, receivedAt }, TOPIC_FORBIDDEN);
    }
  }

  /** Tells the device on its `errors` topic, so many times a second. */
  answer(deviceId: string, answer: ErrorMessage): void {
    if (!this.rates.mayAnswer(deviceId)) {
      this.counters.errorAnswersSuppressed++;
      return;
    }
    this.counters.errorAnswers++;
    this.announce(errorsTopic(deviceId), JSON.stringify(answer));
  }
}

const NOTHING = Buffer.alloc(0);
const UNKNOWN_COMMAND = { code: 'unknown_command', message: 'no such command is waiting for a reply' };
const TOPIC_FORBIDDEN = {
  code: 'topic_forbidden',
  message: 'a device publishes on its own telemetry, events and commands/{id}/reply only',
};
