import { type Clock, DUTY_CHECK_EVENT } from '@watchfire/engine';
import { type FireDutyCheck } from '@watchfire/contracts';
import { type Journal, type JournalRecord, type SampleTuple } from '@watchfire/journal';
import { type DeviceCommandRow, type DutyAnswer, type DutyNote, type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { dutyVerdicts } from './duty-verdicts.js';
import { Lookout } from './lookout.js';

/** Of the profile: nobody answered the last check, how many in a row nobody did, and which one the last was. */
const ABSENT_POINT = 'guard_absent';
const MISSED_POINT = 'guard_missed';
const CHECK_POINT = 'guard_check';
const MINUTE_MS = 60_000;

export interface GuardWatchDependencies {
  readonly journal: Pick<Journal, 'append'>;
  readonly registry: {
    readonly deviceCommands: Pick<Registry['deviceCommands'], 'unsettledDutyChecks' | 'find'>;
    readonly dutyAnswers: Pick<Registry['dutyAnswers'], 'list'>;
    readonly dutyNotes: Pick<Registry['dutyNotes'], 'missed' | 'missedInARow'>;
  };
  /** The registry has what the journal says of commands and of rooms up to here. */
  readonly projected: () => number;
  /** Point ids of a device by key; `undefined`: it is registered no more. */
  readonly pointOf: (deviceId: string, key: string) => string | undefined;
  /** Of the local time of a device, for people; minutes ahead of UTC. */
  readonly utcOffsetOf: (deviceId: string) => number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'error'>;
}

/** Something that the journal is to say: once. */
interface Finding {
  readonly check: FireDutyCheck;
  readonly what: DutyNote['what'];
  readonly at: number;
}

type MissedCheck = Pick<DutyNote, 'checkId' | 'deviceId' | 'at'>;

/**
 * Tells the alarm engine, by the journal, whether somebody was there: once for every check that closes, and once when the key is pressed
 * after that. What was told is read back from the journal, so that a kill -9 makes nothing twice and leaves nothing out. [FI27, FI28]
 */
export class GuardWatch extends Lookout {
  /** All that was received before is in the registry when it has the record at `offset`. */
  #barrier: { readonly asOf: number; readonly offset: number } | undefined;
  /** Every duty check that was accepted up to here is noted. */
  #settled = 0;
  /** By device, that nobody answered: read once, since nobody else writes notes, and then kept with what is written. */
  #missed: Map<string, MissedCheck> | undefined;
  /** What was read has all that was noted before this watch began. */
  #isWhole = false;

  constructor(private readonly deps: GuardWatchDependencies) {
    super();
  }

  protected failed(error: unknown): void {
    // What the journal has is to be read again: it may have taken what it refused.
    this.#barrier = undefined;
    this.#missed = undefined;
    this.#isWhole = false;
    this.deps.log.error({ err: error }, 'the outcome of duty checks could not be told');
  }

  protected async step(): Promise<void> {
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
    if (!this.#isWhole) this.#missed = undefined;
    this.#isWhole = true;
    const missed = new Map<string, number>();
    for (const finding of await this.#findings(asOf)) {
      const inARow = await this.#inARow(finding, missed);
      await journal.append(this.#record(finding, inARow));
      this.#noted(finding);
    }
  }

  /** In the order in which they happened. */
  async #findings(asOf: number): Promise<Finding[]> {
    const open = await this.#unsettled();
    const since = open.reduce((least, { sentAt }) => Math.min(least, sentAt ?? least), asOf);
    const answers = await this.#answers(open, since, asOf);
    const closed = dutyVerdicts(open, answers, asOf).flatMap(closedOf);
    const answered = new Set(closed.map(({ check, at }) => `${check.deviceId} ${at}`));
    const late: Finding[] = [];
    const missed = await this.#missedChecks();
    const begin = missed.reduce((least, { at }) => Math.min(least, at), asOf);
    const presses = await this.#answers(missed, begin, asOf);
    for (const note of missed) {
      const press = presses.find(({ deviceId, at }) => deviceId === note.deviceId && at > note.at);
      // The key answers what is open; only where nothing was, it is the late answer to what is closed.
      if (press !== undefined && !answered.has(`${press.deviceId} ${press.at}`))
        late.push(...(await this.#late(note, press)));
    }
    return [...closed, ...late].sort((a, b) => a.at - b.at);
  }

  /** Looks no further back than it has to: there are years of duty checks. */
  async #unsettled(): Promise<DeviceCommandRow[]> {
    const known = this.deps.projected();
    const open = await this.deps.registry.deviceCommands.unsettledDutyChecks(this.#settled);
    this.#settled = Math.max(this.#settled, Math.min(known, ...open.map(({ offset }) => offset - 1)));
    return open;
  }

  async #missedChecks(): Promise<MissedCheck[]> {
    this.#missed ??= new Map(
      (await this.deps.registry.dutyNotes.missed()).map((note) => [note.deviceId, note]),
    );
    return [...this.#missed.values()];
  }

  #noted({ check, what, at }: Finding): void {
    const { id: checkId, deviceId, verdict } = check;
    if (isAbsent({ check, what })) this.#missed?.set(deviceId, { checkId, deviceId, at });
    else if (verdict !== 'undelivered') this.#missed?.delete(deviceId);
  }

  #answers(of: readonly { readonly deviceId: string }[], from: number, to: number): Promise<DutyAnswer[]> {
    const devices = [...new Set(of.map(({ deviceId }) => deviceId))];
    return this.deps.registry.dutyAnswers.list(devices, from, to);
  }

  async #late({ checkId }: MissedCheck, press: DutyAnswer): Promise<Finding[]> {
    const command = await this.deps.registry.deviceCommands.find(checkId);
    const [check] = command === undefined ? [] : dutyVerdicts([command], [press], press.at);
    return check === undefined ? [] : [{ check, what: 'late', at: press.at }];
  }

  /** How many checks in a row nobody has answered, with this one; `missed` is what was told of the others since they were counted. */
  async #inARow({ check, what }: Finding, missed: Map<string, number>): Promise<number> {
    const { deviceId, verdict } = check;
    const before = missed.get(deviceId) ?? (await this.deps.registry.dutyNotes.missedInARow(deviceId));
    const now = verdict === 'undelivered' ? before : isAbsent({ check, what }) ? before + 1 : 0;
    missed.set(deviceId, now);
    return now;
  }

  #record(finding: Finding, inARow: number): JournalRecord {
    const { check, what, at } = finding;
    const { id, deviceId, verdict, askedAt, closesAt, minutes } = check;
    const now = this.deps.clock.now();
    const data = { checkId: id, what, verdict, at, askedAt, closesAt, minutes };
    // Of now: what became known late is no sample of then, which could end nothing.
    return {
      ...{ kind: 'event', deviceId, receivedAt: now, ts: now, event: DUTY_CHECK_EVENT },
      ...{ data, samples: this.#samples(finding, inARow) },
    };
  }

  /** What the device never had says nothing of the guard. */
  #samples(finding: Finding, inARow: number): SampleTuple[] {
    const { deviceId, verdict, askedAt, minutes } = finding.check;
    if (verdict === 'undelivered' || askedAt === null) return [];
    const { pointOf, utcOffsetOf } = this.deps;
    const told: readonly (readonly [key: string, value: string | number | boolean])[] = [
      [CHECK_POINT, `${localText(askedAt, utcOffsetOf(deviceId))}, ${minutes} min`],
      [MISSED_POINT, inARow],
      [ABSENT_POINT, isAbsent(finding)],
    ];
    return told.flatMap(([key, value]): SampleTuple[] => {
      const pointId = pointOf(deviceId, key);
      return pointId === undefined ? [] : [[pointId, value]];
    });
  }
}

function isAbsent({ check, what }: Pick<Finding, 'check' | 'what'>): boolean {
  return what === 'closed' && check.verdict === 'absent';
}

/** `2026-11-28 18:16 +08:00`. */
function localText(at: number, utcOffsetMinutes: number): string {
  const [date, time = ''] = new Date(at + utcOffsetMinutes * MINUTE_MS).toISOString().split('T');
  const size = Math.abs(utcOffsetMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  const sign = utcOffsetMinutes < 0 ? '-' : '+';
  return `${date} ${time.slice(0, 5)} ${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function closedOf(check: FireDutyCheck): Finding[] {
  if (check.verdict === null) return [];
  return [{ check, what: 'closed', at: check.answeredAt ?? check.closesAt ?? check.requestedAt }];
}
