import { type Transition } from '@watchfire/alarm';
import { type History, type HistoryAlarmEvent } from '@watchfire/history';

/** When one transition reached each stage on its way to a screen; epoch ms of the server's clock. */
export interface StageTimes {
  readonly receivedAt: number;
  readonly journalledAt: number;
  readonly evaluatedAt: number;
  readonly pushedAt?: number;
  readonly drawnAt?: number;
  readonly drawnBy?: string;
}

interface Held {
  readonly transition: Transition;
  readonly receivedAt: number;
  readonly evaluatedAt: number;
  pushedAt?: number;
  drawnAt?: number;
  drawnBy?: string;
}

/** What a console that was away for a while can still be sent from memory. */
const HELD_TRANSITIONS = 20_000;

/** The newest transitions in memory, older ones from the history: one dense stream by `seq`. */
export class TransitionLog {
  readonly #held: Held[] = [];
  readonly #byEventId = new Map<string, Held>();
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  /** `receivedAt`: of the message, the command or the tick that caused the transition. */
  push(transition: Transition, receivedAt: number, evaluatedAt: number): void {
    const held: Held = { transition, receivedAt, evaluatedAt };
    this.#held.push(held);
    this.#byEventId.set(transition.eventId, held);
    // Trimmed in steps, so that a full log does not move its whole array for every transition.
    if (this.#held.length >= HELD_TRANSITIONS + 1_000) {
      for (const old of this.#held.splice(0, this.#held.length - HELD_TRANSITIONS)) {
        this.#byEventId.delete(old.transition.eventId);
      }
    }
  }

  /** Transitions with `seq` above the given one, in order; `undefined` when there is a hole before the first of them. */
  async after(seq: number, head: number, limit: number): Promise<readonly Transition[] | undefined> {
    if (seq > head) return undefined;
    if (seq === head) return [];
    const held = this.#heldAfter(seq, limit);
    if (held.length > 0) return held;
    const stored = await this.#history.alarmEventsAfter(seq, limit);
    if (stored[0]?.seq !== seq + 1) return undefined;
    const hole = stored.findIndex((event, index) => event.seq !== seq + 1 + index);
    const dense = (hole < 0 ? stored : stored.slice(0, hole)).map(toTransition);
    return [...dense, ...this.#heldAfter(seq + dense.length, limit - dense.length)];
  }

  /** What is held of the stream right behind `seq`; nothing where the next one is no longer held. */
  #heldAfter(seq: number, limit: number): readonly Transition[] {
    const first = this.#held[0]?.transition.seq;
    if (first === undefined || first > seq + 1) return [];
    const start = seq + 1 - first;
    return this.#held.slice(start, start + limit).map(({ transition }) => transition);
  }

  markPushed(eventId: string, at: number): void {
    const held = this.#byEventId.get(eventId);
    if (held !== undefined) held.pushedAt ??= at;
  }

  /** A page has drawn everything up to `seq`; the first seat that has drawn a transition is the one remembered. */
  markDrawn(seq: number, username: string, at: number): void {
    for (let index = this.#held.length - 1; index >= 0; index--) {
      const held = this.#held[index];
      if (held === undefined || held.transition.seq > seq) continue;
      if (held.drawnAt !== undefined) return;
      // What a page says of the past is bounded by what is known here.
      held.drawnAt = Math.max(at, held.pushedAt ?? held.evaluatedAt);
      held.drawnBy = username;
    }
  }

  stageTimes(eventId: string): StageTimes | undefined {
    const held = this.#byEventId.get(eventId);
    if (held === undefined) return undefined;
    const { transition, receivedAt, evaluatedAt, pushedAt, drawnAt, drawnBy } = held;
    return {
      receivedAt,
      journalledAt: transition.at,
      evaluatedAt,
      ...(pushedAt === undefined ? {} : { pushedAt }),
      ...(drawnAt === undefined ? {} : { drawnAt }),
      ...(drawnBy === undefined ? {} : { drawnBy }),
    };
  }
}

function toTransition(event: HistoryAlarmEvent): Transition {
  // Written by this engine from a Transition and stored whole: reading it back is the inverse.
  return event as unknown as Transition;
}
