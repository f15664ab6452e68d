import { type Journal, type JournalRecord } from '@watchfire/journal';
import {
  answerTo,
  COMMAND,
  type Deviation,
  encodeFrame,
  FireConversation,
  type Frame,
  type Heard,
  ourTime,
  readTimeLabel,
  saysFire,
  STANDARD,
  type StreamItem,
  timeReading,
} from '@watchfire/protocol';
import { count } from '../counters.js';
import { type DeviceDirectory, type DirectoryDevice } from '../directory.js';
import { type GatewayLog, RefusalLog } from '../refusal-log.js';
import { TokenBucket } from '../token-bucket.js';
import { type FireCounters } from './fire-counters.js';
import { isKnown, recordsOfData, samplesOf } from './fire-frames.js';
import { type FireLine, FireLinks, type Said } from './fire-links.js';
import { FireOrders, type Header } from './fire-orders.js';
import { type FireOptions } from './fire-options.js';
import { FireUpkeep } from './fire-upkeep.js';
import { mayUse } from './line-rights.js';
import { Strangers } from './strangers.js';

export interface FireDeskDependencies {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly clock: { now(): number; monotonicMs(): number };
  /** Device profiles by the name of a device's `dialect`. */
  readonly deviations: ReadonlyMap<string, Deviation>;
  /** What was kept of a device before this server started. */
  readonly remembered: (deviceId: string) => Readonly<Record<string, unknown>>;
  readonly options: FireOptions;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Who sends commands, and waits for their answers. */
  readonly commands?: {
    deviceReady(deviceId: string): void;
    replied(deviceId: string, commandId: string, ok: boolean, data: unknown): Promise<boolean>;
  };
  readonly counters: FireCounters;
  readonly log: GatewayLog;
}

type Whole = Exclude<StreamItem, { kind: 'garbage' }>;

/** What is held of a device over all its connections. */
interface Party {
  readonly conversation: FireConversation;
  readonly rate: TokenBucket;
  /** What is on its way to the disk, by the serial number of its frame. */
  readonly keeping: Map<number, Promise<unknown>>;
  /** When its points were told last; monotonic ms. */
  toldAt: number;
  /** Of its newest frame. */
  header?: Header;
}

/**
 * Judges the frames of fire-control rooms: who it is, what it says, what must be on disk before it is answered. Answers a frame only
 * after the journal has it; denies check errors and nothing else.
 */
export class FireDesk {
  readonly links: FireLinks;
  readonly orders: FireOrders;
  private readonly upkeep: FireUpkeep;
  private readonly parties = new Map<string, Party>();
  private readonly strangers: Strangers;
  private readonly refusals: RefusalLog;
  private readonly unlisten: () => void;

  constructor(private readonly deps: FireDeskDependencies) {
    const { journal, clock, log, directory } = deps;
    const monotonicMs = (): number => clock.monotonicMs();
    this.links = new FireLinks(journal);
    this.orders = new FireOrders({
      links: this.links,
      clock,
      partyOf: (deviceId) => {
        const party = this.parties.get(deviceId);
        if (party?.header === undefined) return undefined;
        return { header: party.header, deviation: party.conversation.deviation };
      },
      replied: (deviceId, commandId, ok, data) => {
        const kept = deps.commands?.replied(deviceId, commandId, ok, data);
        if (kept !== undefined) void this.durable([kept], deviceId);
      },
      clockSet: (deviceId) => this.upkeep.clockSet(deviceId),
      ready: (deviceId) => deps.commands?.deviceReady(deviceId),
      random: deps.random,
    });
    this.upkeep = new FireUpkeep({
      ...deps,
      orders: this.orders,
      systemsOf: (deviceId) => this.parties.get(deviceId)?.conversation.systems() ?? [],
      keep: (deviceId, record) => void this.durable([journal.append(record)], deviceId),
    });
    this.strangers = new Strangers(journal, monotonicMs);
    this.refusals = new RefusalLog(log, monotonicMs);
    this.unlisten = directory.onChange((deviceId, device) => this.changed(deviceId, device));
  }

  /** What is due by time; monotonic ms. */
  look(now: number): void {
    this.orders.look(now);
    this.upkeep.look(now);
  }

  stop(): void {
    this.unlisten();
  }

  /** Command bytes that any of the profiles knows: who speaks is known only after the first frame. */
  get commands(): ReadonlySet<number> {
    return new Set([...this.deps.deviations.values()].flatMap(({ commands }) => [...commands]));
  }

  /** After so much silence the connection is closed. */
  silenceLimitMs(line: FireLine): number | undefined {
    const limits = [...this.links.on(line)].map(
      (deviceId) => this.deviationOf(this.deps.directory.find(deviceId)).idle.closeAfterSeconds * 1_000,
    );
    return limits.length === 0 ? undefined : Math.max(...limits);
  }

  /** Resolves when it is dealt with; never rejects. */
  async take(line: FireLine, item: Whole): Promise<void> {
    const device = this.speaker(line, item.frame);
    if (device === undefined) return this.stranger(line, item);
    if (device.disabled) return this.unanswered('device_disabled', device);
    if (!mayUse(line, device, this.deps.directory, this.deps.clock.now()))
      return this.unanswered('certificate', device);
    const deviation = this.deviationOf(device);
    const { frame } = item;
    if (item.kind === 'check-error' && item.reason === 'checksum')
      return this.deny(line, frame, deviation, 'checksum');
    if (!isKnown(frame.command, deviation)) return this.deny(line, frame, deviation, 'command');
    const party = this.partyOf(device);
    const isBusy = line.isBusy === true;
    const isInShare = !isBusy && party.rate.tryTake(this.deps.clock.monotonicMs());
    if (!isInShare && !saysFire(frame, deviation)) return this.unanswered(isBusy ? 'busy' : 'rate', device);
    await this.hear(line, device, party, item);
  }

  /** The connection has ended. */
  async leave(line: FireLine, reason: string): Promise<void> {
    const gone = this.links.on(line);
    const records = this.links.leave(line, reason);
    for (const deviceId of gone) this.left(deviceId);
    await this.durable(records);
  }

  private async hear(line: FireLine, device: DirectoryDevice, party: Party, item: Whole): Promise<void> {
    const { conversation } = party;
    const { frame } = item;
    const receivedAt = this.deps.clock.now();
    const heard = conversation.hear(frame, receivedAt);
    count(this.deps.counters.frames, heard.means);
    const work = this.links.bind(device.deviceId, line);
    const isNew = work.length > 0;
    // Whatever was asked on another connection is not answered on this one.
    if (isNew) {
      this.left(device.deviceId);
      this.upkeep.arrived(device.deviceId);
    }
    party.header = frame;
    const records = this.recordsOf(device, party, { heard, item, peer: line.peer, receivedAt });
    work.push(...records.map((record) => this.deps.journal.append(record)));
    // What was sent again is not on disk because it has come before.
    const before = heard.means === 'repeated' ? party.keeping.get(frame.serial) : undefined;
    if (before !== undefined) work.push(before);
    if (!(await this.durable([keep(party, frame.serial, work)], device.deviceId))) {
      conversation.notKept(frame, heard);
      return;
    }
    conversation.kept(heard);
    if (heard.adu !== undefined) this.deps.counters.journalled++;
    if (heard.answer !== undefined) {
      const said = heard.means === 'keep-alive' ? 'sign-of-life' : 'answer';
      this.answer(line, frame, conversation.deviation, heard.answer, said);
    }
    if (heard.means === 'answer' && this.orders.heard(device.deviceId, frame)) line.proven?.();
    if (isNew) this.deps.commands?.deviceReady(device.deviceId);
  }

  private left(deviceId: string): void {
    this.orders.left(deviceId);
    this.upkeep.left(deviceId);
  }

  private recordsOf(
    device: DirectoryDevice,
    party: Party,
    { heard, item, peer, receivedAt }: { heard: Heard; item: Whole; peer: string; receivedAt: number },
  ): JournalRecord[] {
    const { deviceId } = device;
    const now = this.deps.clock.monotonicMs();
    const deviceTime = readTimeLabel(
      item.frame.sentAt,
      timeReading(party.conversation.deviation, receivedAt),
    ).at;
    if (deviceTime !== undefined && heard.means !== 'repeated')
      this.upkeep.heard(deviceId, deviceTime, receivedAt);
    const times = { receivedAt, ts: receivedAt, ...(deviceTime === undefined ? {} : { deviceTime }) };
    if (heard.adu === undefined) {
      const values = party.conversation.values();
      const isDue = now - party.toldAt >= this.deps.options.restateMs && !this.upkeep.hasStopped(deviceId);
      if (heard.means !== 'keep-alive' || values === undefined || !isDue) return [];
      party.toldAt = now;
      return [{ kind: 'reading', deviceId, ...times, samples: samplesOf(device, values) }];
    }
    if (heard.values !== undefined) party.toldAt = now;
    const told = heard.values === undefined ? [] : [...(heard.meanwhile ?? []), heard.values];
    const samples = told.flatMap((values) => samplesOf(device, values));
    return recordsOfData(deviceId, { bytes: item.bytes, peer, times, samples, remember: heard.remember });
  }

  private speaker(line: FireLine, { source }: Frame): DirectoryDevice | undefined {
    const { directory } = this.deps;
    if (source !== 0) return directory.ofAddress(String(source));
    const [only, ...others] = this.links.on(line);
    if (only !== undefined && others.length === 0) return directory.find(only);
    const device = directory.ofAddress(line.peer);
    return device !== undefined && this.deviationOf(device).identifiedBy === 'connection'
      ? device
      : undefined;
  }

  private async stranger(line: FireLine, { kind, frame, bytes }: Whole): Promise<void> {
    // Of a frame with a wrong sum the address may be what is wrong.
    if (kind === 'check-error') return this.unanswered('check_error_of_unknown', undefined);
    const name = frame.source === 0 ? line.peer : String(frame.source);
    this.refusals.note(this.deps.counters.unanswered, 'unknown_address', { address: name, peer: line.peer });
    const noted = this.strangers.note({ name, peer: line.peer, bytes });
    if (noted !== undefined) await this.durable([noted]);
  }

  private deny(line: FireLine, frame: Frame, deviation: Deviation, reason: 'checksum' | 'command'): void {
    count(this.deps.counters.checkErrors, reason);
    // Two sides that deny each other's denials would do so for ever.
    if (frame.command === COMMAND.confirm || frame.command === COMMAND.deny) return;
    this.answer(line, frame, deviation, { command: COMMAND.deny, adu: new Uint8Array() });
  }

  private answer(
    line: FireLine,
    frame: Frame,
    deviation: Deviation,
    answer: Pick<Frame, 'command' | 'adu'>,
    said: Said = 'answer',
  ): void {
    const sentAt = ourTime(deviation, this.deps.clock.now()).raw;
    line.send(encodeFrame(answerTo(frame, { ...answer, sentAt })), said);
  }

  private unanswered(reason: string, device: DirectoryDevice | undefined): void {
    this.refusals.note(this.deps.counters.unanswered, reason, { deviceId: device?.deviceId });
  }

  private async durable(work: readonly Promise<unknown>[], deviceId?: string): Promise<boolean> {
    try {
      await Promise.all(work);
      return true;
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      const reason = typeof code === 'string' ? code : 'unknown';
      this.refusals.note(this.deps.counters.journalFailures, reason, { deviceId, err: error }, 'error');
      return false;
    }
  }

  private partyOf(device: DirectoryDevice): Party {
    const known = this.parties.get(device.deviceId);
    if (known !== undefined) return known;
    const { clock, options, remembered } = this.deps;
    const now = clock.monotonicMs();
    const party: Party = {
      conversation: new FireConversation(this.deviationOf(device), remembered(device.deviceId)),
      rate: new TokenBucket(options.framesPerSecond, options.framesPerSecond * 10, now),
      keeping: new Map(),
      toldAt: -Infinity,
    };
    this.parties.set(device.deviceId, party);
    return party;
  }

  private deviationOf(device: DirectoryDevice | undefined): Deviation {
    return this.deps.deviations.get(device?.dialect ?? STANDARD.key) ?? STANDARD;
  }

  private changed(deviceId: string, device: DirectoryDevice | undefined): void {
    const party = this.parties.get(deviceId);
    if (device === undefined) this.parties.delete(deviceId);
    else if (party !== undefined && party.conversation.deviation !== this.deviationOf(device)) {
      // Another profile reads the same masks otherwise.
      const remembered = party.conversation.remembered();
      const conversation = new FireConversation(this.deviationOf(device), remembered);
      this.parties.set(deviceId, { ...party, conversation });
    }
    const reason = this.reasonToGo(deviceId, device);
    if (reason === undefined) return;
    this.left(deviceId);
    if (device === undefined) this.upkeep.forget(deviceId);
    const dismissed = this.links.dismiss(deviceId, reason);
    if (dismissed !== undefined) void this.durable([dismissed], deviceId);
  }

  private reasonToGo(deviceId: string, device: DirectoryDevice | undefined): string | undefined {
    if (device === undefined) return 'device_removed';
    if (device.disabled) return 'device_disabled';
    const { directory, clock } = this.deps;
    const line = this.links.lineTo(deviceId);
    return line === undefined || mayUse(line, device, directory, clock.now()) ? undefined : 'certificate';
  }
}

function keep({ keeping }: Party, serial: number, work: readonly Promise<unknown>[]): Promise<unknown> {
  const all = Promise.all(work);
  const done = (): void => void (keeping.get(serial) === all && keeping.delete(serial));
  keeping.set(serial, all);
  all.then(done, done);
  return all;
}
