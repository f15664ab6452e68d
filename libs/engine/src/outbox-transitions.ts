import { type History, type HistoryAlarmEvent } from '@watchfire/history';
import { type Logger } from 'pino';
import { type Delivery, type Pause } from './delivery.js';

const PAGE = 500;
/** Until the local history has what the engine has said. */
const LOOK_EVERY_MS = 20;

export interface OutboxTransitionsParts {
  readonly local: Pick<History, 'alarmEventsAfter'>;
  readonly distant: Pick<History, 'write'>;
  /** The seq of the newest transition that the engine has said. */
  readonly head: () => number;
  readonly delivery: Delivery;
  readonly pause: Pause;
  readonly signal: AbortSignal;
  /** The distant history has everything up to this seq. Resolves when that is durable here. */
  readonly sent: (seq: number) => Promise<void>;
  readonly log: Logger;
}

/** Carries transitions into the distant history from the local one, by seq: as they happen, whatever telemetry is behind. */
export class OutboxTransitions {
  readonly #parts: OutboxTransitionsParts;
  #seq = 0;
  #oldestAt: number | undefined;
  #wake: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: OutboxTransitionsParts) {
    this.#parts = parts;
  }

  start(seq: number): void {
    this.#seq = seq;
    this.#running = this.#run();
    this.#parts.signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  get seq(): number {
    return this.#seq;
  }

  get oldestAt(): number | undefined {
    return this.#oldestAt;
  }

  /** The engine has said something. */
  wake(): void {
    this.#wake?.();
  }

  stop(): Promise<void> {
    return this.#running;
  }

  async #run(): Promise<void> {
    const { signal, head, pause } = this.#parts;
    while (!signal.aborted) {
      if (head() <= this.#seq) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const events = await this.#page();
      if (events.length === 0) await pause(LOOK_EVERY_MS, signal);
      else await this.#send(events);
    }
  }

  /** A local history that cannot be read now is asked again. */
  async #page(): Promise<readonly HistoryAlarmEvent[]> {
    const { local, pause, signal, log } = this.#parts;
    try {
      return await local.alarmEventsAfter(this.#seq, PAGE);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'transitions could not be read; retrying');
      await pause(1_000, signal);
      return [];
    }
  }

  async #send(events: readonly HistoryAlarmEvent[]): Promise<void> {
    const { delivery, distant, sent, log } = this.#parts;
    const { seq } = events.at(-1)!;
    const [first] = events;
    this.#oldestAt = first?.at;
    if (first !== undefined && first.seq !== this.#seq + 1)
      log.warn(
        { from: this.#seq + 1, to: first.seq - 1 },
        'the local history does not have these transitions',
      );
    const batch = { offset: 0, readings: [], samples: [], events };
    // A cursor that could not be saved is behind, no more: the same line again changes nothing.
    const isSent = await delivery.deliver(async () => {
      await distant.write(batch);
      await sent(seq);
    });
    if (!isSent) return;
    this.#seq = seq;
    this.#oldestAt = undefined;
  }
}
