import { type JournalRecord } from '@watchfire/journal';
import { count } from '../counters.js';
import { type ClockOptions, ClockWatch } from './clock-watch.js';
import { FireRounds, type FireRoundsDependencies } from './fire-rounds.js';
import { ANSWERS, type Answers, answersAfter, answersOf } from './poll-answers.js';

export interface FireUpkeepDependencies extends Omit<FireRoundsDependencies, 'polled' | 'options'> {
  readonly options: FireRoundsDependencies['options'] & ClockOptions;
  readonly clock: { now(): number; monotonicMs(): number };
  /** What was kept of a device before this server started. */
  readonly remembered: (deviceId: string) => Readonly<Record<string, unknown>>;
  readonly keep: (deviceId: string, record: JournalRecord) => void;
}

/** What the centre does by itself with devices that are connected: it polls them and sets their clocks. */
export class FireUpkeep {
  private readonly rounds: FireRounds;
  private readonly clocks: ClockWatch;
  private readonly answers = new Map<string, Answers | undefined>();

  constructor(private readonly deps: FireUpkeepDependencies) {
    this.rounds = new FireRounds({ ...deps, polled: (id, isAnswering) => this.polled(id, isAnswering) });
    this.clocks = new ClockWatch(deps.options);
  }

  arrived(deviceId: string): void {
    const now = this.deps.clock.monotonicMs();
    this.rounds.arrived(deviceId, now);
    this.clocks.arrived(deviceId, now);
  }

  left(deviceId: string): void {
    this.rounds.left(deviceId);
    this.clocks.left(deviceId);
  }

  forget(deviceId: string): void {
    this.rounds.forget(deviceId);
    this.clocks.forget(deviceId);
    this.answers.delete(deviceId);
  }

  /** A frame that was not sent before. */
  heard(deviceId: string, deviceTime: number, receivedAt: number): void {
    this.clocks.read(deviceId, deviceTime - receivedAt);
  }

  /** Whether it is known to have answered the poll and not to do so any more. */
  hasStopped(deviceId: string): boolean {
    return this.answersOf(deviceId) === 'stopped';
  }

  /** The device has confirmed it: what is known of its clock says nothing any more, here and where it is shown. */
  clockSet(deviceId: string): void {
    this.clocks.told(deviceId, this.deps.clock.monotonicMs());
    this.deps.keep(deviceId, { kind: 'clock-set', deviceId });
  }

  /** What is due by time; monotonic ms. */
  look(now: number): void {
    for (const deviceId of this.clocks.due(now)) this.setClock(deviceId);
    this.rounds.look(now);
  }

  private setClock(deviceId: string): void {
    const { orders, clock, counters } = this.deps;
    orders.ask(deviceId, { command: 'sync_clock', params: {} }, (outcome) => {
      count(counters.clockSyncs, outcome.result === 'failed' ? outcome.reason : outcome.result);
      // It is due as it was.
      if (outcome.result === 'failed' && outcome.reason === 'displaced') return;
      this.clocks.told(deviceId, clock.monotonicMs());
    });
  }

  private polled(deviceId: string, isAnswering: boolean): void {
    const before = this.answersOf(deviceId);
    const answers = answersAfter(before, isAnswering);
    if (answers === before) return;
    this.answers.set(deviceId, answers);
    const receivedAt = this.deps.clock.now();
    const attributes = { [ANSWERS]: answers };
    this.deps.keep(deviceId, { kind: 'attributes', deviceId, receivedAt, attributes });
  }

  private answersOf(deviceId: string): Answers | undefined {
    if (!this.answers.has(deviceId)) this.answers.set(deviceId, answersOf(this.deps.remembered(deviceId)));
    return this.answers.get(deviceId);
  }
}
