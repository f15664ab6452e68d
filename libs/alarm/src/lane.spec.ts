import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type DeviceConfiguration, type EngineInput, type Rule } from './model.js';

const AT = Date.UTC(2026, 0, 5, 8);

function gas(pointId: string): Rule {
  return {
    key: 'gas',
    version: 1,
    class: 'gas',
    title: { zh: '可燃气体', en: 'Gas' },
    latching: false,
    condition: {
      kind: 'limit',
      pointId,
      limits: [{ level: 'H', limit: 25, severity: 700, deadband: 2 }],
      onDelayMs: 0,
      offDelayMs: 0,
    },
  };
}

/** True while both points are, whichever devices they belong to. */
function both(first: string, second: string, version = 1): Rule {
  return {
    key: 'both',
    version,
    class: 'gas',
    title: { zh: '两点同时', en: 'Both at once' },
    latching: false,
    condition: {
      kind: 'all',
      terms: [first, second].map((pointId) => ({ pointId, values: [true] })),
      level: 'on',
      severity: 800,
      onDelayMs: 0,
      offDelayMs: 0,
    },
  };
}

const sensor = (deviceId: string, over: Partial<DeviceConfiguration> = {}): DeviceConfiguration => ({
  ...deviceWith([], over),
  deviceId,
  points: [{ pointId: `${deviceId}.on`, key: 'on', name: { zh: '动作', en: 'On' }, unit: null }],
});

const logic = (rules: readonly Rule[], over: Partial<DeviceConfiguration> = {}): DeviceConfiguration => ({
  ...deviceWith(rules, { deviceId: 'logic', ...over }),
  points: [],
});

describe('a rule that reads points of other devices', () => {
  it('[AL112] judges them as its own', () => {
    new Timeline(logic([both('a.on', 'b.on')]))
      .configure(sensor('a'))
      .configure(sensor('b'))
      .reading('a.on', true)
      .expectNothingHappened()
      .reading('b.on', true)
      .expectHappened('raised')
      .expectAlarm({ deviceId: 'logic', state: 'UNACK', quality: 'good' })
      .reading('a.on', false)
      .expectHappened('returned');
  });

  it('[AL112] is a fault while a point is missing, and works as soon as it is there', () => {
    const line = new Timeline(logic([both('a.on', 'b.on')])).configure(sensor('a')).reading('a.on', true);
    expect(line.faults()).toMatchObject([
      { deviceId: 'logic', ruleKey: 'both', messageEn: 'no device of the site has a point "b.on"' },
    ]);
    line.configure(sensor('b')).reading('b.on', true).expectHappened('raised');
    expect(line.faults()).toEqual([]);
  });

  it('[AL112] keeps its alarm, as unknown, when a device that it reads is removed', () => {
    const line = new Timeline(logic([both('a.on', 'b.on')]))
      .configure(sensor('a'))
      .configure(sensor('b'))
      .reading('a.on', true)
      .reading('b.on', true)
      .expectHappened('raised')
      .remove('admin', 'a')
      .expectHappened('quality-changed')
      .expectAlarm({ active: true, quality: 'bad' });
    expect(line.faults()).toHaveLength(1);
    line.configure(sensor('a')).expectAlarm({ active: true }).reading('a.on', false);
    line.expectAlarm({ active: false, state: 'RTNUN' });
  });

  it('[AL110] sees nothing of another site', () => {
    const line = new Timeline(logic([both('a.on', 'b.on')]))
      .configure(sensor('a'))
      .configure(sensor('b', { siteId: 's2' }))
      .reading('a.on', true)
      .reading('b.on', true)
      .expectNothingHappened();
    expect(line.faults()).toHaveLength(1);
  });

  it('[AL31] [AL112] comes to the same state in whatever order its devices are configured', () => {
    const configurations = [
      logic([both('a.on', 'b.on')]),
      logic([both('b.on', 'c.on'), gas('c.on')], { deviceId: 'logic2' }),
      sensor('a'),
      sensor('b'),
      sensor('c'),
    ];
    const readings = ['a', 'b'].map((deviceId): EngineInput => ({
      kind: 'reading',
      deviceId,
      receivedAt: AT,
      ts: AT,
      historical: false,
      samples: [{ pointId: `${deviceId}.on`, value: true, quality: 'good' }],
    }));
    const stateAfter = (order: readonly DeviceConfiguration[]) => {
      const engine = AlarmEngine.create();
      const inputs = [...order.map((device): EngineInput => ({ kind: 'configure', device })), ...readings];
      const transitions = inputs.flatMap(
        (input, index) => engine.apply({ offset: index + 1, at: AT, input }).transitions,
      );
      return JSON.stringify([engine.snapshot(), transitions, engine.faults()]);
    };
    const expected = stateAfter(configurations);
    fc.assert(
      fc.property(fc.shuffledSubarray(configurations, { minLength: configurations.length }), (order) => {
        expect(stateAfter(order)).toBe(expected);
      }),
    );
  });
});

describe('a device that moves to another site', () => {
  it('[AL111] ends its alarms there, and what is still true is raised anew here', () => {
    const device = deviceWith([gas('lel')]);
    new Timeline(device)
      .reading('lel', 30)
      .acknowledge()
      .expectHappened('raised', 'acknowledged')
      .configure({ ...device, siteId: 's2', siteName: 'Site 2' })
      .expectHappened('removed', 'raised')
      .expectAlarm({ siteId: 's2', state: 'UNACK', value: 30 });
  });

  it('[AL111] [AL112] takes its points along', () => {
    const line = new Timeline(logic([both('a.on', 'b.on')]))
      .configure(sensor('a'))
      .configure(sensor('b'))
      .configure(logic([both('a.on', 'c.on')], { deviceId: 'there', siteId: 's2' }))
      .configure(sensor('c', { siteId: 's2' }))
      .reading('a.on', true)
      .reading('c.on', true)
      .expectNothingHappened()
      .configure(sensor('a', { siteId: 's2' }))
      .expectHappened('raised')
      .expectAlarm({ deviceId: 'there' });
    expect(line.faults()).toMatchObject([
      { deviceId: 'logic', ruleKey: 'both', messageEn: 'no device of the site has a point "a.on"' },
    ]);
  });
});
