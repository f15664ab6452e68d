import { type Following, type Journal, type JournalPart, lastOffset } from '@watchfire/journal';
import { type DeadLetterRow, type Registry, type Sighting } from '@watchfire/registry';
import { type Logger } from 'pino';

const CURSOR = 'dead-letters';
/** Newest dead letters kept for people to look at; the journal has all of them for its own retention. */
const KEPT = 10_000;
const RETRY_MS = 1_000;
/** Dead letters are rare: without this a restart would read the whole journal in search of the last one. */
const CURSOR_EVERY_RECORDS = 10_000;

/** Puts what could not be used where people see it and can try it again, and who is not registered into the quarantine. */
export class DeadLetterProjection {
  readonly #journal: Journal;
  readonly #registry: Registry;
  readonly #log: Logger;
  #following: Following | undefined;
  #offset = 0;
  #saved = 0;
  #stopped = false;

  constructor(journal: Journal, registry: Registry, log: Logger) {
    this.#journal = journal;
    this.#registry = registry;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#offset = await this.#journal.cursor(CURSOR);
    this.#saved = this.#offset;
    this.#following = this.#journal.follow(this.#offset + 1, (parts) => this.#project(parts));
  }

  get offset(): number {
    return this.#offset;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#following?.stop();
    await this.#saveCursor();
  }

  async #project(parts: readonly JournalPart[]): Promise<void> {
    const rows: DeadLetterRow[] = [];
    const sightings: Sighting[] = [];
    for (const part of parts) {
      if ('readings' in part) continue;
      const { offset, at, record } = part;
      if (record.kind !== 'dead-letter') continue;
      const { deviceId, topic, code, message } = record;
      const payload = Buffer.from(record.payload, 'base64');
      rows.push({ id: offset, deviceId, topic, code, message, at, payload, replayedAt: null });
      for (const wireName of record.unknownChildren ?? []) {
        sightings.push({ offset, gatewayId: deviceId, wireName, address: null, at, sample: payload });
      }
    }
    const end = parts.at(-1);
    const last = end === undefined ? this.#offset : lastOffset(end);
    if (rows.length > 0 && !(await this.#stored(rows, sightings))) return;
    this.#offset = last;
    if (rows.length > 0 || last - this.#saved >= CURSOR_EVERY_RECORDS) await this.#saveCursor();
  }

  /** A cursor that is behind costs a restart some reading, no more: a journal that refuses it must not stop the rest. */
  async #saveCursor(): Promise<void> {
    const offset = this.#offset;
    try {
      await this.#journal.saveCursor(CURSOR, offset);
      this.#saved = offset;
    } catch (error) {
      this.#log.warn({ err: error }, 'the cursor of the dead letters could not be saved');
    }
  }

  /** False when it was stopped before they were. */
  async #stored(rows: DeadLetterRow[], sightings: Sighting[]): Promise<boolean> {
    while (!this.#stopped) {
      try {
        await this.#registry.deadLetters.append(rows);
        await this.#registry.deadLetters.trim(KEPT);
        await this.#registry.quarantine.sawUnknown(sightings);
        return true;
      } catch (error) {
        this.#log.error({ err: error }, 'dead letters could not be stored; retrying');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    return false;
  }
}
