import { type History, type HistoryBatch, type HistorySample } from '@watchfire/history';
import { type Following, type Journal, type JournalPart, lastOffset } from '@watchfire/journal';
import { type ReadingColumns, samplesBegin, slice } from '@watchfire/readings';
import { type Delivery, type Pause } from './delivery.js';

/** Samples of one request, about: what is being sent, and what is encoded without giving anybody else a turn. */
export const MOST_SAMPLES = 5_000;
/** Who is up to date waits so long for more: a server takes few large requests better than many small ones. */
const GATHER_MS = 250;
const LOOK_EVERY_MS = 20;

export interface OutboxReadingsParts {
  readonly journal: Journal;
  readonly distant: Pick<History, 'write'>;
  /** The offset up to which the local history has taken the journal. */
  readonly localOffset: () => number;
  readonly delivery: Delivery;
  readonly pause: Pause;
  readonly signal: AbortSignal;
  /** The distant history has everything up to this offset. */
  readonly sent: (offset: number) => void;
}

/** Carries the samples of the journal into the distant history, in order, one request at a time. */
export class OutboxReadings {
  readonly #parts: OutboxReadingsParts;
  #following: Following | undefined;
  #offset = 0;
  /** Journal time of the oldest that is being sent. */
  #oldestAt: number | undefined;

  constructor(parts: OutboxReadingsParts) {
    this.#parts = parts;
  }

  start(cursor: number): void {
    this.#offset = cursor;
    this.#following = this.#parts.journal.follow(cursor + 1, (parts) => this.#send(parts));
  }

  get offset(): number {
    return this.#offset;
  }

  get oldestAt(): number | undefined {
    return this.#oldestAt;
  }

  async stop(): Promise<void> {
    await this.#following?.stop();
  }

  async #send(parts: readonly JournalPart[]): Promise<void> {
    const { journal, localOffset, signal, pause } = this.#parts;
    const last = parts.at(-1);
    if (last === undefined) return;
    this.#oldestAt = parts[0]?.at;
    // Only the local history answers for what is recent: nothing is ever there that is not here.
    await this.#until(() => localOffset() >= lastOffset(last));
    for (const { at, batch } of batchesOf(parts)) {
      this.#oldestAt = at;
      if (!(await this.#deliver(batch))) return;
      // Live messages first: devices that are made to wait are waited for, and everybody else has a turn between two requests.
      await this.#until(() => !journal.saturated());
      await new Promise(setImmediate);
    }
    this.#oldestAt = undefined;
    if (journal.head() <= this.#offset) await pause(GATHER_MS, signal);
  }

  async #until(holds: () => boolean): Promise<void> {
    const { signal, pause } = this.#parts;
    while (!signal.aborted && !holds()) await pause(LOOK_EVERY_MS, signal);
  }

  async #deliver(batch: HistoryBatch): Promise<boolean> {
    const { delivery, distant, sent } = this.#parts;
    if (!(await delivery.deliver(() => distant.write(batch)))) return false;
    this.#offset = batch.offset;
    sent(batch.offset);
    return true;
  }
}

/** Parts in pieces of bounded size, each with the journal time of its first record. */
export function* batchesOf(
  parts: readonly JournalPart[],
): Generator<{ readonly at: number; readonly batch: HistoryBatch }> {
  let gathered = emptyBatch();
  let count = 0;
  let offset = 0;
  let at: number | undefined;
  for (const part of parts) {
    for (const piece of piecesOf(part)) {
      const size = sizeOf(piece);
      if (at !== undefined && count + size > MOST_SAMPLES) {
        yield { at, batch: { offset, ...gathered, events: [] } };
        gathered = emptyBatch();
        count = 0;
        at = undefined;
      }
      at ??= piece.at;
      count += size;
      offset = lastOffset(piece);
      put(piece, gathered);
    }
  }
  if (at !== undefined) yield { at, batch: { offset, ...gathered, events: [] } };
}

interface Gathered {
  readonly readings: ReadingColumns[];
  readonly samples: HistorySample[];
}

function emptyBatch(): Gathered {
  return { readings: [], samples: [] };
}

function sizeOf(part: JournalPart): number {
  if ('readings' in part) return samplesIn(part.readings, 0, part.readings.count);
  const { record } = part;
  return record.kind === 'reading' || record.kind === 'event' ? record.samples.length : 0;
}

function* piecesOf(part: JournalPart): Generator<JournalPart> {
  if (!('readings' in part) || sizeOf(part) <= MOST_SAMPLES) {
    yield part;
    return;
  }
  const { offset, at, readings } = part;
  let from = 0;
  for (let next = 1; next <= readings.count; next += 1) {
    if (next < readings.count && samplesIn(readings, from, next + 1) <= MOST_SAMPLES) continue;
    yield { offset: offset + from, at, readings: slice(readings, from, next) };
    from = next;
  }
}

function samplesIn(readings: ReadingColumns, from: number, to: number): number {
  return samplesBegin(readings, to) - samplesBegin(readings, from);
}

function put(part: JournalPart, { readings, samples }: Gathered): void {
  if ('readings' in part) {
    readings.push(part.readings);
    return;
  }
  const { record } = part;
  if (record.kind !== 'reading' && record.kind !== 'event') return;
  const { deviceId, ts, receivedAt } = record;
  for (const [pointId, value, quality = 'good'] of record.samples)
    samples.push({ pointId, deviceId, ts, receivedAt, value, quality });
}
