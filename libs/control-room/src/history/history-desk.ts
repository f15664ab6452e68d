import { Inject, Injectable } from '@nestjs/common';
import {
  type historyQuery,
  type HistoryReply,
  type LatestSample,
  type pointsHistoryQuery,
  type PointsHistoryReply,
} from '@watchfire/contracts';
import { Clock, EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { type z } from 'zod';
import { type Visibility } from '../access/visibility.js';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { gapOf } from '../views/history-gap.js';
import { type BucketPlan, type BucketQuestion, planBuckets } from './bucket-plan.js';
import { VisiblePoints } from './visible-points.js';

type Question = z.infer<typeof historyQuery>;

/** Values of all points of one answer. */
const MOST_VALUES = 100_000;

/** Answers from the history, for who may see the points. */
@Injectable()
export class HistoryDesk {
  constructor(
    private readonly points: VisiblePoints,
    private readonly engine: EngineHost,
    private readonly history: History,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  async one(pointId: string, query: Question, visibility: Visibility): Promise<HistoryReply> {
    await this.points.point(pointId, visibility);
    const plan = this.plan(query);
    await this.engine.historyCaughtUp();
    const values = await this.#values(pointId, query, plan);
    return { ...values, ...plan, ...(await gapOf(this.history, query.from, query.to)) };
  }

  async several(
    query: z.infer<typeof pointsHistoryQuery>,
    visibility: Visibility,
  ): Promise<PointsHistoryReply> {
    const points = await this.points.points(query.points, visibility);
    const plan = this.plan(query);
    const limit = Math.min(query.limit, Math.floor(MOST_VALUES / points.length));
    await this.engine.historyCaughtUp();
    const series: PointsHistoryReply['series'][number][] = [];
    for (const { pointId } of points) {
      series.push({ pointId, ...(await this.#values(pointId, { ...query, limit }, plan)) });
    }
    return { series, ...plan, ...(await gapOf(this.history, query.from, query.to)) };
  }

  async latest(list: string, visibility: Visibility): Promise<readonly LatestSample[]> {
    const points = await this.points.points(list, visibility);
    await this.engine.historyCaughtUp();
    const samples = await this.history.latest(points.map(({ pointId }) => pointId));
    return samples.map(({ pointId, value, quality, ts, receivedAt }) => ({
      pointId,
      value,
      quality,
      ts,
      receivedAt,
    }));
  }

  /** @throws Problem where the range is none. */
  plan(question: BucketQuestion): BucketPlan | undefined {
    if (question.from >= question.to) {
      throw new Problem('invalid_request', '`from` must be before `to`.', {
        errors: [{ path: 'from', message: 'must be before `to`' }],
      });
    }
    return planBuckets(question, this.clock.now() - this.settings.samplesKeptMs);
  }

  async #values(
    pointId: string,
    { from, to, fn, limit }: Omit<Question, 'buckets'>,
    plan: BucketPlan | undefined,
  ): Promise<Pick<HistoryReply, 'points' | 'truncated'>> {
    if (plan === undefined) {
      // One more than asked for tells whether there is more, without a second query.
      const samples = await this.history.range(pointId, from, to, limit + 1);
      const shown = samples.slice(0, limit);
      return { points: shown.map(({ ts, value }) => [ts, value]), truncated: samples.length > limit };
    }
    if ((to - plan.from) / plan.every > limit) {
      throw new Problem('too_many_buckets', `Ask for at most ${limit} buckets: make \`every\` longer.`);
    }
    return { points: await this.history.aggregate({ pointId, to, fn, ...plan }), truncated: false };
  }
}
