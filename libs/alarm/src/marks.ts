import { announcementOf, isCovered } from './announcement.js';
import { type AlarmView, type NuisanceLimits, type TransitionType } from './model.js';
import { ChatterRun, isAnotherPlace, type Heard } from './nuisance.js';

/** What is remembered of one alarm, also while it is over, for as long as it may count. */
interface Memory {
  /** When it was announced or became active last, journal time. */
  touchedAt: number;
  readonly run: ChatterRun;
  /** When it became active; undefined while it is not. */
  since: number | undefined;
}

export type MarkSnapshot = readonly [
  key: string,
  touchedAt: number,
  recent: readonly (readonly [at: number, inRun: boolean])[],
  count: number,
  since: number | null,
];

/** A transition that is being made: what the alarm becomes but for its marks. */
export interface Making {
  readonly before: AlarmView | null;
  readonly after: AlarmView;
  readonly type: TransitionType;
  readonly eventId: string;
  /** Journal time. */
  readonly at: number;
}

/**
 * Marks alarms that nobody can act on: chattering and fleeting, as the figures count them [KP7]. Only alarms that were announced, or
 * became active, within the longer of the two times are remembered, so that it is small whatever the number of rules. [AL141]
 */
export class Marks {
  /** By device and rule; the one that was touched last stands last. */
  private readonly memories = new Map<string, Memory>();

  constructor(private limits: NuisanceLimits) {}

  /** From now on; what is remembered is judged by these with its next announcement. */
  limit(limits: NuisanceLimits): void {
    this.limits = limits;
    for (const [key, memory] of this.memories) {
      const { recent, count } = memory.run;
      this.memories.set(key, { ...memory, run: new ChatterRun(limits, recent, count) });
    }
  }

  mark({ before, after, type, eventId, at }: Making): AlarmView {
    const key = `${after.deviceId} ${after.rule}`;
    const becomesActive = after.active && before?.active !== true;
    const isNew = announcementOf({ type, eventId, alarm: after }) === 'new';
    const isAnother = isAnotherPlace(before, { type, alarm: after });
    if (becomesActive || isNew) {
      const memory = this.touch(key, at);
      if (becomesActive) memory.since = at;
      if (isNew && !isAnother) memory.run.announce(at);
    }
    const memory = this.find(key, at);
    const run = isAnother ? 0 : (memory?.run.length ?? 0);
    const chattering = isNew ? run : (before?.chattering ?? 0);
    const isFleeting = this.isFleeting(before, after, memory, at);
    if (memory !== undefined && !after.active) memory.since = undefined;
    if (chattering === 0 && !isFleeting) return after;
    return {
      ...after,
      ...(chattering > 0 && { chattering }),
      ...(isFleeting && { fleeting: true as const }),
    };
  }

  /** What may still count at `now`, in the order in which it was touched. */
  snapshot(now: number): readonly MarkSnapshot[] {
    return [...this.memories]
      .filter(([, memory]) => !this.isOld(memory, now))
      .map(([key, { touchedAt, run, since }]) => [
        key,
        touchedAt,
        run.recent.map(({ at, inRun }) => [at, inRun] as const),
        run.count,
        since ?? null,
      ]);
  }

  restore(snapshots: readonly MarkSnapshot[]): void {
    for (const [key, touchedAt, recent, count, since] of snapshots) {
      const heard: readonly Heard[] = recent.map(([at, inRun]) => ({ at, inRun }));
      const run = new ChatterRun(this.limits, heard, count);
      this.memories.set(key, { touchedAt, run, since: since ?? undefined });
    }
  }

  /** Of the occurrence that went back last; the next one has not gone back yet. What is covered is not. */
  private isFleeting(
    before: AlarmView | null,
    after: AlarmView,
    memory: Memory | undefined,
    at: number,
  ): boolean {
    if (after.active) return false;
    if (before?.active !== true) return before?.fleeting === true;
    const since = memory?.since;
    return since !== undefined && at - since < this.limits.fleetingMs && !isCovered(after);
  }

  private find(key: string, now: number): Memory | undefined {
    const memory = this.memories.get(key);
    return memory === undefined || this.isOld(memory, now) ? undefined : memory;
  }

  private touch(key: string, now: number): Memory {
    this.forgetOld(now);
    const memory = this.find(key, now) ?? {
      touchedAt: now,
      run: new ChatterRun(this.limits),
      since: undefined,
    };
    memory.touchedAt = now;
    this.memories.delete(key);
    this.memories.set(key, memory);
    return memory;
  }

  /** Those that were touched first stand first. */
  private forgetOld(now: number): void {
    for (const [key, memory] of this.memories) {
      if (!this.isOld(memory, now)) return;
      this.memories.delete(key);
    }
  }

  private isOld({ touchedAt }: Memory, now: number): boolean {
    const { chatteringWithinMs, fleetingMs } = this.limits;
    return touchedAt + Math.max(chatteringWithinMs, fleetingMs) < now;
  }
}
