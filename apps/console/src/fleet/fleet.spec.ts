import { describe, expect, test } from '@jest/globals';
import { type DeviceView, type GridCell, type Quality, type SiteView } from '@watchfire/contracts';
import { alarmOf } from '../alarms/testing/builders.js';
import { summarise } from './fleet.js';
import { Grid } from './grid.js';
import { siteTree } from './site-tree.js';

const cell = (code: string, level: GridCell['level'], parentCode: string | null): GridCell => ({
  code,
  level,
  parentCode,
  name: `cell ${code}`,
});
const grid = new Grid([
  cell('1', 'district', null),
  cell('11', 'street', '1'),
  cell('111', 'community', '11'),
  cell('12', 'street', '1'),
]);
const site = (id: string, gridCode: string | null): SiteView => ({
  id,
  name: `site ${id}`,
  gridCode,
  enterpriseId: 'e',
  kind: null,
  location: null,
});
const device = (id: string, siteId: string, parts: Partial<DeviceView> = {}): DeviceView => ({
  id,
  deviceId: id,
  siteId,
  siteName: siteId,
  enterpriseId: 'e',
  enterpriseName: 'e',
  gridCode: null,
  profile: 'tank.atm',
  profileName: '储罐',
  profileNameEn: 'Tank',
  name: id,
  address: null,
  dialect: 'standard',
  gatewayId: null,
  wireName: null,
  keys: {},
  logic: false,
  members: [],
  connection: 'online',
  connectionSince: 0,
  lastSeenAt: 0,
  clockSkewMs: null,
  points: [],
  ...parts,
});
const point = (quality: Quality | null): DeviceView['points'][number] => ({
  pointId: 'p',
  key: 'p',
  name: 'p',
  nameEn: 'p',
  unit: null,
  latest: quality === null ? null : { value: 1, quality, ts: 0, receivedAt: 0 },
  state: 'NORM',
});

test('a cell lies within itself and everything above it', () => {
  expect(grid.label('111')).toBe('cell 11 · cell 111');
  expect(['111', '11', '1'].map((code) => grid.within('111', code))).toEqual([true, true, true]);
  expect(grid.within('12', '11')).toBe(false);
  expect(grid.within(null, '1')).toBe(false);
  expect(grid.label('unknown')).toBe('unknown');
});

test('only points with a known value on a device that is online are alive', () => {
  const points = [point('good'), point('uncertain'), point('bad'), point('stale'), point(null)];
  const devices = [
    device('a', 's', { points }),
    device('b', 's', { points, connection: 'offline' }),
    device('c', 's', { connection: 'never' }),
    // What has no hardware is neither online nor missed.
    device('g', 's', { connection: 'never', logic: true }),
  ];
  expect(summarise(devices)).toEqual({ devices: 3, online: 1, blind: 2, livePoints: 2 });
});

describe('the tree', () => {
  const devices = [device('d1', 's1'), device('d2', 's1', { connection: 'offline' }), device('d3', 's3')];
  const alarms = [
    alarmOf({ id: 'x', siteId: 's1', class: 'gas', priority: 'orange' }),
    alarmOf({ id: 'y', siteId: 's1', class: 'fire', priority: 'red', state: 'SHLVD' }),
    alarmOf({ id: 'z', siteId: 's2', class: 'trouble', priority: 'yellow', state: 'ACKED' }),
  ];
  const tree = siteTree(grid, [site('s1', '111'), site('s2', '12'), site('s3', null)], devices, alarms);

  test('goes from street to community to site, and what has no cell comes last', () => {
    expect(tree.map(({ kind, key, depth }) => [kind, key, depth])).toEqual([
      ['street', '11', 0],
      ['community', '111', 1],
      ['site', 's1', 2],
      ['street', '12', 0],
      ['site', 's2', 2],
      ['street', '', 0],
      ['site', 's3', 2],
    ]);
  });

  test('rolls up devices, blindness and the worst alarm that is not suppressed', () => {
    const street = tree[0];
    expect(street).toMatchObject({ devices: 2, blind: 1, unacknowledged: 1 });
    expect(street?.worst?.id).toBe('x');
    expect(tree[4]?.worst?.id).toBe('z');
    expect(tree[6]?.worst).toBeNull();
  });
});
