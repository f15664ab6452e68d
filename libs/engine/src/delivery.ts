import { HistoryError, type HistoryErrorCode } from '@watchfire/history';
import { type Logger } from 'pino';
import { BackOff } from './back-off.js';
import { type Clock } from './clock.js';

/** Resolves after so long, or as soon as the signal says. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const systemPause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

export interface DeliveryFailure {
  readonly code: HistoryErrorCode | 'unknown';
  readonly message: string;
  /** Epoch ms. */
  readonly since: number;
}

export interface DeliveryParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly pause: Pause;
  readonly log: Logger;
}

/** Gives one thing after the other to a store that may be away, each until it was taken. */
export class Delivery {
  readonly #backOff: BackOff;
  #failure: DeliveryFailure | undefined;
  #retries = 0;
  #lastSuccessAt: number | undefined;

  constructor(
    private readonly what: string,
    private readonly parts: DeliveryParts,
    private readonly signal: AbortSignal,
  ) {
    this.#backOff = new BackOff(parts.random);
  }

  get failure(): DeliveryFailure | undefined {
    return this.#failure;
  }

  get retries(): number {
    return this.#retries;
  }

  /** Epoch ms. */
  get lastSuccessAt(): number | undefined {
    return this.#lastSuccessAt;
  }

  /** False where it was stopped before that. Credentials that are refused are tried again too: rights can be given back. */
  async deliver(give: () => Promise<void>): Promise<boolean> {
    while (!this.signal.aborted) {
      try {
        await give();
        this.#succeeded();
        return true;
      } catch (error) {
        if (this.signal.aborted) return false;
        this.#failed(error);
        await this.parts.pause(this.#backOff.next(askedFor(error)), this.signal);
        this.#retries += 1;
      }
    }
    return false;
  }

  #succeeded(): void {
    if (this.#failure !== undefined) this.parts.log.info({ what: this.what }, 'InfluxDB takes data again');
    this.#failure = undefined;
    this.#backOff.reset();
    this.#lastSuccessAt = this.parts.clock.now();
  }

  #failed(error: unknown): void {
    const code = error instanceof HistoryError ? error.code : 'unknown';
    const message = error instanceof Error ? error.message : String(error);
    // Once for each cause: who is away for a day must not fill the log.
    if (this.#failure?.code !== code)
      this.parts.log.warn(
        { err: error, what: this.what },
        'InfluxDB does not take data; kept, and tried again',
      );
    this.#failure = { code, message, since: this.#failure?.since ?? this.parts.clock.now() };
  }
}

function askedFor(error: unknown): number {
  return error instanceof HistoryError ? (error.retryAfterMs ?? 0) : 0;
}
