import { type DeviceCommandEvent, JournalError, type JournalRecord, type Receipt } from '@watchfire/journal';
import { type DeviceCommandRow, type Paged, type PageRequest } from '@watchfire/registry';
import { accepted, applied, type AcceptedRecord, type EventRecord, isOpen } from './command-fold.js';
import { CommandProjection, type CommandProjectionDependencies } from './command-projection.js';
import { type Held, HeldCommands } from './held-commands.js';

export type Outcome = Pick<EventRecord, 'data' | 'message'>;

export interface LedgerReports {
  /** The store has a step of a command; all steps, in the order of the journal. */
  readonly changed: (row: DeviceCommandRow) => void;
  /** The journal may or may not have taken a record of this command: it must be looked at again soon. */
  readonly doubted: (id: string, error: JournalError) => void;
}

/**
 * What the journal has of commands: every step is written there first, and a command here is the fold of what it is known to
 * have. The caller lets one command do one thing at a time.
 */
export class CommandLedger {
  readonly held = new HeldCommands();
  readonly #deps: CommandProjectionDependencies;
  readonly #projection: CommandProjection;
  readonly #reports: LedgerReports;
  readonly #doubtful = new Set<string>();
  #written = 0;

  constructor(deps: CommandProjectionDependencies, reports: LedgerReports) {
    this.#deps = deps;
    this.#reports = reports;
    this.#projection = new CommandProjection(deps, (row) => this.#projected(row));
  }

  /** Resolves with the time of the journal when every command that is not over is held. */
  async start(): Promise<number> {
    await this.#projection.start();
    // What is waited for is a record of now, not the head: the newest commit may be damaged, and never come.
    const { offset, at } = await this.#append({ kind: 'tick' });
    await this.#projection.reached(offset);
    for (const row of await this.#deps.store.open()) {
      this.held.put({ row, handedOver: row.state === 'sent', unconfirmed: false, cancelTimer: undefined });
    }
    return at;
  }

  stop(): Promise<void> {
    return this.#projection.stop();
  }

  get offset(): number {
    return this.#projection.offset;
  }

  async list(deviceId: string, page: PageRequest): Promise<Paged<DeviceCommandRow>> {
    await this.#projection.reached(this.#written);
    return this.#deps.store.list({ ...page, deviceId });
  }

  /** The command as the journal has it, also when it is over. */
  async current(id: string): Promise<Held | undefined> {
    const held = this.held.get(id);
    if (this.#doubtful.has(id)) return this.#resolve(id, held);
    if (held !== undefined) return held;
    const row = await this.#deps.store.find(id);
    return row && { row, handedOver: true, unconfirmed: false, cancelTimer: undefined };
  }

  /** Resolves when the command is on disk. */
  async accept(record: AcceptedRecord): Promise<Held> {
    const receipt = await this.#append(record, record.commandId);
    const row = accepted({ ...receipt, record });
    const held: Held = { row, handedOver: false, unconfirmed: false, cancelTimer: undefined };
    this.held.put(held);
    return held;
  }

  /** Resolves when the step is on disk; `held` then shows it. */
  async record(held: Held, event: DeviceCommandEvent, outcome: Outcome = {}): Promise<void> {
    const { id, deviceId } = held.row;
    const record: EventRecord = { kind: 'device-command-event', commandId: id, deviceId, event, ...outcome };
    const receipt = await this.#append(record, id);
    held.row = applied(held.row, { ...receipt, record });
    this.#keep(held);
  }

  /** Whether the journal has taken a record is seen as soon as it has taken one after it. */
  async #resolve(id: string, known: Held | undefined): Promise<Held | undefined> {
    const { offset } = await this.#append({ kind: 'tick' });
    await this.#projection.reached(offset);
    const row = await this.#deps.store.find(id);
    this.#doubtful.delete(id);
    if (row === undefined) return undefined;
    const held = known ?? { row, handedOver: false, unconfirmed: true, cancelTimer: undefined };
    held.row = row;
    this.#keep(held);
    return held;
  }

  /** While it is open, and after that until the store has its end. */
  #keep(held: Held): void {
    if (isOpen(held.row) || this.#projection.offset < held.row.revision) this.held.put(held);
    else this.held.drop(held);
  }

  #projected(row: DeviceCommandRow): void {
    const held = this.held.get(row.id);
    if (held !== undefined) this.#keep(held);
    this.#reports.changed(row);
  }

  async #append(record: JournalRecord, commandId?: string): Promise<Receipt> {
    try {
      const receipt = await this.#deps.journal.append(record);
      this.#written = Math.max(this.#written, receipt.offset);
      return receipt;
    } catch (error) {
      if (commandId !== undefined && error instanceof JournalError && error.outcome === 'unknown') {
        this.#doubtful.add(commandId);
        this.#reports.doubted(commandId, error);
      }
      throw error;
    }
  }
}
