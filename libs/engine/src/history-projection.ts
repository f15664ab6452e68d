import { type Transition } from '@watchfire/alarm';
import { type History, type HistoryAlarmEvent, type HistorySample } from '@watchfire/history';
import { type Following, type Journal, type JournalPart, lastOffset } from '@watchfire/journal';
import { type ReadingColumns } from '@watchfire/readings';
import { type Logger } from 'pino';
import { OffsetGate } from './offset-gate.js';

/** Small writes cost more in the hand-over between threads than in the store: what comes within this goes together. */
const GATHER_MS = 25;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 30_000;

/** Where the engine is, and what it said on the way: the history may not run ahead of it. */
export interface EngineProgress {
  /** Resolves when the engine has applied the record at `offset`. */
  reached(offset: number): Promise<void>;
  /** Takes the transitions caused by records up to `offset`, oldest first; each is given once. */
  takeTransitions(offset: number): readonly Transition[];
}

/**
 * Carries readings and transitions into the history, in the order of the journal, with a cursor of the history's own.
 * A history that is away stops only this projection: the journal keeps what it has not taken.
 */
export class HistoryProjection {
  readonly #history: History;
  readonly #progress: EngineProgress;
  readonly #log: Logger;
  #following: Following | undefined;
  #stopped = false;
  #wake: (() => void) | undefined;
  #gate = new OffsetGate(0);
  #failure: string | undefined;
  #gathering = false;
  #hurried = false;

  constructor(history: History, progress: EngineProgress, log: Logger) {
    this.#history = history;
    this.#progress = progress;
    this.#log = log;
  }

  start(journal: Journal, fromOffset: number): void {
    this.#gate = new OffsetGate(fromOffset - 1);
    this.#following = journal.follow(fromOffset, (parts) => this.#project(parts, () => journal.head()));
  }

  /** The offset up to which the history has taken the journal (not yet: made durable). */
  get offset(): number {
    return this.#gate.offset;
  }

  /** Resolves when the history has taken the journal up to this offset. */
  reached(offset: number): Promise<void> {
    return this.#gate.reached(offset);
  }

  /** Somebody is waiting for the history: what was gathered is handed over now. */
  hurry(): void {
    this.#hurried = true;
    if (this.#gathering) this.#wake?.();
  }

  /** Why the history takes nothing at present. */
  get failure(): string | undefined {
    return this.#failure;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#following?.stop();
  }

  async #project(parts: readonly JournalPart[], head: () => number): Promise<void> {
    const last = parts.at(-1);
    if (last === undefined) return;
    const offset = lastOffset(last);
    await this.#progress.reached(offset);
    const readings: ReadingColumns[] = [];
    const samples: HistorySample[] = [];
    for (const part of parts) {
      if ('readings' in part) {
        readings.push(part.readings);
        continue;
      }
      const { record } = part;
      if (record.kind !== 'reading' && record.kind !== 'event') continue;
      const { deviceId, ts, receivedAt } = record;
      for (const [pointId, value, quality = 'good'] of record.samples) {
        samples.push({ pointId, deviceId, ts, receivedAt, value, quality });
      }
    }
    const events = this.#progress.takeTransitions(offset).map(toHistoryEvent);
    await this.#write({ offset, readings, samples, events });
    // Whoever is behind does not wait: what has left the journal's memory would have to be read from its disk.
    if (head() > offset) return;
    // The journal gathers what comes meanwhile; the next call has all of it.
    this.#gathering = true;
    if (!this.#hurried && !this.#stopped) await this.#pause(GATHER_MS);
    this.#gathering = false;
    this.#hurried = false;
  }

  async #write(batch: Parameters<History['write']>[0]): Promise<void> {
    for (let delayMs = RETRY_MIN_MS; !this.#stopped; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      try {
        await this.#history.write(batch);
        if (this.#failure !== undefined) this.#log.info({ offset: batch.offset }, 'history takes data again');
        this.#failure = undefined;
        this.#gate.advance(batch.offset);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#failure === undefined)
          this.#log.error({ err: error }, 'history does not take data; retrying');
        this.#failure = reason;
        await this.#pause(delayMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function toHistoryEvent(transition: Transition): HistoryAlarmEvent {
  return { ...transition, alarm: { ...transition.alarm } };
}
