import { DEFAULT_COMMAND_LIFE_MS, MOST_COMMAND_LIFE_MS } from '@watchfire/contracts';
import { type DeviceCommandEvent } from '@watchfire/journal';
import { type DeviceCommandRow, type Paged, type PageRequest } from '@watchfire/registry';
import { type Observable, Subject } from 'rxjs';
import { type CommandCarrier, type HandOver } from './command-carrier.js';
import { isOpen } from './command-fold.js';
import { CommandLedger, type Outcome } from './command-ledger.js';
import { type CommandProjectionDependencies } from './command-projection.js';
import { CommandRefused } from './errors.js';
import { type Held } from './held-commands.js';
import { KeyedTurns } from './keyed-turns.js';
import { type CommandClock, ExpiryTime } from './time.js';

/** Commands of one device that may be open at once: a queue that nobody can look through is no queue [CM5]. */
export const MOST_OPEN_COMMANDS = 16;
/** What the journal or the store did not take is tried again so soon. */
const RETRY_MS = 1_000;

export interface DeviceCommandsDependencies extends CommandProjectionDependencies {
  readonly carrier: CommandCarrier;
  readonly clock: CommandClock;
  readonly newId: () => string;
}

export interface NewDeviceCommand {
  readonly deviceId: string;
  readonly command: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** User name. */
  readonly actor: string;
  readonly reason: string;
  /** Epoch ms; default one minute from now. */
  readonly expires?: number | undefined;
  readonly replyTimeoutMs: number;
  /** The same for every attempt of one act: the command is then accepted once, also over a restart. */
  readonly commandId?: string | undefined;
}

/** Decides what happens to a command, and when. Every step is a journal record before it is anything else. */
export class DeviceCommands {
  readonly #deps: DeviceCommandsDependencies;
  readonly #ledger: CommandLedger;
  /** One command does one thing at a time. */
  readonly #turns = new KeyedTurns();
  /** A device is sent one command after the other. */
  readonly #lines = new KeyedTurns();
  readonly #changes = new Subject<DeviceCommandRow>();
  readonly #retries = new Map<string, () => void>();
  #time: ExpiryTime;
  #stopped = false;

  constructor(deps: DeviceCommandsDependencies) {
    this.#deps = deps;
    this.#time = new ExpiryTime(deps.clock, 0);
    this.#ledger = new CommandLedger(deps, {
      changed: (row) => this.#changes.next(row),
      doubted: (id, error) => this.#failed(id, error),
    });
  }

  /** Resolves when every command that is not over is known again; to be awaited before anything else is called. */
  async start(): Promise<void> {
    this.#time = new ExpiryTime(this.#deps.clock, await this.#ledger.start());
    for (const { row } of [...this.#ledger.held.all()]) this.#run(row.id);
  }

  /** What was begun is finished; nothing is sent, expired or timed out afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { cancelTimer } of this.#ledger.held.all()) cancelTimer?.();
    for (const cancel of this.#retries.values()) cancel();
    await this.#turns.idle();
    await this.#ledger.stop();
    this.#changes.complete();
  }

  /** Every step of every command, in the order of the journal, when lists show it. */
  get changes(): Observable<DeviceCommandRow> {
    return this.#changes;
  }

  /** The journal may forget what is at or below it. */
  get offset(): number {
    return this.#ledger.offset;
  }

  /** Whether a command would go out at once. */
  listens(deviceId: string): boolean {
    return this.#deps.carrier.listens(deviceId);
  }

  /** Commands that the device was sent and has not answered. */
  awaiting(deviceId: string): readonly string[] {
    return [...this.#ledger.held.all()].flatMap(({ row }) =>
      row.deviceId === deviceId && row.state === 'sent' ? [row.id] : [],
    );
  }

  /** How many commands are not over. */
  get open(): number {
    return [...this.#ledger.held.all()].filter(({ row }) => isOpen(row)).length;
  }

  /**
   * Accepts a command: resolves when it is on disk, and then tries to send it.
   *
   * @throws CommandRefused `expires_past`, `expires_too_late`, `too_many_commands` or `command_id_taken`; JournalError
   *   or RegistryError when it could not be stored.
   */
  async issue(request: NewDeviceCommand): Promise<DeviceCommandRow> {
    const id = request.commandId ?? this.#deps.newId();
    const row = await this.#turns.take(id, () => this.#accept(id, request));
    this.#sendWaiting(row.deviceId);
    return row;
  }

  /**
   * Takes back what has not been sent.
   *
   * @throws CommandRefused `command_unknown` or `command_not_waiting`; JournalError when it could not be stored.
   */
  cancel(
    deviceId: string,
    commandId: string,
    by: { readonly actor: string; readonly reason: string },
  ): Promise<DeviceCommandRow> {
    return this.#turns.take(commandId, async () => {
      const held = await this.#ledger.current(commandId);
      if (held?.row.deviceId !== deviceId) {
        throw new CommandRefused('command_unknown', `${deviceId} has no command ${commandId}`);
      }
      if (held.row.state !== 'accepted') {
        throw new CommandRefused('command_not_waiting', `the command is ${held.row.state}`);
      }
      await this.#record(held, 'cancelled', { message: by.reason, data: { actor: by.actor } });
      return held.row;
    });
  }

  /** The device has connected and subscribed to its commands: it is sent what waits for it. */
  deviceReady(deviceId: string): void {
    if (this.#ledger.held.count(deviceId) > 0) this.#sendWaiting(deviceId);
  }

  /**
   * A device has answered: resolves with true when that is on disk (or was, and is repeated), with false where the device was
   * sent no such command: then the answer belongs to the dead letters. Rejects when it could not be stored.
   */
  replied(deviceId: string, commandId: string, ok: boolean, data?: unknown): Promise<boolean> {
    return this.#turns.take(commandId, async () => {
      const held = await this.#ledger.current(commandId);
      if (held?.row.deviceId !== deviceId) return false;
      const { state, reply } = held.row;
      if (reply !== null) return reply.ok === ok;
      if (state !== 'sent' && state !== 'timed-out') return false;
      await this.#record(held, ok ? 'succeeded' : 'failed', data === undefined ? {} : { data });
      return true;
    });
  }

  /** Newest first, with everything that was done here before. */
  list(deviceId: string, page: PageRequest): Promise<Paged<DeviceCommandRow>> {
    return this.#ledger.list(deviceId, page);
  }

  async #accept(id: string, request: NewDeviceCommand): Promise<DeviceCommandRow> {
    const known = request.commandId === undefined ? undefined : await this.#ledger.current(id);
    if (known !== undefined) {
      if (!isSame(known.row, request)) {
        throw new CommandRefused('command_id_taken', 'the id belongs to another command');
      }
      known.unconfirmed = false;
      this.#arm(known);
      return known.row;
    }
    const { deviceId, command, params, actor, reason, replyTimeoutMs } = request;
    const now = this.#time.now();
    const expires = request.expires ?? now + DEFAULT_COMMAND_LIFE_MS;
    if (expires <= now) throw new CommandRefused('expires_past', '`expires` must be in the future');
    if (expires > now + MOST_COMMAND_LIFE_MS) {
      throw new CommandRefused('expires_too_late', '`expires` must be within a day');
    }
    const { held } = this.#ledger;
    if (held.count(deviceId) >= MOST_OPEN_COMMANDS) {
      throw new CommandRefused('too_many_commands', `${MOST_OPEN_COMMANDS} commands of the device are open`);
    }
    const asked = { commandId: id, deviceId, command, params, actor, reason, expires, replyTimeoutMs };
    const taken = await held.arriving(deviceId, () =>
      this.#ledger.accept({ kind: 'device-command', ...asked }),
    );
    this.#arm(taken);
    return taken.row;
  }

  /** Sends what waits for a device in the order in which it was accepted: nothing overtakes what comes before it [CM6]. */
  #sendWaiting(deviceId: string): void {
    const turn = this.#lines.take(deviceId, async () => {
      for (const id of this.#ledger.held.waiting(deviceId)) {
        if (this.#stopped || !this.#deps.carrier.listens(deviceId)) return;
        try {
          if (!(await this.#send(id))) return;
        } catch (error) {
          this.#failed(id, error);
          return;
        }
      }
    });
    turn.catch((error: unknown) => this.#deps.log.error({ err: error, deviceId }, 'commands wait unsent'));
  }

  /** False while it still waits. The hand-over itself is outside of the command's turn: its answer may come before it ends. */
  async #send(id: string): Promise<boolean> {
    const handing = await this.#turns.take(id, () => this.#beginSending(id));
    if (handing === undefined) return !isWaiting(this.#ledger.held.get(id));
    const result = await handing.result;
    if (result === 'sent') return true;
    return this.#turns.take(id, async () => {
      const held = await this.#ledger.current(id);
      if (held?.row.state !== 'sent') return true;
      if (result !== 'absent') {
        await this.#record(held, 'refused', { message: result.refused });
        return true;
      }
      held.handedOver = false;
      await this.#progress(held);
      return !isWaiting(held);
    });
  }

  /** In an object, since a promise that is returned would be waited for. */
  async #beginSending(id: string): Promise<{ readonly result: Promise<HandOver> } | undefined> {
    const held = await this.#ledger.current(id);
    if (held?.row.state !== 'accepted' || held.unconfirmed || this.#stopped) return undefined;
    if (this.#time.now() < held.row.expires) {
      await this.#record(held, 'sent');
      // An fsync can take long: looked at once more, with nothing awaited between the look and the hand-over [CM2].
      if (this.#time.now() < held.row.expires) {
        held.handedOver = true;
        return { result: this.#handOver(held.row) };
      }
    }
    await this.#progress(held);
    return undefined;
  }

  async #handOver({ id, deviceId, command, params, expires }: DeviceCommandRow): Promise<HandOver> {
    try {
      return await this.#deps.carrier.send(deviceId, { commandId: id, command, params, expires });
    } catch (error) {
      this.#deps.log.error({ err: error, commandId: id }, 'a hand-over failed: its outcome is unknown');
      // Bytes may have gone out: it counts as sent, and times out.
      return 'sent';
    }
  }

  /** Records what is due: called when a deadline may have passed, and after every failure. */
  async #progress(held: Held): Promise<void> {
    if (held.row.state === 'sent' && !held.handedOver) await this.#record(held, 'undelivered');
    const { state, expires } = held.row;
    const now = this.#time.now();
    if (state === 'accepted' && held.unconfirmed) {
      await this.#record(held, 'refused', { message: 'its sender was never told that it was accepted' });
    } else if (state === 'accepted' && now >= expires) await this.#record(held, 'expired');
    else if (state === 'sent' && now >= answerDue(held.row)) await this.#record(held, 'timed-out');
    else this.#arm(held);
  }

  async #record(held: Held, event: DeviceCommandEvent, outcome?: Outcome): Promise<void> {
    await this.#ledger.record(held, event, outcome);
    this.#arm(held);
  }

  #arm(held: Held): void {
    held.cancelTimer?.();
    held.cancelTimer = undefined;
    const { id, state, expires } = held.row;
    if (this.#stopped || !isOpen(held.row)) return;
    const due = state === 'accepted' ? expires : answerDue(held.row);
    const waitMs = Math.max(0, due - this.#time.now());
    held.cancelTimer = this.#deps.timers.after(waitMs, () => this.#run(id));
  }

  #run(id: string): void {
    const turn = this.#turns.take(id, async () => {
      const held = this.#stopped ? undefined : await this.#ledger.current(id);
      if (held === undefined) return;
      await this.#progress(held);
      this.#sendWaiting(held.row.deviceId);
    });
    turn.catch((error: unknown) => this.#failed(id, error));
  }

  #failed(id: string, error: unknown): void {
    this.#deps.log.warn({ err: error, commandId: id }, 'a step of a command was not recorded; trying again');
    if (this.#stopped || this.#retries.has(id)) return;
    const again = (): void => {
      this.#retries.delete(id);
      this.#run(id);
    };
    this.#retries.set(id, this.#deps.timers.after(RETRY_MS, again));
  }
}

const isWaiting = (held: Held | undefined): boolean => held?.row.state === 'accepted';

const answerDue = ({ sentAt, replyTimeoutMs }: DeviceCommandRow): number => (sentAt ?? 0) + replyTimeoutMs;

/** Whether a repeated request asks for what was accepted; a life that was left to us is ours to know. */
function isSame(row: DeviceCommandRow, request: NewDeviceCommand): boolean {
  const { deviceId, command, params, actor, reason, expires, replyTimeoutMs } = request;
  return (
    row.deviceId === deviceId &&
    row.command === command &&
    row.actor === actor &&
    row.reason === reason &&
    row.replyTimeoutMs === replyTimeoutMs &&
    (expires === undefined || row.expires === expires) &&
    JSON.stringify(row.params) === JSON.stringify(params)
  );
}
