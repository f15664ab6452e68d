import {
  type DutyBoard,
  type DutyGroupReply,
  type DutyPlanBody,
  type DutyPlanView,
  type DutyRunView,
  type DutyScope,
  type FireDutyCheck,
  type Page,
} from '@watchfire/contracts';
import { everyPage, newIdempotencyKey, type RestClient } from '../rest/rest-client.js';

const WHOLE = 500;
const RUNS = 10;
const CHECKS = 50;
const id = encodeURIComponent;

export interface DutyAsking {
  readonly scope: Partial<DutyScope>;
  readonly minutes: number;
  readonly reason: string;
}

/** The calls about duty checks of many units. */
export class DutyApi {
  constructor(private readonly rest: RestClient) {}

  board = (from: number, to: number): Promise<DutyBoard> => this.rest.get('duty-checks', { from, to });
  ask = (body: DutyAsking, key: string): Promise<DutyGroupReply> =>
    this.rest.post('duty-checks', { ...body }, key);
  /** Newest first. */
  ofUnit = (siteId: string): Promise<Page<FireDutyCheck>> =>
    this.rest.get(`fire-units/${id(siteId)}/duty-checks`, { limit: CHECKS });

  plans = (): Promise<DutyPlanView[]> =>
    everyPage<DutyPlanView>((cursor) =>
      this.rest.get<Page<DutyPlanView>>('duty-plans', { limit: WHOLE, cursor }),
    );
  runs = (planId: string): Promise<Page<DutyRunView>> =>
    this.rest.get(`duty-plans/${id(planId)}/runs`, { limit: RUNS });
  createPlan = (body: DutyPlanBody, key: string): Promise<DutyPlanView> =>
    this.rest.post('duty-plans', { ...body }, key);
  putPlan = (planId: string, revision: number, body: DutyPlanBody): Promise<DutyPlanView> =>
    this.rest.put(`duty-plans/${id(planId)}`, { ...body, revision }, newIdempotencyKey());
  removePlan = (planId: string): Promise<unknown> =>
    this.rest.post(`duty-plans/${id(planId)}/remove`, {}, newIdempotencyKey());
}
