import { describe, expect, it } from '@jest/globals';
import { type DutyCheckView, type FireUnitSummary } from '@watchfire/contracts';
import { dutyRows, shownRows } from './duty-rows.js';

const unit = (siteId: string, more: Partial<FireUnitSummary> = {}): FireUnitSummary => ({
  ...{ siteId, name: `单位 ${siteId}`, enterpriseId: 'e', enterpriseName: '企业', gridCode: null },
  ...{ kind: 'hospital', address: null, components: 0, unplaced: 0, flaggedAt: null },
  ...more,
});
const check = (siteId: string, more: Partial<DutyCheckView> = {}): DutyCheckView => ({
  ...{
    id: `of ${siteId}`,
    deviceId: `room of ${siteId}`,
    siteId,
    deviceName: 'D',
    askedBy: 'amy',
    reason: '夜间',
  },
  ...{ requestedAt: 1, askedAt: 1, closesAt: 10, minutes: 10, verdict: null, answeredAt: null },
  ...{ lateAt: null, operator: null },
  ...more,
});

describe('[FU17] rows of the duty-check board', () => {
  const units = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => unit(id));
  const checks = [
    check('a', { id: 'late', verdict: 'absent', lateAt: 12 }),
    check('b', { id: 'b-short', closesAt: 5 }),
    check('b', { id: 'b-long', closesAt: 9 }),
    check('b', { verdict: 'absent' }),
    check('c', { verdict: 'absent' }),
    check('c', { id: 'older', verdict: 'present' }),
    check('e', { verdict: 'undelivered' }),
    check('f', { deviceId: 'f1', verdict: 'undelivered' }),
    check('f', { deviceId: 'f2', id: 'f2', verdict: 'absent' }),
    check('f', { deviceId: 'f3', verdict: 'present' }),
  ];
  const rows = dutyRows(units, { checks, units: [] });

  it('begin with whom somebody must call, and know what is open before what was', () => {
    expect(rows.map(({ unit: { siteId }, state, check: of }) => [siteId, state, of?.id ?? null])).toEqual([
      ['c', 'absent', 'of c'],
      ['f', 'absent', 'f2'],
      ['b', 'open', 'b-long'],
      ['e', 'undelivered', 'of e'],
      ['d', 'unasked', null],
      ['a', 'present', 'late'],
    ]);
  });

  it('are found by text, kind, state and unit', () => {
    const all = { text: '', kind: '', state: '', siteId: null } as const;
    const found = (more: object) => shownRows(rows, { ...all, ...more }).map(({ unit: of }) => of.siteId);
    expect(found({})).toHaveLength(6);
    expect(found({ text: ' 单位 C' })).toEqual(['c']);
    expect(found({ state: 'open' })).toEqual(['b']);
    expect(found({ kind: 'other' })).toEqual([]);
    expect(found({ siteId: 'e' })).toEqual(['e']);
  });
});
