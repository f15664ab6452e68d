import { type ErrorMessage } from '@watchfire/contracts';
import { type Journal, type JournalRecord } from '@watchfire/journal';
import { decodeDeviceEvent, decodeTelemetry } from '@watchfire/protocol';
import { count, type GatewayCounters } from './counters.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type GatewayLimits } from './limits.js';
import { toEvent, toReading, type IntakeRefusal } from './reading.js';
import { deviceTopic } from './topics.js';

/** A message as it came in. */
export interface IncomingMessage {
  readonly deviceId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** A dead letter as the registry keeps it. */
export interface DeadLetter {
  readonly deviceId: string | null;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** When it was journalled, epoch ms. */
  readonly at: number;
}

export interface IntakeResult {
  /** Readings and events of the message that are on disk now. */
  readonly records: number;
  /** Everything of it that is not used. */
  readonly refusals: readonly IntakeRefusal[];
  /** What to tell the device on its `errors` topic. */
  readonly answer?: ErrorMessage;
}

interface Interpretation {
  readonly records: readonly JournalRecord[];
  readonly refusals: readonly IntakeRefusal[];
  readonly clockRefused: number;
}

const ANSWER_PAYLOAD_BYTES = 256;
const MAX_TOPIC_LENGTH = 256;
const MAX_REASONS = 8;

/**
 * Turns messages of devices into records of the journal. Every promise resolves when all that came of the message, dead
 * letter included, is on disk, and rejects when the journal did not take it: then nothing may be acknowledged.
 * Records are handed to the journal before the call returns, so the order of calls is the order of the journal.
 */
export class Intake {
  constructor(
    private readonly journal: Journal,
    private readonly directory: DeviceDirectory,
    private readonly clock: () => number,
    private readonly limits: GatewayLimits,
    private readonly counters: GatewayCounters,
  ) {}

  telemetry(deviceId: string, topic: string, payload: Uint8Array, receivedAt: number): Promise<IntakeResult> {
    const message = { deviceId, topic, payload, receivedAt };
    return this.take(message, (device) => this.readTelemetry(message, device));
  }

  event(deviceId: string, topic: string, payload: Uint8Array, receivedAt: number): Promise<IntakeResult> {
    const message = { deviceId, topic, payload, receivedAt };
    return this.take(message, (device) => this.readEvent(message, device));
  }

  /** Keeps a message that is refused before anybody looked into it. */
  async refuse(message: IncomingMessage, refusal: IntakeRefusal): Promise<IntakeResult> {
    await this.keepDeadLetter(message, [refusal]);
    return { records: 0, refusals: [refusal], answer: this.answer(message, [refusal]) };
  }

  /**
   * Tries a dead letter again, after a fix of the device's profile. Readings go to the history only: what they say of now is
   * long told by newer ones. Events are taken as they are: an alarm button does not come again. What still cannot be used is
   * in the result, and makes no second dead letter.
   */
  async replay(letter: DeadLetter): Promise<IntakeResult> {
    const device = letter.deviceId === null ? undefined : this.directory.find(letter.deviceId);
    if (letter.deviceId === null || device === undefined) return { records: 0, refusals: [UNKNOWN_DEVICE] };
    const message = { ...letter, deviceId: letter.deviceId, receivedAt: letter.at };
    const topic = deviceTopic(letter.topic, letter.deviceId);
    if (topic === undefined || topic.kind === 'command-reply') {
      return { records: 0, refusals: [{ code: 'topic_forbidden', message: 'not a topic of this device' }] };
    }
    const { records, refusals } =
      topic.kind === 'telemetry' ? this.readTelemetry(message, device) : this.readEvent(message, device);
    await Promise.all(
      records.map((record) =>
        this.journal.append(record.kind === 'reading' ? { ...record, hist: true } : record),
      ),
    );
    this.counters.journalled += records.length;
    return { records: records.length, refusals };
  }

  private take(
    message: IncomingMessage,
    read: (device: DirectoryDevice) => Interpretation,
  ): Promise<IntakeResult> {
    this.counters.received++;
    const device = this.directory.find(message.deviceId);
    if (device === undefined) return this.refuse(message, UNKNOWN_DEVICE);
    if (device.disabled) return this.refuse(message, DEVICE_DISABLED);
    return this.commit(message, read(device));
  }

  private async commit(message: IncomingMessage, interpretation: Interpretation): Promise<IntakeResult> {
    const { records, refusals } = interpretation;
    this.counters.clockRefused += interpretation.clockRefused;
    const appended = records.map((record) => this.journal.append(record));
    if (refusals.length === 0) {
      await (appended.length === 1 ? appended[0] : Promise.all(appended));
      this.counters.journalled += records.length;
      return { records: records.length, refusals };
    }
    await Promise.all([...appended, this.keepDeadLetter(message, refusals)]);
    this.counters.journalled += records.length;
    return { records: records.length, refusals, answer: this.answer(message, refusals) };
  }

  private readTelemetry(message: IncomingMessage, device: DirectoryDevice): Interpretation {
    const decoded = decodeTelemetry(message.payload, this.limits.decode);
    if (!decoded.ok) return { records: [], refusals: [decoded], clockRefused: 0 };
    const records: JournalRecord[] = [];
    const refusals: IntakeRefusal[] = [...decoded.refusals];
    let clockRefused = 0;
    for (const telemetry of decoded.messages) {
      const reading = toReading(telemetry, device, message.receivedAt, this.limits);
      if (reading.record !== undefined) records.push(reading.record);
      refusals.push(...reading.refusals);
      if (reading.clockRefused) clockRefused++;
    }
    return { records, refusals, clockRefused };
  }

  private readEvent(message: IncomingMessage, device: DirectoryDevice): Interpretation {
    const decoded = decodeDeviceEvent(message.payload, this.limits.decode);
    if (!decoded.ok) return { records: [], refusals: [decoded], clockRefused: 0 };
    const event = toEvent(decoded.event, device, message.receivedAt, this.limits);
    return {
      records: event.record === undefined ? [] : [event.record],
      refusals: [...decoded.refusals, ...event.refusals],
      clockRefused: event.clockRefused ? 1 : 0,
    };
  }

  private async keepDeadLetter(message: IncomingMessage, refusals: readonly IntakeRefusal[]): Promise<void> {
    const { code, text } = summary(refusals);
    await this.journal.append({
      kind: 'dead-letter',
      deviceId: message.deviceId,
      topic: message.topic.slice(0, MAX_TOPIC_LENGTH),
      code,
      message: text,
      payload: Buffer.from(message.payload).toString('base64'),
    });
    count(this.counters.deadLettered, code);
  }

  private answer(message: IncomingMessage, refusals: readonly IntakeRefusal[]): ErrorMessage {
    const { code, text } = summary(refusals);
    return {
      code,
      message: text,
      topic: message.topic.slice(0, MAX_TOPIC_LENGTH),
      at: this.clock(),
      payload: Buffer.from(message.payload.subarray(0, ANSWER_PAYLOAD_BYTES)).toString('utf8'),
    };
  }
}

const UNKNOWN_DEVICE: IntakeRefusal = { code: 'unknown_device', message: 'no such device' };
const DEVICE_DISABLED: IntakeRefusal = { code: 'device_disabled', message: 'the device is disabled' };

/** One letter has one code, that of the first reason; its text has the others. */
function summary(refusals: readonly IntakeRefusal[]): { readonly code: string; readonly text: string } {
  const shown = refusals.slice(0, MAX_REASONS).map((refusal) => refusal.message);
  const more = refusals.length - shown.length;
  return {
    code: refusals[0]?.code ?? 'refused',
    text: shown.join('; ') + (more > 0 ? `; and ${more} more` : ''),
  };
}
