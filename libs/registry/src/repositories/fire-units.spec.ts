import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import fc from 'fast-check';
import { FireComponentRepository, type ComponentSighting } from './fire-components.js';
import { type NewAcceptance } from './acceptance-records.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  await temporary.device('dev-1', 'fire.uitd', 'a');
  await temporary.device('dev-2', 'fire.uitd', 'b');
  const { fireUnits } = temporary.registry;
  await fireUnits.put({ siteId: 'site-a', kind: 'hospital', address: '演示路 1 号', note: null });
});
afterEach(() => temporary.remove());

const PLACE = { siteId: 'site-a', level: null, use: null, area: null, height: null };
const building = () =>
  temporary.registry.firePlaces.create({ ...PLACE, kind: 'building', parentId: null, name: '门诊楼' });

async function floorOf(parentId: string, level = 1): Promise<string> {
  const { firePlaces } = temporary.registry;
  return (await firePlaces.create({ ...PLACE, kind: 'floor', parentId, name: `${level} 层`, level })).id;
}

const sighting = (over: Partial<ComponentSighting> = {}): ComponentSighting => ({
  ...{ deviceId: 'dev-1', systemType: 1, systemAddress: 1, address: 131_082, addressText: '10/2' },
  ...{ componentType: 40, description: '二层走廊', states: null, at: 1_000, offset: 1, ...over },
});

const componentsOf = async (siteId = 'site-a') =>
  (await temporary.registry.fireComponents.list({ limit: 1_000, siteId })).items;

describe('a fire unit', () => {
  test('[FU1] is a site: it is made and changed under its id, and found with whose it is', async () => {
    const { fireUnits } = temporary.registry;
    await fireUnits.put({ siteId: 'site-a', kind: 'elderly-home', address: null, note: '夜间两人' });
    await temporary.registry.fireComponents.discovered([sighting()]);
    expect((await fireUnits.list({ limit: 10 })).items).toEqual([
      {
        siteId: 'site-a',
        name: '场所 a',
        enterpriseId: 'ent-a',
        enterpriseName: '企业 a',
        gridCode: null,
        kind: 'elderly-home',
        address: null,
        components: 1,
        unplaced: 1,
      },
    ]);
    expect((await fireUnits.list({ limit: 10, enterpriseId: 'ent-b' })).total).toBe(0);
    expect((await fireUnits.list({ limit: 10, kind: 'hospital' })).total).toBe(0);
    const nowhere = { siteId: 'site-x', kind: 'other', address: null, note: null } as const;
    await expect(fireUnits.put(nowhere)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('[FU2] has a call list in order, replaced as a whole', async () => {
    const { fireUnits } = temporary.registry;
    const room = { duty: 'control-room', name: null, phone: '0571-5550 0119' } as const;
    const manager = { duty: 'fire-manager', name: '演示甲', phone: '13800000000' } as const;
    await fireUnits.replaceContacts('site-a', [room, manager]);
    await fireUnits.replaceContacts('site-a', [manager, room]);
    expect(await fireUnits.contacts('site-a')).toEqual([manager, room]);
    await expect(fireUnits.replaceContacts('site-b', [room])).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('places', () => {
  test('[FU3] a floor is in a building, a zone on a floor or in a building, and all in one unit', async () => {
    const { firePlaces, fireUnits } = temporary.registry;
    await fireUnits.put({ siteId: 'site-b', kind: 'other', address: null, note: null });
    const { id } = await building();
    const floor = await floorOf(id);
    const zone = { ...PLACE, kind: 'zone', name: '一区' } as const;
    await firePlaces.create({ ...zone, parentId: floor });
    await firePlaces.create({ ...zone, parentId: id });
    for (const wrong of [
      { ...PLACE, kind: 'floor', parentId: null, name: 'x', level: 1 },
      { ...PLACE, kind: 'floor', parentId: id, name: 'x', level: null },
      { ...PLACE, kind: 'building', parentId: id, name: 'x' },
      { ...PLACE, kind: 'building', parentId: null, name: 'x', level: 1 },
      { ...zone, parentId: null },
      { ...zone, parentId: id, siteId: 'site-b' },
    ] as const) {
      await expect(firePlaces.create(wrong)).rejects.toMatchObject({ code: 'invalid' });
    }
    expect((await firePlaces.ofUnit('site-a')).map(({ kind }) => kind)).toEqual([
      'building',
      'floor',
      'zone',
      'zone',
    ]);
  });

  test('[FU3] nothing is removed while something is in it', async () => {
    const { firePlaces, fireComponents } = temporary.registry;
    const { id } = await building();
    const floor = await floorOf(id);
    await fireComponents.discovered([sighting()]);
    const [component] = await componentsOf();
    await fireComponents.change(component?.id ?? '', { floorId: floor, x: 0.5, y: 0.5 });
    await expect(firePlaces.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(firePlaces.remove(floor)).rejects.toMatchObject({ code: 'conflict' });
    await fireComponents.change(component?.id ?? '', { floorId: null, x: null, y: null });
    await firePlaces.remove(floor);
    await firePlaces.remove(id);
    await expect(firePlaces.remove(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('[FU4] a floor knows its plan', async () => {
    const { firePlaces } = temporary.registry;
    const floor = await floorOf((await building()).id);
    const plan = { hash: 'a'.repeat(64), type: 'image/png', bytes: 9, width: 3, height: 2 } as const;
    await firePlaces.setPlan(floor, plan);
    expect((await firePlaces.find(floor))?.plan).toEqual({ ...plan, at: temporary.clock.now() });
    expect(await firePlaces.showsPlan(plan.hash)).toBe(true);
    await firePlaces.setPlan(floor, null);
    expect([await firePlaces.showsPlan(plan.hash), (await firePlaces.find(floor))?.plan]).toEqual([
      false,
      null,
    ]);
  });
});

describe('components', () => {
  test('[FU5] what a device speaks of appears once, in no place; where people put it and its name stay', async () => {
    const { fireComponents } = temporary.registry;
    const floor = await floorOf((await building()).id);
    await fireComponents.discovered([sighting()]);
    const [found] = await componentsOf();
    expect(found).toMatchObject({
      addressText: '10/2',
      floorId: null,
      x: null,
      states: null,
      componentType: 40,
    });
    await fireComponents.change(found?.id ?? '', { label: '药房', floorId: floor, x: 0.25, y: 1 });
    await fireComponents.discovered([
      sighting({ offset: 2, description: '新说明', states: ['fire'], at: 5 }),
    ]);
    expect(await componentsOf()).toEqual([
      {
        ...found,
        ...{ label: '药房', floorId: floor, x: 0.25, y: 1, description: '新说明' },
        ...{ states: ['fire'], statesAt: 5, fireAt: 5 },
      },
    ]);
  });

  test('[FU5] the device is part of the identity, and the type is not', async () => {
    const { fireComponents } = temporary.registry;
    await fireComponents.discovered([
      sighting(),
      sighting({ componentType: 42, offset: 2 }),
      sighting({ deviceId: 'dev-2' }),
      sighting({ systemType: 11, offset: 3 }),
    ]);
    expect((await componentsOf()).map(({ componentType }) => componentType).toSorted()).toEqual([40, 42]);
    expect(await componentsOf('site-b')).toHaveLength(1);
  });

  test('[FU5] delivered again from anywhere, the sightings leave what they left at first', async () => {
    const state = fc.option(fc.subarray(['fire', 'fault', 'shield']), { nil: null });
    await fc.assert(
      fc.asyncProperty(
        fc.array(state, { minLength: 1, maxLength: 8 }),
        fc.nat(7),
        fc.nat(7),
        async (states, from, count) => {
          const { fireComponents } = temporary.registry;
          for (const { id } of await componentsOf()) await fireComponents.remove(id);
          const all = states.map((each, index) => sighting({ states: each, offset: index, at: index * 10 }));
          for (const each of all) await fireComponents.discovered([each]);
          const once = await componentsOf();
          await fireComponents.discovered(all.slice(from % all.length, (from % all.length) + count + 1));
          expect(await componentsOf()).toEqual(once);
          const run = states.reduce<number | null>(
            (since, each, index) =>
              each === null ? since : each.includes('fire') ? (since ?? index * 10) : null,
            null,
          );
          expect(once[0]?.fireAt).toBe(run);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('[FU5] a device that invents addresses is held back, and the others are not', async () => {
    const { fireComponents } = temporary.registry;
    const few = new FireComponentRepository(
      (fireComponents as unknown as { db: ConstructorParameters<typeof FireComponentRepository>[0] }).db,
      temporary.clock.now,
      3,
    );
    const invented = Array.from({ length: 5 }, (_, address) =>
      sighting({ address, addressText: `0/${address}` }),
    );
    expect(await few.discovered([...invented, sighting({ deviceId: 'dev-2' })])).toBe(2);
    expect([await componentsOf(), await componentsOf('site-b')].map(({ length }) => length)).toEqual([3, 1]);
  });

  test('[FU24] a panel that tells of a thousand components lets others have their turn', async () => {
    const { fireComponents, sites } = temporary.registry;
    const many = Array.from({ length: 1_200 }, (_, address) =>
      sighting({ address, addressText: `0/${address}` }),
    );
    const done: string[] = [];
    await Promise.all([
      fireComponents.discovered(many).then(() => done.push('components')),
      sites.find('site-a').then(() => done.push('site')),
    ]);
    expect(done).toEqual(['site', 'components']);
    expect((await fireComponents.list({ limit: 1, siteId: 'site-a' })).total).toBe(1_200);
  });

  test('[FU6] a position needs a floor of the same unit, and both of its numbers', async () => {
    const { fireComponents, fireUnits, firePlaces } = temporary.registry;
    await fireUnits.put({ siteId: 'site-b', kind: 'other', address: null, note: null });
    const other = await firePlaces.create({
      ...{ ...PLACE, siteId: 'site-b', kind: 'building', parentId: null, name: '他楼' },
    });
    const foreign = await firePlaces.create({
      ...{ ...PLACE, siteId: 'site-b', kind: 'floor', parentId: other.id, name: '一层', level: 1 },
    });
    await fireComponents.discovered([sighting()]);
    const id = (await componentsOf())[0]?.id ?? '';
    const floor = await floorOf((await building()).id);
    for (const wrong of [
      { x: 0.5, y: 0.5 },
      { floorId: floor, x: 0.5, y: null },
      { floorId: foreign.id },
      { floorId: other.id },
      { zoneId: floor },
    ]) {
      await expect(fireComponents.change(id, wrong)).rejects.toMatchObject({ code: 'invalid' });
    }
    await fireComponents.change(id, { floorId: floor });
    await expect(fireComponents.change('cmp-x', {})).rejects.toMatchObject({ code: 'not_found' });
  });

  test('[FU7] an import is taken whole or not at all, and changes what is there', async () => {
    const { fireComponents } = temporary.registry;
    const floor = await floorOf((await building()).id);
    const key = { deviceId: 'dev-1', systemType: 1, systemAddress: 1 };
    const one = { ...key, address: 1, addressText: '1/0', label: '甲', floorId: floor, x: 0, y: 1 };
    const two = { ...key, address: 2, addressText: '2/0', label: '乙' };
    await expect(fireComponents.import([one, { ...two, floorId: 'nowhere' }])).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(await componentsOf()).toEqual([]);
    expect(await fireComponents.import([one, two])).toEqual({ created: 2, changed: 0 });
    expect(await fireComponents.import([{ ...one, label: '丙' }])).toEqual({ created: 0, changed: 1 });
    expect((await componentsOf()).map(({ label, x }) => [label, x]).toSorted()).toEqual([
      ['丙', 0],
      ['乙', null],
    ]);
    await expect(fireComponents.create(two)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('acceptance records', () => {
  const record = (over: Partial<NewAcceptance> = {}): NewAcceptance => ({
    ...{ alarmId: 'alm-1', eventId: 'e1', siteId: 'site-a', enterpriseId: 'ent-a', firstAlarmAt: 100 },
    ...{ acceptedAt: 120, informationType: 'fire', information: '火警', confirmation: 'false' },
    ...{ result: '油烟', operator: 'operator', contactPerson: null, reportedAt: null, feedbackAt: null },
    ...{ operator119: null, handling119: null, cause: null, burntArea: null, injured: null, dead: null },
    ...{ loss: null, drill: false },
    ...over,
  });

  test('[FU9] are appended, and the newest of an occurrence speaks for it', async () => {
    const { acceptance } = temporary.registry;
    await acceptance.append(record());
    const second = await acceptance.append(record({ confirmation: 'real', result: '厨房起火' }));
    await acceptance.append(record({ eventId: 'e2', firstAlarmAt: 200, confirmation: 'test' }));
    await acceptance.append(record({ eventId: 'e3', firstAlarmAt: 300, drill: true }));
    const { items, total } = await acceptance.list({ limit: 10, siteId: 'site-a' });
    expect([total, items.map(({ eventId, superseded }) => [eventId, superseded])]).toEqual([
      4,
      [
        ['e3', false],
        ['e2', false],
        ['e1', false],
        ['e1', true],
      ],
    ]);
    expect(items[2]).toEqual(second);
    expect(await acceptance.findings(['site-a', 'site-b'], 100, 1_000)).toEqual([
      { siteId: 'site-a', confirmation: 'real', firstAlarmAt: 100 },
      { siteId: 'site-a', confirmation: 'test', firstAlarmAt: 200 },
    ]);
    expect(await acceptance.findings(['site-a'], 101, 200)).toEqual([]);
    expect((await acceptance.list({ limit: 10, enterpriseId: 'ent-b' })).total).toBe(0);
  });

  test('[FU9] cannot be changed or removed, by whatever query', async () => {
    const { acceptance } = temporary.registry;
    await acceptance.append(record());
    const { db } = acceptance as unknown as {
      db: ConstructorParameters<typeof FireComponentRepository>[0];
    };
    await expect(db.deleteFrom('acceptanceRecord').execute()).rejects.toMatchObject({ code: 'invalid' });
    expect((await acceptance.list({ limit: 10 })).total).toBe(1);
  });
});
