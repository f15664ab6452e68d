import { describe, expect, it } from '@jest/globals';
import { type DutyPlanBody, newDutyPlan } from '@watchfire/contracts';
import { draftOf, planOf } from './plan-draft.js';

const plan: DutyPlanBody = {
  ...{ name: '夜间', days: [1, 5], zone: 'Asia/Shanghai', minutes: 10, enabled: true },
  scope: { siteIds: null, kind: 'hospital', gridCode: '3301', enterpriseId: null },
  ...{ times: ['09:00'], windows: [{ from: '22:00', to: '06:00', count: 2 }] },
};

describe('[FU18] a plan in its form', () => {
  it('comes out as it went in, with what the form has no field for', () => {
    expect(planOf(draftOf(plan), plan)).toEqual(plan);
    expect(newDutyPlan.safeParse(planOf({ ...draftOf(null), name: 'x' }, null)).success).toBe(true);
  });

  it('finds its units by another way when somebody says so', () => {
    const draft = { ...draftOf(plan), by: 'units' as const, siteIds: ['a'] };
    expect(planOf(draft, plan).scope).toEqual({
      ...{ siteIds: ['a'], kind: null, gridCode: null, enterpriseId: null },
    });
    expect(planOf({ ...draft, by: 'all' }, plan).scope.siteIds).toBeNull();
  });

  it('takes times as people write them', () => {
    const draft = { ...draftOf(plan), times: ' 9:00，21：30、00:05 ' };
    expect(planOf(draft, plan).times).toEqual(['09:00', '21:30', '00:05']);
  });
});
