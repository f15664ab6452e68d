import { type ErrorMessage } from '@watchfire/contracts';
import { type Journal, type JournalRecord } from '@watchfire/journal';
import {
  dialectOfTopic,
  type DeviceAttributes,
  type DialectResult,
  type Downlink,
  type Uplink,
} from '@watchfire/protocol';
import { readCallback } from './callback-reading.js';
import { count, type GatewayCounters } from './counters.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type GatewayLimits } from './limits.js';
import { type Repeats } from './repeats.js';
import { toEvent, toReading, type IntakeRefusal, type ReadingRecord } from './reading.js';
import { Speaker } from './speaker.js';
import { settled } from './time-limit.js';

/** A message as it came in. */
export interface IncomingMessage {
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
  /** Readings among them; events are not rationed. */
  readonly readings?: number;
  /** Everything of it that is not used. */
  readonly refusals: readonly IntakeRefusal[];
  /** What to tell the device on its `errors` topic. */
  readonly answer?: ErrorMessage;
  /** What its dialect answers, now that everything is on disk. */
  readonly downlinks: readonly Downlink[];
}

/** Who sends commands to devices, and waits for their answers. */
export interface CommandReplies {
  /** The device can be sent what it could not be sent before. */
  deviceReady?(deviceId: string): void;
  /** False when no such command was sent to this device; resolves when the answer is on disk. */
  replied(deviceId: string, commandId: string, ok: boolean, data: unknown): Promise<boolean>;
}

export interface IntakeDependencies {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly commands: CommandReplies;
  readonly attributesOf: (deviceId: string) => DeviceAttributes;
  readonly repeats: Repeats;
}

/** What came of one message, while it is looked through. */
interface Findings {
  readonly records: JournalRecord[];
  readonly refusals: IntakeRefusal[];
  readonly downlinks: Downlink[];
  /** Records that are kept by others. */
  readonly work: Promise<unknown>[];
  /** Devices that may be sent commands from now on. */
  readonly ready: string[];
}

const ANSWER_PAYLOAD_BYTES = 256;
const MAX_TOPIC_LENGTH = 256;
const MAX_REASONS = 8;
/** Children of one gateway that are remembered as present: every one may go offline with it. */
const MAX_CHILDREN = 2_000;

/**
 * Turns messages of devices into records of the journal. Every promise resolves when all that came of the message, dead
 * letter included, is on disk, and rejects when the journal did not take it: then nothing may be acknowledged.
 * Records are handed to the journal before the call returns, so the order of calls is the order of the journal.
 */
export class Intake {
  constructor(private readonly deps: IntakeDependencies) {}

  /** A message of a device on any topic: its own, one of a dialect, or one that it has no business on. */
  take(speaker: Speaker, message: IncomingMessage): Promise<IntakeResult> {
    const { counters, directory } = this.deps;
    counters.received++;
    const { deviceId } = speaker;
    const device = directory.find(deviceId);
    if (device === undefined) return this.refuse(deviceId, message, UNKNOWN_DEVICE);
    if (device.disabled) return this.refuse(deviceId, message, DEVICE_DISABLED);
    const dialect = dialectOfTopic(message.topic);
    const result = dialect && speaker.in(dialect).receive(message.topic, message.payload, message.receivedAt);
    if (result === undefined) return this.refuse(deviceId, message, TOPIC_FORBIDDEN);
    return this.takeResult(speaker, message, result);
  }

  /** A message that somebody else has decoded. */
  takeResult(speaker: Speaker, message: IncomingMessage, result: DialectResult): Promise<IntakeResult> {
    const { directory } = this.deps;
    const { deviceId } = speaker;
    const findings = begun(result);
    for (const uplink of result.uplinks) this.read(uplink, speaker, message, findings);
    for (const child of result.ready ?? []) {
      const device = child === undefined ? directory.find(deviceId) : directory.childOf(deviceId, child);
      if (device !== undefined) findings.ready.push(device.deviceId);
    }
    const refused =
      findings.refusals.length > result.refusals.length ? summary(findings.refusals).text : undefined;
    for (const answer of result.answers) {
      const payload = refused === undefined ? undefined : answer.payloadIfRefused?.(refused);
      findings.downlinks.push(payload === undefined ? answer : { topic: answer.topic, payload });
    }
    return this.commit(deviceId, message, findings);
  }

  /** Keeps a message that is refused before anybody looked into it. */
  async refuse(
    deviceId: string | null,
    message: IncomingMessage,
    refusal: IntakeRefusal,
  ): Promise<IntakeResult> {
    await this.keepDeadLetter(deviceId, message, [refusal]);
    const answer = this.answer(message, [refusal]);
    return { records: 0, refusals: [refusal], answer, downlinks: [] };
  }

  /** The connection of a speaker has ended: so have those of the devices that it spoke for. */
  leave(speaker: Speaker, reason: string): Promise<unknown> {
    const gone = [...speaker.children];
    speaker.children.clear();
    return Promise.all(gone.map((deviceId) => this.deps.journal.append(presence(deviceId, false, reason))));
  }

  /**
   * Tries a dead letter again, after a fix of the device's profile. Readings go to the history only: what they say of now is
   * long told by newer ones. Events are taken as they are: an alarm button does not come again. What still cannot be used is
   * in the result, and makes no second dead letter.
   */
  async replay(letter: DeadLetter): Promise<IntakeResult> {
    const device = letter.deviceId === null ? undefined : this.deps.directory.find(letter.deviceId);
    if (device === undefined) return { records: 0, refusals: [UNKNOWN_DEVICE], downlinks: [] };
    const message = { topic: letter.topic, payload: letter.payload, receivedAt: letter.at };
    const speaker = new Speaker(device, this.deps.limits.decode);
    const dialect = dialectOfTopic(letter.topic);
    const result =
      dialect === undefined
        ? readCallback(letter.topic, letter.payload, this.deps.limits.decode)
        : speaker.in(dialect).receive(letter.topic, letter.payload, letter.at);
    if (result === undefined) return { records: 0, refusals: [TOPIC_FORBIDDEN], downlinks: [] };
    const findings = begun(result);
    for (const uplink of result.uplinks) {
      if (uplink.kind === 'telemetry' || uplink.kind === 'event') {
        this.read(uplink, speaker, message, findings);
      }
    }
    const records = findings.records.filter(({ kind }) => kind === 'reading' || kind === 'event');
    await this.store(
      records.map((record) => (record.kind === 'reading' ? { ...record, hist: true } : record)),
      findings.work,
    );
    this.deps.counters.journalled += records.length;
    return { records: records.length, refusals: findings.refusals, downlinks: [] };
  }

  private read(uplink: Uplink, speaker: Speaker, message: IncomingMessage, into: Findings): void {
    if (uplink.kind === 'ignored') {
      count(this.deps.counters.ignored, uplink.what);
      return;
    }
    const device = this.deviceOf(uplink, speaker, into);
    if (device === undefined) return;
    const { limits, counters, commands, attributesOf } = this.deps;
    const { deviceId } = device;
    const { receivedAt } = message;
    switch (uplink.kind) {
      case 'telemetry': {
        const reading = toReading(uplink.message, device, receivedAt, limits, uplink.service);
        if (reading.record !== undefined) this.keepOnce(reading.record, into);
        into.refusals.push(...reading.refusals);
        if (reading.clockRefused) counters.clockRefused++;
        return;
      }
      case 'event': {
        const event = toEvent(uplink.message, device, receivedAt, limits);
        if (event.record !== undefined) into.records.push(event.record);
        into.refusals.push(...event.refusals);
        if (event.clockRefused) counters.clockRefused++;
        return;
      }
      case 'attributes':
        into.records.push({ kind: 'attributes', deviceId, receivedAt, attributes: uplink.attributes });
        return;
      case 'attributes-request':
        into.downlinks.push(uplink.answer(attributesOf(deviceId)));
        return;
      case 'presence':
        if (uplink.connected === speaker.children.has(deviceId)) return;
        if (uplink.connected) speaker.children.add(deviceId);
        else speaker.children.delete(deviceId);
        into.records.push(presence(deviceId, uplink.connected, uplink.reason));
        return;
      case 'command-reply': {
        const { commandId, ok, data } = uplink;
        const known = commands.replied(deviceId, commandId, ok, data);
        into.work.push(
          known.then((isKnown) =>
            isKnown ? undefined : this.keepDeadLetter(speaker.deviceId, message, [UNKNOWN_COMMAND]),
          ),
        );
        return;
      }
      case 'claim':
        into.refusals.push({ code: 'claim_unsupported', message: 'devices are claimed over HTTP' });
    }
  }

  /** Who it is about: the speaker, or a device that is registered behind it. */
  private deviceOf(
    uplink: Exclude<Uplink, { kind: 'ignored' }>,
    speaker: Speaker,
    into: Findings,
  ): DirectoryDevice | undefined {
    const { directory } = this.deps;
    if (uplink.child === undefined) return directory.find(speaker.deviceId);
    const child = directory.childOf(speaker.deviceId, uplink.child);
    if (child === undefined) {
      const message = `no device ${uplink.child.slice(0, 64)} is registered behind this gateway`;
      into.refusals.push({ code: 'unknown_child', message, child: uplink.child });
      return undefined;
    }
    const { deviceId } = child;
    if (child.disabled) {
      into.refusals.push({ code: 'device_disabled', message: `${deviceId} is disabled` });
      return undefined;
    }
    // Who is spoken for is here, whether it was announced or not.
    if (
      uplink.kind !== 'presence' &&
      !speaker.children.has(deviceId) &&
      speaker.children.size < MAX_CHILDREN
    ) {
      speaker.children.add(deviceId);
      into.records.push(presence(deviceId, true, 'gateway'));
    }
    return child;
  }

  private keepOnce(record: ReadingRecord, into: Findings): void {
    const { deviceId, boot, seq, ts, deviceTime, receivedAt } = record;
    const { repeats, counters } = this.deps;
    const said = deviceTime ?? (ts === receivedAt ? NaN : ts);
    if (boot === undefined || seq === undefined || !repeats.of(deviceId).isRepeated(boot, seq, said)) {
      into.records.push(record);
      return;
    }
    counters.duplicates++;
    into.work.push(repeats.stored());
  }

  /** Hands everything to the journal before it returns; resolves when that, and what others keep, is on disk. */
  private store(records: readonly JournalRecord[], work: readonly Promise<unknown>[]): Promise<unknown> {
    const { journal, repeats } = this.deps;
    const stored = settled(() => {
      const all = [...records.map((record) => journal.append(record)), ...work];
      return all.length === 1 ? all[0]! : Promise.all(all);
    }).catch((error: unknown) => {
      // What is not on disk was not seen, whatever its numbers are.
      for (const record of records) if (record.kind === 'reading') repeats.forget(record.deviceId);
      throw error;
    });
    if (records.some((record) => record.kind === 'reading' && record.seq !== undefined))
      repeats.storing(stored);
    return stored;
  }

  private async commit(
    deviceId: string,
    message: IncomingMessage,
    { records, refusals, downlinks, work, ready }: Findings,
  ): Promise<IntakeResult> {
    const { counters } = this.deps;
    const stored = this.store(records, work);
    await (refusals.length > 0
      ? Promise.all([stored, this.keepDeadLetter(deviceId, message, refusals)])
      : stored);
    const readings = numberOf('reading', records);
    const taken = readings + numberOf('event', records);
    counters.journalled += taken;
    for (const each of ready) this.deps.commands.deviceReady?.(each);
    const result = { records: taken, readings, refusals, downlinks };
    return refusals.length === 0 ? result : { ...result, answer: this.answer(message, refusals) };
  }

  private async keepDeadLetter(
    deviceId: string | null,
    message: IncomingMessage,
    refusals: readonly IntakeRefusal[],
  ): Promise<void> {
    const { code, text } = summary(refusals);
    const unknown = new Set(refusals.flatMap(({ child }) => (child === undefined ? [] : [child])));
    await this.deps.journal.append({
      kind: 'dead-letter',
      deviceId,
      topic: message.topic.slice(0, MAX_TOPIC_LENGTH),
      code,
      message: text,
      payload: Buffer.from(message.payload).toString('base64'),
      ...(unknown.size === 0 ? {} : { unknownChildren: [...unknown] }),
    });
    count(this.deps.counters.deadLettered, code);
  }

  private answer(message: IncomingMessage, refusals: readonly IntakeRefusal[]): ErrorMessage {
    const { code, text } = summary(refusals);
    return {
      code,
      message: text,
      topic: message.topic.slice(0, MAX_TOPIC_LENGTH),
      at: this.deps.clock(),
      payload: Buffer.from(message.payload.subarray(0, ANSWER_PAYLOAD_BYTES)).toString('utf8'),
    };
  }
}

const UNKNOWN_DEVICE: IntakeRefusal = { code: 'unknown_device', message: 'no such device' };
const DEVICE_DISABLED: IntakeRefusal = { code: 'device_disabled', message: 'the device is disabled' };
const UNKNOWN_COMMAND = { code: 'unknown_command', message: 'no such command is waiting for a reply' };
const TOPIC_FORBIDDEN = {
  code: 'topic_forbidden',
  message:
    'a device publishes on its own topics only: telemetry, events, commands/{id}/reply, or those of its dialect',
};

/** Nothing found yet but what the dialect has refused. */
function begun({ refusals }: DialectResult): Findings {
  return { records: [], refusals: [...refusals], downlinks: [], work: [], ready: [] };
}

function numberOf(wanted: JournalRecord['kind'], records: readonly JournalRecord[]): number {
  return records.reduce((sum, { kind }) => sum + (kind === wanted ? 1 : 0), 0);
}

function presence(deviceId: string, connected: boolean, reason: string): JournalRecord {
  return { kind: 'connection', deviceId, connected, reason };
}

/** One letter has one code, that of the first reason; its text has the others. */
function summary(refusals: readonly IntakeRefusal[]): { readonly code: string; readonly text: string } {
  const shown = refusals.slice(0, MAX_REASONS).map((refusal) => refusal.message);
  const more = refusals.length - shown.length;
  return {
    code: refusals[0]?.code ?? 'refused',
    text: shown.join('; ') + (more > 0 ? `; and ${more} more` : ''),
  };
}
