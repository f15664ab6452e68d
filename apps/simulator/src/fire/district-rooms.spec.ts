import { expect, test } from '@jest/globals';
import { loadDemoDistrict, loadDemoFireUnits, loadFireDialects } from '@watchfire/catalogue';
import { addressOfText, STANDARD } from '@watchfire/protocol';

test('the rooms of the demo have a profile, components, and steps of scenarios and components that are there', async () => {
  const [units, district, dialects] = await Promise.all([
    loadDemoFireUnits('config/demo'),
    loadDemoDistrict('config/demo'),
    loadFireDialects('config/catalogue/fire'),
  ]);
  const rooms = units.flatMap((unit) => unit.rooms.map((room) => ({ unit, room })));
  expect(rooms.length).toBeGreaterThan(0);
  const taken = new Set(district.devices.map(({ id }) => id));
  for (const { unit, room } of rooms) {
    expect(taken.has(room.id)).toBe(false);
    expect(dialects.has(room.dialect)).toBe(true);
    const floors = unit.buildings.flatMap((building) => building.floors);
    const own = floors.flatMap(({ components }) => components.filter(({ device }) => device === room.id));
    const addresses = own.map(({ address }) => address);
    expect(own.length).toBeGreaterThan(0);
    for (const { scenario, steps } of room.plays) {
      expect(district.scenarios.map(({ key }) => key)).toContain(scenario);
      for (const { address } of steps) {
        if (address === undefined) continue;
        expect(addresses).toContain(address);
        expect(addressOfText(address, STANDARD.address)).toBeDefined();
      }
      // Whoever looks at the plan sees a fire, and its end.
      expect(steps.some(({ conditions }) => conditions.includes('fire'))).toBe(true);
      expect(steps.at(-1)?.address).toBeUndefined();
    }
  }
});
