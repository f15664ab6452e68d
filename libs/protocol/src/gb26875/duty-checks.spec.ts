import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DutyChecks, type DutyOutcome } from './duty-checks.js';

const MINUTE = 60_000;
const told = (outcomes: readonly DutyOutcome[]): string[] =>
  outcomes.map(
    ({ checkId, verdict, responseMs }) =>
      `${checkId} ${verdict}${responseMs === undefined ? '' : ` ${responseMs}`}`,
  );

function asked(...ids: string[]): DutyChecks {
  const checks = new DutyChecks();
  for (const checkId of ids) {
    checks.ask({ checkId, deviceId: checkId.slice(0, 1), minutes: 10 }, 0);
    checks.delivered(checkId);
  }
  return checks;
}

describe('checks of the guard', () => {
  it('[FI15] an answer within ten minutes and the grace is presence', () => {
    const checks = asked('a1', 'b1');
    expect(told(checks.answered('a', 12 * MINUTE, 7).outcomes)).toEqual([`a1 present ${12 * MINUTE}`]);
    expect(checks.nextDueAt()).toBe(12 * MINUTE + 1);
    expect(told(checks.due(12 * MINUTE))).toEqual([]);
    expect(told(checks.due(12 * MINUTE + 1))).toEqual(['b1 absent']);
    expect(checks.nextDueAt()).toBeUndefined();
  });

  it('[FI15] an answer later is absence, and said to be late', () => {
    const checks = asked('a1');
    const late = checks.answered('a', 12 * MINUTE + 5, 1);
    expect([told(late.outcomes), late.late]).toEqual([
      ['a1 absent'],
      { checkId: 'a1', byMs: 5, operator: 1 },
    ]);
    expect(checks.answered('a', 13 * MINUTE, 1)).toEqual({ outcomes: [] });
    expect(checks.answered('x', 0, 1)).toEqual({ outcomes: [] });
  });

  it('[FI15] one press of the key answers every question of the device, and of no other', () => {
    const checks = asked('a1', 'b1');
    checks.ask({ checkId: 'a2', deviceId: 'a', minutes: 5 }, MINUTE);
    expect(told(checks.answered('a', 2 * MINUTE, 1).outcomes)).toEqual([
      `a1 present ${2 * MINUTE}`,
      `a2 present ${MINUTE}`,
    ]);
    expect(checks.checks().map(({ checkId }) => checkId)).toEqual(['b1']);
  });

  it('[FI15] what the device never had says nothing of the guard', () => {
    const checks = new DutyChecks();
    for (const checkId of ['a1', 'b1']) checks.ask({ checkId, deviceId: checkId, minutes: 10 }, 0);
    expect(checks.undelivered('a1', 40_000)?.verdict).toBe('undelivered');
    expect(checks.undelivered('a1', 40_000)).toBeUndefined();
    expect(told(checks.due(13 * MINUTE))).toEqual(['b1 undelivered']);
    const later = asked('c1');
    expect(later.undelivered('c1', 5)).toBeUndefined();
    expect(told(later.due(13 * MINUTE))).toEqual(['c1 absent']);
  });

  it('[FI15] go on after a restart', () => {
    const checks = new DutyChecks(undefined, asked('a1', 'b1').checks());
    expect(told(checks.answered('b', MINUTE, 1).outcomes)).toEqual([`b1 present ${MINUTE}`]);
    expect(told(checks.due(13 * MINUTE))).toEqual(['a1 absent']);
  });

  it('[FI15] each check has one verdict, whatever comes when', () => {
    const acts = fc.array(
      fc.record({
        what: fc.constantFrom('ask', 'deliver', 'fail', 'answer', 'wait'),
        device: fc.constantFrom('a', 'b'),
        ms: fc.nat(6 * MINUTE),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(acts, (script) => {
        const checks = new DutyChecks();
        const outcomes: DutyOutcome[] = [];
        const ids: string[] = [];
        let now = 0;
        for (const { what, device, ms } of script) {
          const last = ids.at(-1) ?? 'none';
          if (what === 'ask') {
            const checkId = `c${ids.length}`;
            ids.push(checkId);
            checks.ask({ checkId, deviceId: device, minutes: 10 }, now);
          } else if (what === 'deliver') checks.delivered(last);
          else if (what === 'fail') outcomes.push(...[checks.undelivered(last, now) ?? []].flat());
          else if (what === 'answer') outcomes.push(...checks.answered(device, now, 1).outcomes);
          else outcomes.push(...checks.due((now += ms)));
        }
        outcomes.push(...checks.due(now + 13 * MINUTE));
        expect(outcomes.map(({ checkId }) => checkId).toSorted()).toEqual(ids.toSorted());
      }),
    );
  });
});
