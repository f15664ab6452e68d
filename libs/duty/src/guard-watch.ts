import { type Clock, DUTY_CHECK_EVENT } from '@watchfire/engine';
import { type FireDutyCheck } from '@watchfire/contracts';
import { type Journal, type JournalRecord, type SampleTuple } from '@watchfire/journal';
import { type DutyAnswer, type DutyNote, type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { dutyVerdicts } from './duty-verdicts.js';

/** Of the profile: nobody answered the last check, and which one that was. */
const ABSENT_POINT = 'guard_absent';
const CHECK_POINT = 'guard_check';
const LOOK_EVERY_MS = 1_000;

export interface GuardWatchDependencies {
  readonly journal: Pick<Journal, 'append'>;
  readonly registry: {
    readonly deviceCommands: Pick<Registry['deviceCommands'], 'unsettledDutyChecks' | 'find'>;
    readonly dutyAnswers: Pick<Registry['dutyAnswers'], 'list'>;
    readonly dutyNotes: Pick<Registry['dutyNotes'], 'missed'>;
  };
  /** The registry has what the journal says of commands and of rooms up to here. */
  readonly projected: () => number;
  /** Point ids of a device by key; `undefined`: it is registered no more. */
  readonly pointOf: (deviceId: string, key: string) => string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'error'>;
}

/** Something that the journal is to say: once. */
interface Finding {
  readonly check: FireDutyCheck;
  readonly what: DutyNote['what'];
  readonly at: number;
}

/**
 * Tells the alarm engine, by the journal, whether somebody was there: once for every check that closes, and once when the key is pressed
 * after that. What was told is read back from the journal, so that a kill -9 makes nothing twice and leaves nothing out. [FI27, FI28]
 */
export class GuardWatch {
  /** All that was received before is in the registry when it has the record at `offset`. */
  #barrier: { readonly asOf: number; readonly offset: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(private readonly deps: GuardWatchDependencies) {}

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Never rejects; what failed is tried with the next look. */
  look(): Promise<void> {
    this.#looking ??= this.#step()
      .catch((error: unknown) => {
        this.#barrier = undefined;
        this.deps.log.error({ err: error }, 'the outcome of duty checks could not be told');
      })
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #step(): Promise<void> {
    const { journal, clock, projected } = this.deps;
    if (this.#barrier === undefined) {
      const asOf = clock.now();
      if ((await this.#findings(asOf)).length === 0) return;
      // Frames that were received by now are in the queue of the journal before this record.
      const { offset } = await journal.append({ kind: 'tick' });
      this.#barrier = { asOf, offset };
    }
    if (projected() < this.#barrier.offset) return;
    const { asOf } = this.#barrier;
    this.#barrier = undefined;
    for (const finding of await this.#findings(asOf)) await journal.append(this.#record(finding));
  }

  /** In the order in which they happened. */
  async #findings(asOf: number): Promise<Finding[]> {
    const { deviceCommands, dutyAnswers, dutyNotes } = this.deps.registry;
    const open = await deviceCommands.unsettledDutyChecks();
    const since = open.reduce((least, { sentAt }) => Math.min(least, sentAt ?? least), asOf);
    const devices = [...new Set(open.map(({ deviceId }) => deviceId))];
    const answers = await dutyAnswers.list(devices, since, asOf);
    const closed = dutyVerdicts(open, answers, asOf).flatMap(closedOf);
    const answered = new Set(closed.map(({ check, at }) => `${check.deviceId} ${at}`));
    const late: Finding[] = [];
    for (const missed of await dutyNotes.missed()) {
      const [press] = await dutyAnswers.list([missed.deviceId], missed.at + 1, asOf);
      // The key answers what is open; only where nothing was, it is the late answer to what is closed.
      if (press !== undefined && !answered.has(`${press.deviceId} ${press.at}`))
        late.push(...(await this.#late(missed, press)));
    }
    return [...closed, ...late].sort((a, b) => a.at - b.at);
  }

  async #late({ checkId }: DutyNote, press: DutyAnswer): Promise<Finding[]> {
    const command = await this.deps.registry.deviceCommands.find(checkId);
    const [check] = command === undefined ? [] : dutyVerdicts([command], [press], press.at);
    return check === undefined ? [] : [{ check, what: 'late', at: press.at }];
  }

  #record({ check, what, at }: Finding): JournalRecord {
    const { id, deviceId, verdict, askedAt, closesAt, minutes } = check;
    const now = this.deps.clock.now();
    const data = { checkId: id, what, verdict, at, askedAt, closesAt, minutes };
    // Of now: what became known late is no sample of then, which could end nothing.
    return {
      ...{ kind: 'event', deviceId, receivedAt: now, ts: now, event: DUTY_CHECK_EVENT },
      ...{ data, samples: this.#samples(check, what) },
    };
  }

  /** What the device never had says nothing of the guard. */
  #samples({ deviceId, verdict, askedAt, minutes }: FireDutyCheck, what: DutyNote['what']): SampleTuple[] {
    if (verdict === 'undelivered' || askedAt === null) return [];
    const { pointOf } = this.deps;
    const [absent, which] = [pointOf(deviceId, ABSENT_POINT), pointOf(deviceId, CHECK_POINT)];
    const told = `${new Date(askedAt).toISOString().slice(0, 19)}Z, ${minutes} min`;
    return [
      ...(which === undefined ? [] : [[which, told] as const]),
      ...(absent === undefined ? [] : [[absent, what === 'closed' && verdict === 'absent'] as const]),
    ];
  }
}

function closedOf(check: FireDutyCheck): Finding[] {
  if (check.verdict === null) return [];
  return [{ check, what: 'closed', at: check.answeredAt ?? check.closesAt ?? check.requestedAt }];
}
