import { type Following, type Journal, type JournalPart } from '@watchfire/journal';
import { type DeviceCommandRepository, type DeviceCommandRow } from '@watchfire/registry';
import { type Logger } from 'pino';
import { accepted, applied } from './command-fold.js';
import { type Timers } from './time.js';

export type CommandJournal = Pick<Journal, 'append' | 'follow' | 'cursor' | 'saveCursor'>;
export type CommandStore = Pick<DeviceCommandRepository, 'put' | 'find' | 'open' | 'list'>;

const CURSOR = 'device-commands';
const RETRY_MS = 1_000;
/** Commands are rare: without this a restart would read the whole journal in search of the last one. */
const CURSOR_EVERY_RECORDS = 10_000;

export interface CommandProjectionDependencies {
  readonly journal: CommandJournal;
  readonly store: CommandStore;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Folds what the journal says of commands into the store. A row has its revision, so that reading twice changes nothing. */
export class CommandProjection {
  readonly #deps: CommandProjectionDependencies;
  /** Told of every step of every command, in order, when the store has it. */
  readonly #changed: (row: DeviceCommandRow) => void;
  #following: Following | undefined;
  #offset = 0;
  #saved = 0;
  #failure: unknown;
  #stopped = false;
  #wake: () => void = () => undefined;
  #waiting: { readonly offset: number; readonly settle: (failure: unknown) => void }[] = [];

  constructor(deps: CommandProjectionDependencies, changed: (row: DeviceCommandRow) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  async start(): Promise<void> {
    const { journal } = this.#deps;
    this.#offset = await journal.cursor(CURSOR);
    this.#saved = this.#offset;
    this.#following = journal.follow(this.#offset + 1, (parts) => this.#project(parts));
  }

  /** The store has everything up to here: the journal may forget it. */
  get offset(): number {
    return this.#offset;
  }

  /** Resolves when the store has the record at `offset`; rejects while the store takes nothing: nobody waits for that. */
  async reached(offset: number): Promise<void> {
    if (this.#offset >= offset) return;
    if (this.#failure !== undefined) throw asError(this.#failure);
    await new Promise<void>((resolve, reject) => {
      const settle = (failure: unknown): void =>
        failure === undefined ? resolve() : reject(asError(failure));
      this.#waiting.push({ offset, settle });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#following?.stop();
    this.#settle(this.#failure ?? new Error('the commands were stopped'));
    await this.#saveCursor();
  }

  async #project(parts: readonly JournalPart[]): Promise<void> {
    const last = parts.at(-1);
    if (last === undefined) return;
    const changes = await this.#retried(async () => {
      const found = await this.#fold(parts);
      await this.#deps.store.put([...new Map(found.map((row) => [row.id, row])).values()]);
      return found;
    });
    if (changes === undefined) return;
    this.#offset = 'readings' in last ? last.offset + last.readings.count - 1 : last.offset;
    this.#settle(undefined);
    for (const row of changes) this.#changed(row);
    if (changes.length > 0 || this.#offset - this.#saved >= CURSOR_EVERY_RECORDS) await this.#saveCursor();
  }

  async #fold(parts: readonly JournalPart[]): Promise<readonly DeviceCommandRow[]> {
    const rows = new Map<string, DeviceCommandRow>();
    const changes: DeviceCommandRow[] = [];
    for (const part of parts) {
      if ('readings' in part) continue;
      const { offset, at, record } = part;
      if (record.kind !== 'device-command' && record.kind !== 'device-command-event') continue;
      const before = rows.get(record.commandId) ?? (await this.#deps.store.find(record.commandId));
      // Of two records with one id the first counts: the second is the same command, asked for again.
      const after =
        record.kind === 'device-command'
          ? (before ?? accepted({ offset, at, record }))
          : before && applied(before, { offset, at, record });
      if (after === undefined || after === before) continue;
      rows.set(after.id, after);
      changes.push(after);
    }
    return changes;
  }

  /** `undefined` when it was stopped before it could be done. */
  async #retried<T>(work: () => Promise<T>): Promise<T | undefined> {
    while (!this.#stopped) {
      try {
        const done = await work();
        this.#failure = undefined;
        return done;
      } catch (error) {
        if (this.#failure === undefined)
          this.#deps.log.error({ err: error }, 'commands could not be stored; retrying');
        this.#failure = error;
        this.#settle(error);
        await new Promise<void>((resolve) => {
          const cancel = this.#deps.timers.after(RETRY_MS, resolve);
          this.#wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
    return undefined;
  }

  #settle(failure: unknown): void {
    const settled = this.#waiting.filter(({ offset }) => failure !== undefined || offset <= this.#offset);
    this.#waiting = this.#waiting.filter((each) => !settled.includes(each));
    for (const { settle } of settled) settle(failure);
  }

  /** A cursor that is behind costs a restart some reading, no more. */
  async #saveCursor(): Promise<void> {
    const offset = this.#offset;
    try {
      await this.#deps.journal.saveCursor(CURSOR, offset);
      this.#saved = offset;
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the cursor of the commands could not be saved');
    }
  }
}

const asError = (failure: unknown): Error =>
  failure instanceof Error ? failure : new Error('the commands could not be stored');
