import { describe, expect, test } from '@jest/globals';
import {
  COMPONENT_CONDITIONS,
  type FireComponentView,
  type FirePlaceView,
  type FireSystemView,
} from '@watchfire/contracts';
import fc from 'fast-check';
import {
  buildingsOf,
  componentOf,
  type DrawnAlarm,
  floorToShow,
  liveComponents,
  systemsOf,
} from './floors.js';

const detector = (id: string, over: Partial<FireComponentView> = {}): FireComponentView => ({
  ...{ id, deviceId: 'dev', deviceName: '主机', systemType: 1, systemName: null, systemNameEn: null },
  ...{
    systemAddress: 1,
    address: 1,
    addressText: '1/0',
    componentType: 40,
    typeName: null,
    typeNameEn: null,
  },
  ...{ description: null, label: null, pointId: `dev.${id}`, floorId: null, zoneId: null, x: null, y: null },
  ...{ states: null, statesAt: null, fireAt: null, condition: 'normal', unknownReason: null, ...over },
});
const alarm = (pointId: string, raisedAt: number, over: Partial<DrawnAlarm> = {}): DrawnAlarm => ({
  ...{ id: `alm-${pointId}-${raisedAt}`, deviceId: 'dev', pointId, class: 'fire', active: true, raisedAt },
  ...{ receivedAt: raisedAt, acked: false, drill: false, ...over },
});
const place = (
  id: string,
  kind: FirePlaceView['kind'],
  over: Partial<FirePlaceView> = {},
): FirePlaceView => ({
  ...{
    id,
    kind,
    name: id,
    parentId: null,
    level: null,
    use: null,
    area: null,
    height: null,
    plan: null,
    ...over,
  },
});
const ordersOf = (components: readonly FireComponentView[], alarms: readonly DrawnAlarm[]) =>
  Object.fromEntries(liveComponents(components, alarms).map(({ id, order }) => [id, order]));

describe('the spread of a fire', () => {
  const abc = ['a', 'b', 'c'].map((id) => detector(id));

  test('[FU10] is numbered by when the active fire alarms were raised, whatever the order in which they came', () => {
    const raised = fc.uniqueArray(fc.nat(1_000), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(raised, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (times, shuffle) => {
        const alarms = times.map((at, index) => alarm(`dev.${abc[index]?.id}`, at));
        const orders = ordersOf(
          abc,
          shuffle.flatMap((index) => alarms[index] ?? []),
        );
        const ranks = times.map((at) => times.filter((other) => other <= at).length);
        expect(Object.values(orders)).toEqual(ranks);
      }),
    );
  });

  test('[FU10] counts a component once, by its first; what is over, acknowledged or not, is not in it', () => {
    const alarms = [
      alarm('dev.a', 30),
      alarm('dev.b', 20),
      alarm('dev.a', 10),
      alarm('dev.c', 5, { active: false }),
      alarm('dev.c', 6, { class: 'trouble' }),
    ];
    expect(ordersOf(abc, alarms)).toEqual({ a: 1, b: 2, c: null });
    // Back-filled: the first to be raised was received last.
    const late = [alarm('dev.a', 30, { receivedAt: 31 }), alarm('dev.a', 10, { receivedAt: 40 })];
    expect(ordersOf(abc, [...late, alarm('dev.b', 20)])).toEqual({ a: 1, b: 2, c: null });
    expect(
      ordersOf(abc, [alarm('dev.a', 9, { receivedAt: 2 }), alarm('dev.b', 9, { receivedAt: 1 })]),
    ).toEqual({
      ...{ a: 2, b: 1, c: null },
    });
  });

  test('[FU10] has what reports fire by its address alone', () => {
    const silent = detector('s', { pointId: null, condition: 'fire', fireAt: 15 });
    expect(ordersOf([...abc, silent], [alarm('dev.a', 10), alarm('dev.b', 20)])).toEqual({
      a: 1,
      s: 2,
      b: 3,
      c: null,
    });
  });
});

describe('components at this moment', () => {
  test('[FU10] that report by address alone share the alarm of their device, and are in order by themselves', () => {
    const wire = (id: string, fireAt: number | null) =>
      detector(id, { pointId: null, condition: fireAt === null ? 'normal' : 'fire', fireAt });
    const all = [wire('a', 20), wire('b', 10), wire('c', null)];
    const live = liveComponents(all, [alarm('dev.fire', 10), alarm('dev.fault', 5, { class: 'trouble' })]);
    expect(live.map(({ order, alarms }) => [order, alarms.map(({ pointId }) => pointId)])).toEqual([
      [2, ['dev.fire']],
      [1, ['dev.fire']],
      [null, []],
    ]);
    expect(componentOf(live, 'dev.fire')?.id).toBe('b');
    expect([componentOf(live, 'other.fire'), componentOf(live, undefined)]).toEqual([undefined, undefined]);
    expect(componentOf([...live, ...liveComponents([detector('fire')], [])], 'dev.fire')?.id).toBe('fire');
    expect(
      liveComponents(all, [alarm('x.fire', 1, { deviceId: 'x' })]).every(({ alarms }) => alarms.length === 0),
    ).toBe(true);
  });

  test('[FU8] an alarm makes them worse at once, and never better than the server said', () => {
    const told = fc.constantFrom(...COMPONENT_CONDITIONS);
    const classes = fc.constantFrom('fire', 'trouble', 'shield', 'supervisory', 'system') as fc.Arbitrary<
      DrawnAlarm['class']
    >;
    fc.assert(
      fc.property(told, classes, fc.boolean(), (condition, signalClass, active) => {
        const [live] = liveComponents(
          [detector('a', { condition })],
          [alarm('dev.a', 1, { class: signalClass, active })],
        );
        const rank = (each: string | undefined) => COMPONENT_CONDITIONS.indexOf(each as typeof condition);
        expect(rank(live?.condition)).toBeLessThanOrEqual(rank(condition));
        if (!active) expect(live?.condition).toBe(condition);
        else if (signalClass === 'fire') expect(live?.condition).toBe('fire');
      }),
    );
  });

  test('are summed up by system, every one of them once', () => {
    const all = [
      detector('a', { condition: 'fault' }),
      detector('b'),
      detector('c'),
      detector('d', { systemType: 12, condition: 'unknown' }),
    ];
    expect(
      systemsOf(liveComponents(all, []), []).map(({ systemType, counts }) => [systemType, counts]),
    ).toEqual([
      [
        1,
        [
          ['fault', 1],
          ['normal', 2],
        ],
      ],
      [12, [['unknown', 1]]],
    ]);
  });
});

test('[FU23] a system that speaks of itself is shown without components, and beside them', () => {
  const system = (systemType: number, condition: FireSystemView['condition']): FireSystemView => ({
    ...{ deviceId: 'dev', deviceName: '主机', systemType, systemName: '系统', systemNameEn: 'System' },
    ...{ systemAddress: 1, states: [], statesAt: 0, condition, unknownReason: null },
  });
  const summaries = systemsOf(liveComponents([detector('a')], []), [system(1, 'fire'), system(16, 'fault')]);
  expect(
    summaries.map(({ systemType, name, own, counts }) => [
      systemType,
      name,
      own.map(({ condition }) => condition),
      counts,
    ]),
  ).toEqual([
    [1, '系统', ['fire'], [['normal', 1]]],
    [16, '系统', ['fault'], []],
  ]);
});

describe('floors', () => {
  const places = [
    place('b1', 'building'),
    place('f1', 'floor', { parentId: 'b1', level: 1 }),
    place('f2', 'floor', {
      ...{ parentId: 'b1', level: 2 },
      plan: { hash: 'x', type: 'image/png', bytes: 1, width: 1, height: 1, at: 0 },
    }),
    place('z', 'zone', { parentId: 'b1' }),
  ];

  test('stand from the highest down, each with the worst on it and where the fire came to first', () => {
    const all = [
      detector('a', { floorId: 'f1' }),
      detector('b', { floorId: 'f1', condition: 'unknown' }),
      detector('c', { floorId: 'f2' }),
    ];
    const [building] = buildingsOf(places, liveComponents(all, [alarm('dev.c', 1), alarm('dev.a', 2)]));
    expect(building?.zones.map(({ id }) => id)).toEqual(['z']);
    expect(
      building?.floors.map(({ floor, worst, order, components }) => [floor.id, worst, order, components]),
    ).toEqual([
      ['f2', 'fire', 1, 1],
      ['f1', 'fire', 2, 2],
    ]);
  });

  test('the one to show is that asked for, then of the component, then where it burns, then one with a plan', () => {
    const all = liveComponents([detector('a', { floorId: 'f1' })], [alarm('dev.a', 1)]);
    expect(floorToShow(places, all, { floorId: 'f2' })?.id).toBe('f2');
    expect(floorToShow(places, all, {})?.id).toBe('f1');
    expect(floorToShow(places, [], {})?.id).toBe('f2');
    expect(
      floorToShow(places, liveComponents([detector('a', { floorId: 'f1' })], []), { componentId: 'a' })?.id,
    ).toBe('f1');
    expect(floorToShow([], [], { floorId: 'gone' })).toBeUndefined();
    const bare = places.map((each) => ({ ...each, plan: null }));
    const basement = place('f0', 'floor', { parentId: 'b1', level: -1 });
    expect(floorToShow([basement, ...bare], [], {})?.id).toBe('f1');
  });
});
