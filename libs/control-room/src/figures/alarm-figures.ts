import { Inject, Injectable } from '@nestjs/common';
import { type AlarmView, type Transition } from '@watchfire/alarm';
import {
  type AlarmClass,
  type FigureGroupingName,
  type FiguresReply,
  type FiguresView,
} from '@watchfire/contracts';
import { Clock, EngineHost } from '@watchfire/engine';
import {
  AlarmFold,
  type AlarmFigures,
  type AlarmTally,
  announcementTimes,
  FIGURES_WITH_TARGET,
  type FigureWithTarget,
  judge,
  ratesOf,
  type Target,
  waitingIn,
} from '@watchfire/figures';
import { History } from '@watchfire/history';
import { type Visibility } from '../access/visibility.js';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { countByPriority } from '../views/alarm-view.js';
import { refuseGap } from '../views/history-gap.js';

/** Transitions that are read at once: some milliseconds of parsing, then others have their turn. */
const PAGE = 500;
const MAX_RANGE_MS = 400 * 86_400_000;
/** A long range keeps the history and this thread busy. */
const MAX_AT_ONCE = 2;
const NEVER: ReadonlyMap<string, number> = new Map();

export interface FiguresAsked {
  readonly from: number;
  readonly to: number;
  readonly siteId?: string | undefined;
  readonly by?: FigureGroupingName | undefined;
}

/** The figures of a range, from the history: the transitions in their order, a page at a time, into one fold. */
@Injectable()
export class AlarmFiguresDesk {
  #running = 0;

  constructor(
    private readonly engine: EngineHost,
    private readonly history: History,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  /** @throws Problem `invalid_request`, `history_incomplete`, or `too_busy` while others are being computed. */
  async figures(asked: FiguresAsked, visibility: Visibility): Promise<FiguresReply> {
    const range = this.#range(asked);
    if (this.#running >= MAX_AT_ONCE) {
      throw new Problem('too_busy', 'Figures of other ranges are being computed: try again.', {
        retryAfterSeconds: 2,
      });
    }
    this.#running += 1;
    try {
      await this.engine.historyCaughtUp();
      const figures = await this.#fold(range, asked, visibility);
      // Figures that lack something look like figures.
      await refuseGap(this.history, range.from, range.to);
      return this.#reply(figures);
    } finally {
      this.#running -= 1;
    }
  }

  #range({ from, to }: FiguresAsked): { readonly from: number; readonly to: number } {
    if (from >= to) throw rangeProblem('`from` must be before `to`.', 'must be before `to`');
    if (to - from > MAX_RANGE_MS)
      throw rangeProblem('A range is at most 400 days.', 'more than 400 days before `to`');
    const now = this.clock.now();
    if (from >= now) throw rangeProblem('`from` must not be in the future.', 'is in the future');
    // What has not happened yet would make every mean too small.
    return { from, to: Math.min(to, now + 1) };
  }

  async #fold(
    range: { readonly from: number; readonly to: number },
    { siteId, by }: FiguresAsked,
    visibility: Visibility,
  ): Promise<AlarmFigures> {
    const concerns = (alarm: AlarmView): boolean =>
      visibility.allows(alarm.enterpriseId) && (siteId === undefined || alarm.siteId === siteId);
    const fold = new AlarmFold(range, by, this.settings.figures.limits);
    // The history keeps transitions of this engine as they were, whole.
    const open = (await this.history.openAlarmsBefore(range.from)) as unknown as readonly Transition[];
    for (const { alarm } of open) {
      if (!concerns(alarm)) continue;
      fold.begin(alarm, waitingIn(alarm).length === 0 ? NEVER : await this.#announced(alarm.id, range.from));
    }
    let position = { from: range.from, afterSeq: 0 };
    for (;;) {
      const page = (await this.history.alarmEventsBetween({
        ...position,
        to: range.to,
        limit: PAGE,
      })) as unknown as readonly Transition[];
      for (const transition of page) if (concerns(transition.alarm)) fold.add(transition);
      const last = page.at(-1);
      if (last === undefined) return fold.figures();
      position = { from: last.at, afterSeq: last.seq };
      await new Promise(setImmediate);
    }
  }

  async #announced(alarmId: string, before: number): Promise<ReadonlyMap<string, number>> {
    const all = (await this.history.alarmEvents(alarmId)) as unknown as readonly Transition[];
    return announcementTimes(all.filter(({ at }) => at < before));
  }

  #reply(figures: AlarmFigures): FiguresReply {
    const { positions, targets } = this.settings.figures;
    const { from, to, groups, top, topAnnounced, floods, load, apart } = figures;
    const range = { from, to };
    const total = figuresView(figures.total, range, positions);
    const share = (announced: number): number => (total.announced === 0 ? 0 : announced / total.announced);
    const topShare = share(topAnnounced);
    return {
      from,
      to,
      positions,
      total,
      groups: groups.map(({ key, name, tally }) => ({
        key,
        name,
        figures: figuresView(tally, range, positions),
      })),
      top: top.map((one) => ({ ...one, class: one.class as AlarmClass, share: share(one.announced) })),
      topShare,
      floods,
      load,
      apart,
      targets,
      verdicts: verdictsOf({ ...total, topShare }, targets),
    };
  }
}

function verdictsOf(
  values: Readonly<Record<FigureWithTarget, number | null>>,
  targets: Readonly<Record<FigureWithTarget, Target>>,
): FiguresReply['verdicts'] {
  return Object.fromEntries(
    FIGURES_WITH_TARGET.flatMap((name) => {
      const value = values[name];
      return value === null ? [] : [[name, judge(value, targets[name])]];
    }),
  );
}

function figuresView(
  { bySeverity, response, ...tally }: AlarmTally,
  range: { readonly from: number; readonly to: number },
  positions: number,
): FiguresView {
  return {
    ...tally,
    ...ratesOf({ bySeverity, response, ...tally }, range, positions),
    byPriority: countByPriority(bySeverity),
    acknowledged: response.count,
    responseP50Ms: response.p50,
    responseP95Ms: response.p95,
    responseMaxMs: response.max,
  };
}

function rangeProblem(detail: string, message: string): Problem {
  return new Problem('invalid_request', detail, { errors: [{ path: 'from', message }] });
}
