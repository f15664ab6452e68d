import { type HistoryBatch } from '../history.js';
import { type HistoryLog } from '../history-log.js';
import { type RollUp, type Tier, TIERS } from '../roll-up.js';
import { type InfluxConnection } from './influx-connection.js';
import { type LineOrigin } from './line-origins.js';
import { type LineWriter } from './line-writer.js';
import { nextRevision, rollUpLine } from './roll-up-lines.js';
import { rollUpMinutes, rollUpSamples, storedPoints, storedWindows } from './roll-up-queries.js';
import { ALL_POINTS, type Part, RollUpState, type SavedRollUps } from './roll-up-state.js';

/** Where it is kept what has been rolled up, as text. */
export interface RollUpStore {
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
}

export interface RollUpParts {
  readonly connection: InfluxConnection;
  readonly writer: LineWriter;
  readonly store: RollUpStore;
  readonly now: () => number;
  /** How long samples are kept; undefined: for ever. */
  readonly samplesMs: number | undefined;
  readonly log: HistoryLog;
}

/** Points of one question, and rows of its answer: windows of a minute. */
const POINTS_A_QUERY = 250;
const ROWS_A_QUERY = 20_000;
/** Late windows are gathered for so long, or up to so many: a device that sends an hour at once touches each of them many times. */
const GATHER_MS = 60_000;
const MANY_LATE = 2_000;
/** With so many late windows the next batch waits until they are rolled up, or that has failed. */
const MOST_LATE = 20_000;

/** Of a window of which every sample turned out to be bad. */
const EMPTY = { count: 0, numbers: 0, mean: 0, min: 0, max: 0, last: 0 };

/** Windows that get a line even where nothing is left in them; without it all do that hold something. */
interface Wanted {
  /** Whether `known` names also the windows that have a line already. */
  readonly ofStored: boolean;
  readonly windows: (key: string, known: readonly number[]) => readonly number[];
}

/** Since when nothing could be rolled up, epoch ms, and why. */
export interface RollUpFailure {
  readonly since: number;
  readonly message: string;
}

/** Rolls samples up to minutes and hours in InfluxDB: when time has passed them, and again when samples came late. [HI32] */
export class RollUps {
  private running: Promise<void> | undefined;
  private isSeeded = false;
  private mendedAt = 0;
  private isClosed = false;
  private failed: RollUpFailure | undefined;

  private constructor(
    private readonly parts: RollUpParts,
    private readonly state: RollUpState,
  ) {}

  /** What cannot be read begins anew: windows of before are then answered from their samples. */
  static async open(parts: RollUpParts): Promise<RollUps> {
    const text = await parts.store.load();
    try {
      return new RollUps(
        parts,
        new RollUpState(text === undefined ? undefined : (JSON.parse(text) as SavedRollUps)),
      );
    } catch (error) {
      parts.log.warn({ err: error }, 'what is rolled up in InfluxDB is not known any more: it begins anew');
      return new RollUps(parts, new RollUpState());
    }
  }

  /** Before a batch is sent. What it makes late is kept before its cursor can be. */
  async note({ readings, samples }: HistoryBatch): Promise<void> {
    const { now, samplesMs = Infinity } = this.parts;
    this.deleted(now() - samplesMs);
    if (this.state.lateMinutes > MOST_LATE) await this.run(true).catch((error: unknown) => this.warn(error));
    if (this.state.note(readings, samples)) await this.save();
  }

  /** Before lines of samples are sent. */
  async noteLines(lines: readonly string[]): Promise<void> {
    if (this.state.noteLines(lines)) await this.save();
  }

  /** After a batch is stored and before the next one: rolls up in the background what time has passed. */
  stored(): void {
    const isDue = this.state.close(this.parts.now());
    if (this.running !== undefined || (!isDue && !this.isMendingDue())) return;
    this.run(false).catch((error: unknown) => this.warn(error));
  }

  /** Samples of before are deleted, or may be. */
  deleted(before: number): void {
    this.state.keptSince = Math.max(this.state.keptSince, before);
  }

  /** Rolls up everything that is due, what is late too. One run at a time. */
  async run(withLate: boolean): Promise<void> {
    while (this.running !== undefined) await this.running.catch(() => {});
    if (this.isClosed) return;
    this.running = this.work(withLate);
    try {
      await this.running;
      this.failed = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.failed = { since: this.failed?.since ?? this.parts.now(), message };
      throw error;
    } finally {
      this.running = undefined;
    }
  }

  /** Answers are right without roll-ups while the samples are kept, and no longer: somebody has to hear of it. */
  get failure(): RollUpFailure | undefined {
    return this.failed;
  }

  split(tier: Tier, key: string, from: number, to: number): readonly Part[] {
    return this.state.parts(tier, key, from, to);
  }

  /** No question is begun any more; resolves when the one under way has ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.running?.catch(() => {});
  }

  private isMendingDue(): boolean {
    const late = this.state.lateMinutes;
    return late > MANY_LATE || (this.state.isLateAtAll && this.parts.now() - this.mendedAt >= GATHER_MS);
  }

  private async work(withLate: boolean): Promise<void> {
    const { connection } = this.parts;
    if (!this.isSeeded) {
      for (const key of await storedPoints(connection)) this.state.points.add(key);
      this.isSeeded = true;
    }
    // What comes in below the new horizon is late from here on, also after a crash that leaves lines behind.
    await this.save();
    for (const tier of ['minutes', 'hours'] as const) await this.advance(tier);
    if (withLate || this.isMendingDue()) await this.mend();
  }

  private async advance(tier: Tier): Promise<void> {
    const { state } = this;
    const points = Math.max(1, Math.min(state.points.size, POINTS_A_QUERY));
    const longest = Math.floor(ROWS_A_QUERY / points) * TIERS.minutes;
    for (let due = state.due(tier, longest); due && !this.isClosed; due = state.due(tier, longest)) {
      await this.rollUp(tier, [...state.points], due);
      if (this.isClosed) return;
      state.done(tier, due.to);
      await this.save();
    }
  }

  /** Rolls up again what was touched, and nothing else: every line of a window stays. */
  private async mend(): Promise<void> {
    this.mendedAt = this.parts.now();
    const late = this.state.takeLate();
    let isDone = false;
    try {
      for (const [hour, points] of late) {
        await this.mendHour(hour, points);
        if (this.isClosed) return;
      }
      isDone = true;
    } finally {
      this.state.mended(isDone);
    }
    await this.save();
  }

  private async mendHour(hour: number, points: ReadonlyMap<string, ReadonlySet<number>>): Promise<void> {
    const { keptSince } = this.state;
    const range = { from: hour, to: hour + TIERS.hours };
    const ofAll = points.get(ALL_POINTS);
    const keys = ofAll === undefined ? [...points.keys()] : [...this.state.points];
    await this.rollUp('minutes', keys, range, {
      // Of all points only those windows get a line that have had one, or have something to say.
      ofStored: ofAll !== undefined,
      windows: (key, known) => {
        const touched = [...(points.get(key) ?? []), ...known.filter((start) => ofAll?.has(start))];
        return [...new Set(touched)].filter((minute) => minute >= keptSince);
      },
    });
    if (this.state.hasHour(hour) && hour >= keptSince) {
      const windows = (_: string, known: readonly number[]): readonly number[] =>
        ofAll ? [...new Set(known)] : [hour];
      await this.rollUp('hours', keys, range, { ofStored: ofAll !== undefined, windows });
    }
  }

  private async rollUp(
    tier: Tier,
    keys: readonly string[],
    range: { readonly from: number; readonly to: number },
    wanted?: Wanted,
  ): Promise<void> {
    const { connection, writer } = this.parts;
    for (let next = 0; next < keys.length && !this.isClosed; next += POINTS_A_QUERY) {
      const some = keys.slice(next, next + POINTS_A_QUERY);
      const at = this.revision();
      const stored = wanted?.ofStored ? await storedWindows(connection, tier, some, range) : undefined;
      const rolledUp =
        tier === 'minutes'
          ? await rollUpSamples(connection, some, { ...range, every: TIERS.minutes })
          : await rollUpMinutes(connection, some, range);
      const rows = some.flatMap((key) => {
        const found = rolledUp.get(key) ?? [];
        const known = [...(stored?.get(key) ?? []), ...found.map(({ start }) => start)];
        return pick(found, wanted?.windows(key, known)).map((row) => ({ key, row }));
      });
      const lines = rows.map(({ key, row }) => rollUpLine(tier, key, row, at));
      await writer.write(tier, lines, () =>
        rows.map(({ key, row }): LineOrigin => ({ kind: 'roll-up', tier, pointId: key, start: row.start })),
      );
    }
  }

  private warn(error: unknown): void {
    this.parts.log.warn({ err: error }, 'InfluxDB was not rolled up; it is tried again');
  }

  /** Rising, though the clock may be set back. */
  private revision(): number {
    this.state.at = Math.max(this.parts.now(), nextRevision(this.state.at));
    return this.state.at;
  }

  private async save(): Promise<void> {
    const saved = this.state.saved();
    if (saved !== undefined) await this.parts.store.save(JSON.stringify(saved));
  }
}

function pick(rows: readonly RollUp[], wanted: readonly number[] | undefined): readonly RollUp[] {
  if (wanted === undefined) return rows;
  const byStart = new Map(rows.map((row) => [row.start, row]));
  return wanted.map((start) => byStart.get(start) ?? { ...EMPTY, start });
}
