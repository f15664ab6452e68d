import { describe, expect, test } from '@jest/globals';
import { ROLES, type Alarm } from '@watchfire/contracts';
import { followUps } from './follow-up.js';
import { alarmOf } from './testing/builders.js';

const acts = (parts: Partial<Alarm>): string =>
  followUps(alarmOf({ id: 'a', ...parts }), 'operator').join(' ');

describe('after the acknowledgement', () => {
  test('it may be withdrawn while the alarm is there and is not quiet', () => {
    expect(acts({ state: 'ACKED' })).toBe('withdraw-acknowledgement');
    expect(acts({ state: 'UNACK' })).toBe('');
    expect(acts({ state: 'LATAK' })).toBe('');
    expect(acts({ state: 'SHLVD', active: true, acked: true, shelving: 'timed' })).toBe('');
  });

  test('what the alarm asked for is confirmed, where its rule asks', () => {
    expect(acts({ state: 'NORM', confirmed: false })).toBe('confirm');
    expect(acts({ state: 'ACKED', confirmed: false })).toBe('confirm withdraw-acknowledgement');
    expect(acts({ state: 'UNACK', confirmed: false })).toBe('');
  });

  test('is for those who handle alarms', () => {
    const alarm = alarmOf({ id: 'a', state: 'ACKED' });
    expect(ROLES.filter((role) => followUps(alarm, role).length > 0)).toEqual([
      'administrator',
      'supervisor',
      'operator',
      'dispatcher',
    ]);
  });
});
