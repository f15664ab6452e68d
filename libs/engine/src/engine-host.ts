import {
  AlarmEngine,
  type AlarmView,
  type Command,
  type DeviceExposure,
  type FloodRecord,
  type LoadLimits,
  type Outcome,
  type Transition,
} from '@watchfire/alarm';
import { type History } from '@watchfire/history';
import {
  type Following,
  type Journal,
  type JournalEntry,
  type JournalPart,
  type JournalReadings,
  lastOffset,
} from '@watchfire/journal';
import { type SequenceState } from '@watchfire/readings';
import { type Logger } from 'pino';
import { type Observable, Subject } from 'rxjs';
import { type Clock } from './clock.js';
import { engineInput } from './engine-input.js';
import { HistoryProjection } from './history-projection.js';
import { type DeviceAttributes, type DeviceConnection, type LatestValue, LiveState } from './live-state.js';
import { type HostState, parseState, stateText } from './state-text.js';
import { Ticker } from './ticker.js';
import { type StageTimes, TransitionLog } from './transition-log.js';
import { OffsetGate } from './offset-gate.js';

const STATE = 'engine';
/** A snapshot bounds what a restart must replay. */
const SNAPSHOT_EVERY_MS = 60_000;
const SNAPSHOT_EVERY_RECORDS = 1_000_000;

/** How long a snapshot may keep everything else waiting at a time. */
const SLICE_MS = 5;

/** How long a stop waits for the history: the journal has everything, a restart replays it. */
const STOP_MS = 10_000;

export interface EngineHostDependencies {
  readonly journal: Journal;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Logger;
  /** What counts as a flood, as chattering and as fleeting; absent: as the journal says, which at first is nothing. */
  readonly load?: LoadLimits;
}

export interface CommandOutcome {
  /** The alarm afterwards; absent when it is not known, or no longer retained. */
  readonly alarm?: AlarmView;
  readonly refused?: NonNullable<Outcome['refused']>;
}

/**
 * Runs the pure alarm engine over the journal: restores it, feeds it each record once, makes time pass, and tells the
 * others what came out. Single writer: nothing else changes an alarm.
 */
export class EngineHost {
  readonly #journal: Journal;
  readonly #history: History;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #engine: AlarmEngine;
  readonly #live: LiveState;
  readonly #transitionLog: TransitionLog;
  readonly #transitions = new Subject<readonly Transition[]>();
  readonly #gate: OffsetGate;
  readonly #projection: HistoryProjection;
  readonly #ticker: Ticker;
  /** Transitions that the history has not taken yet, with the offset of their cause. */
  #untaken: { readonly cause: number; readonly transition: Transition }[] = [];
  readonly #outcomes = new Map<number, CommandOutcome>();
  #ownCommands = 0;
  #following: Following | undefined;
  #replaying = true;
  #snapshotAt: number;
  #snapshotOffset: number;
  #snapshotting: Promise<void> | undefined;
  #alarmsCache: readonly AlarmView[] | undefined;

  private constructor(deps: EngineHostDependencies, state: HostState | undefined, offset: number) {
    this.#journal = deps.journal;
    this.#history = deps.history;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#engine = state === undefined ? AlarmEngine.create() : AlarmEngine.restore(state.engine);
    this.#live = LiveState.restore(state?.live);
    this.#gate = new OffsetGate(offset);
    this.#transitionLog = new TransitionLog(deps.history);
    this.#projection = new HistoryProjection(
      deps.history,
      {
        reached: (target) => this.#gate.reached(target),
        takeTransitions: (target) => this.#take(target),
      },
      deps.log,
    );
    this.#ticker = new Ticker(deps.clock, () => this.#tick());
    this.#snapshotOffset = offset;
    this.#snapshotAt = deps.clock.monotonicMs();
  }

  /** Resolves when every record that was in the journal has been applied: until then no answer would be the truth. */
  static async start(deps: EngineHostDependencies): Promise<EngineHost> {
    const { journal, history, log, load } = deps;
    const historyCursor = await history.cursor();
    const saved = await journal.loadState(STATE);
    // A snapshot beyond the history (another history was configured) would leave transitions out of it for ever: where
    // the journal is whole, everything is replayed instead, and the same alarms come out.
    const behind = saved !== undefined && saved.offset > historyCursor;
    const usable = saved !== undefined && !(behind && journal.tail() <= 1);
    const state = usable ? parseState(saved.bytes) : undefined;
    const offset = usable ? saved.offset : 0;
    if (behind && usable) {
      log.warn(
        { from: historyCursor + 1, to: saved.offset },
        'alarm events of these records are not in this history',
      );
    }
    const host = new EngineHost(deps, state, offset);
    host.#following = journal.follow(offset + 1, (parts) => host.#apply(parts));
    host.#projection.start(journal, Math.max(Math.min(offset, historyCursor) + 1, journal.tail()));
    // What is waited for is a record of now, not the head: the newest commit may be damaged, and never come.
    const { offset: started } = await journal.append({
      kind: 'start',
      restate: true,
      ...(load !== undefined && { load }),
    });
    await host.#gate.reached(started);
    log.info({ records: started - offset - 1, alarms: host.alarms().length }, 'alarm state restored');
    await host.#recordDisconnections();
    host.#replaying = false;
    host.#ticker.schedule(host.#engine.nextDeadline());
    return host;
  }

  /**
   * Writes the command to the journal and resolves when the engine has decided on it.
   * Rejects when the journal does not take it: then it has not happened.
   */
  async submit(command: Command, actor: string, comment: string | null): Promise<CommandOutcome> {
    this.#ownCommands++;
    try {
      const { offset } = await this.#journal.append({ kind: 'command', command, actor, comment });
      await this.#gate.reached(offset);
      const outcome = this.#outcomes.get(offset) ?? {};
      this.#outcomes.delete(offset);
      return outcome;
    } finally {
      this.#ownCommands--;
      if (this.#ownCommands === 0) this.#outcomes.clear();
    }
  }

  /** All retained alarms (every state but NORM). */
  alarms(): readonly AlarmView[] {
    this.#alarmsCache ??= [...this.#engine.alarms()];
    return this.#alarmsCache;
  }

  alarm(id: string): AlarmView | undefined {
    return this.#engine.alarm(id);
  }

  /** Whether this condition of the server itself is active. */
  serverCondition(name: string): boolean {
    return this.#engine.serverCondition(name);
  }

  /** Floods of sites and of the centre: those that last, then those that are over, the newest first. */
  floods(): readonly FloodRecord[] {
    return this.#engine.floods();
  }

  /** The seq of the newest transition. */
  head(): number {
    return this.#engine.seq;
  }

  /** Transitions after `seq`, in order; `undefined` when they are no longer held. */
  transitionsAfter(seq: number, limit: number): Promise<readonly Transition[] | undefined> {
    return this.#transitionLog.after(seq, this.#engine.seq, limit);
  }

  /**
   * Resolves when the history has everything that the engine has said by now, so that who has just acted finds it there.
   * A history that is away is not waited for longer than `limitMs`.
   */
  async historyCaughtUp(limitMs = 1_000): Promise<void> {
    const target = this.#gate.offset;
    if (this.#projection.offset >= target || this.#projection.failure !== undefined) return;
    this.#projection.hurry();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    await Promise.race([this.#projection.reached(target), limit]);
    clearTimeout(timer);
  }

  latest(pointId: string): LatestValue | undefined {
    return this.#live.latest(pointId);
  }

  connection(deviceId: string): DeviceConnection {
    return this.#live.connection(deviceId);
  }

  get transitions(): Observable<readonly Transition[]> {
    return this.#transitions;
  }

  attributes(deviceId: string): DeviceAttributes {
    return this.#live.attributes(deviceId);
  }

  /** What is known of the numbers of the device's messages: of all that the engine has applied. */
  sequence(deviceId: string): SequenceState | undefined {
    return this.#live.sequence(deviceId);
  }

  /** How far the device's clock is behind ours, ms; `undefined` while it has sent no time. */
  clockSkew(deviceId: string): number | undefined {
    return this.#engine.clockSkew(deviceId);
  }

  markPushed(eventId: string, at: number): void {
    this.#transitionLog.markPushed(eventId, at);
  }

  markDrawn(seq: number, username: string, at: number): void {
    this.#transitionLog.markDrawn(seq, username, at);
  }

  stageTimes(eventId: string): StageTimes | undefined {
    return this.#transitionLog.stageTimes(eventId);
  }

  /** Device configuration as the engine has it. */
  configuration(deviceId: string): ReturnType<AlarmEngine['device']> {
    return this.#engine.device(deviceId);
  }

  deviceIds(): readonly string[] {
    return [...this.#engine.deviceIds()];
  }

  /**
   * What is not watched now, device by device; a look at every point. `since` of an offline device is its disconnection, also
   * where the engine has given it more time since.
   */
  *exposure(safetyClasses: ReadonlySet<string>): Iterable<DeviceExposure> {
    for (const exposure of this.#engine.exposure(safetyClasses)) {
      const { since } = this.#live.connection(exposure.device.deviceId);
      yield {
        ...exposure,
        exposures: exposure.exposures.map((one) =>
          one.kind === 'offline' && since !== null ? { ...one, since } : one,
        ),
      };
    }
  }

  /** Every rule that is shelved, suppressed by design, out of service or disabled. */
  covered(): ReturnType<AlarmEngine['covered']> {
    return this.#engine.covered();
  }

  faults(): ReturnType<AlarmEngine['faults']> {
    return this.#engine.faults();
  }

  status(): {
    readonly replaying: boolean;
    readonly appliedOffset: number;
    readonly historyOffset: number;
    readonly historyFailure: string | undefined;
    readonly snapshotOffset: number;
  } {
    return {
      replaying: this.#replaying,
      appliedOffset: this.#gate.offset,
      historyOffset: this.#projection.offset,
      historyFailure: this.#projection.failure,
      snapshotOffset: this.#snapshotOffset,
    };
  }

  /** Applies what the journal still holds, saves a snapshot, stops. */
  async stop(): Promise<void> {
    this.#ticker.stop();
    await this.#gate.reached(this.#journal.head());
    await this.#following?.stop();
    await Promise.race([this.#snapshot(), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    await this.#projection.stop();
    this.#transitions.complete();
  }

  #apply(parts: readonly JournalPart[]): void {
    const transitions: Transition[] = [];
    for (const part of parts) {
      if ('readings' in part) this.#applyReadings(part, transitions);
      else this.#applyEntry(part, transitions);
    }
    const last = parts.at(-1);
    if (transitions.length > 0) {
      this.#alarmsCache = undefined;
      this.#transitions.next(transitions);
    }
    if (last !== undefined) this.#gate.advance(lastOffset(last));
    if (!this.#replaying) {
      this.#ticker.schedule(this.#engine.noDeadlineBefore());
      this.#snapshotWhenDue();
    }
  }

  #applyReadings(part: JournalReadings, into: Transition[]): void {
    this.#live.applyReadings(part);
    const { offset, at, readings } = part;
    const { transitions, causes } = this.#engine.applyReadings(offset, at, readings);
    for (const [index, transition] of transitions.entries()) {
      const cause = causes[index] ?? offset;
      this.#said(transition, cause, readings.receivedAt[cause - offset] ?? at);
      into.push(transition);
    }
  }

  #applyEntry(entry: JournalEntry, into: Transition[]): void {
    this.#live.apply(entry);
    const input = engineInput(entry.record);
    if (input === undefined) return;
    const outcome = this.#engine.apply({ offset: entry.offset, at: entry.at, input });
    for (const transition of outcome.transitions) {
      this.#said(transition, entry.offset, receivedAt(entry));
      into.push(transition);
    }
    if (entry.record.kind === 'command' && this.#ownCommands > 0) {
      this.#outcomes.set(entry.offset, this.#outcomeOf(entry.record.command, outcome));
    }
  }

  #said(transition: Transition, cause: number, received: number): void {
    this.#untaken.push({ cause, transition });
    this.#transitionLog.push(transition, received, this.#clock.now());
  }

  #outcomeOf(command: Command, outcome: Outcome): CommandOutcome {
    // One act may make others heard again: the alarm that it was about is not always the last that moved.
    const last = outcome.transitions.findLast(({ alarm }) => isAbout(command, alarm));
    const alarm = last?.alarm ?? ('alarmId' in command ? this.#engine.alarm(command.alarmId) : undefined);
    return {
      ...(alarm === undefined ? {} : { alarm }),
      ...(outcome.refused === undefined ? {} : { refused: outcome.refused }),
    };
  }

  #take(offset: number): readonly Transition[] {
    const end = this.#untaken.findIndex(({ cause }) => cause > offset);
    const taken = end < 0 ? this.#untaken : this.#untaken.slice(0, end);
    this.#untaken = end < 0 ? [] : this.#untaken.slice(end);
    return taken.map(({ transition }) => transition);
  }

  /** The server was away: devices that it believed connected are not. */
  async #recordDisconnections(): Promise<void> {
    const receipts = await Promise.all(
      this.#live
        .onlineDevices()
        .map((deviceId) =>
          this.#journal.append({ kind: 'connection', deviceId, connected: false, reason: 'server_start' }),
        ),
    );
    await this.#gate.reached(Math.max(0, ...receipts.map(({ offset }) => offset)));
  }

  async #tick(): Promise<void> {
    const next = this.#engine.nextDeadline();
    if (next === undefined || next > this.#clock.now()) {
      // A dead-man that was re-armed since.
      this.#ticker.schedule(next);
      return;
    }
    const { offset } = await this.#journal.append({ kind: 'tick' });
    await this.#gate.reached(offset);
  }

  #snapshotWhenDue(): void {
    if (this.#snapshotting !== undefined) return;
    const records = this.#gate.offset - this.#snapshotOffset;
    const age = this.#clock.monotonicMs() - this.#snapshotAt;
    if (records === 0 || (age < SNAPSHOT_EVERY_MS && records < SNAPSHOT_EVERY_RECORDS)) return;
    this.#snapshotting = this.#snapshot().finally(() => (this.#snapshotting = undefined));
  }

  /** A snapshot is only kept once the history has all that came before it: replay is what fills the history. */
  async #snapshot(): Promise<void> {
    const offset = this.#gate.offset;
    this.#snapshotAt = this.#clock.monotonicMs();
    try {
      const bytes = await this.#encoded({ engine: this.#engine.snapshot(), live: this.#live.snapshot() });
      if (this.#projection.failure !== undefined) return;
      this.#projection.hurry();
      await this.#projection.reached(offset);
      await this.#history.flush();
      if ((await this.#history.cursor()) < offset) return;
      await this.#journal.saveState(STATE, { offset, bytes });
      this.#snapshotOffset = offset;
    } catch (error) {
      this.#log.error({ err: error }, 'snapshot was not saved; a restart will replay more');
    }
  }

  /** Piece by piece: alarms go on meanwhile. Nothing changes what a snapshot shares with the engine. */
  async #encoded(state: HostState): Promise<Uint8Array> {
    const pieces: Buffer[] = [];
    let since = this.#clock.monotonicMs();
    for (const piece of stateText(state)) {
      pieces.push(Buffer.from(piece));
      if (this.#clock.monotonicMs() - since < SLICE_MS) continue;
      await new Promise(setImmediate);
      since = this.#clock.monotonicMs();
    }
    return Buffer.concat(pieces);
  }
}

function isAbout(command: Command, { id, deviceId, rule }: AlarmView): boolean {
  return 'alarmId' in command
    ? id === command.alarmId
    : deviceId === command.deviceId && rule === command.ruleKey;
}

/** A record that nobody sent was received when it was journalled. */
function receivedAt({ record, at }: JournalEntry): number {
  return 'receivedAt' in record ? record.receivedAt : at;
}
