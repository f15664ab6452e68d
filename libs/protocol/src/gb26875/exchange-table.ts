import { COMMAND, type Frame } from './frame.js';
import { type ObjectKind, LAYOUTS, replyKind } from './layouts.js';

export interface ExchangeOptions {
  /** How long an answer is waited for; at most 10 s, says the standard. */
  readonly timeoutMs: number;
  /** How often it is sent again; 3, says the standard. */
  readonly retries: number;
  /** Exchanges that are open at the same time; devices are small. */
  readonly maxOpen: number;
  /** Exchanges that wait for their turn. */
  readonly maxWaiting: number;
}

export const exchangeOptions: ExchangeOptions = { timeoutMs: 10_000, retries: 3, maxOpen: 1, maxWaiting: 64 };

/** What the centre wants to say, and what it is called by whoever wants it. */
export interface ExchangeRequest {
  readonly id: string;
  readonly kind: ObjectKind;
  readonly adu: Uint8Array;
}

/** The connection is gone; or something more urgent goes first, and the answer, if there is one, comes too late. */
type Abandoned = 'disconnected' | 'displaced';

export type ExchangeOutcome =
  | { readonly id: string; readonly result: 'confirmed' }
  /** The reply to a request: its ADU is to be read like any other. */
  | { readonly id: string; readonly result: 'replied'; readonly frame: Frame }
  /** No answer after the last repetition, or only denials. */
  | {
      readonly id: string;
      readonly result: 'failed';
      readonly reason: 'timeout' | 'denied' | Abandoned;
    };

/** To be put into a frame with our addresses and the time, and sent. A repetition has the number of the first. */
export interface ExchangeSend {
  readonly id: string;
  readonly serial: number;
  readonly command: number;
  readonly adu: Uint8Array;
  /** 0 for the first time. */
  readonly repetition: number;
}

export interface ExchangeStep {
  readonly sends: readonly ExchangeSend[];
  readonly outcomes: readonly ExchangeOutcome[];
}

interface Open {
  readonly request: ExchangeRequest;
  readonly serial: number;
  sent: number;
  dueAt: number;
}

const SERIALS = 0x1_0000;

/** What the centre has asked of one device and not been answered: GB/T 26875.3, 6.5. Pure: time comes in, frames go out. */
export class ExchangeTable {
  private readonly open = new Map<number, Open>();
  private readonly waiting: ExchangeRequest[] = [];

  constructor(
    private readonly options: ExchangeOptions = exchangeOptions,
    private nextSerial = 0,
  ) {}

  /** `undefined`: too many wait already. */
  begin(request: ExchangeRequest, now: number): ExchangeStep | undefined {
    if (this.waiting.length >= this.options.maxWaiting) return undefined;
    this.waiting.push(request);
    return { sends: this.sendWaiting(now), outcomes: [] };
  }

  /** A frame of the device; `undefined`: it answers nothing that was asked. */
  receive(frame: Frame, now: number): ExchangeStep | undefined {
    const exchange = this.open.get(frame.serial);
    if (exchange === undefined) return undefined;
    const { id, kind } = exchange.request;
    const wanted = replyKind(kind);
    if (frame.command === COMMAND.deny) return this.again(exchange, now, true);
    if (frame.command === COMMAND.confirm && wanted === undefined) {
      return this.close(exchange, { id, result: 'confirmed' }, now);
    }
    const isReply = frame.command === COMMAND.reply && wanted !== undefined;
    if (!isReply || frame.adu[0] !== LAYOUTS[wanted].type) return undefined;
    return this.close(exchange, { id, result: 'replied', frame }, now);
  }

  /** What is due: repetitions, and exchanges that have failed. */
  due(now: number): ExchangeStep {
    const steps = [...this.open.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .map((exchange) => this.again(exchange, now, false));
    return {
      sends: steps.flatMap(({ sends }) => sends),
      outcomes: steps.flatMap(({ outcomes }) => outcomes),
    };
  }

  /** When to ask `due` again; `undefined`: nothing is open. */
  nextDueAt(): number | undefined {
    const [first, ...rest] = [...this.open.values()].map(({ dueAt }) => dueAt);
    return first === undefined ? undefined : Math.min(first, ...rest);
  }

  /** Nothing that was asked is waited for any more. */
  abandon(reason: Abandoned): ExchangeOutcome[] {
    const requests = [...[...this.open.values()].map(({ request }) => request), ...this.waiting];
    this.open.clear();
    this.waiting.length = 0;
    return requests.map(({ id }) => ({ id, result: 'failed', reason }));
  }

  private sendWaiting(now: number): ExchangeSend[] {
    const sends: ExchangeSend[] = [];
    while (this.open.size < this.options.maxOpen) {
      const request = this.waiting.shift();
      if (request === undefined) break;
      const serial = this.takeSerial();
      const dueAt = now + this.options.timeoutMs;
      const exchange: Open = { request, serial, sent: 1, dueAt };
      this.open.set(serial, exchange);
      sends.push(sendOf(exchange));
    }
    return sends;
  }

  private again(exchange: Open, now: number, denied: boolean): ExchangeStep {
    if (exchange.sent > this.options.retries) {
      const { id } = exchange.request;
      return this.close(exchange, { id, result: 'failed', reason: denied ? 'denied' : 'timeout' }, now);
    }
    exchange.sent++;
    exchange.dueAt = now + this.options.timeoutMs;
    return { sends: [sendOf(exchange)], outcomes: [] };
  }

  private close(exchange: Open, outcome: ExchangeOutcome, now: number): ExchangeStep {
    this.open.delete(exchange.serial);
    return { sends: this.sendWaiting(now), outcomes: [outcome] };
  }

  /** The next that is not in use. */
  private takeSerial(): number {
    while (this.open.has(this.nextSerial)) this.nextSerial = (this.nextSerial + 1) % SERIALS;
    const serial = this.nextSerial;
    this.nextSerial = (serial + 1) % SERIALS;
    return serial;
  }
}

function sendOf({ request, serial, sent }: Open): ExchangeSend {
  const { id, kind, adu } = request;
  const command = LAYOUTS[kind].type >= LAYOUTS['initialise-device'].type ? COMMAND.control : COMMAND.request;
  return { id, serial, command, adu, repetition: sent - 1 };
}
