import { describe, expect, it } from '@jest/globals';
import { type AlarmAct, alarmHistory, engineInputOf, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type DeviceConfiguration, type Transition } from './model.js';
import { Plans } from './plan.js';
import { type EngineSnapshot } from './snapshot.js';

const AT_ONCE = { quietMs: 0, manyAwake: 0, atOnce: 1_000 };
const NEVER = { quietMs: Infinity, manyAwake: Infinity, atOnce: 0 };

interface Run {
  readonly transitions: readonly Transition[];
  readonly snapshots: readonly EngineSnapshot[];
  readonly deadlines: readonly (number | undefined)[];
  readonly everRested: boolean;
}

function run(acts: readonly (readonly [number, AlarmAct])[], engine: AlarmEngine): Run {
  const transitions: Transition[] = [];
  const snapshots: EngineSnapshot[] = [];
  const deadlines: (number | undefined)[] = [];
  const eventIds = new Map<string, string>();
  let now = TIMELINE_START;
  let everRested = false;
  for (const [index, [stepMs, entry]] of acts.entries()) {
    now += stepMs;
    const input = engineInputOf(entry, now, [...engine.alarms()], eventIds);
    const outcome = engine.apply({ offset: index + 1, at: now, input });
    for (const { alarm } of outcome.transitions) {
      if (!eventIds.has(alarm.id)) eventIds.set(alarm.id, alarm.eventId);
    }
    transitions.push(...outcome.transitions);
    everRested ||= engine.awakeDevices < [...engine.deviceIds()].length;
    deadlines.push(engine.nextDeadline());
    snapshots.push(engine.snapshot());
  }
  return { transitions, snapshots, deadlines, everRested };
}

describe('a device that rests', () => {
  it('cannot be told from one that does not: transitions, deadlines, snapshots', () => {
    let rested = 0;
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const resting = run(acts, AlarmEngine.create(AT_ONCE));
        if (resting.everRested) rested += 1;
        const awake = run(acts, AlarmEngine.create(NEVER));
        expect(JSON.stringify({ ...resting, everRested: false })).toBe(JSON.stringify(awake));
      }),
      { numRuns: 300 },
    );
    // Otherwise nothing has been shown.
    expect(rested).toBeGreaterThan(100);
  });

  it('goes on resting while somebody looks', () => {
    const engine = AlarmEngine.create(AT_ONCE);
    engine.apply({ offset: 1, at: TIMELINE_START, input: { kind: 'configure', device: device('d1') } });
    expect(engine.awakeDevices).toBe(0);
    expect([...engine.exposure(new Set())]).toHaveLength(1);
    expect(engine.faults()).toEqual([]);
    expect(engine.device('d1')).toEqual(device('d1'));
    engine.snapshot();
    expect(engine.awakeDevices).toBe(0);
  });
});

const title = { zh: '测点', en: 'Point' };

function device(deviceId: string, more: Partial<DeviceConfiguration> = {}): DeviceConfiguration {
  const pointId = `${deviceId}.p`;
  return {
    deviceId,
    deviceName: deviceId,
    siteId: 's',
    siteName: 's',
    enterpriseId: 'e',
    enterpriseName: 'e',
    gridCode: null,
    drill: false,
    points: [{ pointId, key: 'p', name: title, unit: null }],
    rules: [
      {
        key: 'stale',
        version: 1,
        class: 'link',
        title,
        latching: false,
        condition: { kind: 'stale', pointId, afterMs: 1_000, severity: 500 },
      },
    ],
    ...more,
  };
}

describe('packed configurations', () => {
  it('come out as they went in', () => {
    const plans = new Plans();
    for (const configuration of [
      device('d1'),
      device('d2'),
      device('d3', { points: [{ pointId: 'elsewhere', key: 'p', name: title, unit: '%' }] }),
    ]) {
      const packed = plans.pack(configuration);
      expect(packed && plans.unpack(packed)).toEqual(configuration);
    }
  });

  it('share what devices of one profile have in common', () => {
    const plans = new Plans();
    expect(plans.pack(device('d1'))?.plan).toBe(plans.pack(device('d2'))?.plan);
    expect(plans.pack(device('d1'))?.plan).not.toBe(plans.pack(device('d2', { rules: [] }))?.plan);
  });

  it('are refused where a text could be taken for the number of a point', () => {
    const unit = '~0';
    expect(
      new Plans().pack(device('d1', { points: [{ pointId: 'p', key: 'p', name: title, unit }] })),
    ).toBeUndefined();
  });

  it('know their points', () => {
    const plans = new Plans();
    const packed = plans.pack(device('d1'));
    expect(packed && ['d1.p', 'd1.q', 'd2.p', 'p'].map((id) => plans.has(packed, id))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
