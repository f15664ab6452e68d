import { type ExchangeOutcome } from '@watchfire/protocol';
import { count } from '../counters.js';
import { type FireCounters } from './fire-counters.js';
import { type FireOrders, type Question } from './fire-orders.js';
import { type PollOptions, PollSchedule } from './poll-schedule.js';

export interface FireRoundsDependencies {
  readonly orders: Pick<FireOrders, 'ask'>;
  readonly options: PollOptions;
  readonly random: () => number;
  readonly counters: FireCounters;
  /** Fire systems behind the device that are known. */
  readonly systemsOf: (deviceId: string) => readonly { systemType: number; systemAddress: number }[];
  /** Whether anything was answered; a denial is an answer. */
  readonly polled: (deviceId: string, isAnswering: boolean) => void;
}

interface Round {
  readonly questions: Question[];
  isAsking: boolean;
  answers: number;
  silences: number;
}

/** Whoever leaves two questions unanswered, each sent four times, is not asked the rest. */
const MAX_SILENCES = 2;

/**
 * The poll of GB 50440: every device that is there is asked its run state and those of its systems, one question after the other and
 * after what people command. The answers are read like everything that it says.
 */
export class FireRounds {
  private readonly schedule: PollSchedule;
  private readonly rounds = new Map<string, Round>();
  private readonly notAnswering = new Set<string>();

  constructor(private readonly deps: FireRoundsDependencies) {
    this.schedule = new PollSchedule(deps.options, deps.random);
  }

  arrived(deviceId: string, now: number): void {
    this.schedule.arrived(deviceId, now);
  }

  left(deviceId: string): void {
    this.rounds.delete(deviceId);
    this.schedule.left(deviceId);
    this.found(deviceId, true);
  }

  forget(deviceId: string): void {
    this.left(deviceId);
    this.schedule.forget(deviceId);
  }

  look(now: number): void {
    for (const deviceId of this.schedule.take(now)) this.begin(deviceId);
    for (const [deviceId, round] of [...this.rounds]) if (!round.isAsking) this.ask(deviceId, round);
  }

  private begin(deviceId: string): void {
    if (this.rounds.has(deviceId)) return;
    const systems = this.deps.systemsOf(deviceId).map((params): Question => {
      return { command: 'read_state', params: { ...params } };
    });
    const questions = [{ command: 'read_state', params: {} }, ...systems];
    this.rounds.set(deviceId, { questions, isAsking: false, answers: 0, silences: 0 });
  }

  private ask(deviceId: string, round: Round): void {
    const [question] = round.questions;
    if (question === undefined) return this.finish(deviceId, round);
    const asked = this.deps.orders.ask(deviceId, question, (outcome) => {
      // Its turn comes again after the command.
      if (outcome.result === 'failed' && outcome.reason === 'displaced') round.questions.unshift(question);
      this.ended(deviceId, round, outcome);
    });
    // Something else is under way: its turn comes.
    if (asked === 'absent') return;
    round.questions.shift();
    round.isAsking = asked === 'sent';
  }

  private ended(deviceId: string, round: Round, outcome: ExchangeOutcome): void {
    round.isAsking = false;
    const how = outcome.result === 'failed' ? outcome.reason : outcome.result;
    count(this.deps.counters.polls, how);
    if (how === 'disconnected') this.rounds.delete(deviceId);
    if (how === 'disconnected' || how === 'displaced') return;
    if (how === 'timeout') round.silences++;
    else round.answers++;
    if (round.silences >= MAX_SILENCES) this.finish(deviceId, round);
  }

  private finish(deviceId: string, { answers, silences }: Round): void {
    this.rounds.delete(deviceId);
    if (answers + silences === 0) return;
    this.found(deviceId, answers > 0);
    this.deps.polled(deviceId, answers > 0);
  }

  private found(deviceId: string, isAnswering: boolean): void {
    if (isAnswering) this.notAnswering.delete(deviceId);
    else this.notAnswering.add(deviceId);
    this.deps.counters.notAnswering = this.notAnswering.size;
  }
}
