/** How a check of the guard's presence (查岗) ended. */
export type DutyVerdict =
  /** Somebody pressed the key in time. */
  | 'present'
  /** The device had the question, and nobody answered it in time. */
  | 'absent'
  /** The device never had it: that says nothing of the guard. */
  | 'undelivered';

export interface DutyCheck {
  readonly checkId: string;
  readonly deviceId: string;
  /** Epoch ms. */
  readonly askedAt: number;
  /** Until then an answer counts: the minutes that the device was told, and a grace for the way. */
  readonly closesAt: number;
  /** The device has confirmed that it got it; no more than that. */
  readonly isDelivered: boolean;
}

export interface DutyOutcome {
  readonly checkId: string;
  readonly deviceId: string;
  readonly verdict: DutyVerdict;
  readonly askedAt: number;
  readonly closedAt: number;
  /** Of an answer. */
  readonly responseMs?: number;
  readonly operator?: number;
}

/** An answer, and what it answers: nothing on the wire ties it to a question, so it is the device and the time. */
export interface DutyAnswer {
  /** Of what it answers, and of whatever was over before it. */
  readonly outcomes: readonly DutyOutcome[];
  /** The newest check of the device that had been closed as absent: the answer was late by so much. */
  readonly late?: { readonly checkId: string; readonly byMs: number; readonly operator: number };
}

const MINUTE_MS = 60_000;
/** The device gives up after its minutes; the answer may be on its way for as long as a transmission is repeated. */
const GRACE_MS = 120_000;

/** Checks that are open, of all devices. Pure: time comes in. */
export class DutyChecks {
  private readonly open = new Map<string, DutyCheck>();
  /** By device: the newest check that nobody answered. */
  private readonly missed = new Map<string, DutyCheck>();

  constructor(
    private readonly graceMs = GRACE_MS,
    saved: Iterable<DutyCheck> = [],
  ) {
    for (const check of saved) this.open.set(check.checkId, check);
  }

  ask(
    check: { readonly checkId: string; readonly deviceId: string; readonly minutes: number },
    now: number,
  ): DutyCheck {
    const { checkId, deviceId, minutes } = check;
    const closesAt = now + minutes * MINUTE_MS + this.graceMs;
    const asked = { checkId, deviceId, askedAt: now, closesAt, isDelivered: false };
    this.open.set(checkId, asked);
    return asked;
  }

  delivered(checkId: string): void {
    const check = this.open.get(checkId);
    if (check !== undefined) this.open.set(checkId, { ...check, isDelivered: true });
  }

  /** It did not reach the device: every repetition went unanswered, or there is no connection. */
  undelivered(checkId: string, now: number): DutyOutcome | undefined {
    const check = this.open.get(checkId);
    // The key was pressed, or the device said that it has it: the failure is of something later.
    if (check === undefined || check.isDelivered) return undefined;
    this.open.delete(checkId);
    return outcome(check, 'undelivered', now);
  }

  /** The key was pressed: that answers every question that the device has. */
  answered(deviceId: string, now: number, operator: number): DutyAnswer {
    const outcomes = this.due(now);
    const over = outcomes.length;
    for (const check of this.open.values()) {
      if (check.deviceId !== deviceId) continue;
      this.open.delete(check.checkId);
      outcomes.push({ ...outcome(check, 'present', now), responseMs: now - check.askedAt, operator });
    }
    const missed = this.missed.get(deviceId);
    this.missed.delete(deviceId);
    if (outcomes.length > over || missed === undefined) return { outcomes };
    return { outcomes, late: { checkId: missed.checkId, byMs: now - missed.closesAt, operator } };
  }

  /** Checks whose time is over. */
  due(now: number): DutyOutcome[] {
    const over = [...this.open.values()].filter(({ closesAt }) => closesAt < now);
    for (const check of over) {
      this.open.delete(check.checkId);
      if (check.isDelivered) this.missed.set(check.deviceId, check);
    }
    return over.map((check) => outcome(check, check.isDelivered ? 'absent' : 'undelivered', now));
  }

  nextDueAt(): number | undefined {
    const [first, ...rest] = [...this.open.values()].map(({ closesAt }) => closesAt + 1);
    return first === undefined ? undefined : Math.min(first, ...rest);
  }

  /** Everything that is open, to be handed to the constructor after a restart. */
  checks(): DutyCheck[] {
    return [...this.open.values()];
  }
}

function outcome({ checkId, deviceId, askedAt }: DutyCheck, verdict: DutyVerdict, now: number): DutyOutcome {
  return { checkId, deviceId, verdict, askedAt, closedAt: now };
}
