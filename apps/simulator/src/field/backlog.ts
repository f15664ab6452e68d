import { type TelemetryMessage } from '@watchfire/contracts';

export interface DeviceEvent {
  readonly event: string;
  readonly ts: number;
}

/** Something a device has to say, in the order in which it happened. */
export type Outgoing = { readonly order: number } & (
  | { readonly kind: 'telemetry'; readonly message: Omit<TelemetryMessage, 'hist'> & { readonly ts: number } }
  | { readonly kind: 'event'; readonly message: DeviceEvent }
);

export type Telemetry = Extract<Outgoing, { kind: 'telemetry' }>;

/** What has not been acknowledged while the line was away: in order, and never more than the memory of a device holds. */
export class Backlog {
  readonly #waiting: Outgoing[] = [];
  #dropped = 0;

  /** `capacity`: messages, at least 1. */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** How many were given up because the line was away for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  add(...outgoing: readonly Outgoing[]): void {
    const last = this.#waiting.at(-1)?.order ?? -1;
    this.#waiting.push(...outgoing);
    // What was under way when the line went is older than what was kept since.
    if (outgoing.some(({ order }) => order < last)) this.#waiting.sort((a, b) => a.order - b.order);
    while (this.#waiting.length > this.capacity) this.#drop();
  }

  /** The oldest reading goes first: an event is said once, a reading is said again and again. */
  #drop(): void {
    const oldest = this.#waiting.findIndex(({ kind }) => kind === 'telemetry');
    this.#waiting.splice(Math.max(0, oldest), 1);
    this.#dropped++;
  }

  /** The oldest messages that one publish can carry: up to `most` readings, or one event. They stay until `done`. */
  next(most: number): readonly Outgoing[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    if (first.kind === 'event') return [first];
    const end = this.#waiting.findIndex(({ kind }) => kind === 'event');
    return this.#waiting.slice(0, Math.min(most, end < 0 ? this.#waiting.length : end));
  }

  /** Forgets what has been acknowledged; what was dropped in the meantime is gone already. */
  done(outgoing: readonly Outgoing[]): void {
    const orders = new Set(outgoing.map(({ order }) => order));
    const rest = this.#waiting.filter(({ order }) => !orders.has(order));
    this.#waiting.splice(0, this.#waiting.length, ...rest);
  }
}
