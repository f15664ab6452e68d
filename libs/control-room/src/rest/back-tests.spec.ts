import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BackTestView } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { Centre } from '../testing/centre.js';

let centre: Centre;
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock();
  centre = await Centre.open(clock);
});
afterAll(() => centre.close());

async function reads(...values: readonly number[]): Promise<void> {
  for (const conc of values) {
    clock.advance(10_000);
    await centre.reading('dev-a', { conc });
  }
  await centre.recorded();
}

const body = (over: object = {}): Record<string, unknown> => ({
  deviceIds: ['dev-a'],
  ruleKey: 'conc-high',
  override: { limits: { H: 15 } },
  from: clock.now() - 3_600_000,
  to: clock.now() + 1,
  ...over,
});

const start = (as: string, over: object = {}) => centre.post('back-tests', as, body(over));

async function finished(id: string): Promise<BackTestView> {
  for (;;) {
    const view = (await centre.get(`back-tests/${id}`, 'supervisor')).body as unknown as BackTestView;
    if (view.state !== 'waiting' && view.state !== 'running') return view;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('POST /back-tests', () => {
  it('[BT1] [BT10] tells what a changed rule would have raised on what the server has stored', async () => {
    await reads(5, 18, 5, 5, 5, 5, 5, 5, 5, 30, 5, 5, 5, 5, 5, 5, 5, 5);
    clock.advance(1);
    const { status, body: job } = await start('supervisor');
    expect(status).toBe(201);
    const view = await finished(job.id);
    expect(view).toMatchObject({
      state: 'done',
      progress: 1,
      devices: 1,
      createdBy: 'supervisor',
      failure: null,
    });
    expect(view.assumptions).toEqual(['acknowledged-at-once', 'present-rule-of-now']);
    expect(view.result).toMatchObject({
      samples: 18,
      present: { raised: 1, levels: { H: 1 } },
      changed: { raised: 2, levels: { H: 2 } },
      onlyPresent: 0,
      onlyChanged: 1,
    });
    expect(view.result?.differences).toMatchObject([{ only: 'changed', deviceId: 'dev-a', value: 18 }]);
    const audit = (await centre.get('audit', 'supervisor')).body;
    expect(audit.items).toContainEqual(
      expect.objectContaining({ action: 'back-test-started', actor: 'supervisor' }),
    );
  });

  it('[BT10] changes nothing: neither rules, nor alarms, nor the journal', async () => {
    await reads(5, 30);
    const before = [
      centre.deps.journal.head(),
      centre.deps.engine.alarms(),
      (await centre.get('rules?deviceId=dev-a', 'supervisor')).text,
    ];
    await finished((await start('supervisor')).body.id);
    expect([
      centre.deps.journal.head(),
      centre.deps.engine.alarms(),
      (await centre.get('rules?deviceId=dev-a', 'supervisor')).text,
    ]).toEqual(before);
  });

  it('[BT11] takes all devices of a site or a profile that have the rule', async () => {
    const site = await finished(
      (await start('supervisor', { deviceIds: undefined, siteId: 'site-a' })).body.id,
    );
    const profile = await finished(
      (await start('supervisor', { deviceIds: undefined, profile: 'gas.lel.point' })).body.id,
    );
    expect([site.devices, profile.devices]).toEqual([1, 2]);
  });

  it.each([
    ['a device that is not there', { deviceIds: ['nobody'] }, 404, 'device_unknown'],
    ['a rule that the device does not have', { ruleKey: 'nothing' }, 404, 'rule_unknown'],
    ['a site without that rule', { deviceIds: undefined, siteId: 'nowhere' }, 404, 'rule_unknown'],
    ['an override that does not fit', { override: { limits: { L: 3 } } }, 422, 'rule_invalid'],
    [
      'a rule about the link',
      { ruleKey: 'offline', override: { afterMs: 60_000 } },
      422,
      'rule_not_testable',
    ],
    ['nothing to choose devices by', { deviceIds: undefined }, 422, 'invalid_request'],
    ['two ways to choose devices', { siteId: 'site-a' }, 422, 'invalid_request'],
    ['a period that has not begun', { from: 9e12, to: 9.1e12 }, 422, 'invalid_request'],
    ['more than a year [BT11]', { from: 0 }, 422, 'back_test_too_large'],
  ])('refuses %s', async (_, over, status, code) => {
    const answer = await start('supervisor', over);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('[BT12] is for administrators and supervisors', async () => {
    for (const as of ['operator', 'owner-a']) expect((await start(as)).status).toBe(403);
    expect((await centre.get('back-tests/bkt-unknown', 'supervisor')).body.code).toBe('back_test_unknown');
  });

  it('[BT13] is given up when it is cancelled, or nobody asks for it', async () => {
    const first = (await start('supervisor')).body.id;
    const cancelled = await centre.post(`back-tests/${first}/cancel`, 'supervisor', {});
    expect(['cancelled', 'done']).toContain(cancelled.body.state);
    const left = centre.deps.backTests.start({ devices: [], ruleKey: 'r', from: 0, to: 1 }, 'supervisor');
    const asked = centre.deps.backTests.start({ devices: [], ruleKey: 'r', from: 0, to: 1 }, 'supervisor');
    clock.advance(59_999);
    centre.deps.backTests.find(asked.id);
    clock.advance(1);
    centre.deps.backTests.sweep();
    expect(centre.deps.backTests.find(left.id)?.state).toBe('cancelled');
    expect((await finished(asked.id)).state).toBe('done');
  });

  it('[BT13] one runs at a time, and no more wait than the desk can hold', async () => {
    const { devices } = { devices: [] };
    const jobs = Array.from({ length: 8 }, () =>
      centre.deps.backTests.start({ devices, ruleKey: 'r', from: 0, to: 1 }, 'supervisor'),
    );
    expect(
      jobs.map(({ id }) => centre.deps.backTests.find(id)?.state).filter((state) => state === 'running'),
    ).toHaveLength(1);
    expect((await start('supervisor')).body.code).toBe('back_test_busy');
    for (const { id } of jobs) expect((await finished(id)).state).toBe('done');
    expect((await start('supervisor')).status).toBe(201);
  });
});
