import { describe, expect, it } from '@jest/globals';
import { type DeviceView, type RoleView } from '@watchfire/contracts';
import { candidates, memberOf, testText } from './members.js';

const role: RoleView = { key: 'input', name: '输入', nameEn: 'Input', reads: 'values', least: 1 };
const point = (pointId: string) => ({ pointId }) as DeviceView['points'][number];
const device = (deviceId: string, more: Partial<DeviceView> = {}): DeviceView =>
  ({
    deviceId,
    siteId: 's1',
    logic: false,
    members: [],
    points: [point(`${deviceId}.a`), point(`${deviceId}.b`)],
    ...more,
  }) as unknown as DeviceView;

describe('the points that a group may read', () => {
  it('are of its own site, of devices that measure, and not yet in the role', () => {
    const own = device('group', { logic: true, points: [], members: [{ role: 'input', pointId: 'd1.a' }] });
    const devices = [own, device('d1'), device('d2', { siteId: 's2' }), device('d3', { logic: true })];
    expect(candidates(own, devices, 'input').map((one) => one.point.pointId)).toEqual(['d1.b']);
    expect(candidates(own, devices, 'other').map((one) => one.point.pointId)).toEqual(['d1.a', 'd1.b']);
  });
});

describe('a new member', () => {
  it.each([
    ['boolean', 'values', '', { values: [true] }],
    ['boolean', 'values', 'false', { values: [false] }],
    ['number', 'atLeast', '25', { atLeast: 25 }],
    ['number', 'atMost', '0.5', { atMost: 0.5 }],
    ['number', 'values', '3', { values: [3] }],
    ['string', 'values', 'fire，test', { values: ['fire', 'test'] }],
  ] as const)('of a %s, %s %j', (type, test, text, expected) => {
    expect(memberOf(role, 'd1.a', type, { test, text })).toEqual({
      role: 'input',
      pointId: 'd1.a',
      ...expected,
    });
  });

  it('is none while it makes no sense, and asks for nothing where the alarms of the point count', () => {
    expect(memberOf(role, 'd1.a', 'number', { test: 'atLeast', text: 'x' })).toBeNull();
    expect(memberOf(role, 'd1.a', 'string', { test: 'values', text: ' ' })).toBeNull();
    expect(memberOf(role, '', 'boolean', { test: 'values', text: '' })).toBeNull();
    const alarms = { ...role, reads: 'alarms' as const };
    expect(memberOf(alarms, 'd1.a', 'number', { test: 'values', text: '' })).toEqual({
      role: 'input',
      pointId: 'd1.a',
    });
  });
});

it('says in words when a member counts', () => {
  expect(testText({ role: 'input', pointId: 'p', atLeast: 25 }, '%LEL')).toBe('≥ 25 %LEL');
  expect(testText({ role: 'input', pointId: 'p', atLeast: 9, atMost: 1 }, null)).toBe('≥ 9 / ≤ 1');
  expect(testText({ role: 'input', pointId: 'p', values: [true] }, null)).toBe('= true');
  expect(testText({ role: 'input', pointId: 'p' }, null)).toBe('');
});
