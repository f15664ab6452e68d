import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Follower,
  type JournalEntry,
  JournalError,
  type JournalRecord,
  type Receipt,
} from '@watchfire/journal';
import { type CommandMessage } from '@watchfire/protocol';
import { type DeviceCommandRow, RegistryError } from '@watchfire/registry';
import { pino } from 'pino';
import { CommandCarrier, type HandOver } from '../command-carrier.js';
import { type CommandJournal, type CommandStore } from '../command-projection.js';
import { DeviceCommands } from '../device-commands.js';
import { type CommandClock, Timers } from '../time.js';

interface Pending {
  readonly record: JournalRecord;
  readonly at: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
}
export type AppendFate = 'stored' | 'refused' | 'unknown-stored' | 'unknown-lost';
export type CarrierAnswer = 'sent' | 'absent' | 'refused' | 'thrown' | 'later-sent' | 'later-absent';

/** A clock that stands still until a test moves it. */
interface SteeredClock extends CommandClock {
  advance(ms: number): void;
  jumpTo(at: number): void;
}

/** Timers over a clock that a test moves. */
class ManualTimers extends Timers {
  #timers = new Set<{ readonly due: number; readonly act: () => void }>();

  constructor(private readonly clock: SteeredClock) {
    super();
  }

  override after(ms: number, act: () => void): () => void {
    const timer = { due: this.clock.monotonicMs() + ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  next(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(({ due }) => due));
  }

  fire(): void {
    for (const timer of [...this.#timers]) {
      if (timer.due <= this.clock.monotonicMs() && this.#timers.delete(timer)) timer.act();
    }
  }
}

/**
 * What outlives a process (journal, store, devices) around `DeviceCommands`, which does not: `crash` loses everything that
 * was not on disk and starts the next one. Appends wait for `commit` where `held` is set.
 */
export class World {
  readonly durable: JournalEntry[] = [];
  readonly rows = new Map<string, DeviceCommandRow>();
  readonly listening = new Set<string>();
  /** Bytes that went out to devices. */
  readonly handOvers: { readonly id: string; readonly deviceId: string; readonly at: number }[] = [];
  readonly answers: CarrierAnswer[] = [];
  readonly changes: DeviceCommandRow[] = [];
  held = false;
  storeAway = false;
  commands!: DeviceCommands;
  #cursor = 0;
  #lastAt = 0;
  #ids = 0;
  #life = 0;
  #pending: Pending[] = [];
  #deliveries: (() => void)[] = [];
  #timers: ManualTimers;
  #wakeFollower: () => void = () => undefined;

  private constructor(readonly clock: SteeredClock) {
    this.#timers = new ManualTimers(clock);
  }

  static async open(clock: SteeredClock): Promise<World> {
    const world = new World(clock);
    await world.#start();
    return world;
  }

  /** Everything that can happen without the disk, the device or time has happened. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await nextTurn();
  }

  async advance(ms: number): Promise<void> {
    const until = this.clock.monotonicMs() + ms;
    for (;;) {
      const due = this.#timers.next();
      if (due === undefined || due > until) break;
      this.clock.advance(Math.max(0, due - this.clock.monotonicMs()));
      this.#timers.fire();
      await this.settle();
    }
    this.clock.advance(until - this.clock.monotonicMs());
    await this.settle();
  }

  async commit(fate: AppendFate = 'stored'): Promise<void> {
    for (const { record, at, resolve, reject } of this.#pending.splice(0)) {
      const entry = fate.endsWith('stored') ? this.#store(record, at) : undefined;
      const outcome = fate.startsWith('unknown') ? 'unknown' : 'not_stored';
      if (fate === 'stored' && entry !== undefined) resolve({ offset: entry.offset, at });
      else reject(new JournalError('io_error', `append: ${fate}`, { outcome }));
    }
    this.#wakeFollower();
    await this.settle();
  }

  /** The connection says what became of what was handed over. */
  async deliver(): Promise<void> {
    for (const answer of this.#deliveries.splice(0)) answer();
    await this.settle();
  }

  ready(deviceId: string): void {
    this.listening.add(deviceId);
    this.commands.deviceReady(deviceId);
  }

  /** kill -9: of what was on its way to the disk, a part arrives. */
  async crash({ arrived = 0, cursorLost = 0, setBackMs = 0 } = {}): Promise<void> {
    for (const { record, at } of this.#pending.splice(0).slice(0, arrived)) this.#store(record, at);
    this.#cursor = Math.max(0, this.#cursor - cursorLost);
    this.listening.clear();
    this.#deliveries = [];
    this.clock.jumpTo(this.clock.now() - setBackMs);
    await this.#start();
  }

  journal(): readonly JournalRecord[] {
    return this.durable.map(({ record }) => record).filter(({ kind }) => kind !== 'tick');
  }

  async #start(): Promise<void> {
    const { held, storeAway } = this;
    this.#life += 1;
    this.#timers = new ManualTimers(this.clock);
    this.held = false;
    this.storeAway = false;
    this.commands = new DeviceCommands({
      journal: this.#journal(this.#life),
      store: this.#store_(this.#life),
      carrier: this.#carrier(this.#life),
      timers: this.#timers,
      clock: this.clock,
      newId: () => `cmd-${(this.#ids += 1)}`,
      log: pino({ level: 'silent' }),
    });
    this.commands.changes.subscribe((row) => this.changes.push(row));
    await this.commands.start();
    this.held = held;
    this.storeAway = storeAway;
    await this.settle();
  }

  #store(record: JournalRecord, at: number): JournalEntry {
    const entry = { offset: this.durable.length + 1, at, record: structuredClone(record) };
    this.durable.push(entry);
    return entry;
  }

  #journal(life: number): CommandJournal {
    return {
      append: (record) =>
        new Promise((resolve, reject) => {
          if (life !== this.#life) return;
          this.#lastAt = Math.max(this.#lastAt, this.clock.now());
          this.#pending.push({ record, at: this.#lastAt, resolve, reject });
          if (!this.held) void this.commit();
        }),
      cursor: () => Promise.resolve(this.#cursor),
      saveCursor: (_, offset) => {
        if (life === this.#life) this.#cursor = offset;
        return Promise.resolve();
      },
      follow: (offset, follower) => this.#follow(offset, follower, life),
    };
  }

  #follow(from: number, follower: Follower, life: number): ReturnType<CommandJournal['follow']> {
    let next = from;
    let stopped = false;
    const run = async (): Promise<void> => {
      await Promise.resolve();
      while (!stopped && life === this.#life) {
        const entries = this.durable.slice(next - 1);
        if (entries.length > 0) await follower(entries);
        next += entries.length;
        if (entries.length === 0) await new Promise<void>((resolve) => (this.#wakeFollower = resolve));
      }
    };
    void run();
    return {
      stop: () => {
        stopped = true;
        return Promise.resolve();
      },
    };
  }

  #store_(life: number): CommandStore {
    const here = async (): Promise<void> => {
      await Promise.resolve();
      if (this.storeAway && life === this.#life) throw new RegistryError('storage', 'the store is away');
    };
    return {
      put: async (rows) => {
        await here();
        if (life !== this.#life) return;
        for (const row of rows) {
          if ((this.rows.get(row.id)?.revision ?? 0) < row.revision) this.rows.set(row.id, row);
        }
      },
      find: async (id) => {
        await here();
        return this.rows.get(id);
      },
      open: async () => {
        await here();
        return [...this.rows.values()].filter(({ state }) => state === 'accepted' || state === 'sent');
      },
      list: async ({ deviceId }) => {
        await here();
        const items = [...this.rows.values()].filter((row) => row.deviceId === deviceId).reverse();
        return { items, total: items.length, nextCursor: null };
      },
    };
  }

  #carrier(life: number): CommandCarrier {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the carrier is a device of this world
    const world = this;
    return new (class extends CommandCarrier {
      override listens(deviceId: string): boolean {
        return world.listening.has(deviceId);
      }
      override send(deviceId: string, { commandId }: CommandMessage): Promise<HandOver> {
        if (life !== world.#life) return new Promise(() => undefined);
        return world.#take(deviceId, commandId);
      }
    })();
  }

  #take(deviceId: string, id: string): Promise<HandOver> {
    const answer = this.answers.shift() ?? 'sent';
    if (!answer.endsWith('absent') && answer !== 'refused') {
      this.handOvers.push({ id, deviceId, at: this.clock.now() });
    }
    if (answer === 'thrown') throw new Error('the connection broke');
    const result: HandOver =
      answer === 'refused'
        ? { refused: 'the dialect has no such command' }
        : answer.endsWith('absent')
          ? 'absent'
          : 'sent';
    if (!answer.startsWith('later')) return Promise.resolve(result);
    return new Promise((resolve) => this.#deliveries.push(() => resolve(result)));
  }
}

/** Fields that most tests do not care about. */
export const asked = {
  deviceId: 'dev-1',
  command: 'close_valve',
  params: {},
  actor: 'amy',
  reason: 'smell of gas',
  replyTimeoutMs: 30_000,
} as const;
