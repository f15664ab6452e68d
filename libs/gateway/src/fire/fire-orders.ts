import {
  type CommandMessage,
  type CommandRefusal,
  decodeAdu,
  type Deviation,
  encodeAdu,
  encodeFrame,
  exchangeOptions,
  type ExchangeOutcome,
  type ExchangeSend,
  type ExchangeStep,
  ExchangeTable,
  fireRequest,
  type Frame,
  LAYOUTS,
  ourTime,
  repliedObjects,
} from '@watchfire/protocol';
import { type FireLinks } from './fire-links.js';

/** Whom a device believes to talk to, and how it calls itself: as its frames say. */
export type Header = Pick<Frame, 'source' | 'destination' | 'mainVersion' | 'userVersion'>;

export interface FireOrdersDependencies {
  readonly links: FireLinks;
  readonly clock: { now(): number; monotonicMs(): number };
  /** `undefined`: it has not said anything yet. */
  readonly partyOf: (
    deviceId: string,
  ) => { readonly header: Header; readonly deviation: Deviation } | undefined;
  /** An answer of the device itself, denials included. */
  readonly replied: (deviceId: string, commandId: string, ok: boolean, data: unknown) => void;
  /** It has confirmed that its clock was set, by a command of whomever. */
  readonly clockSet: (deviceId: string) => void;
  /** It can be sent the next one. */
  readonly ready: (deviceId: string) => void;
  /** From 0 to below 1. */
  readonly random: () => number;
}

interface Order {
  /** Nobody waits for it: it gives way to a command. */
  readonly isQuestion: boolean;
  readonly table: ExchangeTable;
  /** Epoch ms: not one byte of it goes out later. */
  readonly expires: number;
  readonly ended: (outcome: ExchangeOutcome) => void;
}

/** What the centre says by itself, and nobody's command. */
export type Question = Pick<CommandMessage, 'command' | 'params'>;
const SERIALS = 0x1_0000;

type Started = 'sent' | 'absent' | CommandRefusal;

/**
 * Commands on their way down, one at a time for each device; the next one is asked for when the one before has ended. A command does not wait
 * for a question of the centre: what a silent device was asked would hold it up for forty seconds. A command to which no answer came is not
 * told to have failed: nobody knows whether it was executed.
 */
export class FireOrders {
  private readonly tables = new Map<string, ExchangeTable>();
  private readonly orders = new Map<string, Order>();

  constructor(private readonly deps: FireOrdersDependencies) {}

  listens(deviceId: string): boolean {
    return this.deps.links.lineTo(deviceId) !== undefined;
  }

  send(deviceId: string, { commandId, expires, ...question }: CommandMessage): Started {
    const ended = (outcome: ExchangeOutcome): void => this.tell(deviceId, outcome);
    return this.begin(deviceId, question, { id: commandId, expires, ended, isQuestion: false });
  }

  /** Asked like a command when none is under way, and ended by the next one; `ended` is called once if it was sent. */
  ask(deviceId: string, question: Question, ended: (outcome: ExchangeOutcome) => void): Started {
    const order = { id: question.command, expires: Infinity, ended, isQuestion: true };
    return this.begin(deviceId, question, order);
  }

  /** A confirmation, a denial or a reply of the device; whether it is one to what was asked. */
  heard(deviceId: string, frame: Frame): boolean {
    const step = this.orders.get(deviceId)?.table.receive(frame, this.deps.clock.monotonicMs());
    if (step !== undefined) this.carryOut(deviceId, step);
    return step !== undefined;
  }

  /** Sends again what was not answered in time. */
  look(now: number): void {
    for (const [deviceId, { table }] of [...this.orders]) {
      if ((table.nextDueAt() ?? Infinity) <= now) this.carryOut(deviceId, table.due(now));
    }
  }

  /** Its connection is gone. */
  left(deviceId: string): void {
    this.abandon(deviceId, 'disconnected');
  }

  private abandon(deviceId: string, reason: 'disconnected' | 'displaced'): void {
    const order = this.orders.get(deviceId);
    this.orders.delete(deviceId);
    for (const outcome of order?.table.abandon(reason) ?? []) order?.ended(outcome);
  }

  private begin(
    deviceId: string,
    question: Question,
    { id, ...order }: { id: string } & Omit<Order, 'table'>,
  ): Started {
    const party = this.deps.partyOf(deviceId);
    if (party === undefined || !this.listens(deviceId)) return 'absent';
    const before = this.orders.get(deviceId);
    if (before !== undefined && (order.isQuestion || !before.isQuestion)) return 'absent';
    const request = fireRequest(question, party.deviation, this.deps.clock.now());
    if ('refused' in request) return request;
    this.abandon(deviceId, 'displaced');
    // Who does not hear what is asked cannot guess its number, and so not answer it.
    const table =
      this.tables.get(deviceId) ??
      new ExchangeTable(exchangeOptions, Math.floor(this.deps.random() * SERIALS) % SERIALS);
    this.tables.set(deviceId, table);
    const { ended } = order;
    const told = (outcome: ExchangeOutcome): void => {
      if (question.command === 'sync_clock' && outcome.result === 'confirmed') this.deps.clockSet(deviceId);
      ended(outcome);
    };
    const step = table.begin({ id, ...request }, this.deps.clock.monotonicMs());
    if (step === undefined) return 'absent';
    this.orders.set(deviceId, { table, ...order, ended: told });
    this.carryOut(deviceId, step);
    return 'sent';
  }

  private carryOut(deviceId: string, { sends, outcomes }: ExchangeStep): void {
    for (const outcome of outcomes) this.ended(deviceId, outcome);
    for (const send of sends) this.transmit(deviceId, send);
  }

  private transmit(deviceId: string, { serial, command, adu: given }: ExchangeSend): void {
    const party = this.deps.partyOf(deviceId);
    const now = this.deps.clock.now();
    if (party === undefined || now >= (this.orders.get(deviceId)?.expires ?? 0)) return;
    const { header, deviation } = party;
    const time = ourTime(deviation, now);
    // The time in a repetition is that of the repetition.
    const isClock = given[0] === LAYOUTS['synchronise-clock'].type;
    const adu = isClock ? encodeAdu('synchronise-clock', [{ time }]) : given;
    const { source, destination, ...versions } = header;
    const frame = {
      ...versions,
      serial,
      command,
      adu,
      sentAt: time.raw,
      source: destination,
      destination: source,
    };
    this.deps.links.lineTo(deviceId)?.send(encodeFrame(frame), 'question');
  }

  private ended(deviceId: string, outcome: ExchangeOutcome): void {
    const order = this.orders.get(deviceId);
    this.orders.delete(deviceId);
    order?.ended(outcome);
    this.deps.ready(deviceId);
  }

  private tell(deviceId: string, outcome: ExchangeOutcome): void {
    const { id, result } = outcome;
    if (result === 'confirmed') this.deps.replied(deviceId, id, true, { confirmed: true });
    else if (result === 'replied') {
      const { frame } = outcome;
      const deviation = this.deps.partyOf(deviceId)?.deviation;
      const adu = decodeAdu(frame.adu, deviation, this.deps.clock.now());
      this.deps.replied(deviceId, id, true, { objects: repliedObjects(adu) });
    } else if (outcome.reason === 'denied') this.deps.replied(deviceId, id, false, { denied: true });
  }
}
