import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type NewRuleLayer } from '../rows.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  for (const id of ['dev-1', 'dev-2']) await temporary.device(id, 'tank.atm');
});
afterEach(() => temporary.remove());

function change(values: Readonly<Record<string, number>>, more: Partial<NewRuleLayer> = {}): NewRuleLayer {
  const entries = Object.entries(values).map(([path, value]): [string, NewRuleLayer['entries'][string]] => [
    path,
    { value, source: null, confidence: 'default' },
  ]);
  return {
    layer: 'device',
    subject: 'dev-1',
    part: '',
    ruleKey: 'level',
    entries: Object.fromEntries(entries),
    reason: '设计值',
    by: 'amy',
    approvedBy: null,
    ...more,
  };
}

describe('layers of rules', () => {
  it('[RU4] rise in version; the newest is in force and the others are kept', async () => {
    const { rules } = temporary.registry;
    const first = await rules.put(change({ deadband: 1 }));
    temporary.clock.advance(1_000);
    const second = await rules.put(change({}, { reason: '还原', by: 'bob', approvedBy: 'eve' }));
    const other = await rules.put(change({}, { subject: 'dev-2' }));
    const ofSite = await rules.put(change({}, { layer: 'site', subject: 'site-a', part: 'tank.atm' }));
    const ofPoint = await rules.put(change({}, { layer: 'point', part: 'level' }));
    await rules.put(change({}, { layer: 'site', subject: 'site-a', part: 'lift' }));
    expect([first, second, other, ofSite, ofPoint].map(({ version }) => version)).toEqual([1, 2, 1, 1, 1]);
    expect(second.at - first.at).toBe(1_000);

    const { rules: reopened } = await temporary.reopen();
    const device = { id: 'dev-1', siteId: 'site-a', profile: 'tank.atm' };
    expect(await reopened.forDevice(device)).toEqual([second, ofPoint, ofSite]);
    expect(await reopened.forSite('site-a')).toHaveLength(2);
    expect(await reopened.all()).toHaveLength(5);
    expect(await reopened.history(change({}))).toEqual([second, first]);
  });

  it('[RU4] a value that stays remains the entry of who made it', async () => {
    const { rules } = temporary.registry;
    await rules.put(change({ deadband: 1, onDelaySeconds: 5 }));
    temporary.clock.advance(1_000);
    const { entries } = await rules.put(
      change({ deadband: 1, onDelaySeconds: 6 }, { by: 'bob', reason: 'x' }),
    );
    expect(entries['deadband']).toMatchObject({ by: 'amy', reason: '设计值' });
    expect(entries['onDelaySeconds']).toMatchObject({ by: 'bob', reason: 'x' });
  });

  it('of a site or a device that does not exist are refused', async () => {
    const { rules } = temporary.registry;
    for (const layer of ['site', 'device', 'point'] as const) {
      const put = rules.put(change({}, { layer, subject: 'nobody' }));
      await expect(put).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
