import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Catalogue, type DemoFireUnit, loadDemoDistrict, loadDemoFireUnits } from '@watchfire/catalogue';
import { TemporaryRegistry } from '@watchfire/testing';
import { loadFireUnits } from './demo-fire-units.js';

const FOLDER = 'config/demo';
let temporary: TemporaryRegistry;
let units: readonly DemoFireUnit[];
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  units = await loadDemoFireUnits(FOLDER);
  const district = await loadDemoDistrict(FOLDER);
  const { grid, enterprises, sites, devices } = temporary.registry;
  await grid.upsert([...district.grid]);
  for (const one of district.enterprises) await enterprises.create(one);
  for (const { enterprise, ...site } of district.sites)
    await sites.create({ ...site, enterpriseId: enterprise });
  for (const { id, site: siteId, profile, name } of district.devices) {
    await devices.create({ id, siteId, profile, name });
  }
  for (const { site: siteId, rooms } of units) {
    for (const { id, name } of rooms) await devices.create({ id, siteId, profile: 'fire.uitd', name });
  }
});
afterEach(() => temporary.remove());

describe('the fire unit of the demo', () => {
  test('has two buildings with floors and plans, people, and components in their places; once', async () => {
    for (const time of ['first start', 'second start']) {
      await loadFireUnits(units, temporary.registry, `${FOLDER}/plans`);
      const { fireUnits, firePlaces, fireComponents } = temporary.registry;
      const { items } = await fireUnits.list({ limit: 10 });
      expect([time, items.length]).toEqual([time, 1]);
      const siteId = items[0]?.siteId ?? '';
      expect((await fireUnits.contacts(siteId)).length).toBeGreaterThan(3);
      const places = await firePlaces.ofUnit(siteId);
      expect(places.filter(({ kind }) => kind === 'building')).toHaveLength(2);
      const floors = places.filter(({ kind }) => kind === 'floor');
      expect(floors.map(({ plan }) => [plan?.type, plan?.width])).toEqual(
        floors.map(() => ['image/png', 1_200]),
      );
      const components = (await fireComponents.list({ limit: 100, siteId })).items;
      expect(components.filter(({ x }) => x === null)).toHaveLength(1);
      const onFloors = new Set(components.map(({ floorId }) => floorId));
      for (const { id } of floors) expect(onFloors.has(id)).toBe(true);
      for (const { zoneId, x } of components) expect(zoneId === null).toBe(x === null);
    }
  });

  test('reads points that its devices have', async () => {
    const catalogue = await Catalogue.load('config/catalogue');
    const keys = new Set(catalogue.profile('fire.uitd')?.points.map(({ key }) => key));
    const points = units.flatMap(({ buildings }) =>
      buildings.flatMap(({ floors }) =>
        floors.flatMap(({ components }) =>
          components.flatMap(({ device, point }) => (point === undefined ? [] : [[device, point]])),
        ),
      ),
    );
    expect(points.length).toBeGreaterThan(8);
    for (const [device, point] of points) {
      expect(point?.startsWith(`${device}.`)).toBe(true);
      expect([point, keys.has(point?.split('.')[1] ?? '')]).toEqual([point, true]);
    }
  });
});
