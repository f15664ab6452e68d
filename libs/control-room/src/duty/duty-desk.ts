import { Injectable } from '@nestjs/common';
import {
  type DutyAsked,
  type DutyBoard,
  type DutyCheckView,
  type DutyCount,
  type DutyGroupReply,
  type DutyPlanBody,
  type DutyPlanView,
  type DutyScope,
  MOST_UNITS_ASKED,
} from '@watchfire/contracts';
import { DutyDispatch, type DutyOrder, dutyVerdicts, onPostRate, unitsIn } from '@watchfire/duty';
import { Clock } from '@watchfire/engine';
import { type DutyPlanRow, Registry, RegistryError } from '@watchfire/registry';
import { type Visibility } from '../access/visibility.js';
import { Problem } from '../problem/problem.js';

/** The longest that a check is open: what was asked before the range may still be. */
const LONGEST_OPEN_MS = 258 * 60_000;
/** Closed checks that a board shows; the counts are of all. */
const MOST_SHOWN = 300;

/** Duty checks of many units for a person: what is of another enterprise is not found. */
@Injectable()
export class DutyDesk {
  constructor(
    private readonly registry: Registry,
    private readonly dispatch: DutyDispatch,
    private readonly clock: Clock,
  ) {}

  /** Units that are named and cannot be seen are refused each, in the words of what does not exist. */
  async ask(scope: DutyScope, order: DutyOrder, { enterpriseId }: Visibility): Promise<DutyGroupReply> {
    const { siteIds, unknown } = await unitsIn(this.registry, scope, enterpriseId);
    if (siteIds.length > MOST_UNITS_ASKED) {
      throw new Problem('invalid_request', `At most ${MOST_UNITS_ASKED} units are asked at once.`, {
        errors: [{ path: 'scope', message: `fits ${siteIds.length} units` }],
      });
    }
    const refused = unknown.map((siteId): DutyAsked => {
      return { siteId, deviceId: null, result: 'refused', code: 'fire_unit_unknown', checkId: null };
    });
    return { results: [...(await this.dispatch.ask(siteIds, order)), ...refused] };
  }

  async board(
    {
      from,
      to,
      siteId,
    }: { readonly from: number; readonly to: number; readonly siteId?: string | undefined },
    { enterpriseId }: Visibility,
  ): Promise<DutyBoard> {
    const { deviceCommands, dutyAnswers } = this.registry;
    const now = this.clock.now();
    const rows = await deviceCommands.dutyChecks({ from: from - LONGEST_OPEN_MS, to, enterpriseId });
    const wanted = siteId === undefined ? rows : rows.filter((row) => row.siteId === siteId);
    const commands = wanted.map(({ command }) => command);
    const devices = [...new Set(commands.map(({ deviceId }) => deviceId))];
    const since = commands.reduce((least, { sentAt }) => Math.min(least, sentAt ?? least), now);
    const answers = await dutyAnswers.list(devices, since, now);
    const checks = dutyVerdicts(commands, answers, now)
      .flatMap((check, index): DutyCheckView[] => {
        const row = wanted[index];
        const isShown = check.requestedAt >= from || check.verdict === null;
        return row === undefined || !isShown
          ? []
          : [{ ...check, siteId: row.siteId, deviceName: row.deviceName }];
      })
      .reverse();
    const counted = checks.filter(({ requestedAt }) => requestedAt >= from);
    const open = checks.filter(({ verdict }) => verdict === null);
    const closed = checks.filter(({ verdict }) => verdict !== null).slice(0, MOST_SHOWN);
    const units = [...new Set(counted.map((check) => check.siteId))].map((id) => ({
      siteId: id,
      ...countOf(
        counted.filter((check) => check.siteId === id),
        now,
      ),
    }));
    return { from, to, checks: [...open, ...closed], units, all: countOf(counted, now) };
  }

  /** @throws Problem `invalid_request` where the scope names what does not exist. */
  async requireScope(scope: DutyScope): Promise<void> {
    const { enterprises, grid } = this.registry;
    const errors: { path: string; message: string }[] = [];
    const { unknown } = await unitsIn(this.registry, {
      ...scope,
      kind: null,
      gridCode: null,
      enterpriseId: null,
    });
    if (unknown.length > 0)
      errors.push({ path: 'scope.siteIds', message: `no fire units: ${unknown.slice(0, 5).join(', ')}` });
    if (scope.gridCode !== null && !(await grid.all()).some(({ code }) => code === scope.gridCode))
      errors.push({ path: 'scope.gridCode', message: 'no such cell' });
    if (scope.enterpriseId !== null && (await enterprises.find(scope.enterpriseId)) === undefined)
      errors.push({ path: 'scope.enterpriseId', message: 'no such enterprise' });
    if (errors.length > 0)
      throw new Problem('invalid_request', 'The plan asks whom there is not.', { errors });
  }

  async plan(id: string): Promise<DutyPlanView> {
    const row = await this.registry.dutyPlans.find(id);
    if (row === undefined) throw new Problem('duty_plan_unknown');
    return planView(row);
  }

  async change(id: string, revision: number, plan: DutyPlanBody, by: string): Promise<DutyPlanView> {
    try {
      return planView(await this.registry.dutyPlans.change(id, revision, plan, by));
    } catch (error) {
      throw planProblem(error);
    }
  }

  async remove(id: string): Promise<void> {
    try {
      await this.registry.dutyPlans.remove(id);
    } catch (error) {
      throw planProblem(error);
    }
  }
}

/** Up to when it has asked is nobody's business: it says when it may ask next. */
export function planView({ coveredTo, ...plan }: DutyPlanRow): DutyPlanView {
  void coveredTo;
  return plan;
}

function planProblem(error: unknown): unknown {
  if (!(error instanceof RegistryError)) return error;
  if (error.code === 'not_found') return new Problem('duty_plan_unknown', undefined, { cause: error });
  if (error.code === 'conflict') return new Problem('duty_plan_moved_on', undefined, { cause: error });
  return error;
}

function countOf(checks: readonly DutyCheckView[], now: number): DutyCount {
  const count = (wanted: DutyCheckView['verdict']): number =>
    checks.filter(({ verdict }) => verdict === wanted).length;
  return {
    ...{ asked: checks.length, open: count(null) },
    ...{ present: count('present'), absent: count('absent'), undelivered: count('undelivered') },
    onPost: onPostRate(checks, now),
  };
}
