import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { offsetsOf } from '@watchfire/catalogue';
import { type DutyAsked, type DutyPlanBody } from '@watchfire/contracts';
import { TemporaryRegistry } from '@watchfire/testing';
import { pino } from 'pino';
import { type DutyOrder } from './duty-dispatch.js';
import { DutyScheduler } from './duty-scheduler.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PLAN: DutyPlanBody = {
  ...{ name: '夜间查岗', days: [1, 2, 3, 4, 5, 6, 7], zone: 'Asia/Shanghai', minutes: 10, enabled: true },
  scope: { siteIds: null, kind: null, gridCode: null, enterpriseId: null },
  ...{ times: ['17:00'], windows: [{ from: '22:00', to: '06:00', count: 3 }] },
};

/** A real registry; the clock begins on a Monday at 16:00 of Shanghai. */
describe('[FI31] plans for duty checks', () => {
  let store: TemporaryRegistry;
  let scheduler: DutyScheduler;
  let asked: { readonly at: number; readonly actId: string }[];
  let seeds = 0;
  let dies: 'before' | 'after' | undefined;

  beforeEach(async () => {
    store = await TemporaryRegistry.open();
    asked = [];
    dies = undefined;
    begin();
  });
  afterEach(() => store.remove());

  const ask = (siteIds: readonly string[], { actId }: DutyOrder): Promise<DutyAsked[]> => {
    if (dies === 'before') throw new Error('killed');
    asked.push({ at: store.clock.now(), actId });
    if (dies === 'after') throw new Error('killed');
    const about = { deviceId: 'room', code: null, checkId: 'c' };
    return Promise.resolve(siteIds.map((siteId) => ({ ...about, siteId, result: 'sent' })));
  };
  function begin(): void {
    scheduler = new DutyScheduler({
      ...{ registry: store.registry, ask, offsetsOf, clock: store.clock, log: pino({ level: 'silent' }) },
      unitsOf: () => Promise.resolve(['site-a', 'site-b']),
      newSeed: () => `seed ${seeds++}`,
    });
  }
  const restart = async (): Promise<void> => {
    await scheduler.stop();
    await store.reopen();
    begin();
  };
  /** Minute by minute; `each` before each look. */
  const pass = async (hours: number, each: () => Promise<void> = () => Promise.resolve()): Promise<void> => {
    for (let minute = 0; minute < hours * 60; minute++) {
      store.clock.advance(MINUTE);
      await each();
      await scheduler.look();
    }
  };
  const runs = async (planId: string) => (await store.registry.dutyPlans.runs({ planId, limit: 100 })).items;

  it('ask at each of their moments once, and say what was done', async () => {
    const { id } = await store.registry.dutyPlans.create(PLAN, 'amy');
    await pass(24);
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ actId }) => actId)).size).toBe(4);
    const done = await runs(id);
    expect(done.map(({ state, sent }) => `${state} ${sent}`)).toEqual(Array(4).fill('asked 2'));
    for (const { at, actId } of asked) expect(at - Number(actId.split('/')[1])).toBeLessThan(MINUTE);
    const audit = await store.registry.audit.list({ limit: 10, action: 'duty-plan-run' });
    expect(audit.items).toHaveLength(4);
  }, 60_000);

  it('ask at the same moments, and nobody twice, when the server restarts all the time', async () => {
    const { id } = await store.registry.dutyPlans.create(PLAN, 'amy');
    await pass(7);
    let passed = 0;
    await pass(8, async () => {
      if (passed++ % 20 === 0) await restart();
    });
    expect(asked).toHaveLength(4);
    expect(asked.map(({ actId }) => Number(actId.split('/')[1]))).toEqual(
      (await runs(id)).map(({ at }) => at).reverse(),
    );
  }, 60_000);

  it('go on with the same moment when the server dies before or after it has asked', async () => {
    await store.registry.dutyPlans.create({ ...PLAN, windows: [] }, 'amy');
    await pass(1 - 1 / 60);
    dies = 'before';
    await pass(1 / 60);
    dies = 'after';
    await restart();
    await pass(1 / 60);
    dies = undefined;
    await restart();
    await pass(1);
    // Asked again under the same name: the commands of that name are there already.
    expect(new Set(asked.map(({ actId }) => actId)).size).toBe(1);
    expect(asked).toHaveLength(2);
  });

  it('make up for what is not older than the answer time, and record the rest as missed', async () => {
    const { id } = await store.registry.dutyPlans.create({ ...PLAN, windows: [] }, 'amy');
    store.clock.advance(HOUR + 10 * MINUTE);
    await restart();
    await scheduler.look();
    expect(asked).toHaveLength(1);
    store.clock.advance(24 * HOUR + 1);
    await restart();
    await scheduler.look();
    await scheduler.look();
    expect(asked).toHaveLength(1);
    expect((await runs(id)).map(({ state }) => state)).toEqual(['missed', 'asked']);
    // It began to ask, and came back too late.
    store.clock.advance(24 * HOUR - 10 * MINUTE);
    dies = 'before';
    await scheduler.look();
    dies = undefined;
    store.clock.advance(11 * MINUTE);
    await restart();
    await scheduler.look();
    expect((await runs(id)).map(({ state }) => state)).toEqual(['broken-off', 'missed', 'asked']);
    expect(asked).toHaveLength(1);
  });

  it('do nothing while they are off, and nothing of what was before they were changed', async () => {
    const { dutyPlans } = store.registry;
    const { id } = await dutyPlans.create({ ...PLAN, windows: [], enabled: false }, 'amy');
    await pass(2);
    const changed = await dutyPlans.change(id, 1, { ...PLAN, windows: [], times: ['17:30', '18:30'] }, 'bob');
    expect(changed).toMatchObject({
      revision: 2,
      changedBy: 'bob',
      enabled: true,
      times: ['17:30', '18:30'],
    });
    await pass(1);
    expect((await runs(id)).map(({ state }) => state)).toEqual(['asked']);
    await expect(dutyPlans.change(id, 1, PLAN, 'eve')).rejects.toMatchObject({ code: 'conflict' });
    await dutyPlans.remove(id);
    await expect(dutyPlans.change(id, 2, PLAN, 'eve')).rejects.toMatchObject({ code: 'not_found' });
    await expect(dutyPlans.remove(id)).rejects.toMatchObject({ code: 'not_found' });
    await pass(25);
    expect(await runs(id)).toHaveLength(1);
  }, 60_000);
});
