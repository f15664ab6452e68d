import { describe, expect, test } from '@jest/globals';
import { ALARM_CLASSES, ROLES, SIGNAL_CLASSES, type ApprovalView } from '@watchfire/contracts';
import { coverActs, coverTimes, durationOf, isRequest, requestsAbout, ruleCoverActs } from './cover.js';
import { alarmOf } from './testing/builders.js';

const request = (parts: Partial<ApprovalView>): ApprovalView => ({
  id: 'r',
  kind: 'alarm-command',
  subject: 'a',
  enterpriseId: null,
  body: {},
  reason: 'why',
  requestedBy: 'operator',
  requestedAt: 0,
  expiresAt: 1,
  state: 'pending',
  decidedBy: null,
  decidedAt: null,
  comment: null,
  decidable: false,
  ...parts,
});

describe('what may be put over an alarm', () => {
  test('is what the server lets each role do', () => {
    const alarm = alarmOf({ id: 'a' });
    expect(ROLES.map((role) => [role, coverActs(alarm, role)])).toEqual([
      ['administrator', ['shelve', 'out-of-service']],
      ['supervisor', ['shelve', 'out-of-service']],
      ['operator', ['shelve']],
      ['dispatcher', []],
      ['enterprise', []],
    ]);
  });

  test('is taken away where it lies already, one cover beside the other', () => {
    expect(coverActs(alarmOf({ id: 'a', shelving: 'timed' }), 'supervisor')).toEqual([
      'unshelve',
      'out-of-service',
    ]);
    expect(coverActs(alarmOf({ id: 'a', outOfService: true }), 'supervisor')).toEqual([
      'shelve',
      'in-service',
    ]);
    expect(coverActs(alarmOf({ id: 'a', outOfService: true }), 'operator')).toEqual(['shelve']);
  });
});

describe('what may be put over a rule', () => {
  test('is what the server lets each role do, and is ended where it lies', () => {
    const acts = (covers: Parameters<typeof ruleCoverActs>[1], role: Parameters<typeof ruleCoverActs>[2]) =>
      ruleCoverActs('gas', covers, role).join(' ');
    expect(acts([], 'supervisor')).toBe('shelve out-of-service disable');
    expect(acts(['shelved', 'out-of-service', 'disabled'], 'administrator')).toBe(
      'unshelve in-service enable',
    );
    expect(acts(['offline', 'shelved'], 'operator')).toBe('unshelve');
    expect([acts([], 'dispatcher'), acts(['shelved'], 'enterprise')]).toEqual(['', '']);
  });
});

describe('the times to choose from', () => {
  test.each(ALARM_CLASSES)('of %s go up to the longest that is allowed, and never beyond', (name) => {
    const { maxShelveSeconds, maxOutOfServiceSeconds } = SIGNAL_CLASSES[name];
    expect(coverTimes(name, 'shelve').at(-1)).toBe(maxShelveSeconds);
    expect(coverTimes(name, 'out-of-service').at(-1)).toBe(maxOutOfServiceSeconds);
  });

  test('read in the largest whole unit', () => {
    expect([600, 3_600, 5_400, 86_400, 90_000, 1].map(durationOf)).toEqual([
      { unit: 'minutes', count: 10 },
      { unit: 'hours', count: 1 },
      { unit: 'minutes', count: 90 },
      { unit: 'days', count: 1 },
      { unit: 'hours', count: 25 },
      { unit: 'minutes', count: 1 },
    ]);
  });
});

describe('an answer', () => {
  test('is told from the alarm that it would be: nothing was done yet', () => {
    expect([isRequest(request({})), isRequest(alarmOf({ id: 'a' })), isRequest(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('requests', () => {
  test('about an alarm are those about it or its rule that still wait', () => {
    const alarm = alarmOf({ id: 'a', deviceId: 'gas-1', rule: 'conc-high' });
    const all = [
      request({ id: '1', subject: 'a' }),
      request({ id: '2', subject: 'gas-1/conc-high' }),
      request({ id: '3', subject: 'gas-1/fault' }),
      request({ id: '4', subject: 'a', state: 'rejected' }),
    ];
    expect(requestsAbout(all, alarm).map(({ id }) => id)).toEqual(['1', '2']);
  });
});
