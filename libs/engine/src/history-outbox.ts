import { type Confirmed, type History } from '@watchfire/history';
import { type Journal } from '@watchfire/journal';
import { type Logger } from 'pino';
import { type Observable, type Subscription } from 'rxjs';
import { type Clock } from './clock.js';
import { Delivery, type DeliveryFailure, type Pause, systemPause } from './delivery.js';
import { OutboxReadings } from './outbox-readings.js';
import { OutboxTransitions } from './outbox-transitions.js';

const TRANSITIONS = 'history-influxdb-transitions';

/** Where the engine, and the local history behind it, are. */
export interface EngineState {
  /** The seq of the newest transition. */
  head(): number;
  status(): { readonly historyOffset: number };
  readonly transitions: Observable<unknown>;
}

export interface HistoryOutboxOptions {
  readonly journal: Journal;
  readonly local: Pick<History, 'alarmEventsAfter'>;
  /** Its own cursor is that of the samples. */
  readonly distant: Pick<History, 'write' | 'cursor'>;
  readonly engine: EngineState;
  readonly confirmed: ConfirmedUpTo;
  readonly clock: Clock;
  readonly log: Logger;
  /** At least 0, below 1. */
  readonly random?: () => number;
  readonly pause?: Pause;
}

/** What the distant history has said that it has, for those who ask it, and who give back space. */
export class ConfirmedUpTo implements Confirmed {
  offset = 0;
  seq = 0;
  whole = true;
}

export interface Backlog {
  /** Records of the journal whose samples are not sent. */
  readonly records: number;
  readonly transitions: number;
  /** Of the records, in the journal; estimated. */
  readonly bytes: number;
  /** Since the oldest that waits was journalled, ms; 0 where nothing waits. */
  readonly ageMs: number;
  readonly retries: number;
  /** Epoch ms; undefined before the first. */
  readonly lastSuccessAt: number | undefined;
  /** Why nothing is taken at present. */
  readonly failure: DeliveryFailure | undefined;
}

/**
 * Brings everything into a distant history that may be away: samples from the journal, transitions from the local history, each with
 * a durable cursor of its own, so that a day of telemetry delays no alarm. In memory it has one request of each. [HI43] to [HI46]
 */
export class HistoryOutbox {
  readonly #options: HistoryOutboxOptions;
  readonly #stopping = new AbortController();
  readonly #deliveries: { readonly readings: Delivery; readonly transitions: Delivery };
  readonly #readings: OutboxReadings;
  readonly #transitions: OutboxTransitions;
  #subscription: Subscription | undefined;

  constructor(options: HistoryOutboxOptions) {
    const { journal, local, distant, engine, confirmed, clock, log } = options;
    const { random = Math.random, pause = systemPause } = options;
    const { signal } = this.#stopping;
    this.#options = options;
    const parts = { clock, random, pause, log };
    this.#deliveries = {
      readings: new Delivery('readings', parts, signal),
      transitions: new Delivery('transitions', parts, signal),
    };
    this.#readings = new OutboxReadings({
      journal,
      distant,
      localOffset: () => engine.status().historyOffset,
      delivery: this.#deliveries.readings,
      pause,
      signal,
      sent: (offset) => (confirmed.offset = offset),
    });
    this.#transitions = new OutboxTransitions({
      local,
      distant,
      head: () => engine.head(),
      delivery: this.#deliveries.transitions,
      pause,
      signal,
      sent: async (seq) => {
        await journal.saveCursor(TRANSITIONS, seq);
        confirmed.seq = seq;
      },
      log,
    });
  }

  async start(): Promise<void> {
    const { journal, distant, engine, confirmed, log } = this.#options;
    confirmed.offset = await distant.cursor();
    confirmed.seq = await journal.cursor(TRANSITIONS);
    if (confirmed.seq > engine.head()) {
      log.warn(
        { sent: confirmed.seq, head: engine.head() },
        'more transitions were sent than there are: sending all again',
      );
      confirmed.seq = 0;
    }
    this.#subscription = engine.transitions.subscribe(() => this.#transitions.wake());
    this.#transitions.start(confirmed.seq);
    this.#readings.start(confirmed.offset);
  }

  /** The journal is still needed from the next offset on. */
  get offset(): number {
    return this.#readings.offset;
  }

  backlog(): Backlog {
    const { journal, engine, clock } = this.#options;
    const { readings, transitions } = this.#deliveries;
    const records = Math.max(0, journal.head() - this.#readings.offset);
    const stats = journal.stats();
    const oldestAt = Math.min(this.#readings.oldestAt ?? Infinity, this.#transitions.oldestAt ?? Infinity);
    const successes = [readings.lastSuccessAt ?? -Infinity, transitions.lastSuccessAt ?? -Infinity];
    const lastSuccessAt = Math.max(...successes);
    return {
      records,
      transitions: Math.max(0, engine.head() - this.#transitions.seq),
      bytes: stats.records === 0 ? 0 : Math.round((records * stats.bytes) / stats.records),
      ageMs: Number.isFinite(oldestAt) ? Math.max(0, clock.now() - oldestAt) : 0,
      retries: readings.retries + transitions.retries,
      lastSuccessAt: Number.isFinite(lastSuccessAt) ? lastSuccessAt : undefined,
      failure: readings.failure ?? transitions.failure,
    };
  }

  /** What is being sent may still arrive; it is sent again after a start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#subscription?.unsubscribe();
    await Promise.all([this.#readings.stop(), this.#transitions.stop()]);
  }
}
