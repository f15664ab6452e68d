import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { MOST_SYSTEMS_PER_DEVICE, type SystemSighting } from './fire-systems.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  await temporary.device('dev-1', 'fire.uitd', 'a');
  await temporary.device('dev-2', 'fire.uitd', 'b');
});
afterEach(() => temporary.remove());

const sighting = (over: Partial<SystemSighting> = {}): SystemSighting => ({
  ...{
    deviceId: 'dev-1',
    systemType: 1,
    systemAddress: 1,
    states: ['fire'],
    statesAt: 1_000,
    offset: 5,
    ...over,
  },
});

describe('[FU23] systems of a fire unit', () => {
  test('have what they said last, each of its own; late and twice changes nothing', async () => {
    const { fireSystems } = temporary.registry;
    await fireSystems.told([sighting(), sighting({ systemType: 12, states: [] })]);
    await fireSystems.told([sighting({ deviceId: 'dev-2', states: ['fault'] })]);
    await fireSystems.told([sighting({ states: [], offset: 5 }), sighting({ states: [], offset: 4 })]);
    const own = { deviceId: 'dev-1', systemAddress: 1, statesAt: 1_000 };
    expect(await fireSystems.ofSite('site-a')).toEqual([
      { ...own, systemType: 1, states: ['fire'] },
      { ...own, systemType: 12, states: [] },
    ]);
    await fireSystems.told([sighting({ states: [], statesAt: 2_000, offset: 6 })]);
    expect((await fireSystems.ofSite('site-a'))[0]).toMatchObject({ states: [], statesAt: 2_000 });
  });

  test('a device that invents systems is held back, and what it has goes on', async () => {
    const { fireSystems } = temporary.registry;
    const invented = Array.from({ length: MOST_SYSTEMS_PER_DEVICE + 20 }, (_, n) =>
      sighting({ systemType: n >> 8, systemAddress: n & 0xff }),
    );
    await fireSystems.told(invented);
    await fireSystems.told([sighting({ systemType: 0, systemAddress: 7, states: ['fault'], offset: 9 })]);
    const systems = await fireSystems.ofSite('site-a');
    expect(systems).toHaveLength(MOST_SYSTEMS_PER_DEVICE);
    expect(systems.find(({ systemAddress }) => systemAddress === 7)?.states).toEqual(['fault']);
  });
});
