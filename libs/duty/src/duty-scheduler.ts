import { type DutyAsked, type DutyScope, MOST_UNITS_ASKED } from '@watchfire/contracts';
import { type Clock } from '@watchfire/engine';
import { type DutyPlanRow, type DutyRunRow, type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { type DutyOrder } from './duty-dispatch.js';
import { Lookout } from './lookout.js';
import { localDay, momentsOf, type ZoneOffsets } from './plan-moments.js';

/** Who asks: no person has this name. */
const ACTOR = 'duty-plan';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Who was away for longer is not told of every moment of it. */
const MOST_DAYS = 31;
const KEPT_SEEDS = 1_000;

export interface DutySchedulerDependencies {
  readonly registry: {
    readonly dutyPlans: Pick<Registry['dutyPlans'], 'all' | 'seed' | 'run' | 'record' | 'cover'>;
    readonly audit: Pick<Registry['audit'], 'append'>;
  };
  /** The units of a scope, as they are at the moment. */
  readonly unitsOf: (scope: DutyScope) => Promise<readonly string[]>;
  readonly ask: (siteIds: readonly string[], order: DutyOrder) => Promise<readonly DutyAsked[]>;
  readonly offsetsOf: (zone: string) => ZoneOffsets;
  /** What nobody can guess. */
  readonly newSeed: () => string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'error' | 'warn'>;
}

type Counts = Pick<DutyRunRow, 'sent' | 'undelivered' | 'refused'>;
const NOBODY: Counts = { sent: 0, undelivered: 0, refused: 0 };

/**
 * Asks at the moments of plans. What was done at a moment is on record before the next one, and asking again under the same name asks
 * nobody twice: so a restart goes on where it was. A moment that is past by more than the answer time is recorded, not made up for. [FI31]
 */
export class DutyScheduler extends Lookout {
  readonly #seeds = new Map<string, string>();

  constructor(private readonly deps: DutySchedulerDependencies) {
    super();
  }

  protected failed(error: unknown): void {
    this.deps.log.error({ err: error }, 'plans of duty checks could not be read');
  }

  protected async step(): Promise<void> {
    for (const plan of await this.deps.registry.dutyPlans.all()) {
      if (!plan.enabled) continue;
      try {
        await this.#look(plan);
      } catch (error) {
        // The others go on.
        this.deps.log.error({ err: error, planId: plan.id }, 'a plan of duty checks was not carried out');
      }
    }
  }

  async #look(plan: DutyPlanRow): Promise<void> {
    const { clock, registry } = this.deps;
    const now = clock.now();
    const due = await this.#due(plan, now);
    for (const at of due) {
      await this.#moment(plan, at);
      await registry.dutyPlans.cover(plan.id, at);
    }
    if (due.length === 0 && now - plan.coveredTo > HOUR_MS) await registry.dutyPlans.cover(plan.id, now);
  }

  /** Moments after what is covered, up to now. */
  async #due(plan: DutyPlanRow, now: number): Promise<number[]> {
    const offsets = this.deps.offsetsOf(plan.zone);
    const last = localDay(offsets, now);
    // A window may have begun the day before.
    const first = Math.max(localDay(offsets, plan.coveredTo) - 1, last - MOST_DAYS);
    const moments: number[] = [];
    for (let day = first; day <= last; day++) {
      const all = momentsOf(plan, offsets, day, await this.#seed(plan, day));
      moments.push(...all.filter((at) => at > plan.coveredTo && at <= now));
    }
    return [...new Set(moments)].sort((a, b) => a - b);
  }

  async #moment(plan: DutyPlanRow, at: number): Promise<void> {
    const { clock, registry, log } = this.deps;
    const { dutyPlans } = registry;
    const moment = { planId: plan.id, at };
    const known = await dutyPlans.run(plan.id, at);
    if (known !== undefined && known.state !== 'running') return;
    if (clock.now() - at > plan.minutes * MINUTE_MS) {
      const state = known === undefined ? 'missed' : 'broken-off';
      log.warn({ ...moment, state }, 'a planned duty check was not made');
      await dutyPlans.record({ ...moment, ...NOBODY, state });
      await this.#audit(plan, at, state, NOBODY);
      return;
    }
    await dutyPlans.record({ ...moment, ...NOBODY, state: 'running' });
    const counts = countsOf(await this.#ask(plan, at));
    await dutyPlans.record({ ...moment, ...counts, state: 'asked' });
    await this.#audit(plan, at, 'asked', counts);
  }

  async #ask(plan: DutyPlanRow, at: number): Promise<readonly DutyAsked[]> {
    const siteIds = await this.deps.unitsOf(plan.scope);
    if (siteIds.length > MOST_UNITS_ASKED)
      this.deps.log.warn({ planId: plan.id, units: siteIds.length }, 'a plan has more units than are asked');
    return this.deps.ask(siteIds.slice(0, MOST_UNITS_ASKED), {
      ...{ minutes: plan.minutes, reason: plan.name, actor: ACTOR },
      actId: `${plan.id}/${at}`,
    });
  }

  #audit({ id, name }: DutyPlanRow, at: number, outcome: string, counts: Counts): Promise<void> {
    const detail = { name, at, ...counts, outcome };
    return this.deps.registry.audit.append({ actor: 'system', action: 'duty-plan-run', subject: id, detail });
  }

  async #seed({ id }: DutyPlanRow, day: number): Promise<string> {
    const key = `${id}/${day}`;
    const seed =
      this.#seeds.get(key) ?? (await this.deps.registry.dutyPlans.seed(id, day, this.deps.newSeed()));
    if (this.#seeds.size >= KEPT_SEEDS) this.#seeds.clear();
    this.#seeds.set(key, seed);
    return seed;
  }
}

function countsOf(results: readonly DutyAsked[]): Counts {
  const count = (wanted: DutyAsked['result']): number =>
    results.filter(({ result }) => result === wanted).length;
  return { sent: count('sent'), undelivered: count('undelivered'), refused: count('refused') };
}
